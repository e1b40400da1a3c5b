"""Each type of cell: closed forms, and the numbers of the neuron of simcore that it is."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from pyNN.errors import InvalidParameterValueError
from pyNN.parameters import ArrayParameter
from scipy.special import gammaincc

import simcore as sc
from simcore.units import Mohm, ms, mV, nA, nS, pA

DT = 0.1


def trace(cells, variable):
    """Return a recorded variable, (T, cells), in PyNN's unit."""
    (signal,) = cells.get_data(variable).segments[0].filter(name=variable)
    return signal.magnitude


def spikes(cells, k=0):
    return cells.get_data("spikes").segments[0].spiketrains[k].magnitude


@pytest.mark.parametrize("kind", ["IF_curr_exp", "IF_curr_alpha", "IF_curr_delta", "IF_cond_exp", "IF_cond_alpha"])
def test_the_membrane_of_integrate_and_fire_cells_follows_its_closed_form_from_t_0_on(sim, kind):
    # tau_m / cm is a resistance in MOhm; times nA it is mV.
    cells = sim.Population(2, getattr(sim, kind)(tau_m=[10.0, 20.0], cm=0.5, v_rest=-65.0, i_offset=0.2))
    cells.record("v")
    sim.run(50.0)
    v, t = trace(cells, "v"), np.arange(501) * DT
    for k, tau in enumerate((10.0, 20.0)):
        assert_allclose(v[:, k], -65.0 + 0.2 * tau / 0.5 * (1 - np.exp(-t / tau)), rtol=1e-10)


@pytest.mark.parametrize("kind", ["IF_curr_exp", "IF_curr_alpha", "IF_curr_delta", "IF_cond_exp", "IF_cond_alpha"])
def test_intervals_of_integrate_and_fire_cells_are_the_theoretical_ones(sim, kind):
    cells = sim.Population(1, getattr(sim, kind)(tau_m=20.0, cm=1.0, tau_refrac=2.0, i_offset=1.0))
    cells.record("spikes")
    sim.run(200.0)
    # 20 mV above rest in the end, threshold 15 mV above; a crossing is seen at the next multiple of 0.1 ms.
    interval = 2.0 + np.ceil(20.0 * np.log(20.0 / 5.0) / DT) * DT
    assert_allclose(np.diff(spikes(cells)), interval, rtol=1e-10)


KERNELS = {
    "IF_curr_exp": ("isyn", lambda t: np.exp(-t / 4.0)),
    "IF_curr_alpha": ("isyn", lambda t: t / 4.0 * np.exp(1 - t / 4.0)),
    "IF_cond_exp": ("gsyn", lambda t: np.exp(-t / 4.0)),
    "IF_cond_alpha": ("gsyn", lambda t: t / 4.0 * np.exp(1 - t / 4.0)),
    "EIF_cond_exp_isfa_ista": ("gsyn", lambda t: np.exp(-t / 4.0)),
    "EIF_cond_alpha_isfa_ista": ("gsyn", lambda t: t / 4.0 * np.exp(1 - t / 4.0)),
    "HH_cond_exp": ("gsyn", lambda t: np.exp(-t / 4.0)),
    "IF_cond_exp_gsfa_grr": ("gsyn", lambda t: np.exp(-t / 4.0)),
    "GIF_cond_exp": ("gsyn", lambda t: np.exp(-t / 4.0)),
    "IF_facets_hardware1": ("gsyn", lambda t: np.exp(-t / 4.0)),
}


