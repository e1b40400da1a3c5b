"""Variants: the models of a sweep that differ in what no parameter can change, such as which neurons are connected."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from simcore import Module
from simcore.module.structure import clone

from .design import Design, combinations

SEED = "seed"


class Variants:
    """The models of a sweep, and which points have each: made when they are needed, one at a time.

    Args:
        target: the model; it is copied, never changed. Or a function that builds it, of values on axes.
        design: the names and values.

    Attributes:
        keys: the names by which models differ: arguments of the function, and seeds of parts, "exc.seed".

    Raises:
        TypeError: the target is neither, or an argument of the function has no value.
    """

    def __init__(self, target: Any, design: Design) -> None:
        self.target, self.design, names = target, design, (*design.keys, *design.mapped)
        self.arguments = [] if isinstance(target, Module) else _arguments(target, names)
        self.seeds = [k for k in names if k.partition(".")[0] not in ("", "inputs") and k.endswith(f".{SEED}")]
        self.keys = [*self.arguments, *self.seeds]
        self.rows, self._which = combinations(design, self.keys, np.arange(design.n_points))

    def __len__(self) -> int:
        return len(self.rows)

    def index(self, k: int) -> np.ndarray:
        """Return the numbers of the points of the k-th model."""
        return np.flatnonzero(self._which == k)

    def model(self, k: int) -> Module:
        """Return the k-th model: the target itself where all points have that.

        Raises:
            ValueError: a part that was drawn, by a look or a run, cannot have another seed.
        """
        if not self.keys:
            return self.target if isinstance(self.target, Module) else _built(self.target, {})
        values = self.design.combination(self.keys, self.rows[k])
        shown = self.design.shown(self.keys, self.rows[k])
        try:
            if isinstance(self.target, Module):
                model = clone(self.target)
            else:
                model = _built(self.target, {key: values[key] for key in self.arguments})
            for key in self.seeds:
                _node_of(model, key).seed = values[key]
        except Exception as err:
            if not isinstance(err, ValueError):
                err.add_note(f"Sweep, at {shown}.")
                raise
            drawn = isinstance(self.target, Module) and self.seeds
            cure = " A sweep over a function that builds the model draws it for each point." if drawn else ""
            raise ValueError(f"Sweep, at {shown}: {err}{cure}") from err
        return model


def _arguments(build: Callable[..., Any], names: tuple[str, ...]) -> list[str]:
    """Return the arguments of a function that are on axes."""
    if not callable(build) or isinstance(build, type):
        raise TypeError(f"Sweep needs a simcore Module to run, or a function that builds one, got {build!r}.")
    parameters = inspect.signature(build).parameters.values()
    for p in parameters:
        if p.default is p.empty and p.name not in names and p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL):
            raise TypeError(f"Sweep: the function that builds the model takes {p.name!r}, which is on no axis; give it "
                            "an axis or a default.")  # fmt: skip
    return [p.name for p in parameters if p.name in names]


def _built(build: Callable[..., Any], values: dict[str, Any]) -> Module:
    model = build(**values)
    if not isinstance(model, Module):
        raise TypeError(f"Sweep: the function that builds the model must return a simcore Module, got {model!r}.")
    return model


def _node_of(model: Module, key: str) -> Any:
    """Return the part whose seed a name is."""
    path, nodes = key.rpartition(".")[0], model.nodes()
    if path not in nodes:
        near = difflib.get_close_matches(path, list(nodes), 1)
        hint = f"; did you mean '{near[0]}.{SEED}'?" if near else "."
        raise ValueError(f"{model.name} has no part {path!r} whose seed could be swept{hint}")
    return nodes[path]
