"""Snapshots: all that a run needs to go on to the bit, in one .npz without pickle, replaced only when complete."""

from __future__ import annotations

import json
import os
import zlib
from typing import Any

import jax
import numpy as np
import pint

from simcore import Module, units
from simcore.module import saving as storage
from simcore.module.declare import on_device
from simcore.module.tree import join
from simcore.step import pure as step

from .. import measure
from .monitors import Monitor, Record
from .store import replace_file

FORMAT = 1
Arrays = dict[str, np.ndarray]


def about(model: Module, dt: float) -> dict[str, Any]:
    """Return what a snapshot says of a model besides its arrays: the same all over a run."""
    return {
        "format": FORMAT,
        "nodes": {path: _kind(node) for path, node in model.nodes().items()},
        "options": {path: _options(node) for path, node in model.nodes().items()},
        "params": {path: units.unit_of(q) for path, q in model.params().items()},
        "states": {path: state.unit for path, state in model.states().items()},
        "connections": {join(path, key): _checksum(array) for path, node in model.nodes().items()
                        for key, array in node._data.items()},
        "dt_ms": dt,
        "versions": {"jax": jax.__version__, "numpy": np.__version__, "pint": pint.__version__},
    }  # fmt: skip


def arrays(model: Module) -> Arrays:
    """Return the parameters in their declared units, and the states as they are, to the bit."""
    params = {f"param/{path}": np.asarray(q.magnitude) for path, q in model.params().items()}
    return params | {f"state/{path}": np.asarray(state.raw) for path, state in model.states().items()}


def _kind(node: Module) -> str:
    shape = getattr(node, "varshape", None)
    return type(node).__name__ + ("" if shape is None else f" of the shape {shape}")


def _options(node: Module) -> dict[str, Any]:
    """Return the attributes that are plain values, e.g. spk_reset: they are part of what a model is."""
    keys = {k for k in vars(node) if not k.startswith("_") and k != "name"} | set(type(node).OPTIONS)
    return {k: v for k in sorted(keys) if isinstance(v := getattr(node, k, None), str | bool | int | float)}


def _checksum(array: Any) -> str:
    array = np.ascontiguousarray(array)
    return f"{array.dtype.str} {array.shape} {zlib.crc32(array.data.cast('B') if array.size else b'')}"


def write(file: Any, said: dict[str, Any], values: Arrays) -> None:
    """Write a snapshot under a temporary name, bring it to the disk, then rename it."""
    path = _path(file)
    replace_file(path, lambda out: np.savez(out, about=np.array(json.dumps(said)), **values), sync=True)  # type: ignore[arg-type]


def _path(file: Any) -> str:
    path = os.fspath(file)
    return path if path.endswith(".npz") else path + ".npz"


def read(file: Any) -> tuple[dict[str, Any], Arrays]:
    """Return what a snapshot says and its arrays.

    Raises:
        ValueError: the file is of another kind or of a newer format.
    """
    path = _path(file)
    with np.load(path, allow_pickle=False) as data:
        said = json.loads(str(data["about"])) if "about" in data else {}
        if "nodes" not in said:
            raise ValueError(f"{path} is no snapshot of DSRunner.save().")
        if said["format"] > FORMAT:
            raise ValueError(
                f"{path} has the format {said['format']}; this simcore reads up to {FORMAT}: install a newer one."
            )
        return said, {k: data[k] for k in data if k != "about"}


def restore(file: Any, said: dict[str, Any], values: Arrays, model: Module) -> None:
    """Set the parameters and states of a model; nothing changes unless it is the model that was saved.

    Raises:
        ValueError: it is another one; the text names what differs.
    """
    path = _path(file)
    model.ensure_state()
    _compare(path, "", said["nodes"], {p: _kind(node) for p, node in model.nodes().items()})
    before = model.params()
    _compare_names(path, "parameter", said["params"], before)
    try:
        params = {p: units.attach(values[f"param/{p}"], unit) for p, unit in said["params"].items()}
        try:
            storage.set_params(model, params)
        except ValueError as err:  # a wrong dimension or shape
            raise type(err)(*(f"{path} is a snapshot of another model: {err}",)) from err
        step.fit(model, said["dt_ms"])  # room for delays
        here = about(model, said["dt_ms"])
        for node, options in said["options"].items():
            _compare(path, f"{node}." if node else "", options, here["options"][node])
        _compare_connections(path, said["connections"], here["connections"])
        _compare_states(path, said, values, model)
    except Exception:
        storage.set_params(model, before)
        raise
    for p, state in model.states().items():
        state.raw = on_device(values[f"state/{p}"])