@pytest.mark.parametrize("kind", [k for k, (what, _) in KERNELS.items() if what == "gsyn"])
def test_a_conductance_has_its_form_and_its_weight_in_uS(sim, kind):
    celltype = getattr(sim, kind)(tau_syn_E=4.0, tau_syn_I=4.0)
    cells, source = sim.Population(1, celltype), sim.Population(1, sim.SpikeSourceArray(spike_times=[5.0]))
    for receptor, weight in (("excitatory", 0.003), ("inhibitory", 0.001)):
        synapse = sim.StaticSynapse(weight=weight, delay=1.5)
        sim.Projection(source, cells, sim.AllToAllConnector(), synapse, receptor_type=receptor)
    cells.record(["gsyn_exc", "gsyn_inh"])
    sim.run(30.0)
    t = np.arange(301) * DT - 6.5  # arrival, which is in what is recorded for that time
    expected = np.where(t > -1e-9, KERNELS[kind][1](np.maximum(t, 0.0)), 0.0)
    # The neurons that are not linear are integrated by steps; their linear receptors are nearly exact in these.
    assert_allclose(trace(cells, "gsyn_exc")[:, 0], 0.003 * expected, rtol=1e-9, atol=1e-12)
    assert_allclose(trace(cells, "gsyn_inh")[:, 0], 0.001 * expected, rtol=1e-9, atol=1e-12)


def test_a_current_of_1_nA_by_a_synapse_moves_V_as_its_closed_form(sim):
    tau, tau_s = 20.0, 4.0
    cells = sim.Population(1, sim.IF_curr_exp(tau_m=tau, cm=1.0, tau_syn_E=tau_s, tau_syn_I=tau_s))
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[5.0]))
    sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=-1.0, delay=1.0))
    cells.record("v")
    sim.run(60.0)
    t = np.maximum(np.arange(601) * DT - 6.0, 0.0)
    psp = tau * tau_s / (tau - tau_s) / 1.0 * (np.exp(-t / tau) - np.exp(-t / tau_s))
    assert_allclose(trace(cells, "v")[:, 0], -65.0 - psp, rtol=1e-9)


def test_a_weight_of_voltage_steps_is_in_mV(sim):
    cells = sim.Population(1, sim.IF_curr_delta(tau_m=20.0))
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[5.0, 7.0]))
    sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=2.0, delay=1.0))
    cells.record("v")
    sim.run(20.0)
    t = np.arange(201) * DT
    expected = sum(2.0 * np.where(t > at - 1e-9, np.exp(-(t - at) / 20.0), 0.0) for at in (6.0, 8.0))
    assert_allclose(trace(cells, "v")[:, 0], -65.0 + expected, rtol=1e-9)


def run_simcore(neuron, current, duration, record=("V", "spike_events")):
    return sc.DSRunner(neuron, list(record), dt=DT * ms, progress_bar=False).run(duration * ms, inputs=current)


@pytest.mark.parametrize("kind", ["EIF_cond_exp_isfa_ista", "EIF_cond_alpha_isfa_ista"])
def test_adaptive_exponential_cells_are_those_of_brette_and_gerstner(sim, kind):
    cells = sim.Population(1, getattr(sim, kind)(i_offset=1.0, tau_refrac=0.2))
    cells.initialize(v=-70.6, w=0.0)
    cells.record(["spikes", "v", "w"])
    sim.run(200.0)
    neuron = sc.models.AdExIFRef(1, tau_ref=0.2 * ms, **{
        "R": 9.3667 / 0.281 * Mohm, "tau": 9.3667 * ms, "tau_w": 144 * ms, "V_th": -40 * mV, "V_reset": -70.6 * mV,
        "V_rest": -70.6 * mV, "V_T": -50.4 * mV, "delta_T": 2 * mV, "a": 4 * nS, "b": 80.5 * pA,
    })  # fmt: skip
    mon = run_simcore(neuron, 1 * nA, 200.0, ("V", "w", "spike_events"))
    assert len(spikes(cells)) > 5
    assert_allclose(spikes(cells), mon.spike_events.times.m_as("ms"), rtol=1e-12)
    assert_allclose(trace(cells, "v")[1:, 0], mon.V.m_as("mV")[:, 0], rtol=1e-9)
    assert_allclose(trace(cells, "w")[1:, 0], mon.w.m_as("nA")[:, 0], rtol=1e-9)


