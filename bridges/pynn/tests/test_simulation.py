"""Runs, resets, recordings and injected currents."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from pyNN.errors import NonExistentParameterError

DT = 0.1


def membrane(cells, segment=0):
    return cells.get_data().segments[segment].filter(name="v")[0].magnitude


def balanced(sim, size=40):
    """Return cells of a small random network that fires."""
    cells = sim.Population(size, sim.IF_cond_exp(i_offset=0.8, tau_refrac=2.0))
    cells.initialize(v=sim.RandomDistribution("uniform", low=-65, high=-51, rng=sim.NumpyRNG(seed=1)))
    connector = sim.FixedProbabilityConnector(0.2, rng=sim.NumpyRNG(seed=2))
    for half, receptor in ((cells[: size // 2], "excitatory"), (cells[size // 2 :], "inhibitory")):
        delay = sim.RandomDistribution("uniform", low=0.5, high=2.0, rng=sim.NumpyRNG(seed=3))
        synapse = sim.StaticSynapse(weight=0.003, delay=delay)
        sim.Projection(half, cells, connector, synapse, receptor_type=receptor)
    cells.record(["spikes", "v"])
    return cells


def test_two_runs_are_one_to_the_bit(sim):
    def run(*durations):
        sim.setup(timestep=DT)
        cells = balanced(sim)
        for duration in durations:
            sim.run(duration)
        return membrane(cells), [train.magnitude for train in cells.get_data().segments[0].spiketrains]

    (v, trains), (v_of_two, trains_of_two) = run(60.0), run(23.4, 36.6)
    assert sum(map(len, trains)) > 40
    assert np.array_equal(v, v_of_two)
    assert all(np.array_equal(a, b) for a, b in zip(trains, trains_of_two, strict=True))


def test_a_reset_begins_again_with_the_values_of_the_beginning(sim):
    cells = balanced(sim)
    sim.run(30.0)
    sim.reset()
    assert sim.get_current_time() == 0.0
    sim.run(30.0)
    assert np.array_equal(membrane(cells, 0), membrane(cells, 1))


def test_parameters_that_are_set_between_runs_act_from_then_on(sim):
    cells = sim.Population(2, sim.IF_curr_exp(tau_m=10.0))
    cells.record("v")
    sim.run(10.0)
    cells[1].v_rest = -60.0
    cells.set(tau_m=5.0)
    sim.run(10.0)
    v, t = membrane(cells), np.arange(101) * DT
    assert np.all(v[:101] == -65.0)
    assert_allclose(v[100:, 1], -60.0 - 5.0 * np.exp(-t / 5.0), rtol=1e-10)
    assert cells.get(["v_rest", "tau_m"])[0].tolist() == [-65.0, -60.0]
    assert cells[0].tau_m == 5.0


def test_a_state_that_is_initialised_between_runs_is_set(sim):
    cells = sim.Population(2, sim.IF_curr_exp())
    cells.record("v")
    sim.run(5.0)
    cells[1:2].initialize(v=-55.0)
    cells[0].set_initial_value("v", -60.0)
    sim.run(5.0)
    v = membrane(cells)
    assert v[50].tolist() == [-65.0, -65.0]  # as it was recorded
    assert_allclose(v[51], -65.0 + np.array([5.0, 10.0]) * np.exp(-DT / 20.0), rtol=1e-10)


def test_a_cell_that_starts_above_its_threshold_spikes_in_the_first_step(sim):
    cells = sim.Population(2, sim.IF_curr_exp(), initial_values={"v": [-40.0, -65.0]})
    cells.record("spikes")
    sim.run(5.0)
    assert [train.magnitude.tolist() for train in cells.get_data().segments[0].spiketrains] == [[0.1], []]


def test_samples_are_taken_from_t_0_on_at_the_interval(sim):
    cells = sim.Population(1, sim.IF_curr_exp(i_offset=0.2))
    other = sim.Population(1, sim.IF_curr_exp(i_offset=0.2))
    cells.record("v", sampling_interval=0.7)
    other.record("v")
    sim.run(3.0)  # no multiple of the interval
    sim.run(5.0)
    assert_allclose(membrane(cells), membrane(other)[::7], rtol=1e-12)
    assert cells.get_data().segments[0].analogsignals[0].sampling_period.item() == 0.7


def test_a_sampling_interval_that_is_no_multiple_of_the_step_is_refused(sim):
    cells = sim.Population(1, sim.IF_curr_exp(), label="the cells")
    with pytest.raises(ValueError, match=r"the cells: sampling_interval must be a multiple of the timestep, 0.1 ms"):
        cells.record("v", sampling_interval=0.25)


def test_data_that_are_cleared_begin_with_the_present_value(sim):
    cells = sim.Population(2, sim.IF_curr_exp(i_offset=[0.2, 2.0]))
    cells.record(["v", "spikes"])
    sim.run(20.0)
    first = cells.get_data(clear=True).segments[0]
    sim.run(20.0)
    second = cells.get_data().segments[0]
    assert len(first.spiketrains[1]) > 0
    assert min(second.spiketrains[1].magnitude) > 20.0
    v = second.analogsignals[0]
    assert v.t_start.item() == 20.0
    assert len(v) == 201
    assert v.magnitude[0].tolist() == first.analogsignals[0].magnitude[-1].tolist()


def test_what_was_not_recorded_yet_is_missing(sim):
    cells = sim.Population(2, sim.IF_curr_exp(i_offset=0.2))
    sim.run(5.0)
    cells[:1].record("v")
    sim.run(5.0)
    cells.record("v")
    sim.run(5.0)
    v = membrane(cells)
    assert np.isnan(v).sum(axis=0).tolist() == [50, 100]
    assert v[50, 0] == v[50, 0]
    assert v[100, 0] == v[100, 1]


def test_callbacks_are_called_at_the_times_for_which_they_ask(sim):
    cells = sim.Population(1, sim.IF_curr_exp())
    cells.record("v")
    times = []

    def callback(t):
        times.append(t)
        return t + 2.5

    sim.run(10.0, callbacks=[callback])
    assert_allclose(times, [0.0, 2.5, 5.0, 7.5, 10.0])
    assert len(membrane(cells)) == 101


def test_the_shortest_delay_is_that_of_the_projections_where_nobody_has_said_one():
    import pyNN.simcore as sim

    sim.setup(timestep=DT)
    assert sim.get_min_delay() == DT
    cells = sim.Population(3, sim.IF_cond_exp())
    sim.Projection(cells, cells, sim.AllToAllConnector(), sim.StaticSynapse(delay="0.5 + d"))
    assert (sim.get_min_delay(), sim.get_max_delay()) == (0.5, 2.5)


# ---------------------------------------------------------------- injected currents


def charge(sim, source, duration=50.0):
    """Return the current (nA) over each step, from V of a cell without a leak worth mentioning."""
    cells = sim.Population(1, sim.IF_curr_exp(tau_m=1e9, cm=1.0, v_thresh=1e6))
    source.inject_into(cells)
    cells.record("v")
    sim.run(duration)
    return np.diff(membrane(cells)[:, 0]) / DT


def test_currents_have_their_form(sim):
    t = np.arange(500) * DT
    within = (t > 9.95) & (t < 29.95)
    forms = {
        sim.DCSource(amplitude=0.3, start=10.0, stop=30.0): np.where(within, 0.3, 0.0),
        sim.ACSource(amplitude=0.3, offset=0.1, frequency=50.0, phase=90.0, start=10.0, stop=30.0): np.where(
            within, 0.1 + 0.3 * np.cos(2 * np.pi * 0.05 * (t - 10.0)), 0.0
        ),
        sim.StepCurrentSource(times=[10.0, 20.0], amplitudes=[0.2, -0.1]): np.where(
            t < 9.95, 0.0, np.where(t < 19.95, 0.2, -0.1)
        ),
    }
    for source, form in forms.items():
        sim.simulator.state.reset()
        assert_allclose(charge(sim, source), form, atol=1e-6)


def test_a_noisy_current_is_constant_over_its_interval_and_has_its_moments(sim):
    source = sim.NoisyCurrentSource(mean=0.2, stdev=0.5, dt=0.5, start=0.0, stop=1e4)
    current = charge(sim, source, 1000.0).reshape(-1, 5)
    assert_allclose(current, current[:, :1] * np.ones(5), atol=1e-5)
    assert current.mean() == pytest.approx(0.2, abs=4 * 0.5 / np.sqrt(2000))
    assert current.std() == pytest.approx(0.5, rel=0.1)


def test_currents_add_up_and_reach_the_cells_that_were_chosen(sim):
    cells = sim.Population(3, sim.IF_curr_exp(tau_m=1e9, v_thresh=1e6, i_offset=[0.0, 0.0, 1.0]))
    source = sim.DCSource(amplitude=0.5)
    source.inject_into(cells[1:])
    cells[2].inject(source)
    cells.record("v")
    sim.run(10.0)
    assert_allclose(np.diff(membrane(cells), axis=0) / DT, np.tile([0.0, 0.5, 2.0], (100, 1)), atol=1e-6)
    with pytest.raises(TypeError, match="no current can be injected into a SpikeSourceArray"):
        source.inject_into(sim.Population(1, sim.SpikeSourceArray()))


def test_a_recorded_current_is_what_was_injected(sim):
    source = sim.StepCurrentSource(times=[1.0, 2.0], amplitudes=[0.2, -0.1])
    source.record()
    current = charge(sim, source, 3.0)
    signal = source.get_data()
    assert_allclose(signal.magnitude[:-1, 0], current, atol=1e-6)
    assert len(signal) == 31


def test_an_initial_value_that_a_cell_has_not_is_refused(sim):
    cells = sim.Population(2, sim.IF_cond_exp())
    with pytest.raises(NonExistentParameterError, match=r"^V \(valid parameters for IF_cond_exp are: gsyn_exc"):
        cells.initialize(V=-60.0)
    sim.Population(2, sim.GIF_cond_exp(v_t_star=-46.0), initial_values={"v_t": -46.0})
    with pytest.raises(NotImplementedError, match=r"GIF_cond_exp: v_t begins at -46 in simcore, got \[-40. -40.\]"):
        sim.Population(2, sim.GIF_cond_exp(v_t_star=-46.0), initial_values={"v_t": -40.0})
