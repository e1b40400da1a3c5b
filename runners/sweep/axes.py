"""The axes of a sweep, read against a model: what each name means, and whether every value fits."""

from __future__ import annotations

import difflib
import enum
import inspect
from collections.abc import Sequence
from typing import Any

import numpy as np

from simcore import Module, Signal, units
from simcore.module.structure import clone
from simcore.module.tree import join
from simcore.step.signal import as_signal
from simcore.units.clock import time_step

from .design import Design

INPUTS = "inputs"


class AxisKind(enum.Enum):
    """What an axis changes."""

    PARAM = enum.auto()
    STATE = enum.auto()
    OPTION = enum.auto()
    INPUT = enum.auto()
    DT = enum.auto()
    SEED = enum.auto()
    MODEL = enum.auto()  # which model it is: `variants`
    NOTHING = enum.auto()  # by itself: a function makes other values of it


class Axes:
    """Reads a design against a model: what each name means, and whether every value fits.

    Args:
        target: the model; it is copied, never changed.
        design: the names and values.
        inputs: the drive that is not swept, or a function that makes it of the swept arguments "inputs.NAME".
        dt: the time step (ms) where it is not swept.
        seed: of the noise where it is not swept.
        made: names by which models differ: the target has one value of each.
    """

    def __init__(
        self, target: Module, design: Design, inputs: Any, dt: float, seed: int, made: Sequence[str] = ()
    ) -> None:
        self.target, self.design, self.inputs, self.dt, self.seed, self.made = target, design, inputs, dt, seed, made
        target.ensure_state()
        self.nodes = target.nodes()
        self.specs = {join(p, k): s for p, n in self.nodes.items() for k, s in n.specs().items()}
        self.options = {join(p, k) for p, n in self.nodes.items() for k in n.OPTIONS}
        self.states = target.states()
        self.kinds = {key: self._kind(key) for key in (*design.keys, *design.mapped)}
        self._check_values()
        self._check_order()
        self._check_nodes()

    def of_kind(self, kind: AxisKind) -> list[str]:
        """Return the swept names of a kind."""
        return [key for key, of_key in self.kinds.items() if of_key == kind]

    def _kind(self, key: str) -> AxisKind:
        if key in self.made:
            return AxisKind.MODEL
        if key in ("dt", "seed"):
            return AxisKind.DT if key == "dt" else AxisKind.SEED
        first, _, rest = key.partition(".")
        if first == INPUTS:
            self._check_input_name(key, rest)
            return AxisKind.INPUT
        kinds: dict[AxisKind, Any] = {
            AxisKind.PARAM: self.specs, AxisKind.STATE: self.states, AxisKind.OPTION: self.options,
        }  # fmt: skip
        for kind, names in kinds.items():
            if key in names:
                node, name = self._node(key)
                if kind is AxisKind.PARAM and (reason := node.fixed_for(name)):
                    raise ValueError(f"Sweep: {key!r}: {reason}.")
                return kind
        if key in self.design.arguments:
            return AxisKind.NOTHING
        known = [*self.specs, *self.states, *self.options, INPUTS, "dt", "seed"]
        near = difflib.get_close_matches(key, known, 1)
        hint = f"; did you mean {near[0]!r}?" if near else "."
        raise ValueError(f"Sweep: {self.target.name} has no {key!r} to sweep over{hint} It has {', '.join(known)}. "
                         "For other names, give set=, or a function that builds the model.")  # fmt: skip

    def _check_input_name(self, key: str, name: str) -> None:
        made = callable(self.inputs) and not isinstance(self.inputs, Signal)
        if made and (not name or name not in inspect.signature(self.inputs).parameters):
            names = ", ".join(f"inputs.{k}" for k in inspect.signature(self.inputs).parameters)
            raise ValueError(f"Sweep: {key!r} is no argument of the function given as inputs; it takes {names}.")
        whole = not isinstance(self.inputs, dict)
        if not made and self.inputs is not None and (not name or whole or name in self.inputs):
            raise ValueError(f"Sweep: {key!r} is swept over and given as inputs; leave one out.")

    # ---------------------------------------------------------------- checks

    def who(self, key: str) -> str:
        """Return what messages begin with that are about a name."""
        if key in self.design.mapped:
            return f"Sweep, set: {key!r}"
        dim = next(d for d in self.design.dims if key in self.design.axes[d])
        return f"Sweep, axis {dim!r}: {key!r}"

    def values_of(self, key: str) -> Any:
        """Return the values of a name."""
        return self.design.values(key)

    def _check_values(self) -> None:
        """Check what each axis holds by itself, as a constructor does, and keep numbers in kernel units."""
        self.kernel: dict[str, np.ndarray] = {}
        for key in self.of_kind(AxisKind.PARAM):
            spec, who = self.specs[key], self.who(key)
            magnitude = units.as_magnitude(self.values_of(key), spec.unit, who)
            self._node(key)[0].check_values(spec, magnitude, who)
            self.kernel[key] = magnitude.astype(float) * units.kernel_factor(spec.unit)
        for key in self.of_kind(AxisKind.STATE):
            self.kernel[key] = units.to_kernel(self.values_of(key), self.states[key].unit, self.who(key))
        for key in self.of_kind(AxisKind.SEED):
            seeds = np.asarray(self.values_of(key))
            if seeds.dtype.kind not in "iu" or seeds.min() < 0 or seeds.max() >= 2**32:
                raise ValueError(f"{self.who(key)} needs ints from 0 to 2**32 - 1, got {list(seeds[:3])}.")
            self.kernel[key] = seeds.astype(np.uint32)
        for key in self.of_kind(AxisKind.DT):
            self.kernel[key] = np.array([time_step(v, self.who(key)) for v in self.values_of(key)])
        for key in self.of_kind(AxisKind.OPTION):
            node, name = self._node(key)
            before = getattr(node, name)
            try:
                for value in self.values_of(key):
                    setattr(node, name, value)  # it refuses what it does not know
            finally:
                setattr(node, name, before)

    def _check_order(self) -> None:
        """Check constraints between parameters (V_th > V_reset) at every point."""
        swept = self.of_kind(AxisKind.PARAM)
        for path, node in self.nodes.items():
            for name, spec in node.PARAMS.items():
                names = (name, spec.above or "")
                keys = [join(path, k) for k in names]
                if not spec.above or not set(keys) & set(swept):
                    continue
                if any(k not in node.given() and key not in swept for k, key in zip(names, keys, strict=True)):
                    continue
                fixed = {key: node.kernel_value(k) for k, key in zip(names, keys, strict=True) if key not in swept}
                more = (1,) * max((np.ndim(v) for v in fixed.values()), default=0)  # the axes of a fixed array
                low_or_equal: Any = np.asarray(np.less_equal(*(
                    fixed[key] if key in fixed else self.rows(key).reshape(-1, *more) for key in keys
                )))  # fmt: skip
                bad = low_or_equal.any(tuple(range(1, low_or_equal.ndim)))
                if bad.any():
                    shown = self.point(int(np.argmax(bad)), [k for k in keys if k not in fixed])
                    raise ValueError(f"Sweep: {node.name}: {name!r} must be above {spec.above!r}; it is not at {shown} "
                                     f"({int(bad.sum())} of {self.design.n_points} points).")  # fmt: skip

    def _check_nodes(self) -> None:
        """Check what a class of its own asks of its parameters together, at every combination of their values."""
        keys = {path: [k for k in self.of_kind(AxisKind.PARAM) if k.rpartition(".")[0] == path] for path in self.nodes}
        checked = {p for p, k in keys.items() if k and type(self.nodes[p]).check_params is not Module.check_params}
        copies = clone(self.target).nodes() if checked else {}
        for path in checked:
            columns = np.stack([self.design.positions(k) for k in keys[path]], -1)
            rows, points = np.unique(columns, axis=0, return_index=True)
            if _refusal(copies[path], self._params_at(keys[path], rows)) is not None:
                for row, point in zip(rows, points, strict=True):
                    if (err := _refusal(copies[path], self._params_at(keys[path], row))) is not None:
                        raise ValueError(f"Sweep, at {self.point(int(point), keys[path])}: {err}") from err

    def _params_at(self, keys: list[str], rows: np.ndarray) -> dict[str, np.ndarray]:
        """Return parameters of a node in kernel units, by name: at one row of positions, or at several, (n, 1, ...)."""
        spread = (-1, *(1,) * len(self._node(keys[0])[0].varshape)) if rows.ndim > 1 else ()
        return {self._node(k)[1]: self.kernel[k][rows[..., j]].reshape(spread) for j, k in enumerate(keys)}

    def _node(self, key: str) -> tuple[Module, str]:
        path, _, name = key.rpartition(".")
        return self.nodes[path], name

    def rows(self, key: str) -> np.ndarray:
        """Return the kernel floats of a key for all points, (n_points,)."""
        return self.kernel[key][self.design.positions(key)]

    def point(self, point: int, keys: list[str] | None = None) -> str:
        """Return where a point is on all axes, or by some keys, as text."""
        chosen = self.design.keys if keys is None else keys
        return self.design.shown(chosen, [self.design.positions(key)[point] for key in chosen])

    def signals(self, rows: np.ndarray, model: Module) -> list[Signal | None]:
        """Return the inputs at rows of positions along the axes of inputs."""
        keys, nodes = self.of_kind(AxisKind.INPUT), model.nodes()
        columns = {k: self.values_of(k) for k in keys}
        return [
            self._signal({k: columns[k][i] for k, i in zip(keys, row, strict=True)}, nodes) for row in rows.tolist()
        ]

    def _signal(self, values: dict[str, Any], nodes: dict[str, Any]) -> Signal | None:
        named = {k.partition(".")[2]: v for k, v in values.items()}
        if callable(self.inputs) and not isinstance(self.inputs, Signal):
            return as_signal(self.inputs(**named), nodes)
        if INPUTS in values:
            return as_signal(values[INPUTS], nodes)
        return as_signal({**(self.inputs or {}), **named} if named else self.inputs, nodes)


def _refusal(node: Module, values: dict[str, np.ndarray]) -> Exception | None:
    """Return what a node says against values of its parameters (kernel units); it may take one value alone."""
    node.set_kernel_values(values)
    try:
        node.check_params()
    except Exception as err:
        return err
    return None