def test_the_hodgkin_huxley_cell_is_that_of_traub_and_miles(sim):
    cells = sim.Population(1, sim.HH_cond_exp(i_offset=0.5))
    neuron = sc.models.TraubMilesHH(1, EL=-65 * mV)  # 20 000 um2 of 1 uF/cm2 are 0.2 nF
    neuron.ensure_state()
    rest = {gate: float(getattr(neuron, gate).value.m_as("dimensionless")[0]) for gate in "mhn"}
    cells.initialize(v=-65.0, **rest)
    cells.record(["spikes", "v", "m", "h", "n"])
    sim.run(50.0)
    mon = run_simcore(neuron, 0.5 * nA, 50.0, ("V", "m", "spike_events"))
    assert len(spikes(cells)) > 2
    assert_allclose(spikes(cells), mon.spike_events.times.m_as("ms"), rtol=1e-12)
    assert_allclose(trace(cells, "v")[1:, 0], mon.V.m_as("mV")[:, 0], rtol=1e-9)
    assert_allclose(trace(cells, "m")[0, 0], rest["m"], rtol=1e-12)


def test_the_gates_of_a_hodgkin_huxley_cell_start_as_PyNN_says(sim):
    cells = sim.Population(1, sim.HH_cond_exp())
    cells.record(["m", "h", "n"])
    sim.run(0.1)
    assert [trace(cells, gate)[0, 0] for gate in "mhn"] == [0.0, 1.0, 0.0]


def test_the_izhikevich_cell_fires_when_the_equations_of_the_paper_say(sim):
    # The third spike of regular spiking under I = 10 is at 71.06 ms by the equations (see the class in simcore).
    cells = sim.Population(1, sim.Izhikevich(a=0.02, b=0.2, c=-65.0, d=8.0, i_offset=0.01))
    cells.initialize(v=-65.0, u=-13.0)
    cells.record(["spikes", "u"])
    sim.run(100.0)
    assert spikes(cells)[2] == pytest.approx(71.06, abs=0.15)
    assert trace(cells, "u")[0, 0] == -13.0


def test_conductances_that_spikes_trigger_jump_and_decay(sim):
    cells = sim.Population(1, sim.IF_cond_exp_gsfa_grr(i_offset=2.0, q_sfa=15.0, q_rr=300.0))
    cells.record(["spikes", "g_s", "g_r"])
    sim.run(100.0)
    at = spikes(cells)
    assert len(at) > 2
    t = np.arange(1001)[:, None] * DT
    since = t - at - DT  # a spike acts on the neuron in the step after it
    for name, q, tau in (("g_s", 15.0, 100.0), ("g_r", 300.0, 2.0)):
        # It is the value after that step, in which it decays.
        expected = np.sum(np.where(since > -1e-9, q * np.exp(-(since + DT) / tau), 0.0), axis=1)
        assert_allclose(trace(cells, name)[:, 0], expected, rtol=1e-6, atol=1e-9)


def test_a_generalised_cell_fires_at_the_rate_of_its_threshold(sim):
    # Far above all else that moves, V - V_t = delta_v: the rate is lambda0 e outside of the refractory period.
    none = ArrayParameter([0.0])
    still = {"a_eta": none, "a_gamma": none, "tau_eta": ArrayParameter([1.0]), "tau_gamma": ArrayParameter([1.0])}
    cells = sim.Population(
        200, sim.GIF_cond_exp(v_rest=-47.0, v_reset=-47.0 - 1e-9, v_t_star=-46.999, delta_v=1e3, lambda0=50.0, **still)
    )
    cells.initialize(v=-47.0)
    cells.record(["spikes", "v_t", "i_eta"])
    sim.run(1000.0)
    counts = np.array(list(cells.get_spike_counts().values()))
    expected = 1.0 / (1 / 50.0 + 0.004)
    assert counts.mean() == pytest.approx(expected, abs=5 * np.sqrt(expected / 200))
    assert np.all(trace(cells, "v_t") == -46.999)
    assert np.all(trace(cells, "i_eta") == 0.0)


