"""Neurons without reset: one spike for each time that V comes over V_th, whatever noise and rounding do there."""

import jax
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import simcore as sc
from simcore.models import HH, MorrisLecar
from simcore.units import mA, ms, mV, nA, pA


class Wave(sc.Neuron):
    """V is its input."""

    V_th = sc.Param(5.0, "mV", above="V_rearm")
    V_rearm = sc.Param(-5.0, "mV")
    V = sc.HiddenState("mV", init=-10.0)

    def update(self, x):
        self.V.value = 0 * self.V.value + x
        return self.fire()


def steps_of_spikes(cell, values):
    """Return the samples at which a Wave under these inputs, in 10 mV, spikes."""
    wave = sc.inputs.Waveform(10 * np.asarray(values)[:, None] * mV)
    mon = sc.DSRunner(cell, ["spike"], dt=0.1 * ms, progress_bar=False).run(inputs=wave)
    return np.flatnonzero(mon.spike[:, 0])


def test_a_crossing_counts_again_when_V_has_been_below_V_rearm():
    wave = [-1, 0.4, 0.6, 0.4, 0.6, -0.4, 0.6, -0.6, 0.4, 0.6, 0.7, -1, 1]
    assert_array_equal(steps_of_spikes(Wave(1), wave), [2, 9, 12])
    # Without hysteresis each crossing counts.
    assert_array_equal(steps_of_spikes(Wave(1, V_rearm=4.999 * mV), wave), [2, 4, 6, 9, 12])


def test_a_crossing_in_the_refractory_period_counts_at_its_end_if_V_is_above_then():
    # The spikes of Brian2 2.10.1 with threshold="V > 5" and refractory=0.3*ms, which blocks the next two steps.
    wave = [0.6, -0.6, 0.6, 0.6, 0.6, 0.6, -0.6, 0.6, -0.6, -0.6, -0.6, 0.6]
    assert_array_equal(steps_of_spikes(Wave(1, tau_ref=0.2 * ms), wave), [0, 3, 7, 11])


def test_what_has_crossed_is_remembered_between_runs_and_saved(tmp_path):
    cell, wave = Wave(1), [0.6, 0.0]
    assert_array_equal(steps_of_spikes(cell, wave), [0])
    cell.save_states(tmp_path / "wave.npz")
    again = Wave(1)
    again.load_states(tmp_path / "wave.npz")
    for one in (cell, again):
        assert_array_equal(steps_of_spikes(one, [0.6, -0.6, 0.6]), [2])


def test_a_neuron_that_starts_above_the_threshold_has_not_crossed_it():
    assert_array_equal(steps_of_spikes(Wave(1, V_initializer=8 * mV), [0.6, 0.0, 0.6, -0.6, 0.6]), [4])
    # Between the two levels it is armed.
    assert_array_equal(steps_of_spikes(Wave(1, V_initializer=0 * mV), [0.6]), [0])


@pytest.mark.parametrize("noise", [0.0, 2.0])
def test_noise_at_the_threshold_makes_no_second_spike(noise, precision):
    # The V at which the plateau of a depolarised neuron comes to rest is made its threshold: rounding alone crosses it.
    more = {"V_initializer": sc.init.Constant(-30 * mV), "noise": noise * mV / ms**0.5}
    probe = MorrisLecar(1, **{k: v for k, v in more.items() if k != "noise"})
    sc.DSRunner(probe, dt=0.1 * ms, progress_bar=False).run(1000 * ms, inputs=30 * nA)
    V = probe.V.value.m_as("mV")[0]
    cell = MorrisLecar(2, V_th=V * mV, V_rearm=[V - 30, V - 1e-5] * mV, **more)
    # One in 70 neurons gets 30 mV below it in this time and spikes again: not with this seed.
    runner = sc.DSRunner(cell, ["spike_count"], dt=0.1 * ms, seed=2, progress_bar=False)
    once, each = runner.run(3000 * ms, inputs=30 * nA).spike_count
    assert once == 1
    assert each > 20 or not noise


def test_in_the_refractory_period_V_goes_on_and_crossings_do_not_count():
    mon = sc.DSRunner(HH(2, tau_ref=[0.0, 20.0] * ms), ["V", "spike_events"], dt=0.05 * ms, progress_bar=False).run(
        200 * ms, inputs=1000 * pA
    )
    V = mon.V.m_as("mV")
    assert_array_equal(V[:, 0], V[:, 1])
    each, some = (mon.spike_events.times.m_as("ms")[mon.spike_events.indices == k] for k in (0, 1))
    assert len(each) == 14
    assert_allclose(some, each[::2])  # every 14.6 ms, and none within 20 ms


def test_a_reset_is_refused():
    for reset in ("soft", "hard"):
        with pytest.raises(ValueError, match=rf"HH: 'spk_reset' must be 'none', got '{reset}': its V comes back by it"):
            HH(1, spk_reset=reset)
    cell = HH(1)
    with pytest.raises(ValueError, match="HH: 'spk_reset' must be 'none'"):
        cell.spk_reset = "hard"


def test_V_th_must_be_above_V_rearm():
    with pytest.raises(ValueError, match=r"HH: 'V_th' must be above 'V_rearm', got V_th = -30.0 mV"):
        HH(1, V_th=-30 * mV)


def test_a_projection_carries_each_spike_once():
    cell, post = MorrisLecar(1), sc.models.LIF(1, V_th=1e6 * mV, receptors={"syn": sc.models.Delta()})
    net = sc.Network(cell=cell, post=post, link=sc.models.Projection(cell, post, connect=sc.models.AllToAll(),
                     weight=1 * mV, delay=0.1 * ms))  # fmt: skip
    runner = sc.DSRunner(net, ["cell.spike_count", "post.V"], dt=0.1 * ms, progress_bar=False)
    mon = runner.run(200 * ms, inputs={"cell": 15 * nA})  # every 66 ms
    rises = np.diff(mon["post.V"].m_as("mV")[:, 0]) > 0.5
    assert rises.sum() == mon["cell.spike_count"][0] == 3


def test_the_surrogate_is_that_of_the_distance_from_V_th_over_V_th_less_V_rearm():
    class Wide(Wave):
        spk_fun = sc.surrogate.SigmoidGrad(1.0)

    run = sc.unroll(Wide(1), 0.1 * ms, inputs=4 * mV)
    slope = jax.grad(lambda p: run(p)[0].sum())(Wide(1).float_params())
    s = 1 / (1 + np.exp(0.1))  # (4 - 5) / (5 + 5)
    assert_allclose(slope["V_th"], -s * (1 - s) / 10, rtol=1e-6)
    assert slope["V_rearm"] == 0.0


def test_an_input_in_another_unit_names_the_one_that_fits():
    with pytest.raises(sc.DimensionalityError, match=r"HH got the input in mV; with one in mA \(a current\)"):
        sc.DSRunner(HH(1), progress_bar=False).run(1 * ms, inputs=1 * mV)
    assert HH(1).update(0 * mA).shape == (1,)
