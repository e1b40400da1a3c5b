"""check_dt: orders, errors and shifts against closed forms; the runs have the same noise and the same beginning."""

import re

import jax.numpy as jnp
import numpy as np
import pytest
import scipy.integrate
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import erfcx

import simcore as sc
from simcore import DSRunner, Network, inputs
from simcore.models import (
    LIF,
    Exponential,
    FixedProbability,
    LIFRef,
    PoissonGroup,
    PoissonInput,
    Projection,
    SpikeSource,
)
from simcore.units import Gohm, Hz, Mohm, kHz, mA, ms, mV, nS, pA, second

# Drive in mA through 1 ohm: the same numbers as mV. Defaults of LIF: tau 5 ms, V_th 1 mV, V_reset 0 mV, V_rest 0 mV.
TAU, V_TH = 5.0, 1.0


def magnitudes(change, unit):
    return change.largest.m_as(unit), change.rms.m_as(unit)


METHODS = [("euler", 1), ("exp_euler", 2), pytest.param("exact", 2, marks=pytest.mark.slow), ("rk4", 4)]


@pytest.mark.parametrize(("method", "order"), METHODS)
def test_under_a_function_of_t_the_order_of_the_method_is_seen(method, order):
    # tau V' = -V + A sin(w t) from V = 0: V = A (sin(w t) - z cos(w t) + z exp(-t / tau)) / (1 + z**2), z = w tau.
    A, w, t = 0.5, 0.3, np.arange(0.2, 20.1, 0.2)
    z = w * TAU
    exact = A * (np.sin(w * t) - z * np.cos(w * t) + z * np.exp(-t / TAU)) / (1 + z**2)
    wave = inputs.function(lambda t, A, w: A * jnp.sin(w * t), "mA", A=A * mA, w=w / ms)
    runner = DSRunner(LIF(1, method=method), monitors=["V"], dt=0.2 * ms)
    change = sc.check_dt(runner, 20 * ms, wave).traces["V"]
    assert change.order == pytest.approx(order, abs=0.1)
    error = runner.run(20 * ms, wave)["V"].m_as("mV")[:, 0] - exact
    assert change.error.m_as("mV") == pytest.approx(np.sqrt(np.mean(error**2)), rel=0.1)


def test_a_readout_without_spikes_is_compared_by_its_V():
    # tau V' = -V + A sin(w t), as above, of a membrane that has no threshold; and behind neurons that spike.
    membrane = sc.models.LeakyIntegrator(1, tau=TAU * ms, method="heun")
    report = sc.check_dt(
        DSRunner(membrane, dt=0.2 * ms),
        20 * ms,
        inputs.function(lambda t, I, T: I * jnp.sin(t / T), "mA", I=1 * mA, T=3 * ms),
    )
    assert not report.spikes
    assert_allclose(report.traces["V"].order, 2, atol=0.1)
    net = Network(cells=LIF(2), out=sc.models.LeakyIntegrator(1, receptors={"e": Exponential()}))
    net.link = Projection(net.cells, net.out, "e", connect=sc.models.AllToAll(), weight=1 * mA)
    report = sc.check_dt(DSRunner(net), 5 * ms, {"cells": 2 * mA})
    assert list(report.spikes) == ["cells"]
    assert {"cells.V", "out.V"} <= set(report.traces)


def test_samples_of_an_input_are_the_same_at_every_dt():
    wave = inputs.Waveform(np.random.default_rng(0).uniform(0, 0.9, 100) * mA, dt=0.2 * ms)
    report = sc.check_dt(DSRunner(LIF(1), dt=0.2 * ms), 20 * ms, wave)  # exponential Euler is exact between two samples
    assert (report.dt, report.duration) == (0.2 * ms, 20 * ms)
    assert report.verdict == "Halving dt changes nothing."


I = np.array([1.1, 1.5, 10.0])
PERIOD = TAU * np.log(I / (I - V_TH))


def first_steps(dt):
    """Return the steps to the threshold from V_reset: a crossing is seen at the first grid point after it."""
    return np.ceil(PERIOD / dt)