def test_spike_triggered_currents_and_thresholds_are_recorded_as_sums(sim):
    two = {"tau_eta": ArrayParameter([5.0, 50.0]), "tau_gamma": ArrayParameter([5.0, 50.0])}
    jumps = {"a_eta": ArrayParameter([0.1, 0.2]), "a_gamma": ArrayParameter([1.0, 2.0])}
    cells = sim.Population(1, sim.GIF_cond_exp(i_offset=2.0, lambda0=1.0, **two, **jumps))
    cells.record(["spikes", "i_eta", "v_t"])
    sim.run(100.0)
    first = spikes(cells)[0]
    k = round(first / DT) + 1
    assert_allclose(trace(cells, "i_eta")[k, 0], 0.1 * np.exp(-DT / 5) + 0.2 * np.exp(-DT / 50), rtol=1e-6)
    assert_allclose(trace(cells, "v_t")[k, 0], -48 + 1.0 * np.exp(-DT / 5) + 2.0 * np.exp(-DT / 50), rtol=1e-6)


def test_receptors_of_a_composed_neuron_have_names_and_times_of_their_own(sim):
    celltype = sim.PointNeuron(
        sim.LIF(tau_m=10.0),
        AMPA=sim.ExpPSR(tau_syn=2.0, e_syn=0.0),
        slow=sim.BetaPSR(tau_rise=1.0, tau_decay=8.0, e_syn=0.0),
    )
    cells, source = sim.Population(1, celltype), sim.Population(1, sim.SpikeSourceArray(spike_times=[5.0]))
    for receptor in ("AMPA", "slow"):
        synapse = sim.StaticSynapse(weight=0.002, delay=1.0)
        sim.Projection(source, cells, sim.AllToAllConnector(), synapse, receptor_type=receptor)
    cells.record(["AMPA.gsyn", "slow.gsyn"])
    sim.run(30.0)
    t = np.maximum(np.arange(301) * DT - 6.0, 0.0)
    assert_allclose(trace(cells, "AMPA.gsyn")[60:, 0], 0.002 * np.exp(-t[60:] / 2.0), rtol=1e-9)
    assert trace(cells, "slow.gsyn").max() == pytest.approx(0.002, rel=1e-3)  # a weight is the peak
    cells.set(**{"AMPA.tau_syn": 3.0})
    assert cells.get("AMPA.tau_syn") == 3.0


# ---------------------------------------------------------------- sources


def test_given_spikes_are_recorded_at_their_times_and_act_after_the_delay(sim):
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=[[1.0, 2.5], [0.1, 7.3]]))
    source.record("spikes")
    sim.run(10.0)
    assert_allclose(spikes(source, 0), [1.0, 2.5])
    assert_allclose(spikes(source, 1), [0.1, 7.3])


@pytest.mark.parametrize(
    ("times", "what"), [([3.0, 2.0], "increasing"), ([0.0, 2.0], "first step"), ([2.0, 2.02], "two spikes in one step")]
)
def test_spike_times_that_cannot_be_are_refused_where_they_are_given(sim, times, what):
    with pytest.raises(InvalidParameterValueError, match=what):
        sim.Population(1, sim.SpikeSourceArray(spike_times=times))
    source = sim.Population(1, sim.SpikeSourceArray())
    with pytest.raises(InvalidParameterValueError, match=what):
        source.set(spike_times=times)


@pytest.mark.parametrize(
    ("kind", "parameters", "cv"),
    [
        ("SpikeSourcePoisson", {"rate": 50.0}, 1.0),
        # The dead time is a fifth of the mean interval: the rest is exponential.
        ("SpikeSourcePoissonRefractory", {"rate": 50.0, "tau_refrac": 4.0}, 0.8),
        ("SpikeSourceGamma", {"alpha": 4.0, "beta": 200.0}, 0.5),
    ],
)
def test_random_sources_have_their_rate_and_irregularity_within_their_window(sim, kind, parameters, cv):
    sources = sim.Population(100, getattr(sim, kind)(start=100.0, duration=2000.0, **parameters))
    sources.record("spikes")
    sim.run(2500.0)
    trains = [train.magnitude for train in sources.get_data().segments[0].spiketrains]
    together = np.concatenate(trains)
    assert together.min() > 100.0
    assert together.max() <= 2100.0
    # The standard deviation of a count is near cv sqrt(n).
    assert len(together) == pytest.approx(100 * 2.0 * 50, abs=4 * cv * np.sqrt(100 * 2.0 * 50))
    intervals = np.concatenate([np.diff(train) for train in trains])
    assert intervals.std() / intervals.mean() == pytest.approx(cv, abs=0.05)


