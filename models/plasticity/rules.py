"""Plasticity of projections: short-term, by presynaptic neuron; long-term, by spike pairs and triplets."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from simcore import HiddenState, Param, ShortTermState, units
from simcore.bases.receptor import Part
from simcore.spikes import operations as events
from simcore.step.context import current

Array = Any


class ShortTerm(Part):
    """Base of short-term plasticity: what part of a weight a spike releases."""

    def release(self, words: Array, spikes: Array | None) -> Array:
        """Return the factors (B, n_pre) of the rows of this step, 0 without a spike; advance the states."""
        raise NotImplementedError


class TsodyksMarkram(ShortTerm):
    r"""Short-term depression and facilitation, one synaptic resource for each presynaptic neuron.

    .. math:: dx/dt = (1 - x)/\tau_{rec}, \quad du/dt = -u/\tau_{facil}

        \text{spike: } u \leftarrow u + U (1 - u), \quad \text{release } u x w, \quad x \leftarrow x - u x

    Without tau_facil, u = U at every spike: depression alone. The first spike of a rested synapse releases U w.

    Reference: Tsodyks, Pawelzik, Markram (1998), Neural Computation 10(4), 821-835, eqs. 2.1-2.4 and 3.1.
    """

    U = Param(0.5, "dimensionless", "utilisation: the part of x that a spike releases at rest", positive=True)
    tau_rec = Param(800.0, "ms", "recovery time constant", positive=True)
    tau_facil = Param(None, "ms", "facilitation time constant", positive=True)

    x = HiddenState("dimensionless", "available resources", init=1.0)
    u = HiddenState("dimensionless", "utilisation after the last spike")

    def check_params(self) -> None:
        super().check_params()
        if np.any(self.magnitude("U") > 1):
            raise ValueError(f"{self.name}: 'U' must be <= 1, got {units.show(self.U)}.")

    def release(self, words: Array, spikes: Array | None) -> Array:
        """Return the factors of the rows; recover x and u up to the end of this step."""
        dt, n = current().dt, self.varshape[0]
        x, u = self.x.value, self.u.value
        s = (events.unpack(words, n).astype(x.dtype) if spikes is None else spikes).reshape(x.shape)
        x = x - (1.0 - x) * jnp.expm1(-dt / self.tau_rec)
        u = jnp.zeros_like(u) if self.tau_facil is None else u * jnp.exp(-dt / self.tau_facil)
        u = u + self.U * (1.0 - u) * s
        released = u * x * s
        self.x.value, self.u.value = x - released, u
        return released.reshape(-1, n)


class Plasticity(Part):
    """Base of rules that change weights at spikes. A subclass names its traces and defines two functions of numbers.

    A trace of a neuron decays with a time constant and rises by 1 at its spikes (`nearest`: is set to 1).
    `at_pre` gives the weight after a presynaptic spike has arrived, from the traces of the postsynaptic neuron;
    `at_post` after a postsynaptic spike, from those of the presynaptic one. Spikes of the same step do not see one
    another. The weight that a spike delivers is the one before its own change.
    """

    pre_traces: dict[str, str] = {}  # the name of a trace: that of its time constant
    post_traces: dict[str, str] = {}
    nearest: bool = False
    limits: tuple[str, ...] = ()  # parameters in the unit of the weight, made in __init__

    def attach_to(self, name: str, n_pre: int, n_post: int, unit: str, weight: Any = 0.0) -> None:
        """Take the sizes of the populations, the unit of the weights and what they start with, in that unit.

        Raises:
            DimensionalityError: a parameter of the rule is in another unit than the weights.
            ValueError: it is not one value, or not positive; an initial weight is outside the bounds.
        """
        for key in self.limits:
            who = f"{name}: {key!r} of {type(self).__name__}"
            value = units.as_magnitude(getattr(self, key), unit, who)
            if value.ndim or value < 0 or (key == "w_max" and value == 0):
                needs = "one value" if value.ndim else "> 0" if key == "w_max" else ">= 0"
                raise ValueError(f"{name}: {key!r} must be {needs}, got {units.show(getattr(self, key))}.")
            self._check_range(np.asarray(weight), value if key == "w_max" else np.inf, unit, name)
        self.attach(name, ())
        self.trace_sizes = {**dict.fromkeys(self.pre_traces, n_pre), **dict.fromkeys(self.post_traces, n_post)}

    def _check_range(self, weight: np.ndarray, w_max: Any, unit: str, name: str) -> None:
        outside = weight[(weight < 0) | (weight > w_max * (1 + 1e-6))]  # float32 weights at the bound are inside
        if outside.size:
            needs = f"from 0 to {w_max:g}" if np.isfinite(w_max) else ">= 0"
            raise ValueError(
                f"{name}: 'weight' must be {needs} {units.unit(unit):~P} for {type(self).__name__}, "
                f"got {outside.flat[0]:g} {units.unit(unit):~P}."
            )

    def init_state(self, batch_size: int | None = None) -> None:
        """Create the traces, 0 at the start."""
        super().init_state(batch_size)
        lead = () if batch_size is None else (batch_size,)
        for key, n in self.trace_sizes.items():
            setattr(self, key, ShortTermState(np.zeros((*lead, n))))

    def at_pre(self) -> tuple[Any, Array | None, tuple[Array, ...]]:
        """Return the function (w, own factor, *post traces, *parameters), the own factors, and the parameters."""
        raise NotImplementedError

    def at_post(self) -> tuple[Any, Array | None, tuple[Array, ...]]:
        """Return the same for a postsynaptic spike, with the pre traces."""
        raise NotImplementedError

    def learn(self, weight: Array, rows: Any, columns: Any, pre: Array, post: Array) -> Array:
        """Return the weights (B, n) after the spikes that arrive and those of the postsynaptic population.

        Args:
            weight: (B, n).
            rows: the connections as (ptr, post).
            columns: the same by postsynaptic neuron: (ptr, pre, synapse).
            pre: words of the spikes that arrive.
            post: words of the postsynaptic spikes.
        """
        dt = current().dt
        taus = self.pre_traces | self.post_traces
        for key, tau in taus.items():
            state = vars(self)[key]
            state.value = state.value * jnp.exp(-dt / getattr(self, tau))
        before = tuple(self._of(key) for key in self.pre_traces)
        after = tuple(self._of(key) for key in self.post_traces)
        rule, own, parameters = self.at_pre()
        ptr, targets = rows
        weight = events.update_rows(weight, pre, ptr, targets, rule, after, parameters, own)
        rule, own, parameters = self.at_post()
        ptr, sources, synapse = columns
        weight = events.update_rows(weight, post, ptr, sources, rule, before, parameters, own, synapse)
        for key in taus:
            state, words = vars(self)[key], pre if key in self.pre_traces else post
            spikes = events.unpack(words, self.trace_sizes[key]).reshape(state.value.shape)
            state.value = jnp.where(spikes, 1.0 if self.nearest else state.value + 1.0, state.value)
        return weight

    def _of(self, key: str) -> Array:
        return vars(self)[key].value.reshape(-1, self.trace_sizes[key])


def _lower(w: Array, trace: Array, step: Array) -> Array:
    return jnp.maximum(w - step * trace, 0.0)


def _lower_by_part(w: Array, trace: Array, part: Array) -> Array:
    return jnp.maximum(w - part * trace * w, 0.0)


def _raise(w: Array, trace: Array, step: Array, w_max: Array) -> Array:
    return jnp.minimum(w + step * trace, w_max)


def _raise_by_part(w: Array, trace: Array, part: Array, w_max: Array) -> Array:
    return jnp.minimum(w + part * trace * (w_max - w), w_max)


class STDP(Plasticity):
    r"""Spike-timing-dependent plasticity of pairs; weights from 0 to w_max.

    .. math:: \Delta w = A_+ e^{-\Delta t/\tau_+} f_+, \; \Delta t = t_{post} - t_{pre} > 0; \quad
        \Delta w = -A_- e^{\Delta t/\tau_-} f_-, \; \Delta t < 0

    Additive: f+ = f- = w_max. Multiplicative: f+ = w_max - w, f- = w.

    Args:
        w_max: the largest weight, in the unit of the weights.
        multiplicative: the change depends on the weight.
        nearest: only the nearest spikes of the other neuron before count, not all.

    Reference: Morrison, Diesmann, Gerstner (2008), Biological Cybernetics 98, 459-478.
    """

    A_plus = Param(0.01, "dimensionless", "potentiation of a pair, relative")
    A_minus = Param(0.0105, "dimensionless", "depression of a pair, relative")
    tau_plus = Param(20.0, "ms", "time constant of the potentiation", positive=True)
    tau_minus = Param(20.0, "ms", "time constant of the depression", positive=True)

    pre_traces, post_traces = {"x": "tau_plus"}, {"y": "tau_minus"}
    limits = ("w_max",)

    def __init__(
        self, *args: Any, w_max: Any, multiplicative: bool = False, nearest: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.w_max, self.multiplicative, self.nearest = w_max, multiplicative, nearest

    def at_pre(self) -> Any:
        """Depress by the postsynaptic trace."""
        if self.multiplicative:
            return _lower_by_part, None, (self.A_minus,)
        return _lower, None, (self.A_minus * self.w_max,)

    def at_post(self) -> Any:
        """Potentiate by the presynaptic trace."""
        if self.multiplicative:
            return _raise_by_part, None, (self.A_plus, self.w_max)
        return _raise, None, (self.A_plus * self.w_max, self.w_max)


def _lower_own(w: Array, own: Array, o1: Array, o2: Array, scale: Array) -> Array:
    del o2
    return jnp.maximum(w - scale * own * o1, 0.0)


def _raise_own(w: Array, own: Array, r1: Array, r2: Array, w_max: Array) -> Array:
    del r2
    return jnp.minimum(w + w_max * own * r1, w_max)


class TripletSTDP(Plasticity):
    r"""Spike-timing-dependent plasticity of triplets; weights from 0 to w_max.

    .. math:: \text{pre: } w \leftarrow w - w_{max} o_1 (A_2^- + A_3^- r_2), \quad
        \text{post: } w \leftarrow w + w_{max} r_1 (A_2^+ + A_3^+ o_2)

    r1, r2 (tau_plus, tau_x) are traces of the presynaptic neuron, o1, o2 (tau_minus, tau_y) of the postsynaptic one,
    r2 and o2 taken before the neuron's own spike. Defaults: visual cortex, all spikes.

    Args:
        w_max: the largest weight, in the unit of the weights; changes are relative to it.
        nearest: traces are set to 1 at a spike, not raised by 1.

    Reference: Pfister and Gerstner (2006), Journal of Neuroscience 26(38), 9673-9682, table 4.
    """

    A2_plus = Param(5e-10, "dimensionless", "potentiation of a pair")
    A3_plus = Param(6.2e-3, "dimensionless", "potentiation of a triplet")
    A2_minus = Param(7e-3, "dimensionless", "depression of a pair")
    A3_minus = Param(2.3e-4, "dimensionless", "depression of a triplet")
    tau_plus = Param(16.8, "ms", "time constant of r1", positive=True)
    tau_minus = Param(33.7, "ms", "time constant of o1", positive=True)
    tau_x = Param(101.0, "ms", "time constant of r2", positive=True)
    tau_y = Param(125.0, "ms", "time constant of o2", positive=True)

    pre_traces, post_traces = {"r1": "tau_plus", "r2": "tau_x"}, {"o1": "tau_minus", "o2": "tau_y"}
    limits = ("w_max",)

    def __init__(self, *args: Any, w_max: Any, nearest: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.w_max, self.nearest = w_max, nearest

    def at_pre(self) -> Any:
        """Depress by o1, more with r2."""
        return _lower_own, self.A2_minus + self.A3_minus * self._of("r2"), (self.w_max,)

    def at_post(self) -> Any:
        """Potentiate by r1, more with o2."""
        return _raise_own, self.A2_plus + self.A3_plus * self._of("o2"), (self.w_max,)


def _balance(w: Array, trace: Array, eta: Array, alpha: Array) -> Array:
    return jnp.maximum(w + eta * (trace - alpha), 0.0)


class VogelsSTDP(Plasticity):
    r"""Symmetric plasticity of inhibitory synapses that leads the postsynaptic rate to a target; weights >= 0.

    .. math:: \text{pre: } w \leftarrow w + \eta (y - \alpha), \quad \text{post: } w \leftarrow w + \eta x, \quad
        \alpha = 2 \rho_0 \tau

    Args:
        eta: learning rate, in the unit of the weights.

    Reference: Vogels, Sprekeler, Zenke, Clopath, Gerstner (2011), Science 334, 1569-1573.
    """

    tau = Param(20.0, "ms", "time constant of the traces", positive=True)
    rate = Param(5.0, "Hz", "target rate rho_0 of the postsynaptic neurons", nonnegative=True)

    pre_traces, post_traces = {"x": "tau"}, {"y": "tau"}
    limits = ("eta",)

    def __init__(self, *args: Any, eta: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.eta = eta

    def at_pre(self) -> Any:
        """Change by eta (y - alpha)."""
        return _balance, None, (self.eta, 2.0 * self.rate * self.tau)

    def at_post(self) -> Any:
        """Change by eta x."""
        return _balance, None, (self.eta, jnp.zeros(()))
