"""GIF against an independent propagator: the 20 firing patterns of Mihalas and Niebur (2009)."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

import simcore as sc
from simcore.models import GIF, GIFRef
from simcore.units import mA, ms, mV

HERE = Path(__file__).parent
PATTERNS = json.loads((HERE / "../../../examples/gif-patterns.json").read_text())["patterns"]
REFERENCE = json.loads((HERE / "gif_reference.json").read_text())["spike times (ms)"]  # dt = 0.001 ms, float64


def pattern(name, dt=0.1, scale=1.0, **monitors):
    """Return what a pattern gives, its spikes and other monitors, with its input times `scale`."""
    values = PATTERNS[name]
    params = {k: v * sc.units.unit(GIF.PARAMS[k].unit) for k, v in values["params"].items()}
    initial = {f"{k.replace('_', '')}_initializer": v * mV for k, v in values.get("initial", {}).items()}
    currents, durations = zip(*values["input"], strict=True)
    wave = sc.inputs.section_input([scale * I * mA for I in currents], [T * ms for T in durations], dt=dt * ms)
    runner = sc.DSRunner(GIF(1, **params, **initial), {"spikes": "spike_events", **monitors}, dt=dt * ms)
    return runner.run(inputs=wave)


def spike_times(name, dt=0.1, scale=1.0):
    return pattern(name, dt, scale).spikes.times.m_as("ms")


def spikes_in_segments(name):
    """Return how many spikes fall into each segment of the input."""
    ends = np.cumsum([duration for _, duration in PATTERNS[name]["input"]])
    return np.histogram(spike_times(name), [0, *ends])[0].tolist()


def test_the_time_of_the_last_spike_has_the_documents_name():
    gif = GIFRef(1, tau_ref=2 * ms)
    mon = sc.DSRunner(gif, monitors=["spike_events"]).run(30 * ms, inputs=3 * mA)
    assert_allclose(gif.t_last_spike.m_as("ms"), mon.spike_events.times.m_as("ms")[-1:])


def test_all_patterns_are_there():
    assert len(PATTERNS) == len(REFERENCE) == 20


@pytest.mark.parametrize("name", PATTERNS)
def test_spike_times_of_a_firing_pattern(name, precision):
    if name in ("class1", "class2") and precision == "float32":
        pytest.skip("a current 1e-6 above that at the threshold is within the rounding of float32")
    times, reference = spike_times(name), np.array(REFERENCE[name])
    assert len(times) == len(reference)
    # A reset waits for the next grid point, up to dt; the delays of the spikes before add up, and a bistable
    # rhythm stretches them by a third.
    assert np.all(np.abs(times - reference) <= 0.14 * np.arange(1, len(times) + 1))


# ---------------------------------------------------------------- what the patterns are named for


@pytest.mark.parametrize(
    ("name", "expected"),
    {
        "accommodation": [3, 0, 0, 0, 0, 0],  # what it answers to at once it does not answer to when it comes in steps
        "threshold_variability": [0, 0, 0, 0, 1, 0],  # a pulse is enough after inhibition only
        "rebound_spike": [0, 0, 1],
        "integrator": [0, 0, 1, 0, 0, 0, 0, 0],  # two pulses are enough where they come close together
        "preferred_frequency": [1, 0, 0, 0, 1, 0, 1, 0],  # it answers to the second pulse after 50 ms, not 10
        "spike_latency": [0, 1],
        "afterpotentials": [1, 0],
    }.items(),
)
def test_spikes_come_in_the_segments_of_the_input_that_a_pattern_is_named_for(name, expected):
    assert spikes_in_segments(name) == expected


def test_tonic_spikes_come_at_the_interval_of_the_closed_form():
    # V rises to V_rest + R I = -40 mV and is reset to V_rest at -50 mV, where the threshold stays.
    assert_allclose(np.diff(spike_times("tonic_spiking")), 20 * np.log(3), atol=0.1)


def test_class_1_begins_at_any_rate_and_class_2_at_one_far_from_0():
    # At 1e-6 above the threshold the interval of class 1 is tau ln(1e6), its rate 3.6 Hz, and 0 below.
    assert_allclose(spike_times("class1"), [20 * np.log(1e6)], atol=0.3)
    assert spike_times("class1", scale=1 - 2e-6).size == spike_times("class2", scale=1 - 2e-6).size == 0
    rates = 1000 / np.diff(spike_times("class2"))
    assert rates.min() > 18
    assert rates[-1] > 30


def test_intervals_grow_where_the_rate_adapts():
    assert np.all(np.diff(spike_times("spike_frequency_adaptation"), 2) > 0)


@pytest.mark.parametrize("name", ["phasic_spiking", "phasic_bursting"])
def test_phasic_activity_ends_while_the_current_goes_on(name):
    times = spike_times(name)
    assert len(times) >= 5
    assert times[-1] < 200


def test_of_two_equal_inputs_the_one_that_begins_at_rest_has_no_answer():
    begin, first, low, second = spikes_in_segments("input_bistability")
    assert begin > 0
    assert first > 5
    assert low == second == 0
    assert spike_times("input_bistability").max() > 450  # spikes go on as long as the first does


def test_one_pulse_begins_activity_that_goes_on_by_itself_and_the_next_ends_it():
    times = spike_times("basal_bistability")  # pulses from 0 to 10 and from 100 to 110 ms, of 200
    between, after = times[(times > 10) & (times < 100)], times[times > 110]
    assert len(between) > 10
    assert between[-1] > 90
    assert after.max() < 120


def test_hyperpolarization_induces_regular_spikes():
    times = spike_times("hyperpolarization_induced_spiking")
    assert len(times) == 3
    assert np.ptp(np.diff(times)) < 0.2


@pytest.mark.parametrize(
    ("name", "bursts"),
    {
        "hyperpolarization_induced_bursting": 3,
        "tonic_bursting": 4,
        "phasic_bursting": 1,
        "rebound_burst": 1,
    }.items(),
)
def test_bursts_are_spikes_at_intervals_below_10_ms_that_pauses_part(name, bursts):
    intervals = np.diff(spike_times(name))
    assert intervals.size >= 4 * bursts - 1
    assert not np.any((intervals > 10) & (intervals < 50))
    assert (intervals > 50).sum() == bursts - 1


def test_a_rebound_burst_comes_after_the_hyperpolarization():
    assert spikes_in_segments("rebound_burst")[:2] == [0, 0]


def test_mixed_mode_is_a_burst_and_then_single_spikes():
    intervals = np.diff(spike_times("mixed_mode"))
    assert np.all(intervals[:5] < 13)
    assert np.all(intervals[-5:] > 20)


def test_a_spike_leaves_a_depolarization_and_then_a_hyperpolarization():
    mon = pattern("afterpotentials", V="V")
    V = mon.V.m_as("mV")[mon.ts.m_as("ms") > 15, 0]
    assert V.max() > -60
    assert V.min() < -71
    assert V.argmax() < V.argmin()


def test_latency_is_long_after_a_short_pulse():
    assert spike_times("spike_latency")[0] - 2 > 10  # the pulse lasts for 2 ms


@pytest.mark.parametrize("name", ["tonic_bursting", "rebound_burst", "mixed_mode"])
def test_spike_times_converge_to_the_reference(name):
    reference = np.array(REFERENCE[name])
    errors = [np.abs(spike_times(name, dt) - reference).max() for dt in (0.1, 0.01)]
    assert errors[1] < errors[0] / 3  # first order, blurred by where each spike falls in its step


def test_the_reset_is_the_papers():
    gif = GIF(1, R1=0.5, R2=0.25, A1=3 * mA, A2=-1 * mA, a="0.005 1/ms")
    mon = sc.DSRunner(gif, monitors=["V", "I1", "I2", "V_th", "spike"]).run(100 * ms, inputs=2 * mA)
    k = np.flatnonzero(mon.spike[:, 0])[1]
    V, I1, I2, V_th = (mon[name].magnitude[k, 0] for name in ("V", "I1", "I2", "V_th"))
    assert V_th <= V
    after = GIF(1, R1=0.5, R2=0.25, A1=3 * mA, A2=-1 * mA, a="0.005 1/ms", V_initializer=sc.init.Constant(-70 * mV),
                I1_initializer=sc.init.Constant((0.5 * I1 + 3) * mA),
                I2_initializer=sc.init.Constant((0.25 * I2 - 1) * mA),
                Vth_initializer=sc.init.Constant(max(-60.0, V_th) * mV))  # fmt: skip
    fresh = sc.DSRunner(after, monitors=["V", "I1", "I2", "V_th"]).run(1 * ms, inputs=2 * mA)
    for name in ("V", "I1", "I2", "V_th"):
        assert_allclose(fresh[name].magnitude, mon[name].magnitude[k + 1 : k + 11], rtol=1e-10)


def test_V_th_reset_must_exceed_V_reset_but_V_th_inf_need_not():
    GIF(1, V_th_inf=-120 * mV)
    with pytest.raises(ValueError, match="'V_th_reset' must be above 'V_reset'"):
        GIF(1, V_th_reset=-80 * mV)


def test_the_initial_threshold_is_checked():
    with pytest.raises(ValueError, match="the initial V of neuron 0 is -70 mV, at or above its threshold"):
        GIF(1, Vth_initializer=sc.init.Constant(-75 * mV)).init_state()
