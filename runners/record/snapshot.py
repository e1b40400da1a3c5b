"""Snapshots: all that a run needs to go on to the bit, in one .npz without pickle, replaced only when complete."""

from __future__ import annotations

import dataclasses
import zlib
from typing import Any

import numpy as np
import pint

from simcore import Module, files, units
from simcore.module import saving
from simcore.module.declare import on_device
from simcore.module.tree import join
from simcore.step.fitted import fit
from simcore.units.clock import MAX_STEP

from ..measure.base import Measure, named
from ..schedule import Window
from .channels import is_ms
from .monitors import Monitor, Record

_INDEX = (None, [int])
_TIMES = dict.fromkeys(("every", "start", "stop"), (None, float))
_UNIT_OR_NONE = (None, units.is_unit)
_MONITOR = (
    None,
    {"name": str, "index": _INDEX, "ms": _TIMES},
    {"measure": str, "options": {str: lambda pair: type(pair) is list and len(pair) == 2
                                 and not files.misfit(pair[1], _UNIT_OR_NONE)}, "of": (None, str), "index": _INDEX},
)  # fmt: skip


def _is_step(i: Any) -> bool:
    return type(i) is int and 0 <= i <= MAX_STEP


# run: whose recording is in a store; first: the step at which the recording begins whose totals are there.
SNAPSHOT = files.Kind(
    {
        "nodes": {str: str}, "options": {str: {str: object}}, "connections": {str: str},
        "params": {str: units.is_unit}, "states": {str: units.is_unit}, "monitors": {str: _MONITOR},
        "dt_ms": is_ms, "dt_known": bool, "t0_ms": float, "run": (None, str), "first": (None, _is_step),
        "i": _is_step, "seed": lambda n: type(n) is int and 0 <= n < 2**32,
    },
    "is no snapshot of DSRunner.save()",
    "name a file of save(), an older checkpoint, or run from the beginning",
)  # fmt: skip


def about(model: Module, dt: float) -> dict[str, Any]:
    """Return what a snapshot says of a model besides its arrays: the same all over a run."""
    return {
        "nodes": {path: _kind(node) for path, node in _built(model).items()},
        "options": {path: plain_options(node) for path, node in _built(model).items()},
        "params": {path: units.unit_of(q) for path, q in model.params().items()},
        "states": {path: state.unit for path, state in model.states().items()},
        "connections": {join(path, key): _checksum(array) for path, node in model.nodes().items()
                        for key, array in node.data().items()},
        "dt_ms": dt,
    }  # fmt: skip


def arrays(model: Module) -> dict[str, np.ndarray]:
    """Return the parameters in their declared units, and the states as they are, to the bit."""
    params = {f"param/{path}": np.asarray(q.magnitude) for path, q in model.params().items()}
    return params | {f"state/{path}": np.asarray(state.raw) for path, state in model.states().items()}


def require_same(saved: dict[str, Any], values: files.Arrays, model: Module, cure: str) -> None:
    """Raise ValueError, with the cure, at the first parameter of a model that has another value in a snapshot."""
    for path, now in model.params().items():
        key, unit = f"param/{path}", saved["params"].get(path)
        if unit is None or units.dimension(unit) != units.dimension(units.unit_of(now)):
            continue  # of another model, as `restore` says
        if values.shape(key) == np.shape(now.magnitude):
            was = units.attach(values[key], unit).to(now.units)
            if np.allclose(was.magnitude, now.magnitude, rtol=1e-12, atol=0):  # units may differ, and so the rounding
                continue
            told = f"{path} = {units.show(was)}, got {units.show(now)}"
            raise ValueError(f"{values.path} is of a run with {told}; {cure}.")


def _built(model: Module) -> dict[str, Module]:
    """Return the nodes that a user built, by path."""
    return {path: node for path, node in model.nodes().items() if not node.made_by_fit}


def _kind(node: Module) -> str:
    return f"{type(node).__name__} of the shape {node.varshape}"


def plain_options(node: Module) -> dict[str, Any]:
    """Return the attributes that are plain values, e.g. spk_reset: they are part of what a model is."""
    keys = {k for k in vars(node) if not k.startswith("_") and k != "name"} | {"seed", *type(node).OPTIONS}
    return {k: v for k in sorted(keys) if isinstance(v := getattr(node, k, None), str | bool | int | float)}


def _checksum(array: Any) -> str:
    array = np.ascontiguousarray(array)
    return f"{array.dtype.str} {array.shape} {zlib.crc32(array.data.cast('B') if array.size else b'')}"


def restore(saved: dict[str, Any], values: files.Arrays, model: Module) -> None:
    """Set the parameters and states of a model; nothing changes unless it is the model that was saved.

    Raises:
        ValueError: it is another one; the text names what differs.
    """
    path = values.path
    _compare(path, "", saved["nodes"], {p: _kind(node) for p, node in _built(model).items()})
    before = model.params()
    _compare_names(path, "parameter", saved["params"], before)
    try:
        try:
            saving.require_room(model, lambda p: values.shape(f"param/{p}"))
            params = {p: units.attach(values[f"param/{p}"], unit) for p, unit in saved["params"].items()}
            saving.set_params(model, params)
        except files.FileError:
            raise
        except (ValueError, TypeError) as err:  # a wrong shape or dimension
            raise type(err)(*(f"{path} is a snapshot of another model: {err}",)) from err
        fit(model, saved["dt_ms"])  # room for delays
        present = about(model, saved["dt_ms"])
        _compare_connections(path, saved["connections"], present["connections"])
        _compare_names(path, "part", saved["options"], present["options"])
        for node, options in saved["options"].items():
            _compare(path, f"{node}." if node else "", options, present["options"][node])
        with saving.matched_states(model, saved["states"]):
            _compare_states(path, saved, values, model)
            raws = {p: values[f"state/{p}"] for p in model.states()}
    except Exception:
        saving.set_params(model, before)
        raise
    for p, state in model.states().items():
        state.raw = on_device(raws[p])
    for node in model.nodes().values():
        node.stepped()


