"""The likelihood of recorded spikes under neurons with an escape rate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike

from simcore.bases.neuron import Neuron
from simcore.module.declare import ShortTermState, on_device
from simcore.module.structure import clone
from simcore.step.context import default_dt
from simcore.step.fitted import fit
from simcore.step.pure import Arrays, run_length, with_signal
from simcore.step.signal import InputLike, as_signal
from simcore.units import OneQuantity, Quantities
from simcore.units.clock import rounded_steps, spike_trains, time_step

from .unroll import Unrolled


def log_likelihood(
    neuron: Neuron,
    times: Quantities,
    indices: ArrayLike,
    inputs: InputLike,
    duration: OneQuantity | None = None,
    dt: OneQuantity | None = None,
) -> Callable[[Arrays], Any]:
    r"""Return f(params) -> the logarithm of the probability of recorded spikes, `varshape`, for fits.

    .. math:: \log p = \sum_{\text{steps with a spike}} \log(1 - e^{-\lambda_k dt}) - \sum_{\text{others}} \lambda_k dt

    The recorded spikes reset the neurons and act on their parts, whatever the rate was: λ follows from the past of the
    recording. Its derivatives are exact. With an `ExponentialRate` and a small dt it is concave in parameters on which
    V and the threshold depend linearly: of these it has one maximum.

    Args:
        neuron: with an escape rate, one neuron for each spike train; its states are the start and do not change.
        times: quantity (n,), when, by its clock; rounded to whole steps. A spike at t is that of the step ending at t.
        indices: (n,), which neuron.
        inputs: a quantity, waveform or function of t, as for a runner.
        duration: how long; by default as long as the waveform.
        dt: the time step; by default the environment's (0.1 ms).

    Returns:
        A function as that of `unroll`. Less n log(dt / ms), for n spikes, what it returns is the logarithm of a density
        (per ms); it is -inf where a spike cannot be.

    Raises:
        TypeError: the neuron has no escape rate.
        ValueError: it has noise; times and indices do not fit; two spikes of a neuron fall into one step, or within
            its tau_ref.

    Reference: Pozzorini, Mensi, Hagens, Naud, Koch, Gerstner (2015), Automated high-throughput characterization of
    single neurons by means of simplified spiking models, PLoS Computational Biology 11(6), e1004275.
    """
    if not isinstance(neuron, Neuron) or neuron.escape is None:
        raise TypeError(f"log_likelihood is of a neuron with an escape rate, e.g. escape=sc.models.ExponentialRate(); "
                        f"got {neuron!r}.")  # fmt: skip
    if neuron.noise is not None or neuron.noisy:
        raise ValueError(
            f"log_likelihood: {neuron.name} has noise, over which nothing here takes the mean; leave it out."
        )
    signal = as_signal(inputs, neuron.nodes())
    step = default_dt() if dt is None else time_step(dt, "log_likelihood")
    n = run_length(signal, duration, step)
    observed = on_device(_in_steps(neuron, times, indices, n, step))
    model = clone(neuron)
    model.ensure_state()
    zeros = np.zeros(model.population_shape)
    model.escape.observed = ShortTermState(zeros, "spikes that were recorded in this step")
    model.escape.log_p = ShortTermState(zeros, "logarithm of their probability")
    drive = with_signal(signal)

    def call(inside: Any, x: Any) -> Any:
        _, k = x
        inside.escape.observed.value = observed[k] + jnp.zeros_like(inside.escape.observed.value)
        drive(inside, x)
        return {}, {"log_p": inside.escape.log_p.value}

    run = Unrolled(fit(model, step), call, signal, n)
    return lambda params: run(params)[0]["log_p"]


def _in_steps(neuron: Neuron, times: Any, indices: Any, n: int, dt: float) -> np.ndarray:
    """Return where spikes are, (n, *varshape), in steps of dt (ms) from the neuron's clock on."""
    when, which = spike_trains(times, indices, neuron.size, "log_likelihood")
    first = neuron.clock.i
    steps = rounded_steps(when - neuron.clock.t0, dt)[0] - 1 - first
    if np.any(outside := (steps < 0) | (steps >= n)):
        raise ValueError(
            f"log_likelihood: a spike at {when[outside][0]:.10g} ms is outside of the run, which ends at "
            f"{neuron.clock.t0 + (first + n) * dt:.10g} ms; the first step ends at "
            f"{neuron.clock.t0 + (first + 1) * dt:.10g} ms."
        )
    order = np.lexsort((steps, which))
    same = np.diff(which[order]) == 0
    gaps = np.diff(steps[order])
    tau_ref = neuron.kernel_value("tau_ref") if "tau_ref" in neuron.given() else np.zeros(())
    dead = np.broadcast_to(rounded_steps(tau_ref, dt)[0], neuron.varshape).reshape(-1)[which[order][1:]]
    if np.any(early := same & (gaps <= dead)):
        k = order[1:][early][0]
        why = "in the same step as another one" if gaps[early][0] == 0 else "within tau_ref after another one"
        raise ValueError(f"log_likelihood: the spike of neuron {which[k]} at {when[k]:.10g} ms is {why}.")
    spikes = np.zeros((n, neuron.size), np.uint8)
    spikes[steps, which] = 1
    return spikes.reshape(n, *neuron.varshape)
