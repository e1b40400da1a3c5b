"""The reference: a page for each model, with its response, and one for each namespace, written from the library.

Pages are written before Sphinx reads, into reference/models and reference/api; a new name in an `__all__` has one.
"""

import inspect
from pathlib import Path
from typing import Any

import responses
from docstrings import escaped

import simcore as sc
from simcore import bases, models
from simcore.models import channels

REFERENCE = Path(__file__).parents[1] / "reference"
KINDS: dict[str, tuple[Any, str]] = {  # of the names in simcore.models and its channels: the first that fits
    "Neurons": (sc.Neuron, "Populations that spike, or, as `LeakyIntegrator`, do not."),
    "Sources": (models.Source, "Populations that spike without equations."),
    "Rates": (bases.Dynamics, "Populations whose output is a rate, all the time: rate units, neural masses, phases."),
    "Receptors": (bases.Receptor, "Where spikes arrive: parts of a neuron, by name, ``receptors={'exc': ...}``."),
    "Channels": (channels.Channel, "Parts of a `CondNeuron`, by name, ``channels={'na': ...}``."),
    "Ions": (channels.Ion, "Concentrations that channels change: ``ions={'ca': ...}`` of a `CondNeuron`."),
    "Escape rates": (bases.Escape, "Random spikes at a rate that follows V: ``escape=`` of any neuron."),
    "Plasticity": ((models.Plasticity, models.ShortTerm), "``plasticity=`` and ``short_term=`` of a `Projection`."),
    "Parts": (bases.Part, "Of any neuron: gates that projections read, currents and thresholds that spikes trigger."),
    "Links": (bases.Link, "What connects populations: `connect=` says which neurons, `weight=` and `delay=` how."),
    "Rules of connection": (models.Rule, "For ``connect=`` of projections."),
    "Further": (object, "What rules, channels and layers are made of."),
}
NAMESPACES = ["analysis", "measure", "design", "inputs", "losses", "init", "surrogate", "integrators",
              "random", "units", "environ", "distributed", "visualize", "nir", "sonata", "brian2", "runners",
              "bases"]  # fmt: skip


def first_line(obj: Any) -> str:
    """Return the first sentence of a docstring, for a table."""
    return escaped(" ".join((inspect.getdoc(obj) or "").split("\n\n")[0].split()))


def heading(title: str, mark: str = "=") -> str:
    """Return a title, underlined."""
    return f"{title}\n{mark * len(title)}\n\n"


def directive(obj: Any) -> str:
    """Return the directive of autodoc for an object."""
    if inspect.isclass(obj):
        return "autoexception" if issubclass(obj, BaseException) else "autoclass"
    return "autofunction" if inspect.isroutine(obj) else "autodata"


def listed(rows: list[tuple[str, str]]) -> str:
    """Return a table of names, which are links, and what they are."""
    lines = [".. list-table::", "   :widths: 25 75", ""]
    for target, text in rows:
        lines += [f"   * - :py:obj:`~{target}`", f"     - {text}"]
    return "\n".join(lines) + "\n\n"


def toctree(names: list[str]) -> str:
    """Return a hidden table of contents."""
    return ".. toctree::\n   :hidden:\n\n" + "".join(f"   {name}\n" for name in names)


def kinds() -> dict[str, list[tuple[str, Any]]]:
    """Return the public names of simcore.models and its channels by kind: full names and objects."""
    found: dict[str, list[tuple[str, Any]]] = {kind: [] for kind in KINDS}
    for module in (models, channels):
        for name in sorted(module.__all__, key=str.lower):
            obj = getattr(module, name)
            kind = next(
                k
                for k, (base, _) in KINDS.items()
                if k == "Further" or (inspect.isclass(obj) and issubclass(obj, base))
            )
            found[kind].append((f"{module.__name__}.{name}", obj))
    return found


RESETS = {
    "soft": "It resets softly, V - (V_th - V_reset), which keeps what V had above the threshold; neurons of other "
    "simulators mostly reset hard: ``spk_reset='hard'``.",
    "hard": "It resets hard, to V_reset; ``spk_reset='soft'`` subtracts V_th - V_reset.",
    "none": "It has no reset: a spike is told where V crosses V_th upwards, and the next one counts when V has been "
    "below V_rearm, where there is one.",
}


def traps(obj: Any) -> str:
    """Return what to know of a neuron before its spikes are counted, from what its class says."""
    if not (inspect.isclass(obj) and issubclass(obj, sc.Neuron)) or obj in (
        models.LeakyIntegrator,
        models.VoltageClamp,
    ):
        return ""
    lines = [
        RESETS[obj.spk_reset],
        "Spikes and V are recorded at the end of a step: the recorded V shows the crossing.",
        f"In training, a spike has the derivative of ``{obj.spk_fun!r}``.",
        "Without ``method=`` the method follows from the equations; ``sc.check_dt`` says what dt costs.",
    ]
    return ".. note::\n\n" + "".join(f"   {line}\n" for line in lines) + "\n"


