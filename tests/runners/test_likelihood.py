"""The likelihood of spike trains: those of all that may be sum to 1; a loop in NumPy; fits."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpy.testing import assert_allclose

import simcore as sc
from simcore.units import Hz, ms, mV, pA

KERNELS = {"currents": [(30 * pA, 12 * ms)], "thresholds": [(3 * mV, 5 * ms)]}
DT = 0.1


def gif(n=1, **kwargs):
    escape = sc.models.ExponentialRate(rate=3000 * Hz, delta=5 * mV)
    return sc.models.StochasticGIF(
        n, **({"escape": escape, "V_initializer": -40 * mV, "V_reset": -45 * mV} | KERNELS | kwargs)
    )


PRECISIONS = [("float32", 2), ("float64", 0)]
PRECISIONS += [pytest.param(*pair, marks=pytest.mark.slow) for pair in (("float32", 0), ("float64", 2))]


@pytest.mark.parametrize(("precision", "steps"), PRECISIONS, indirect=["precision"])
def test_the_probabilities_of_all_trains_sum_to_one(precision, steps):
    trains = [t for t in itertools.product([0, 1], repeat=8) if np.all(np.diff(np.flatnonzero(t)) > steps)]
    index, step = np.nonzero(trains)
    cells = gif(len(trains), tau_ref=steps * DT * ms)
    log_p = jax.jit(sc.log_likelihood(cells, (step + 1) * DT * ms, index, 500 * pA, 8 * DT * ms))({})
    assert_allclose(jnp.exp(log_p).sum(), 1, rtol=1e-5 if precision == "float32" else 1e-12)
    assert len(np.unique(np.round(log_p, 3))) > len(trains) / 2  # they differ


def test_it_is_that_of_the_equations():
    """exp(A dt) by hand; the hazard of a step is the mean of the rates at its ends, as models that draw have it."""
    p = {"C": 80.0, "gL": 4.0, "V_th": -35.0, "V_reset": -45.0, "V_rest": -70.0, "q": 30.0, "tau": 12.0}
    rng = np.random.default_rng(0)
    current = 300 + 200 * rng.standard_normal(300)
    spikes = np.sort(rng.choice(300, 6, replace=False))
    V, eta, gamma, log_p, spiked = -40.0, 0.0, 0.0, 0.0, False
    a, b = -p["gL"] / p["C"], -1 / p["tau"]
    for k, I in enumerate(current):
        before = V - p["V_th"] - gamma
        if spiked:
            V, eta, gamma = p["V_reset"], eta + p["q"], gamma + 3.0
        rest = p["V_rest"] + I / p["gL"]
        of_eta = -eta / p["C"] * (np.exp(b * DT) - np.exp(a * DT)) / (b - a)
        V = rest + (V - rest) * np.exp(a * DT) + of_eta
        eta, gamma = eta * np.exp(b * DT), gamma * np.exp(-DT / 5)
        now = V - p["V_th"] - gamma
        hazard = 0.5 * DT * 3 * (np.exp((now if spiked else before) / 5) + np.exp(now / 5))
        spiked = k in spikes
        log_p += np.log(-np.expm1(-hazard)) if spiked else -hazard
    cell = gif(tau_ref=0 * ms)
    waveform = sc.inputs.Waveform(current * pA, DT * ms)
    assert_allclose(sc.log_likelihood(cell, (spikes + 1) * DT * ms, 0 * spikes, waveform)({})[0], log_p, rtol=1e-10)


def drawn(cell, duration, current):
    events = sc.DSRunner(cell, ["spike_events"], progress_bar=False).run(duration, inputs=current)["spike_events"]
    return events.times, events.indices


@pytest.mark.slow  # the likelihood is that of the equations, and its derivatives those of finite differences
def test_its_maximum_is_at_the_parameters_of_the_neuron():
    """Newton's steps from elsewhere; the errors are those that the curvature says (twice them in 95 of 100)."""
    names, true = ["V_th", "escape.delta", "eta1.q"], np.array([-48.0, 2.0, 40.0])
    kernels = {"currents": [(40 * pA, 30 * ms)], "thresholds": [], "V_initializer": -60 * mV, "V_reset": -60 * mV}
    cell, again = (gif(20, V_th=-48 * mV, escape=sc.models.ExponentialRate(delta=2 * mV), **kernels) for _ in "ab")
    inputs = sc.inputs.ou_process(200 * pA, 120 * pA, 5 * ms, 500 * ms, n=20, seed=1)
    times, indices = drawn(cell, 500 * ms, inputs)
    f = sc.log_likelihood(again, times, indices, inputs)
    total = lambda x: f(dict(zip(names, x, strict=True))).sum()  # noqa: E731
    slope, curve = jax.jit(jax.grad(total)), jax.jit(jax.hessian(total))
    x = jnp.asarray(true + np.array([0.5, -0.3, 10.0]))
    for _ in range(8):
        x = x - jnp.linalg.solve(curve(x), slope(x))
    errors = np.sqrt(np.diag(np.linalg.inv(-curve(x))))
    assert_allclose(slope(x) * errors, 0, atol=1e-6)
    assert np.all(np.abs(x - true) < 3 * errors)
    assert np.all(errors < [1.0, 0.2, 10.0])


