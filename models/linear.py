"""Linear layer: a dense weight matrix with a unit."""

from typing import Any

import jax.numpy as jnp

from simcore import Module, Param, init, units
from simcore.module.seeds import values


class Linear(Module):
    r"""Dense layer: :math:`y = x W + b`, with a weight that carries the unit of the output.

    Spikes are pure numbers: to drive a neuron with a current, give the weight a current, ``unit="mA"``.

    Args:
        in_size: number of inputs.
        out_size: number of outputs.
        unit: unit of weight, bias and output.
        weight: quantity (in, out) or initializer, by default KaimingNormal in `unit` drawn with the seed.
        bias: quantity (out,) or initializer, by default 0.
        seed: of what is drawn, the default weight say; by default that of what it is part of.

    Input: x, pure numbers, (..., in). Output: (..., out), in `unit`.

    Reference: He, Zhang, Ren, Sun (2015), ICCV, 1026-1034 (the default weight).
    """

    FIXED = (*Module.FIXED, "in_size", "out_size", "unit")

    weight = Param(None, "dimensionless", "weight (in, out), in `unit`")
    bias = Param(None, "dimensionless", "bias (out,), in `unit`")

    def __init__(
        self,
        in_size: int,
        out_size: int,
        *,
        unit: str = "dimensionless",
        weight: Any = None,
        bias: Any = None,
        seed: int | None = None,
        name: str | None = None,
    ) -> None:
        self.in_size, self.out_size, self.unit, self.seed = in_size, out_size, unit, seed
        one = 1.0 * units.unit(unit)
        weight = init.KaimingNormal(one) if weight is None else weight
        bias = init.Constant(0.0 * one) if bias is None else bias
        super().__init__(name=name, weight=weight, bias=bias)

    def param_unit(self, param: Param) -> str:
        """Return the unit of weight and bias."""
        return self.unit

    def read_param(self, param: Param, value: Any, given: bool) -> Any:
        """Return the floats of a parameter, of the shape that it has here."""
        shape = (self.in_size, self.out_size) if param.name == "weight" else (self.out_size,)
        drawn = values(value, shape, self.place, param.name) if callable(value) else init.param(value, shape)
        return super().read_param(param, drawn, given)

    def update(self, x: Any) -> Any:
        """Return x W + b."""
        return jnp.asarray(x) @ self.weight + self.bias
