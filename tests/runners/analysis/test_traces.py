"""Spectra and synchrony of values over time, against closed forms."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

import simcore as sc
from simcore import DimensionalityError, DSRunner, analysis
from simcore.models import LIF
from simcore.runners.analysis import trains
from simcore.units import Hz, mA, ms, mV, pA, second

DT, N = 0.5, 40_000
TS = np.arange(1, N + 1) * DT * ms


def normal(*shape, seed=1):
    """Return independent numbers of the variance 1."""
    return np.random.default_rng(seed).normal(size=shape)


def test_the_spectrum_of_a_sine_has_its_power_at_its_frequency():
    V = -65 + 3 * np.sin(2 * np.pi * 0.04 * TS.m_as("ms"))
    f, power = analysis.spectrum(TS, V * mV, window=500 * ms)
    assert f[np.argmax(power)].m_as("Hz") == pytest.approx(40, rel=1e-12)
    assert (power.sum() * f[1]).to("mV**2").m == pytest.approx(4.5, rel=1e-9)  # a^2 / 2, for whole periods


def test_the_spectrum_of_white_noise_is_flat():
    noise = 2 * normal(N)
    f, power = analysis.spectrum(TS, noise * pA, window=100 * ms)
    # 2 sigma^2 dt, but at both ends; a value scatters by 1 / sqrt(segments), as neighbours overlap by less than twice.
    assert f"{power.units:~P}" == "pA²/Hz"
    assert_allclose(power[2:-1].m_as("pA**2/Hz"), 2 * 4 * DT * 1e-3, rtol=6 / np.sqrt(N * DT / 100))
    assert_allclose(f.m_as("Hz"), np.arange(101) * 10, rtol=1e-12)


def test_the_power_of_all_frequencies_is_the_variance():
    # Parseval: of one segment, with the weights of the Hann window.
    V = normal(200, 3)
    f, power = analysis.spectrum(TS[:200], V * mV, window=100 * ms)
    weight = np.sin(np.pi * np.arange(200) / 200) ** 4
    expected = weight @ (V - V.mean(0)) ** 2 / weight.sum()
    assert_allclose((power.sum(0) * f[1]).to("mV**2").m, expected, rtol=1e-12)


def test_the_spectrum_of_poisson_spikes_is_twice_their_rate():
    # Shot noise (Carson's theorem), one-sided: 2 r below the frequency of the bins; over n neurons 2 r / n.
    spikes = np.random.default_rng(1).random((N, 10)) < 0.05 * DT
    f, power = analysis.spectrum(*analysis.psth(TS, spikes, bin=1 * ms), window=200 * ms)
    assert f"{power.units:~P}" == "Hz"
    level = power[2:20].mean().m_as("Hz")
    assert level == pytest.approx(2 * 50 / 10, rel=5 / np.sqrt(18 * N * DT / 200))
    assert f[-1] == 500 * Hz


def test_a_spectrum_is_taken_of_each_neuron_in_numbers_too():
    x = normal(1000, 2, 3).astype(np.float32)
    _, power = analysis.spectrum(TS[:1000].to("s"), x, window=0.1 * second)
    assert power.shape == (101, 2, 3)
    assert f"{power.units:~P}" == "1/Hz"
    _, alone = analysis.spectrum(TS[:1000], x[:, 1, 2], window=100 * ms)
    assert_allclose(power[:, 1, 2].m, alone.m, rtol=1e-5)


@pytest.mark.parametrize(
    ("ts", "values", "window", "match"),
    [
        (TS[:10], np.ones(9), 2 * ms, r"\(10,\) times for values of the shape \(9,\)"),
        (TS[:1], np.ones(1), 2 * ms, "two values at least"),
        (TS[9::-1], np.ones(10), 2 * ms, "the times must rise, and be evenly spaced"),
        ([1, 2, 4] * ms, np.ones(3), 2 * ms, "the times must rise, and be evenly spaced"),
        (TS[:10], np.ones(10), 6 * ms, "'window' must be from 1 ms to 5 ms, as long as the values; got 6 ms"),
        (TS[:10], np.ones(10), 0.5 * ms, "'window' must be from 1 ms to 5 ms"),
    ],
)
def test_times_and_windows_that_do_not_fit_are_refused(ts, values, window, match):
    with pytest.raises(ValueError, match=match):
        analysis.spectrum(ts, values, window=window)


def test_times_of_spectra_need_units():
    with pytest.raises(DimensionalityError, match="spectrum: 'ts' needs a quantity in ms"):
        analysis.spectrum(np.arange(10.0), np.ones(10), window=2 * ms)
    with pytest.raises(DimensionalityError, match="spectrum: 'window' needs a quantity in ms"):
        analysis.spectrum(TS[:10], np.ones(10), window=2)


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_synchrony_is_that_of_what_neurons_share(share, monkeypatch):
    # V_i = sqrt(c) s + sqrt(1 - c) x_i of unit variances: chi^2 = c + (1 - c) / n.
    n, steps = 20, 20_000
    V = -65 + np.sqrt(share) * normal(steps, 1) + np.sqrt(1 - share) * normal(steps, n, seed=2)
    chi = analysis.synchrony(V * mV)
    assert chi == pytest.approx(np.sqrt(share + (1 - share) / n), rel=5 / np.sqrt(2 * steps))
    monkeypatch.setattr(trains, "BLOCK", 100)
    assert analysis.synchrony(V) == pytest.approx(chi, rel=1e-9)


def test_synchrony_of_what_does_not_change_is_nan():
    assert np.isnan(analysis.synchrony(np.full((100, 3), -65.1) * mV))


def test_synchrony_needs_a_population():
    with pytest.raises(ValueError, match=r"synchrony is of values \(T, n\), .*; got the shape \(10,\)"):
        analysis.synchrony(np.ones(10) * mV)


def test_synchrony_of_a_store_is_that_of_the_measure(tmp_path):
    runner = DSRunner(LIF(4), {"V": "V", "chi": sc.measure.synchrony("V")}, store=tmp_path / "run", progress_bar=False)
    runner.run(50 * ms, inputs=np.array([0.8, 1.5, 2.0, 3.0]) * mA)
    mon = sc.open_run(tmp_path / "run")
    assert isinstance(mon.V.magnitude, np.memmap)
    assert analysis.synchrony(mon.V) == pytest.approx(float(mon.chi), rel=1e-9)
    f, power = analysis.spectrum(mon.ts, mon.V, window=20 * ms)
    assert power.shape == (len(f), 4) == (101, 4)