def test_derivatives_are_those_of_finite_differences():
    start = {"V_th": -50 * mV, "V_reset": -60 * mV, "V_initializer": -49 * mV, "tau_ref": 1 * ms}
    cell = sc.models.LIFRef(3, escape=sc.models.LinearRate(), **start)
    f = sc.log_likelihood(cell, [0.5, 3, 1.2] * ms, [0, 0, 2], 20 * pA, 5 * ms)
    total = jax.jit(lambda params: f(params).sum())
    point = {"tau": 20.0, "V_th": -50.0, "escape.slope": 0.01}
    slopes = jax.jit(jax.grad(total))(point)
    for name, value in point.items():
        high, low = (total(point | {name: value * (1 + h)}) for h in (1e-6, -1e-6))
        assert_allclose(slopes[name], (high - low) / (2e-6 * value), rtol=1e-5)


@pytest.mark.parametrize(
    ("times", "indices", "message"),
    [
        ([1, 1.5] * ms, [0, 0], r"the spike of neuron 0 at 1.5 ms is within tau_ref after another one"),
        ([1, 1.02] * ms, [0, 0], r"the spike of neuron 0 at 1.02 ms is in the same step as another one"),
        ([1] * ms, [2], r"'indices' must be whole numbers from 0 to 1"),
        ([1, 2] * ms, [1], r"'times' \(2,\) and 'indices' \(1,\) must be lists of one length"),
        ([12] * ms, [1], r"a spike at 12 ms is outside of the run, which ends at 10 ms; the first step ends at 0.1 ms"),
        ([0] * ms, [1], r"a spike at 0 ms is outside of the run"),
    ],
)
def test_trains_that_cannot_be_are_refused(times, indices, message):
    with pytest.raises(ValueError, match=message):
        sc.log_likelihood(gif(2), times, indices, 100 * pA, 10 * ms)


def test_a_neuron_without_an_escape_rate_is_refused():
    with pytest.raises(TypeError, match=r"a neuron with an escape rate, e\.g\. escape=sc.models.ExponentialRate"):
        sc.log_likelihood(sc.models.LIFRef(1), [1] * ms, [0], 100 * pA, 10 * ms)


def test_a_neuron_with_noise_is_refused():
    with pytest.raises(ValueError, match="has noise, over which nothing here takes the mean; leave it out"):
        sc.log_likelihood(gif(1, noise="1 mV/ms**0.5"), [1] * ms, [0], 100 * pA, 10 * ms)


def test_members_of_a_batch_have_likelihoods_of_their_own():
    cells = gif(2)
    cells.init_state(batch_size=3)
    cells.V.value = [[-40, -42], [-44, -46], [-48, -50]] * mV
    log_p = sc.log_likelihood(cells, [0.3, 0.7] * ms, [0, 1], 300 * pA, 1 * ms)({})
    for V, expected in zip(cells.V.value, log_p, strict=True):
        alone = gif(2, V_initializer=V)
        assert_allclose(sc.log_likelihood(alone, [0.3, 0.7] * ms, [0, 1], 300 * pA, 1 * ms)({}), expected, rtol=1e-12)


def test_the_neuron_stays_as_it_is():
    cell = gif(2)
    cell.init_state()
    before = {k: s.value for k, s in cell.states().items()}
    sc.log_likelihood(cell, [5] * ms, [0], 100 * pA, 10 * ms)({})
    assert {k: s.value for k, s in cell.states().items()}.keys() == before.keys()
    sc.DSRunner(cell, ["V"], progress_bar=False).run(1 * ms, inputs=100 * pA)
