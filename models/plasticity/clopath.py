"""Plasticity that follows the postsynaptic membrane potential."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from simcore import Param
from simcore.step.context import current
from simcore.units import QuantityLike

from .base import Plasticity
from .traces import PostState, PreTrace

Array = Any


class ClopathSTDP(Plasticity):
    r"""Voltage-based plasticity: depression at presynaptic spikes, potentiation while V is above a threshold.

    .. math:: \text{pre: } w \leftarrow w - w_{max} A_{LTD} [\bar u_- - \theta_-]_+, \quad
        \frac{dw}{dt} = w_{max} A_{LTP} \bar x [V - \theta_+]_+ [\bar u_+ - \theta_-]_+

        \tau_- \frac{d\bar u_-}{dt} = V - \bar u_-, \quad \tau_+ \frac{d\bar u_+}{dt} = V - \bar u_+, \quad
        \tau_x \frac{d\bar x}{dt} = -\bar x + \sum \delta(t - t_{pre})

    The synapses of a neuron are visited while its V is above theta_plus, during its spikes: it needs a model whose V
    shows them. The averages of V start at theta_minus. Defaults: visual cortex.

    Args:
        w_max: the largest weight, in the unit of the weights; changes are relative to it.

    Reference: Clopath, Büsing, Vasilaki, Gerstner (2010), Nature Neuroscience 13, 344-352, table 1b; without the
    homeostasis of A_LTD.
    """

    A_LTD = Param(1.4e-4, "1/mV", "amplitude of the depression, relative")
    A_LTP = Param(8e-5, "1/mV**2", "amplitude of the potentiation, relative")
    theta_minus = Param(-70.6, "mV", "threshold of the averages of V")
    theta_plus = Param(-45.3, "mV", "threshold of V")
    tau_x = Param(15.0, "ms", "time constant of the trace of the presynaptic spikes", positive=True)
    tau_minus = Param(10.0, "ms", "time constant of the average of V in the depression", positive=True)
    tau_plus = Param(7.0, "ms", "time constant of the average of V in the potentiation", positive=True)

    x = PreTrace("tau_x")
    u_minus = PostState("mV", "average of V in the depression", init="theta_minus")
    u_plus = PostState("mV", "average of V in the potentiation", init="theta_minus")
    raised = PostState("mV**2 * ms", "product of the thresholded V and its average, times dt")

    def __init__(self, *args: Any, w_max: QuantityLike, **kwargs: Any) -> None:
        super().__init__(*args, w_max=w_max, **kwargs)

    def join(self, name: str, pre: Any, post: Any, receptor: Any, **kwargs: Any) -> None:
        """Belong to a projection onto neurons that have a V.

        Raises:
            ValueError: they have none.
        """
        if "V" not in post.population.STATES:
            raise ValueError(f"{name}: ClopathSTDP follows V, which {post.population.name} does not have.")
        super().join(name, pre, post, receptor, **kwargs)

    def advance(self) -> None:
        """Average V over this step."""
        population: Any = self.post.population  # type: ignore[union-attr]
        dt, V = current().dt, population.V.value.reshape(self.raised.value.shape)
        above = jnp.maximum(V - self.theta_plus, 0.0) * jnp.maximum(self.u_plus.value - self.theta_minus, 0.0)
        self.raised.value = above * dt
        for mean, tau in ((self.u_minus, self.tau_minus), (self.u_plus, self.tau_plus)):
            mean.value = mean.value - (V - mean.value) * jnp.expm1(-dt / tau)

    def post_events(self, spikes: Array) -> Array:
        """Return where the weights grow."""
        return self.raised.value.reshape(spikes.shape) > 0

    def on_pre(self, w: Array) -> Array:
        """Depress by the average of V."""
        return w - self.w_max * self.A_LTD * jnp.maximum(self.u_minus.value - self.theta_minus, 0.0)

    def on_post(self, w: Array) -> Array:
        """Potentiate by V, its average, and the presynaptic trace."""
        return w + self.w_max * self.A_LTP * self.x.value / self.tau_x * self.raised.value
