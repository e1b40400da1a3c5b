"""What help(), signatures and notebooks show of a module, made from its declarations."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

from .. import units

if TYPE_CHECKING:
    from ..bases.network import Network
    from .node import Module


def signature(cls: type[Module]) -> inspect.Signature:
    """Return the constructor's real signature: in_size, the parameters, then all else by keyword."""
    Parameter = inspect.Parameter
    generic = list(inspect.signature(cls.__init__).parameters.values())[1:]
    first = [p for p in generic if p.kind is Parameter.POSITIONAL_OR_KEYWORD]
    options = [
        p.replace(default=getattr(cls, p.name)) if p.name in cls.OPTIONS else p
        for p in generic
        if p.kind is Parameter.KEYWORD_ONLY
    ]
    given, optional = [], []
    for key, param in cls.PARAMS.items():
        if param.default is None:
            optional.append(Parameter(key, Parameter.KEYWORD_ONLY, default=None))
        else:
            given.append(Parameter(key, Parameter.POSITIONAL_OR_KEYWORD, default=f"{param.default} {param.unit}"))
    keywords = [s.keyword for s in cls.STATES.values() if s.keyword]
    initializers = [Parameter(keyword, Parameter.KEYWORD_ONLY, default=None) for keyword in keywords]
    return inspect.Signature(first + given + initializers + optional + options)


def table(cls: type[Module]) -> str:
    """Return the parameters and states of a class as the table that help() shows."""
    rows = [(k, "" if p.default is None else f"{p.default} {p.unit}", p.doc) for k, p in cls.PARAMS.items()]
    rows = [(k, v if v else f"- {cls.PARAMS[k].unit}", d) for k, v, d in rows]
    states = [(k, s.unit, s.doc) for k, s in cls.STATES.items()]
    width = [max(len(r[i]) for r in rows + states) for i in (0, 1)]
    lines = ["Parameters:"] if rows else []
    lines += [f"    {k:<{width[0]}}  {v:<{width[1]}}  {doc}".rstrip() for k, v, doc in rows]
    lines += ["", "States:"] if states else []
    lines += [f"    {k:<{width[0]}}  {v:<{width[1]}}  {doc}".rstrip() for k, v, doc in states]
    return "\n".join(lines)


def rows(module: Module) -> list[tuple[str, str, str]]:
    """Return name, value and meaning of each parameter of a model."""
    specs = module._specs()
    return [(k, units.show(module._param(k)), specs[k].doc) for k in specs if k in module._values]


def html(module: Module) -> str:
    """Return the table of parameters that a notebook shows."""
    cells = "".join(f"<tr><td>{k}</td><td>{v}</td><td>{doc}</td></tr>" for k, v, doc in rows(module))
    head = "<tr><th>parameter</th><th>value</th><th>meaning</th></tr>"
    return f"<b>{module.name}</b> {getattr(module, 'varshape', '')}<table>{head}{cells}</table>"


def network(net: Network) -> str:
    """Return the text of `Network.summary`."""
    net.ensure_state()
    populations, links = net.populations(), net.links()
    n_neurons, n_synapses = (
        sum(p.size for p in populations.values()),
        sum(getattr(k, "n_synapses", 0) for k in links.values()),
    )
    size = sum(a.nbytes for a in (*net.kernel_params().values(), *(s.raw for s in net.states().values())))
    lines = [f"{net.name}: {_count(n_neurons)} neurons and sources, {_count(n_synapses)} synapses, {_bytes(size)}"]
    width = max(map(len, (*populations, *links)), default=0)
    for path, population in populations.items():
        lines.append(f"  {path:<{width}}  {type(population).__name__}, {_count(population.size)}")
        for key, receptor in getattr(population, "receptors", {}).items():
            values = ", ".join(f"{k} {v}" for k, v, _ in rows(receptor))
            lines.append(f"  {'':<{width}}    {key}: {type(receptor).__name__}, weights in {receptor.unit}, {values}")
    lines += [f"  {path:<{width}}  {link.describe()}" for path, link in links.items()]
    return "\n".join(lines)


def _count(n: int) -> str:
    return f"{n:,}".replace(",", " ")


def _bytes(n: float) -> str:
    for name in ("bytes", "KiB", "MiB"):
        if n < 1024:
            return f"{n:.3g} {name}"
        n /= 1024
    return f"{n:.3g} GiB"