def _compare(file: str, what: str, in_file: dict[str, Any], in_model: dict[str, Any]) -> None:
    """Raise ValueError at the first of two dicts' items that differs."""
    for key in (*in_file, *in_model):
        if in_file.get(key) != in_model.get(key):
            was, is_now = ("nothing" if key not in d else repr(d[key]) for d in (in_file, in_model))
            name = f"{what}{key}" if what or key else "the model"
            raise ValueError(f"{file} is a snapshot of another model: {name} is {was} there and {is_now} here.")


def _compare_connections(file: str, in_file: dict[str, str], in_model: dict[str, str]) -> None:
    differ = [key for key in sorted(in_file | in_model) if in_file.get(key) != in_model.get(key)]
    if differ:
        raise ValueError(
            f"{file} is a snapshot of another model: the arrays {files.listed(differ)} differ (connections, spike "
            "times, data of your own); build the model as it was, with the same seeds."
        )


def _compare_names(file: str, what: str, in_file: Any, in_model: Any) -> None:
    only_there, only_here = in_file.keys() - in_model.keys(), in_model.keys() - in_file.keys()
    for names, which in ((only_there, "there and not here"), (only_here, "only here")):
        if names:
            raise ValueError(f"{file} is a snapshot of another model: the {what} {min(names)!r} is {which}.")


def _compare_states(file: str, saved: dict[str, Any], values: files.Arrays, model: Module) -> None:
    _compare_names(file, "state", saved["states"], model.states())
    for path, state in model.states().items():
        unit, (shape, dtype) = saved["states"][path], values.form(f"state/{path}")
        who = f"{file} is a snapshot of another model: the state {path!r}"
        if units.dimension(unit) != units.dimension(state.unit):
            raise ValueError(f"{who} is in {unit} there and in {state.unit} here.")
        if shape != state.raw.shape:
            cure = saving.batch_cure(state, shape)
            raise ValueError(f"{who} has the shape {shape} there and {state.raw.shape} here{cure}.")
        if dtype != state.raw.dtype:
            x64 = dtype.itemsize > state.raw.dtype.itemsize
            raise ValueError(
                f"{file}: the state {path!r} is of {dtype}, JAX is set to {state.raw.dtype}; "
                f"set jax.config.update('jax_enable_x64', {x64}) as in the run that was saved."
            )


# ---------------------------------------------------------------- monitors, as text


def monitors_as_text(monitors: tuple[Monitor, ...]) -> dict[str, Any]:
    """Return monitors by name, as plain values; None for what cannot be written, e.g. functions of the model."""
    return {m.name: _as_text(m) for m in monitors}


def _as_text(m: Monitor) -> Any:
    if isinstance(m.asked, str):
        return {"name": m.asked, "index": m.observable.index} | _window_as_text(m.window)
    if not isinstance(m.asked, Measure):
        return None
    of = m.asked.of[0] if isinstance(m.asked.of, tuple) else m.asked.of
    values = {k: getattr(m.asked, k) for k in m.asked.all_options}
    given = {k: _value_as_text(v) for k, v in values.items() if v is not None}
    if not isinstance(of, str | None) or None in given.values():
        return None
    return {"measure": m.asked.name, "options": given, "of": of, "index": m.observable.index}


def _window_as_text(window: Window) -> dict[str, Any]:
    times = dataclasses.asdict(window)
    initial = times.pop("initial")
    return {"ms": times} | ({"initial": True} if initial else {})


def _value_as_text(value: Any) -> Any:
    """Return a value and its unit; None for what is neither a quantity nor a plain value."""
    if isinstance(value, pint.Quantity):
        return np.asarray(value.magnitude).tolist(), units.unit_of(value)
    return (value, None) if isinstance(value, str | bool | int | float | tuple) else None


def monitors_of_text(file: str, texts: dict[str, Any]) -> dict[str, Any]:
    """Return monitors as a user gives them.

    Raises:
        ValueError: one was a function of the model, or a measure that this process does not know.
    """
    again = "give all monitors again, DSRunner.resume(file, net, monitors=...)."
    monitors: dict[str, Any] = {}
    for name, text in texts.items():
        who = f"{file}: the monitor {name!r}"
        if text is None:
            raise ValueError(f"{who} is a function, which no file holds; {again}")
        if "measure" not in text:
            times = {k: units.from_kernel(v, "ms") for k, v in text["ms"].items() if v is not None}
            monitors[name] = Record(text["name"], text["index"], **times, initial=text.get("initial") is True)
            continue
        measures, what, given = named(text["measure"]), text["measure"], text["options"].items()
        if len(measures) != 1:
            raise ValueError(f"{who} is the measure {what!r}, of which there are {len(measures)} here; {again}")
        of = text["of"] if text["index"] is None else (text["of"], text["index"])
        with files.blamed(lambda why, who=who: ValueError(f"{who} cannot be made: {why}; {again}")):  # type: ignore[misc]
            options: dict[str, Any] = {
                k: v if unit is None else units.attach(np.array(v), unit) for k, (v, unit) in given
            }
            monitors[name] = measures[0](of, **options)
    return monitors