@pytest.mark.parametrize("precision", [pytest.param("float32", marks=pytest.mark.slow), "float64"], indirect=True)
def test_spike_times_and_rates_of_regular_firing_are_those_of_the_closed_form(precision):
    runner = DSRunner(LIF(3, spk_reset="hard"), monitors=["spike_count"], dt=0.4 * ms)
    report = sc.check_dt(runner, 100 * ms, I * mA)
    found = report.spikes[""]
    dts = 0.4 / 2 ** np.arange(3)
    counts = np.array([np.floor(100 / (dt * first_steps(dt)) + 1e-9) for dt in dts])
    assert_array_equal(found.number, counts.sum(1))
    assert_allclose(found.rate.m_as("Hz"), counts.sum(1) / 3 / 0.1)
    assert_array_equal(found.changed, (counts[1:] != counts[:-1]).sum(1))
    for k in (0, 1):
        per_spike = dts[k] * first_steps(dts[k]) - dts[k + 1] * first_steps(dts[k + 1])
        alike = np.flatnonzero(counts[k] == counts[k + 1])
        shifts = np.concatenate([per_spike[n] * np.arange(1, counts[k, n] + 1) for n in alike])
        assert_allclose(found.shift.largest[k].m_as("ms"), shifts.max(), atol=1e-9)
        assert_allclose(found.shift.rms[k].m_as("ms"), np.sqrt(np.mean(shifts**2)), atol=1e-9)


def test_V_is_compared_between_spikes():
    runner = DSRunner(LIF(3, spk_reset="hard"), dt=0.05 * ms)
    report = sc.check_dt(runner, 30 * ms, [1.1, 1.5, 2.0] * mA)
    # |dV/dt| <= I / tau: a reset that comes earlier by the shift moves V by no more, where V jumps by 1 mV at a spike.
    shift = report.spikes[""].shift.largest.m_as("ms")
    assert (report.traces["V"].largest.m_as("mV") <= 2.0 / TAU * shift + 1e-12).all()
    assert report.traces["V"].largest[0].m_as("mV") > 0.005


SIGMA, OU_TAU = 0.5, 10.0  # mV/ms**0.5, ms


def ou(**kwargs):
    return LIF(400, tau=OU_TAU * ms, V_th=1e6 * mV, noise=SIGMA * mV / ms**0.5, **kwargs)


def kick(method, h):
    """Return the factors of V and of the normal number in a step of the Ornstein-Uhlenbeck process."""
    a = np.exp(-h / OU_TAU) if method == "exp_euler" else 1 - h / OU_TAU
    variance = OU_TAU / 2 * -np.expm1(-2 * h / OU_TAU) if method == "exp_euler" else h
    return a, SIGMA * np.sqrt(variance)


@pytest.mark.parametrize("method", ["exp_euler", pytest.param("euler", marks=pytest.mark.slow)])
def test_refined_noise_converges_path_by_path_with_order_1(method):
    """Additive noise: the strong order is 1, not 1/2. Kloeden and Platen (1992), Numerical Solution of SDE, 10.2-3.

    The difference of two paths is itself a linear process: with z = (z1 + z2) / sqrt(2), d' = A d + (b / sqrt2 -
    a c) z1 + (b / sqrt2 - c) z2 + (A - a^2) V, where V has the variance of the finer path.
    """
    report = sc.check_dt(DSRunner(ou(method=method), dt=0.5 * ms), 300 * ms, 0 * mA)
    change = report.traces["V"]
    assert change.order == pytest.approx(1, abs=0.1)
    for k, dt in enumerate((0.5, 0.25)):
        (A, b), (a, c) = kick(method, dt), kick(method, dt / 2)
        u = np.array([b / np.sqrt(2) - a * c, b / np.sqrt(2) - c])
        w = np.array([a * c, c])  # V' = a^2 V + w z
        VV = w @ w / (1 - a**4)
        dV = (u @ w + (A - a**2) * a**2 * VV) / (1 - A * a**2)
        dd = (u @ u + (A - a**2) ** 2 * VV + 2 * A * (A - a**2) * dV) / (1 - A**2)
        # 400 neurons for 300 ms, from V = 0 on: 3 % less, and 1 % of chance, as 12,000 independent values.
        assert change.rms[k].m_as("mV") == pytest.approx(np.sqrt(dd), rel=0.05)
    # Noise that is drawn again would leave two independent paths, sqrt(2) standard deviations apart, at every dt.
    assert change.rms[0].m_as("mV") < 0.05 * np.sqrt(2) * SIGMA * np.sqrt(OU_TAU / 2)


