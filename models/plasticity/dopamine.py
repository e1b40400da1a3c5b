"""Plasticity of three factors: pairs of spikes, and a reward that comes later."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from simcore import HiddenState, Param, units
from simcore.bases import View, as_view
from simcore.module.declare import on_device
from simcore.spikes.words import unpack
from simcore.step.context import current
from simcore.units import QuantityLike

from .base import Plasticity
from .traces import PostState, PostTrace, PreState, PreTrace, SynapseTrace

Array = Any


class DopamineSTDP(Plasticity):
    r"""Reward-modulated STDP: pairs of spikes mark a synapse, dopamine changes the weights of marked ones.

    .. math::
        \frac{dw}{dt} = w_{max} \, c \, (n - b), \quad
        \frac{dn}{dt} = -\frac{n}{\tau_n} + \frac{1}{\tau_n} \sum \delta(t - t_{dopamine})

        \frac{dc}{dt} = -\frac{c}{\tau_c} + A_+ \, x \, \delta(t - t_{post}) - A_- \, y \, \delta(t - t_{pre})

    x and y are traces of the presynaptic and the postsynaptic spikes (tau_plus, tau_minus), c is the eligibility of
    each synapse, n the concentration of dopamine: a spike of a modulator changes a weight by w_max c, if c stays.
    Between spikes the equations are solved in closed form; work is done for the synapses of neurons that spike.

    Args:
        modulator: the population whose spikes release dopamine, or a view of it; it is in the network too.
        w_max: the largest weight, in the unit of the weights.

    Reference: Izhikevich (2007), Cerebral Cortex 17(10), 2443-2452; as spikes of a population: Potjans, Morrison,
    Diesmann (2010), Frontiers in Computational Neuroscience 4, 141.
    """

    A_plus = Param(0.01, "dimensionless", "eligibility from a pair, post after pre")
    A_minus = Param(0.015, "dimensionless", "loss of eligibility from a pair, pre after post")
    tau_plus = Param(20.0, "ms", "time constant of the trace of the presynaptic spikes", positive=True)
    tau_minus = Param(20.0, "ms", "time constant of the trace of the postsynaptic spikes", positive=True)
    tau_c = Param(1000.0, "ms", "time constant of the eligibility", positive=True)
    tau_n = Param(200.0, "ms", "time constant of the dopamine", positive=True)
    b = Param(0.0, "1/ms", "concentration of dopamine at which nothing changes")

    x = PreTrace("tau_plus")
    y = PostTrace("tau_minus")
    c = SynapseTrace("dimensionless", "eligibility", tau="tau_c")
    # Since the last spike of a neuron, which visited all its synapses: what is left of their eligibility, and the
    # integral of that times dopamine. A synapse takes those of the neuron that spiked later.
    pre_left = PreState("dimensionless", "what decayed with tau_c since the last spike", init=1.0)
    post_left = PostState("dimensionless", "what decayed with tau_c since the last spike", init=1.0)
    pre_gain = PreState("dimensionless", "integral of pre_left times dopamine since the last spike")
    post_gain = PostState("dimensionless", "integral of post_left times dopamine since the last spike")
    pre_last = PreState("dimensionless", "step of the last spike", init=0)
    post_last = PostState("dimensionless", "step of the last spike", init=0)

    drifts = True

    def __init__(self, *args: Any, modulator: Any, w_max: QuantityLike, **kwargs: Any) -> None:
        super().__init__(*args, w_max=w_max, **kwargs)
        self.modulator = as_view(modulator, f"{self.name}: 'modulator'")

    def join(self, name: str, pre: View, post: View, receptor: Any, *, spread: bool, **kwargs: Any) -> None:
        """Belong to a projection whose synapses have one delay.

        Raises:
            ValueError: they have delays of their own.
        """
        if spread:
            raise ValueError(
                f"{name}: DopamineSTDP needs one delay for all synapses; make a projection for each delay."
            )
        super().join(name, pre, post, receptor, spread=spread, **kwargs)

    def populations(self) -> dict[str, View]:
        """Return the modulators."""
        return {"modulator": self.modulator}

    def init_state(self, batch_size: int | None = None, **kwargs: Any) -> None:
        """Create the states, without dopamine."""
        super().init_state(batch_size, **kwargs)
        self.n = HiddenState(np.zeros(() if batch_size is None else (batch_size,)) * units.unit("1/ms"), "dopamine")

    def advance(self) -> None:
        """Integrate the dopamine over this step."""
        dt, k, n = current().dt, 1 / self.tau_c + 1 / self.tau_n, self.n.value
        gain = -n * jnp.expm1(-dt * k) / k + self.b * self.tau_c * jnp.expm1(-dt / self.tau_c)
        gain = (gain * self.learning)[..., None]
        for left, total in ((self.pre_left, self.pre_gain), (self.post_left, self.post_gain)):
            total.value = total.value + left.value * gain
            left.value = left.value * jnp.exp(-dt / self.tau_c)
        spikes = self.modulator.population.flat_spikes()[:, self.modulator.index].sum(1)
        self.n.value = n * jnp.exp(-dt / self.tau_n) + spikes.reshape(n.shape) / self.tau_n

    def drift(self, w: Array) -> Array:
        """Return the weight with what dopamine did since the last spike of the two neurons."""
        gain = jnp.where(self.post_last.value > self.pre_last.value, self.post_gain.value, self.pre_gain.value)
        return w + self.w_max * self.c.value * gain

    def on_pre(self, w: Array) -> Array:
        """Take eligibility away."""
        self.c.value = self.c.value - self.A_minus * self.y.value
        return w

    def on_post(self, w: Array) -> Array:
        """Give eligibility."""
        self.c.value = self.c.value + self.A_plus * self.x.value
        return w

    def spiked(self, pre: Array, post: Array) -> None:
        """Begin anew where all synapses of a neuron have been visited."""
        pre, post = unpack(pre, self.sizes[0]), unpack(post, self.sizes[1])
        both = (
            (pre, self.pre_left, self.pre_gain, self.pre_last),
            (post, self.post_left, self.post_gain, self.post_last),
        )
        for spikes, left, gain, last in both:
            spikes = spikes.reshape(left.value.shape)
            left.value = jnp.where(spikes, 1.0, left.value)
            gain.value = jnp.where(spikes, 0.0, gain.value)
            last.value = jnp.where(spikes, self.steps_done.value, last.value)

    def restart(self) -> None:
        """Begin anew for all."""
        for state, value in ((self.pre_left, 1), (self.post_left, 1), (self.pre_gain, 0), (self.post_gain, 0)):
            state.raw = on_device(np.full(state.raw.shape, value, state.raw.dtype))
        for state in (self.pre_last, self.post_last):
            state.raw = on_device(np.full(state.raw.shape, self.steps_done.raw, np.int32))
