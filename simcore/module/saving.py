"""Saved states: parameters and states of a module as quantities, in one .npz with units; and how they are set."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import pint

from .. import files, units
from .declare import State, on_device

STATES = files.Kind(
    {"unit_of": {str: units.is_unit}},
    "was not written by save_states()",
    "name a file of save_states(), or write it again",
)
Shape = tuple[int, ...]


def write(values: dict[str, pint.Quantity], file: Any) -> None:
    """Write quantities to `file` (.npz is appended if missing), replaced only when complete."""
    arrays = {f"array/{k}": np.asarray(q.magnitude) for k, q in values.items()}
    STATES.write(file, {"unit_of": {k: f"{q.units}" for k, q in values.items()}}, arrays)


def load_file(module: Any, file: Any) -> None:
    """Set all parameters and states of a module to those of a file of `write`, as `load` does.

    Raises:
        FileError: the file is damaged, of another kind or of a newer format.
    """
    about, arrays = STATES.read(file)
    unit_of = about["unit_of"]

    def shape_of(path: str) -> Shape:
        return arrays.shape(f"array/{path}")

    try:
        load(module, unit_of, lambda path: units.attach(arrays[f"array/{path}"], unit_of[path]), shape_of)
    except (KeyError, ValueError, TypeError) as err:
        if isinstance(err, files.FileError):
            raise
        text = err.args[0] if isinstance(err, KeyError) else f"{err}"
        raise type(err)(*(f"{arrays.path}: {text}",)) from err


def load(
    module: Any,
    names: Iterable[str],
    value_of: Callable[[str], Any],
    shape_of: Callable[[str], Shape] | None = None,
) -> None:
    """Set all parameters and states of a module; nothing changes unless everything fits.

    Args:
        module: a module.
        names: of what there is.
        value_of: gives a quantity by its name.
        shape_of: gives its shape, if that is known before: of a file that may be far larger than the module.
    """
    names = set(names)
    with matched_states(module, names):
        _load(module, names, value_of, shape_of)
    for node in module.nodes().values():
        node.stepped()


def _load(
    module: Any, names: set[str], value_of: Callable[[str], Any], shape_of: Callable[[str], Shape] | None
) -> None:
    before, states = module.params(), module.states()
    missing, unexpected = (before.keys() | states.keys()) - names, names - before.keys() - states.keys()
    if missing or unexpected:
        misfits = [f"{word} {files.listed(which)}" for word, which in
                (("missing", missing), ("unexpected", unexpected)) if which]  # fmt: skip
        raise KeyError(f"{module.name}: the state dict does not fit: {'; '.join(misfits)}.")
    if shape_of is not None:
        for path, state in states.items():
            _compare_shape(module, path, state, shape_of(path))
        require_room(module, shape_of)
    raws = {}
    for path, state in states.items():
        raw = state.read(value_of(path), f"{module.name}: {path!r}")
        _compare_shape(module, path, state, raw.shape)
        raws[path] = raw.astype(state.raw.dtype)
    set_params(module, {path: value_of(path) for path in before})
    for path, state in states.items():
        state.raw = on_device(raws[path])


def _compare_shape(module: Any, path: str, state: Any, shape: Shape) -> None:
    if shape != state.raw.shape:
        told = f"has the shape {state.raw.shape}, the state dict {shape}{batch_cure(state, shape)}"
        raise ValueError(f"{module.name}: {path!r} {told}.")


def batch_cure(state: State, shape: Shape) -> str:
    """Return what to do, for a message, where a saved shape is that of a state with a batch."""
    return "; call init_state(batch_size=...) first" if shape[1:] == state.raw.shape else ""


def require_room(module: Any, shape_of: Callable[[str], Shape]) -> None:
    """Raise unless saved parameters are at most as large as a module has room for, before they are read."""
    nodes = module.nodes()
    for path, value in module.params().items():
        most = max(np.size(value.magnitude), math.prod(nodes[path.rpartition(".")[0]].varshape))
        if math.prod(shape_of(path)) > most:
            raise ValueError(f"{module.name}: {path!r} has {most} values at most, saved is the shape {shape_of(path)}.")


@contextlib.contextmanager
def matched_states(module: Any, names: Any) -> Iterator[None]:
    """Have, in a with block and after it, the states of these dotted names; those of before if it fails.

    A node makes or drops states that it has or has not by what was done to it: see `Node.match_states`.
    """
    nodes = module.nodes().items()
    before = [(node, {k: s for k, s in vars(node).items() if isinstance(s, State)}) for _, node in nodes]
    try:
        for path, node in nodes:
            node.match_states({name.rpartition(".")[2] for name in names if name.rpartition(".")[0] == path})
        yield
    except Exception:
        for node, states in before:
            for name in [k for k, s in vars(node).items() if isinstance(s, State) and k not in states]:
                del vars(node)[name]
            vars(node).update(states)
        raise


def set_params(module: Any, params: dict[str, Any]) -> None:
    """Set parameters by dotted path, all or none; together they must keep the constraints of the models."""
    nodes = module.nodes()
    before = {path: node.params_as_they_are() for path, node in nodes.items()}
    by_node: dict[str, dict[str, Any]] = {path: {} for path in nodes}
    for path, value in params.items():
        by_node[path.rpartition(".")[0]][path.rpartition(".")[2]] = value
    try:
        for path, node in nodes.items():
            node.set_params(by_node[path])
    except Exception:
        for path, node in nodes.items():
            node.restore_params(before[path])
        raise