def siegert(V_th, mu, sigma, tau, V_reset, tau_ref):
    """Return the rate, Hz, of an LIF neuron under white noise. Siegert (1951), Physical Review 81(4), 617-623.

    sigma is the standard deviation of V without a threshold; mV and ms.
    """
    low, high = ((V - mu) / (np.sqrt(2) * sigma) for V in (V_reset, V_th))
    return 1000 / (tau_ref + tau * np.sqrt(np.pi) * scipy.integrate.quad(lambda x: erfcx(-x), low, high)[0])


@pytest.mark.slow
def test_check_dt_shows_what_the_grid_costs_under_white_noise():
    mu, sigma, tau, V_th, V_reset, tau_ref, seconds, n = 10.0, 5.0, 20.0, 15.0, 5.0, 2.0, 1.0, 400
    amplitude = sigma * np.sqrt(2 / tau)
    cells = LIFRef(n, R=1 * Gohm, tau=tau * ms, V_th=V_th * mV, V_reset=V_reset * mV, tau_ref=tau_ref * ms,
                   spk_reset="hard", noise=amplitude * mV / ms**0.5)  # fmt: skip
    runner = DSRunner(cells, dt=0.1 * ms, progress_bar=False)
    runner.run(200 * ms, inputs=mu * pA)
    report = sc.check_dt(runner, seconds * second, mu * pA)
    exact = siegert(V_th, mu, sigma, tau, V_reset, tau_ref)
    # A threshold that is tested on a grid is one that is higher by 0.5826 amplitude sqrt(dt): Broadie, Glasserman, Kou
    # (1997), Mathematical Finance 7(4), 325-349. Four standard errors of Poisson spikes, which are less regular.
    on_grid = siegert(V_th + 0.5826 * amplitude * np.sqrt(0.1), mu, sigma, tau, V_reset, tau_ref)
    rate = report.spikes[""].rate.m_as("Hz")[0]
    assert abs(rate / on_grid - 1) < 4 / np.sqrt(n * seconds * exact)
    said = float(re.search(r"rates are about (\S+) % too low, as dt\*\*0.5", report.verdict)[1])
    assert abs(said - 100 * (1 - on_grid / exact)) < 2.5  # 6.4 %; four standard errors of the change of the number


@pytest.mark.slow
def test_noise_goes_on_where_the_runner_is():
    runner = DSRunner(ou(), monitors=["V"], dt=0.5 * ms)
    runner.run(20 * ms, inputs=0 * mA)
    change = sc.check_dt(runner, 20 * ms).traces["V"]
    assert 0 < change.largest[0].m_as("mV") < 0.2  # the standard deviation is 1.1 mV


def network():
    receptors = {"exc": Exponential(tau=5 * ms, reversal=0 * mV), "inh": Exponential(tau=9 * ms, reversal=-80 * mV)}
    values = {"R": 100 * Mohm, "tau": 20 * ms, "V_rest": -60 * mV, "V_th": -50 * mV, "V_reset": -60 * mV}
    E = LIFRef(200, spk_reset="hard", receptors=receptors, tau_ref=2 * ms, **values)
    sparse, one, spread = FixedProbability(0.1), 1.5 * ms, sc.init.Uniform(0.5 * ms, 3 * ms, seed=4)
    return Network(
        E=E,
        exc=Projection(E[:160], E, "exc", connect=sparse, weight=0.6 * nS, delay=one, seed=1),
        inh=Projection(E[160:], E, "inh", connect=sparse, weight=6 * nS, delay=spread, seed=2),
        x=PoissonInput(E, "exc", n=100, rate=40 * Hz, weight=0.6 * nS),
        p=PoissonGroup(20, 500 * Hz),
    )