def model_page(full: str, obj: Any, picture: str | None) -> str:
    """Return the page of a model."""
    module, _, name = full.rpartition(".")
    text = heading(name) + f".. py:currentmodule:: {module}\n\n"
    if picture is not None:
        text += f".. figure:: ../pictures/{picture}\n   :alt: response of {name}\n\n   {responses.caption(obj)}\n\n"
    text += f".. {directive(obj)}:: {full}\n\n{traps(obj)}"
    return (
        text + f"Examples that use it\n--------------------\n\n.. minigallery:: {full}\n"
        if inspect.isclass(obj)
        else text
    )


def namespace_page(name: str) -> str:
    """Return the page of a namespace: what it is about, its names, all of them described."""
    module = getattr(sc, name)
    full = f"simcore.{name}"
    names = [n for n in public(module) if n not in sc.__all__]
    own = {n: getattr(module, n) for n in names if not is_unit(getattr(module, n))}
    elsewhere = [n for n in public(module) if n not in names]
    text = heading(full) + f".. automodule:: {full}\n   :no-members:\n\n.. py:currentmodule:: {full}\n\n"
    text += listed([(f"{full}.{n}", first_line(obj)) for n, obj in own.items()])
    if elsewhere:
        text += "In ``simcore`` itself, too: " + ", ".join(f":py:obj:`simcore.{n}`" for n in elsewhere) + ".\n\n"
    for n, obj in own.items():
        if type(obj) in (dict, object):
            text += f".. py:data:: {full}.{n}\n\n   By name: {', '.join(map(repr, obj))}.\n\n"
            continue
        text += f".. {directive(obj)}:: {full}.{n}\n"
        text += "   :no-value:\n\n" if directive(obj) == "autodata" else "\n"
    if units := [n for n in names if n not in own]:
        text += heading("Units by name", "-") + ", ".join(f"``{n}``" for n in units) + "\n"
    return text


def public(module: Any) -> list[str]:
    """Return the public names of a module: those of __all__, else what it defines."""
    defined = (
        n for n, v in vars(module).items() if not n.startswith("_") and getattr(v, "__module__", "") == module.__name__
    )
    return list(getattr(module, "__all__", None) or defined)


def is_unit(obj: Any) -> bool:
    """Return whether a name of simcore.units is a unit."""
    return hasattr(obj, "dimensionality")


def pages() -> dict[Path, str]:
    """Return all pages, by path."""
    found: dict[Path, str] = {}
    index = (
        heading("Models")
        + "Each has a page: equations, parameters with their units, what it does, where it is used.\n\n"
    )
    folders = []
    for kind, members in kinds().items():
        folder = kind.lower().replace(" ", "_")
        rows = [(full, first_line(obj)) for full, obj in members]
        names = [full.removeprefix("simcore.models.").replace("channels.", "channel_") for full, _ in members]
        for page, (full, obj) in zip(names, members, strict=True):
            found[REFERENCE / "models" / f"{page}.rst"] = model_page(full, obj, responses.picture(obj))
        text = (
            heading(kind)
            + f".. py:currentmodule:: simcore.models\n\n{KINDS[kind][1]}\n\n"
            + listed(rows)
            + toctree(names)
        )
        found[REFERENCE / "models" / f"of_{folder}.rst"] = text
        folders.append(f"of_{folder}")
        index += heading(kind, "-") + f".. py:currentmodule:: simcore.models\n\n{KINDS[kind][1]}\n\n" + listed(rows)
    found[REFERENCE / "models" / "index.rst"] = index + toctree(folders)
    core = [n for n in sc.__all__ if not inspect.ismodule(getattr(sc, n))]
    text = heading("Functions and classes") + ".. py:currentmodule:: simcore\n\n``import simcore as sc``\n\n"
    text += listed([(f"simcore.{n}", first_line(getattr(sc, n))) for n in core])
    text += heading("Namespaces", "-") + ".. list-table::\n   :widths: 25 75\n\n"
    for n in NAMESPACES:
        text += f"   * - :doc:`sc.{n} <{n}>`\n     - {first_line(getattr(sc, n))}\n"
    found[REFERENCE / "api" / "index.rst"] = text + "\n" + toctree([f"core_{n}" for n in core] + NAMESPACES)
    for n in core:
        obj = getattr(sc, n)
        page = heading(n) + f".. py:currentmodule:: simcore\n\n.. {directive(obj)}:: simcore.{n}\n\n"
        found[REFERENCE / "api" / f"core_{n}.rst"] = (
            page + f"Examples that use it\n--------------------\n\n.. minigallery:: simcore.{n}\n"
        )
    for n in NAMESPACES:
        found[REFERENCE / "api" / f"{n}.rst"] = namespace_page(n)
    return found


def write(app: Any) -> None:
    """Write the pages that have changed, and remove those of names that are gone."""
    found = pages()
    for path, text in found.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text() != text:
            path.write_text(text)
    for folder in ("models", "api"):
        for path in set((REFERENCE / folder).glob("*.rst")) - found.keys():
            path.unlink()


def setup(app: Any) -> dict[str, Any]:
    """Called by Sphinx."""
    app.connect("builder-inited", write, priority=100)
    return {"parallel_read_safe": True}
