"""LeakyRate: rate units with a leak and a transfer function."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from simcore import HiddenState, Param
from simcore.bases.dynamics import Dynamics

Array = Any


class LeakyRate(Dynamics):
    r"""Leaky rate unit; its rate is a pure number.

    .. math:: \tau \, dr/dt = -\lambda r + \mu + \varphi(x)

    x is the sum of the inputs. The transfer function is, by ``transfer=``:

    - "linear": g x;
    - "tanh": tanh(g (x - theta));
    - "sigmoid": g / (1 + exp(-beta (x - theta)));
    - "threshold_linear": g (x - theta) between 0 and alpha.

    White noise of NEST's size sigma is ``noise = sigma / sqrt(tau)``.

    Reference: Hahne et al. (2017), Frontiers in Neuroinformatics 11, 34.

    Args:
        transfer: the name of the transfer function.

    Raises:
        ValueError: there is no such transfer function.
    """

    tau = Param(10.0, "ms", "time constant", positive=True)
    decay = Param(1.0, "dimensionless", "lambda, strength of the decay", nonnegative=True)
    mu = Param(0.0, "dimensionless", "mean drive")
    g = Param(1.0, "dimensionless", "gain")
    theta = Param(0.0, "dimensionless", "threshold of the transfer function")
    beta = Param(1.0, "dimensionless", "slope of the sigmoid")
    alpha = Param(None, "dimensionless", "largest value of threshold_linear", positive=True)

    r = HiddenState("dimensionless", "rate", init=0.0)

    TRANSFERS = ("linear", "tanh", "sigmoid", "threshold_linear")

    def __init__(self, in_size: Any, *args: Any, transfer: str = "linear", **kwargs: Any) -> None:
        if transfer not in self.TRANSFERS:
            raise ValueError(f"LeakyRate: 'transfer' must be one of {', '.join(self.TRANSFERS)}, got {transfer!r}.")
        self.transfer = transfer
        super().__init__(in_size, *args, **kwargs)

    def phi(self, x: Array) -> Array:
        """Return the transfer function of an input."""
        if self.transfer == "linear":
            return self.g * x
        x = x - self.theta
        if self.transfer == "tanh":
            return jnp.tanh(self.g * x)
        if self.transfer == "sigmoid":
            return self.g / (1.0 + jnp.exp(-self.beta * x))
        return jnp.clip(self.g * x, 0.0, self.alpha)

    def derivative(self, r: Array, x: Array) -> Array:
        """Return dr/dt."""
        return (-self.decay * r + self.mu + self.phi(x)) / self.tau

    def update(self, x: Any = 0.0) -> Array:
        """Advance by one step under an input; return the rate."""
        self.r.value = self.integrate(self.derivative, self.r.value, x)
        return self.r.value