def test_the_first_spikes_of_a_gamma_process_follow_its_rate_as_that_changes(sim):
    a, b, tbins, n = np.array([2.0, 4.0, 1.0]), np.array([0.02, 0.004, 0.05]), np.array([5.0, 20.0, 35.0]), 2000
    sources = sim.Population(n, sim.SpikeSourceInhGamma(a=a, b=b, tbins=tbins, start=2.0, duration=148.0))
    sources.record("spikes")
    sim.run(200.0)
    trains = [train.magnitude for train in sources.get_data().segments[0].spiketrains]
    first = np.sort([train[0] for train in trains if len(train)])
    assert first[0] > 5.0
    assert max(train[-1] for train in trains if len(train)) <= 150.0
    # Each piece of the rate at an age t, the time from 0 on, is -d/dt log Gamma(a, t / b).
    log_survival = np.zeros(1501)
    t = np.arange(1501) * DT
    for k, (begin, end) in enumerate(zip(tbins, [*tbins[1:], 150.0], strict=True)):
        within = [np.log(gammaincc(a[k], 1e-3 * x / b[k])) for x in (np.clip(t, begin, end), begin)]
        log_survival += within[0] - within[1]
    found = np.searchsorted(first, t + 1e-6) / n
    # A bound that the largest distance (Kolmogorov-Smirnov) exceeds once in 1000 times; in a step of 0.1 ms the rate is
    # that of its end, which is nearly nothing beside.
    assert np.abs(found - (1 - np.exp(log_survival))).max() < 1.95 / np.sqrt(n)


def test_an_inhomogeneous_gamma_process_of_order_1_is_a_poisson_process(sim):
    sources = sim.Population(400, sim.SpikeSourceInhGamma(a=[1.0, 1.0], b=[0.1, 0.01], tbins=[0.0, 500.0]))
    sources.record("spikes")
    sim.run(1000.0)
    times = np.concatenate([train.magnitude for train in sources.get_data().segments[0].spiketrains])
    for count, expected in zip(np.histogram(times, [0.0, 500.05, 1000.05])[0], (400 * 5, 400 * 50), strict=True):
        assert count == pytest.approx(expected, abs=4 * np.sqrt(expected))
    sources.set(b=ArrayParameter([0.01, 0.005]), a=ArrayParameter([1.0, 1.0]), tbins=ArrayParameter([0.0, 1100.0]))
    sim.run(200.0)
    times = np.concatenate([train.magnitude for train in sources.get_data().segments[0].spiketrains])
    for count, expected in zip(np.histogram(times, [1000.05, 1100.05, 1200.05])[0], (400 * 10, 400 * 20), strict=True):
        assert count == pytest.approx(expected, abs=4 * np.sqrt(expected))


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("IF_curr_exp", "cm"),
        ("IF_cond_alpha", "tau_m"),
        ("HH_cond_exp", "tau_syn_I"),
        ("EIF_cond_exp_isfa_ista", "tau_w"),
        ("GIF_cond_exp", "tau_syn_E"),
        ("IF_facets_hardware1", "g_leak"),
    ],
)
def test_a_parameter_that_must_be_positive_is_refused_by_pynns_name(sim, kind, name):
    with pytest.raises(InvalidParameterValueError, match=f"^{kind}: {name} must be > 0, got -2.0"):
        sim.Population(2, getattr(sim, kind)(**{name: [1.0, -2.0]}))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"a": [1.0, 2.0]}, r"a, b and tbins need as many values, .* got \[1, 2\]"),
        ({"b": [-1.0]}, r"b must be > 0, got -1.0"),
        ({"a": [1.0, 1.0], "b": [1.0, 1.0], "tbins": [5.0, 5.0]}, r"tbins must increase, got \[\[5. 5.\]\] ms"),
    ],
)
def test_wrong_bins_of_a_gamma_process_are_refused(sim, wrong, message):
    with pytest.raises(InvalidParameterValueError, match=f"SpikeSourceInhGamma: {message}"):
        sim.Population(1, sim.SpikeSourceInhGamma(**wrong))