def test_the_runner_and_its_model_stay_as_they_are():
    runners = [DSRunner(network(), monitors=["E.spike_count"]) for _ in range(2)]
    for runner in runners:
        runner.run(20 * ms)
    one, other = runners
    mon, clock = one.mon, one.target.clock
    report = sc.check_dt(one, 5 * ms)
    assert one.mon is mon
    assert (one.i, one.dt, one.target.clock, one.target.halvings) == (200, 0.1 * ms, clock, 0)
    for path, state in one.target.states().items():
        assert_array_equal(state.raw, other.target.states()[path].raw)
    number = one.run(5 * ms)["E.spike_count"]
    assert_array_equal(number, other.run(5 * ms)["E.spike_count"])
    assert number.sum() == report.spikes["E"].number[0]  # the first run of the check is the runner's next
    assert report.spikes["E"].number[0] > 20
    assert report.spikes["E"].shift.rms[0].m_as("ms") < 0.3  # with other noise, the intervals: 10 ms
    assert list(report.spikes) == ["E"]


@pytest.mark.parametrize("start", [*(pytest.param(t, marks=pytest.mark.slow) for t in (0.0, 2.0, 5.9)), 2.6])
@pytest.mark.parametrize("batch", [pytest.param(None, marks=pytest.mark.slow), 3])
def test_spikes_on_their_way_arrive_at_the_same_time_at_every_dt(start, batch):
    source = SpikeSource(2, [1.0, 1.6, 2.5] * ms, [0, 1, 0])
    post, to = LIF(4, V_th=1e6 * mV, R=100 * Mohm, receptors={"exc": Exponential(tau=5 * ms)}), {}
    for name, cells, delay in (("one", post[:2], 4.0 * ms), ("spread", post[2:], np.array([4.0, 3.0]) * ms)):
        pairs = np.arange(2), np.arange(2)
        to[name] = Projection(source, cells, "exc", connect=pairs, weight=[100.0, 50.0] * pA, delay=delay)
    runner = DSRunner(Network(s=source, post=post, **to), monitors=["post.exc.g"], dt=0.1 * ms)
    runner.reset_state(batch)
    if start:
        runner.run(start * ms)
    report = sc.check_dt(runner, 4 * ms if start else 10 * ms)
    # g decays exactly: it differs by rounding, or by 2 pA where a spike comes a step too late.
    assert report.traces["post.exc.g"].largest.m_as("pA").max() < 1e-10


@pytest.mark.parametrize("start", [4.0, 4.7, 8.3])
def test_a_refractory_period_that_has_begun_ends_at_the_same_time(start):
    # V = 1.5 (1 - exp(-t / tau)) after the period: a period that ends a step later moves it by 0.03 mV.
    runner = DSRunner(LIFRef(1, V_th=0.5 * mV, tau_ref=6 * ms, spk_reset="hard"), dt=0.1 * ms)
    runner.run(start * ms, inputs=1.5 * mA)
    assert runner.target.steps_since_spike.raw[0] == round((start - 2.1) / 0.1)
    report = sc.check_dt(runner, 1.5 * ms if start > 8 else 5 * ms)
    assert report.verdict == "Halving dt changes nothing."


@pytest.mark.slow
def test_monitors_say_which_traces_are_compared():
    def mean(net):
        return net.E.V.value.mean()

    net = Network(E=LIF(10, receptors={"exc": Exponential(tau=5 * ms)}))
    runner = DSRunner(net, monitors={"some": ("E.V", [3, 5]), "mean": mean, "n": "E.spike_count"})
    report = sc.check_dt(runner, 3 * ms)
    assert list(report.traces) == ["some", "mean"]
    assert report.traces["mean"].largest.check("mV")
    assert list(sc.check_dt(DSRunner(net), 3 * ms).traces) == ["E.V"]


