"""Rate models against closed forms and the fixed points and frequencies of their papers' equations.

Numbers without another source are those of an adaptive solver (LSODA, relative tolerance 1e-10).
"""

import numpy as np
import pytest
from numpy.testing import assert_allclose

import simcore as sc
from simcore.models import JansenRit, Kuramoto, LeakyRate, MontbrioPazoRoxin, StuartLandau, ThresholdLinear, WilsonCowan
from simcore.units import Hz, ms, pA


def run(model, duration, monitors, inputs=None, dt=0.1):
    """Return a recording of a run."""
    return sc.DSRunner(model, monitors, dt=dt * ms, progress_bar=False).run(duration * ms, inputs=inputs)


def begun(model, **states):
    """Return a model with other initial states."""
    model.ensure_state()
    for name, value in states.items():
        getattr(model, name).value = value
    return model


PHI = {
    "linear": lambda x: 2 * x,
    "tanh": lambda x: np.tanh(2 * (x - 0.5)),
    "sigmoid": lambda x: 2 / (1 + np.exp(-3 * (x - 0.5))),
    "threshold_linear": lambda x: np.clip(2 * (x - 0.5), 0, 1.5),
}


@pytest.mark.parametrize("transfer", PHI)
def test_a_leaky_rate_settles_at_its_transfer_function(transfer):
    x = np.array([-1.0, 0.0, 0.6, 5.0])
    cells = LeakyRate(4, decay=0.5, mu=0.1, g=2, theta=0.5, beta=3, alpha=1.5, transfer=transfer)
    r = run(cells, 300, ["r"], x)["r"].m[-1]
    assert_allclose(r, (0.1 + PHI[transfer](x)) / 0.5, rtol=1e-4, atol=1e-6)


def test_noise_of_size_sigma_gives_the_variance_of_an_Ornstein_Uhlenbeck_process():
    cells = LeakyRate(4000, tau=10 * ms, noise=1 / np.sqrt(10) / ms**0.5)
    r = run(cells, 60, ["r"])["r"].m[-1]
    assert r.std() == pytest.approx(1 / np.sqrt(2), rel=5 / np.sqrt(2 * 4000))  # five standard errors


def test_threshold_linear_rates_follow_the_current_above_zero_and_never_fall_below():
    r = run(ThresholdLinear(2), 400, ["r"], np.array([100.0, -5.0]) * pA)["r"].m_as("Hz")
    assert_allclose(r[-1], [6.6, 0], rtol=1e-4)  # beta = 0.066 Hz/pA
    noisy = run(ThresholdLinear(50, noise=1 * Hz / ms**0.5), 20, ["r"], 0 * pA)["r"].m_as("Hz")
    assert noisy.min() == 0 < noisy.max()


def test_wilson_cowan_has_two_stable_states():
    cells = begun(WilsonCowan(3), E=np.array([0.0, 0.16, 0.2]), I=np.array([0.0, 0.0628, 0.0628]))
    mon = run(cells, 200, ["E", "I"])
    assert_allclose(mon["E"].m[-1], [0, 0, 0.462465], atol=2e-6)  # the saddle is at (0.178037, 0.062801)
    assert_allclose(mon["I"].m[-1], [0, 0, 0.243364], atol=2e-6)


def test_wilson_cowan_oscillates_around_its_unstable_state():
    limit_cycle = {"wEE": 16, "wIE": 12, "wEI": 15, "wII": 3, "aE": 1.3, "thE": 4, "aI": 2, "thI": 3.7}
    cells = begun(WilsonCowan(2, **limit_cycle, method="rk4"), E=np.array([0.202365, 0.2]), I=np.array([0.107972, 0.1]))
    E = run(cells, 100, ["E"], 1.25, dt=0.05)["E"].m
    assert np.abs(E[:20, 0] - 0.202365).max() < 1e-4  # a fixed point, its eigenvalues 0.1195 +- 1.8833 i
    swing = E[1000:, 1] - E[1000:, 1].mean()
    assert np.ptp(swing) > 0.1
    rises = np.flatnonzero((swing[:-1] < 0) & (swing[1:] >= 0))
    assert len(rises) > 5
    assert np.ptp(np.diff(rises)) <= 1  # a period


