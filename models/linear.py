"""Linear layer: a dense weight matrix with a unit."""

from typing import Any

import jax.numpy as jnp

from simcore import Module, init, units


class Linear(Module):
    r"""Dense layer: :math:`y = x W + b`, with a weight that carries the unit of the output.

    Spikes are pure numbers: to drive a neuron with a current, give the weight a current, ``unit="mA"``.

    Args:
        in_size: number of inputs.
        out_size: number of outputs.
        unit: unit of weight, bias and output.
        weight: quantity (in, out) or initializer, by default KaimingNormal in `unit` drawn with `seed`.
        bias: quantity (out,) or initializer, by default 0.
        seed: of the default weight.

    Input: x, pure numbers, (..., in). Output: (..., out), in `unit`.

    Reference: He, Zhang, Ren, Sun (2015), ICCV, 1026-1034 (the default weight).
    """

    def __init__(
        self,
        in_size: int,
        out_size: int,
        *,
        unit: str = "dimensionless",
        weight: Any = None,
        bias: Any = None,
        seed: int = 0,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name)
        one = 1.0 * units.unit(unit)
        weight = init.KaimingNormal(one, seed=seed) if weight is None else weight
        bias = init.Constant(0.0 * one) if bias is None else bias
        self.in_size, self.out_size = in_size, out_size
        self.weight = units.quantity_in(init.param(weight, (in_size, out_size)), unit, f"{self.name}: 'weight'")
        self.bias = units.quantity_in(init.param(bias, (out_size,)), unit, f"{self.name}: 'bias'")

    def update(self, x: Any) -> Any:
        """Return x W + b."""
        return jnp.asarray(x) @ self.weight + self.bias