def test_a_cell_of_the_facets_hardware_has_its_membrane(sim):
    # C = 0.2 nF, dead time 1 ms; 5 ms by the leak. A current of 0.8 nA leads it 20 mV above rest.
    cells = sim.Population(1, sim.IF_facets_hardware1(g_leak=40.0, v_rest=-65.0, v_thresh=-50.0, v_reset=-65.0))
    cells.inject(sim.DCSource(amplitude=0.8))
    cells.record("spikes")
    sim.run(100.0)
    interval = 1.0 + np.ceil(5.0 * np.log(20.0 / 5.0) / DT) * DT
    assert_allclose(np.diff(spikes(cells)), interval, rtol=1e-10)


def test_random_sources_differ_between_segments_and_follow_the_seed():
    import pyNN.simcore as sim

    def counts(seed):
        sim.setup(rng_seed=seed)
        sources = sim.Population(50, sim.SpikeSourcePoisson(rate=100.0))
        sources.record("spikes")
        sim.run(100.0)
        sim.reset()
        sim.run(100.0)
        segments = sources.get_data().segments
        return [[len(train) for train in segment.spiketrains] for segment in segments]

    first, second = counts(1)
    assert first != second
    assert counts(1) == [first, second]
    assert counts(2)[0] != first


def test_random_sources_begin_anew_in_each_segment(sim):
    sources = sim.Population(20, sim.SpikeSourcePoisson(rate=500.0, start=10.0, duration=20.0))
    sources.record("spikes")
    for _ in range(2):
        sim.run(25.0)  # ends while they are on
        sim.reset()
    for segment in sources.get_data().segments:
        times = np.concatenate([train.magnitude for train in segment.spiketrains])
        assert len(times) > 50
        assert times.min() > 10.0


@pytest.mark.parametrize(
    ("parameters", "what"),
    [
        ({"tau_m": -1.0}, r"IF_cond_exp: tau_m must be > 0, got -1.0"),
        ({"v_reset": -40.0}, r"the cells: 'V_th' must be above 'V_reset'"),
        ({"tau_syn_E": [5.0, 0.0]}, r"IF_cond_exp: tau_syn_E must be > 0, got 0.0"),
    ],
)
def test_parameters_that_cannot_be_are_refused_where_they_are_given(sim, parameters, what):
    with pytest.raises(ValueError, match=what):
        sim.Population(2, sim.IF_cond_exp(**parameters), label="the cells")
    cells = sim.Population(2, sim.IF_cond_exp(), label="the cells")
    with pytest.raises(ValueError, match=what):
        cells.set(**parameters)
    assert cells.get(["tau_m", "v_reset", "tau_syn_E"]) == [20.0, -65.0, 5.0]
    sim.run(1.0)


def test_the_number_of_processes_of_a_generalised_cell_stays(sim):
    cells = sim.Population(1, sim.GIF_cond_exp())
    with pytest.raises(InvalidParameterValueError, match="with which a population is made"):
        cells.set(tau_eta=ArrayParameter([1.0] * 4), a_eta=ArrayParameter([1.0] * 4))
    with pytest.raises(InvalidParameterValueError, match="a_gamma and tau_gamma need as many values"):
        sim.Population(1, sim.GIF_cond_exp(tau_gamma=ArrayParameter([1.0])))
