"""f-I curves and their rheobase by closed forms."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from numpy.testing import assert_allclose

import simcore as sc
from simcore import DimensionalityError
from simcore.models import HH, LIF, FitzHughNagumo, LeakyRate
from simcore.units import Hz, mA, ms, pA


def test_the_curve_of_a_leaky_neuron_is_in_closed_form():
    I = np.array([0.5, 1.05, 1.5, 2.0, 4.0])
    curve = sc.analysis.fi_curve(LIF(1, spk_reset="hard"), I * mA, 2000 * ms, dt=0.01 * ms)
    with np.errstate(invalid="ignore", divide="ignore"):
        period = 5 * np.log(I / (I - 1))  # tau log(I / (I - V_th)) of the defaults, which lasts up to a step longer
    expected = np.where(I > 1, 1000 / period, 0)
    assert_allclose(curve.rate.m_as(Hz), expected, rtol=5e-3, atol=0.5)
    assert_allclose(curve.rheobase.m_as(mA), 1.0, rtol=2e-4)
    assert f"{curve.rheobase.units:~P}" == "mA"


def test_spikes_before_the_start_do_not_count_for_the_rate():
    # Below its Hopf point HH spikes once or twice when the current comes, and then no more.
    curve = sc.analysis.fi_curve(HH(1), [0.0, 300.0] * pA, 200 * ms, start=100 * ms, dt=0.025 * ms)
    assert_allclose(curve.rate.m, 0)
    assert 0 < curve.rheobase.m_as(pA) < 300


def test_it_has_no_rheobase_where_all_currents_or_none_make_it_spike():
    assert np.isnan(sc.analysis.fi_curve(LIF(1), [0.1, 0.5] * mA, 100 * ms).rheobase.m)
    assert np.isnan(sc.analysis.fi_curve(LIF(1), [2.0, 3.0] * mA, 100 * ms).rheobase.m)


def test_inputs_may_be_numbers():
    curve = sc.analysis.fi_curve(FitzHughNagumo(1), [0.0, 0.5, 1.0], 200 * ms)
    assert curve.rate[0].m == 0
    assert (curve.rate[1:].m > 20).all()


def test_the_picture_has_units():
    curve = sc.analysis.fi_curve(LIF(1), [0.5, 1.5, 2.5] * mA, 100 * ms)
    ax = curve.plot(color="C2")
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("input (mA)", "firing rate (Hz)")
    curve_line, rheobase = ax.get_lines()
    assert_allclose(curve_line.get_ydata(), curve.rate.m)
    assert_allclose(rheobase.get_xdata(), curve.rheobase.m)
    assert "rheobase 1.0001 mA" in repr(curve)
    plt.close("all")


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda f: f(LIF(1), [1, 0] * mA, 10 * ms), ValueError, "'currents' must be two or more that rise"),
        (lambda f: f(LIF(1), 1 * mA, 10 * ms), ValueError, "'currents' must be two or more that rise"),
        (lambda f: f(LIF(1), [0, 1], 10 * ms), DimensionalityError, "with one in mA"),
        (lambda f: f(LIF(1), [0, 1] * mA, 10), DimensionalityError, "duration"),
        (lambda f: f(LIF(2), [0, 1] * mA, 10 * ms), ValueError, "about one neuron, LIF has 2"),
        (lambda f: f(LeakyRate(1), [0, 1], 10 * ms), TypeError, "fi_curve needs a neuron that spikes"),
    ],
)
def test_what_does_not_fit_is_refused(call, error, text):
    with pytest.raises(error, match=text):
        call(sc.analysis.fi_curve)