def _compare(file: str, what: str, there: dict[str, Any], here: dict[str, Any]) -> None:
    """Raise ValueError at the first of two dicts' items that differs."""
    for key in (*there, *here):
        if there.get(key) != here.get(key):
            was, is_now = ("nothing" if key not in d else repr(d[key]) for d in (there, here))
            name = f"{what}{key}" if what or key else "the model"
            raise ValueError(f"{file} is a snapshot of another model: {name} is {was} there and {is_now} here.")


def _compare_connections(file: str, there: dict[str, str], here: dict[str, str]) -> None:
    differ = [key for key in sorted(there | here) if there.get(key) != here.get(key)]
    if differ:
        raise ValueError(
            f"{file} is a snapshot of another model: the connections or spikes in {', '.join(differ)} differ; "
            "build the model with the same seeds."
        )


def _compare_names(file: str, what: str, there: Any, here: Any) -> None:
    for names, where in ((there.keys() - here.keys(), "there and not here"), (here.keys() - there.keys(), "only here")):
        if names:
            raise ValueError(f"{file} is a snapshot of another model: the {what} {min(names)!r} is {where}.")


def _compare_states(file: str, said: dict[str, Any], values: Arrays, model: Module) -> None:
    own = model.states()
    _compare_names(file, "state", said["states"], own)
    for path, state in own.items():
        unit, raw = said["states"][path], values[f"state/{path}"]
        who = f"{file} is a snapshot of another model: the state {path!r}"
        if units.dimension(unit) != units.dimension(state.unit):
            raise ValueError(f"{who} is in {unit} there and in {state.unit} here.")
        if raw.shape != state.raw.shape:
            batch = "; call init_state(batch_size=...) first" if raw.shape[1:] == state.raw.shape else ""
            raise ValueError(f"{who} has the shape {raw.shape} there and {state.raw.shape} here{batch}.")
        if raw.dtype != state.raw.dtype:
            x64 = raw.dtype.itemsize > state.raw.dtype.itemsize
            raise ValueError(
                f"{file}: the state {path!r} is of {raw.dtype}, JAX is set to {state.raw.dtype}; "
                f"set jax.config.update('jax_enable_x64', {x64}) as in the run that was saved."
            )


# ---------------------------------------------------------------- monitors, as text


def monitors_as_text(monitors: tuple[Monitor, ...]) -> dict[str, Any]:
    """Return monitors by name, as plain values; None for functions of the model, which cannot be written."""
    return {m.name: _as_text(m) for m in monitors}


def _as_text(m: Monitor) -> Any:
    if m.measure is not None:
        assert m.reads is not None
        chosen = {k: getattr(m.measure, k) for k in ("bins",) if getattr(m.measure, k, None) is not None}
        options = {k: (q.magnitude.tolist(), units.unit_of(q)) for k, q in chosen.items()}
        reads = _as_text(m.reads)
        return None if reads is None else {"measure": m.measure.name, "options": options, "of": reads}
    if m.kind == "call":
        return None
    name = m.path if m.kind == "state" else f"{m.path}.{m.kind}".lstrip(".")
    return {"name": name, "index": m.index, "ms": {k: getattr(m, k) for k in ("every", "start", "stop")}}


def monitors_of_text(file: Any, said: dict[str, Any]) -> dict[str, Any]:
    """Return monitors as a user gives them.

    Raises:
        ValueError: one was a function of the model.
    """
    found = {}
    for name, text in said.items():
        if text is None:
            raise ValueError(
                f"{_path(file)}: the monitor {name!r} is a function, which no file holds; give all monitors again, "
                "DSRunner.resume(file, net, monitors=...)."
            )
        found[name] = _of_text(text)
    return found


def _of_text(text: dict[str, Any]) -> Any:
    if "measure" in text:
        one = getattr(measure, text["measure"])
        what, chosen = _of_text(text["of"])
        if isinstance(one, measure.OfSpikes):
            what = what.rpartition(".")[0] or None
        options = {k: units.attach(np.array(v), unit) for k, (v, unit) in text["options"].items()}
        return one(what if chosen is None else (what, chosen), **options)
    chosen = None if text["index"] is None else list(text["index"])
    times = {k: units.from_kernel(v, "ms") for k, v in text["ms"].items() if v is not None}
    return Record(text["name"], chosen, **times) if times else (text["name"], chosen)