def test_spikes_of_some_neurons_of_several_axes_say_when_V_is_compared():
    model = LIF((2, 150), spk_reset="hard")
    runner = DSRunner(model, dt=0.05 * ms)
    runner.reset_state(batch_size=2)
    drive = np.linspace(1.1, 2, 300).reshape(2, 150)
    report = sc.check_dt(runner, 20 * ms, drive * mA)
    assert report.spikes[""].neurons == 600
    shift = report.spikes[""].shift.largest.m_as("ms")
    assert (report.traces["V"].largest.m_as("mV") <= 2 / TAU * shift + 1e-12).all()


def test_the_report_says_what_it_found():
    report = sc.check_dt(DSRunner(LIF(3, spk_reset="hard"), dt=0.4 * ms), 20 * ms, [1.5, 0.5, 0.5] * mA)
    text = str(report)
    assert repr(report) == text
    assert text.startswith("20.0 ms at dt = 0.4 ms, dt/2 and dt/4, with the same noise:")
    for row in ("V ", "spike times ", "rate: "):
        assert f"\n{row}" in text
    # ln 3 * 5 ms = 5.49 ms: 5.6 ms on both grids of 0.4 and 0.2 ms, 5.5 ms on that of 0.1 ms.
    assert report.verdict == "Halving dt moves no spike."
    silent = sc.check_dt(DSRunner(LIF(1, method="euler"), dt=0.4 * ms), 20 * ms, 0.5 * mA)
    assert "rate: no spikes" in str(silent)
    assert silent.verdict.startswith("Halving dt changes V by ")


def test_a_dt_that_loses_spikes_is_told():
    # ln(10/9) * 5 ms = 0.53 ms: a period of 0.8 ms on the grid of 0.8 ms, of 0.6 ms on those of 0.2 ms.
    report = sc.check_dt(DSRunner(LIF(3, spk_reset="hard"), dt=0.8 * ms), 40 * ms, np.full(3, 10) * mA)
    assert_array_equal(report.spikes[""].number, [150, 150, 198])
    runner = DSRunner(LIF(3, spk_reset="hard"), dt=0.4 * ms)
    report = sc.check_dt(runner, 40 * ms, np.full(3, 10) * mA)
    assert report.verdict == "Halving dt changes the number of spikes of 3 of 3 neurons, rates by 32 %."
    # A period of 0.45 ms: 0.8, 0.6 and 0.5 ms.
    report = sc.check_dt(runner, 40 * ms, np.full(3, 1 / (1 - np.exp(-0.45 / TAU))) * mA)
    assert_array_equal(report.spikes[""].number, [150, 198, 240])
    assert report.verdict.startswith(
        "Halving dt changes the number of spikes of 3 of 3 neurons, rates by 32 %. Halving"
    )
    assert report.verdict.endswith("again changes as much: single spikes hang on the smallest errors, or dt is far too "
                                   "long; compare rates and other averages.")  # fmt: skip


def test_what_cannot_be_checked_is_refused():
    with pytest.raises(TypeError, match=r"check_dt needs a DSRunner, got LIF.*; write check_dt\(DSRunner\(model\)"):
        sc.check_dt(LIF(1), 10 * ms)
    with pytest.raises(ValueError, match="PoissonGroup has no neurons; let the runner monitor states to compare"):
        sc.check_dt(DSRunner(PoissonGroup(3, 5 * kHz)), 10 * ms)
    with pytest.raises(ValueError, match="'duration' must be > 0 ms"):
        sc.check_dt(DSRunner(LIF(1)), 0 * ms, 1 * mA)
    with pytest.raises(ValueError, match=r"duration 1\.03 ms is 10\.3 steps"):
        sc.check_dt(DSRunner(LIF(1), dt=0.1 * ms), 1.03 * ms, 1 * mA)
