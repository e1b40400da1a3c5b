"""Saved states: parameters and states of a module as quantities, in one .npz with units; and how they are set."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import pint

from .. import files, units
from .declare import State, on_device

STATES = files.Kind("units", "was not written by save_states()")


def write(values: dict[str, pint.Quantity], file: Any) -> None:
    """Write quantities to `file` (.npz is appended if missing), replaced only when complete."""
    arrays = {f"array/{k}": np.asarray(q.magnitude) for k, q in values.items()}
    STATES.write(file, {"units": {k: f"{q.units}" for k, q in values.items()}}, arrays)


def read(file: Any) -> dict[str, pint.Quantity]:
    """Return the quantities of a file of `write`.

    Raises:
        ValueError: the file is of another kind or of a newer format.
    """
    about, arrays = STATES.read(file)
    return {k: units.attach(arrays[f"array/{k}"], unit) for k, unit in about["units"].items()}


def load(module: Any, values: dict[str, Any]) -> None:
    """Set all parameters and states of a module; nothing changes unless everything fits."""
    with matched_states(module, values):
        _load(module, values)
    for node in module.nodes().values():
        node.stepped()


def _load(module: Any, values: dict[str, Any]) -> None:
    before, states = module.params(), module.states()
    missing, unexpected = (before.keys() | states.keys()) - values.keys(), values.keys() - before.keys() - states.keys()
    if missing or unexpected:
        misfits = [f"{word} {', '.join(sorted(names))}" for word, names in
                (("missing", missing), ("unexpected", unexpected)) if names]  # fmt: skip
        raise KeyError(f"{module.name}: the state dict does not fit: {'; '.join(misfits)}.")
    raws = {}
    for path, state in states.items():
        raw = units.to_kernel(values[path], state.unit, f"{module.name}: {path!r}")
        if raw.shape != state.raw.shape:
            batch = "; call init_state(batch_size=...) first" if raw.shape[1:] == state.raw.shape else ""
            raise ValueError(
                f"{module.name}: {path!r} has the shape {state.raw.shape}, the state dict {raw.shape}{batch}."
            )
        raws[path] = raw.astype(state.raw.dtype)
    set_params(module, {path: values[path] for path in before})
    for path, state in states.items():
        state.raw = on_device(raws[path])


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