def test_jansen_rit_makes_the_rhythms_of_its_paper():
    cells = JansenRit(4, p=np.array([120.0, 150.0, 220.0, 320.0]) * Hz, method="rk4")
    monitors = {"eeg": lambda m: m.y1.value - m.y2.value}
    eeg = run(cells, 5000, monitors, dt=0.5)["eeg"].m_as("mV")[4000:]
    assert_allclose(eeg.min(0), [1.2261, 5.6475, 6.0576, 7.3566], atol=2e-3)
    assert_allclose(eeg.max(0), [11.1698, 8.5921, 9.0713, 8.8916], atol=2e-3)
    for k, frequency in enumerate([2.3848, 10.6030, 10.9353, 11.1277]):
        high = eeg[:, k] > eeg[:, k].mean() + 0.25 * np.ptp(eeg[:, k])
        rises = np.flatnonzero(~high[:-1] & high[1:])
        period = 0.5 * (rises[-1] - rises[0]) / (len(rises) - 1)
        assert 1000 / period == pytest.approx(frequency, rel=4e-3)


def test_the_output_of_jansen_rit_is_the_rate_of_its_pyramidal_cells():
    a, b = JansenRit(1, p=150 * Hz), JansenRit(1, p=100 * Hz)
    net = sc.Network(a=a, b=b, p=sc.models.RateProjection(a, b, connect=sc.models.AllToAll(), weight=40))
    mon = run(net, 50, {"v": lambda m: m.a.y1.value - m.a.y2.value, "x": "b.coupled.x"})
    v = np.concatenate([[0.0], mon["v"].m_as("mV")[:-1, 0]])  # at the beginning of each step
    assert_allclose(mon["x"].m_as("Hz")[:, 0], 40 * 5 / (1 + np.exp(0.56 * (6 - v))), rtol=1e-4)


def test_the_amplitude_of_stuart_landau_grows_as_its_closed_form():
    mon = run(StuartLandau(1, method="rk4"), 20, ["x", "y"])
    t, a, start = mon.ts.m_as("ms"), 0.25, 0.1
    squared = mon["x"].m[:, 0] ** 2 + mon["y"].m[:, 0] ** 2
    assert_allclose(squared, a / (1 + (a / start**2 - 1) * np.exp(-2 * a * t)), rtol=1e-5)
    phase = np.unwrap(np.arctan2(mon["y"].m[:, 0], mon["x"].m[:, 0]))
    assert_allclose(phase, 0.2 * t, atol=1e-4)


def test_two_phase_oscillators_slip_with_the_period_of_the_closed_form():
    mon = run(Kuramoto(2, omega=np.array([0.1, 0.3]) / ms, K=0.1 / ms), 150, ["theta"])
    difference = np.diff(mon["theta"].m, axis=1)[:, 0]
    slips = np.interp(2 * np.pi * np.arange(1, 4), difference, mon.ts.m_as("ms"))
    assert_allclose(np.diff(slips), 2 * np.pi / np.sqrt(0.2**2 - 0.1**2), rtol=1e-3)


def test_many_phase_oscillators_lock_as_far_as_the_theory_of_Kuramoto_says():
    n, K = 2000, 0.4  # frequencies of a Lorentzian of half width 0.1 by its quantiles: the critical K is 0.2
    omega = 0.1 * np.tan(np.pi * ((np.arange(n) + 0.5) / n - 0.5))
    cells = Kuramoto(n, omega=omega / ms, K=K / ms, theta_initializer=sc.init.Uniform(0, 0.1, seed=0))
    coherence = run(cells, 120, {"r": lambda m: m.coherence()})["r"][600:]
    assert coherence.mean() == pytest.approx(np.sqrt(1 - 2 * 0.1 / K), abs=0.02)


def test_the_mean_field_of_quadratic_neurons_has_two_stable_states():
    cells = begun(MontbrioPazoRoxin(2, method="rk4"), r=np.array([0.05, 1.2]) / ms, v=np.array([-2.0, -0.1]))
    mon = run(cells, 100, ["r", "v"])
    assert_allclose(mon["r"].m_as("1/ms")[-1], [0.081134, 1.030597], rtol=2e-5)
    assert_allclose(mon["v"].m[-1], [-1.96162, -0.154430], rtol=2e-5)
