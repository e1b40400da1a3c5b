"""Gates of presynaptic neurons and what hands them over: closed forms of a pulse, SciPy's solver, dense sums."""

import itertools

import jax
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.integrate import solve_ivp

import simcore as sc
from simcore.models import AllToAll, AMPAGate, FixedProbability, GABAaGate, Gated, GatedNMDA, GateProjection, NMDAGate
from simcore.units import Mohm, mM, ms, mV, nS, pA

DT = 0.1


def spiking(n, times, indices, **parts):
    """Return a network in which neurons with these parts spike at these times."""
    cells = sc.models.LIFRef(n, tau_ref=0 * ms, V_th=10 * mV, V_reset=0 * mV, tau=0.2 * ms, parts=parts,
                             receptors={"kick": sc.models.Delta()})  # fmt: skip
    source = sc.models.SpikeSource(n, np.asarray(times) * ms, indices)
    kick = sc.models.Projection(source, cells, "kick", connect=sc.models.OneToOne(), weight=20 * mV)
    return sc.Network(source=source, cells=cells, kick=kick)


def run(net, duration, monitors, dt=DT):
    return sc.DSRunner(net, monitors, dt=dt * ms, progress_bar=False).run(duration * ms)


def pulses(t, spikes, alpha, beta, duration):
    """Return s at t: up while a pulse lasts, which the spikes of `spikes` begin or make last anew; T = 1 mM."""
    s, at = 0.0, 0.0
    ends = [min(now + duration, after) for now, after in zip(spikes, [*spikes[1:], np.inf], strict=True)]
    for begin, end in zip(spikes, ends, strict=True):
        s, at = s * np.exp(-beta * (min(begin, t) - at)), min(begin, t)
        up = alpha / (alpha + beta)
        s, at = up + (s - up) * np.exp(-(alpha + beta) * (min(end, t) - at)), min(end, t)
    return s * np.exp(-beta * (t - at))


@pytest.mark.parametrize(("gate", "alpha", "beta", "precision"), [
    (AMPAGate, 1.1, 0.19, "float64"), (GABAaGate, 5.0, 0.18, "float32"),
    pytest.param(AMPAGate, 1.1, 0.19, "float32", marks=pytest.mark.slow),
    pytest.param(GABAaGate, 5.0, 0.18, "float64", marks=pytest.mark.slow),
], indirect=["precision"])  # fmt: skip
def test_pulses_open_the_gates_as_their_equation_says(precision, gate, alpha, beta):
    spikes = [1.0, 5.0, 5.5, 9.0]  # the third within the pulse of the second
    net = spiking(1, spikes, [0] * 4, gate=gate(duration=0.75 * ms))  # the last step of a pulse is half over
    mon = run(net, 15, ["cells.spike_events", "cells.gate.s"])
    at = mon["cells.spike_events"].times.m_as("ms")
    assert_allclose(at, np.array(spikes) + DT, atol=1e-4)
    t = DT * np.arange(1, 151)
    expected = np.array([pulses(time, at, alpha, beta, 0.75) for time in t])
    in_step = np.any([(t > a + 0.7) & (t < a + 0.8) for a in at], axis=0)  # only there the mean of T is not T
    assert_allclose(mon["cells.gate.s"].m[~in_step, 0], expected[~in_step], atol=2e-3)
    assert_allclose(mon["cells.gate.s"].m[:17, 0], expected[:17], rtol=2e-6 if precision == "float32" else 1e-10)
    assert expected.max() > 0.3


def test_nmda_gates_are_those_of_their_equations():
    spikes = [1.0, 4.0, 8.0, 20.0]
    mon = run(spiking(1, spikes, [0] * 4, gate=NMDAGate()), 60, ["cells.gate.s", "cells.gate.x"], dt=0.01)
    s, x, t = 0.0, 0.0, 0.0
    for spike in [*(np.array(spikes) + 0.01), 60.0]:
        rates = lambda _, y: (-y[0] / 100 + 0.5 * y[1] * (1 - y[0]), -y[1] / 2)  # noqa: E731
        s, x = solve_ivp(rates, (t, spike), (s, x), rtol=1e-10, atol=1e-12).y[:, -1]
        x, t = x + 1, spike
    assert_allclose(mon["cells.gate.s"].m[-1, 0], s, rtol=2e-3)
    assert_allclose(mon["cells.gate.x"].m[-1, 0], x - 1, rtol=1e-6, atol=1e-9)
    assert s > 0.5


def test_nmda_gates_act_as_those_of_nest():
    """iaf_bw_2001_exact of NEST 3.10.0 (make_nest_gates.py): t, open share and V of the postsynaptic neuron."""
    nest = np.array([[15, 0.406827, -69.988789], [25, 0.945064, -69.788239], [50, 0.876108, -69.544866],
                     [100, 0.533929, -69.596082]])  # fmt: skip
    net = spiking(1, np.array([12.5, 14.95, 17.35, 21.0, 41.95]) - 0.05, [0] * 5, gate=NMDAGate())
    cells = {"R": 40 * Mohm, "tau": 20 * ms, "V_rest": -70 * mV, "V_reset": -70 * mV, "V_th": 100 * mV}
    net.post = sc.models.LIFRef(1, **cells, receptors={"nmda": GatedNMDA()})
    net.link = GateProjection(net.cells, net.post, connect=AllToAll(), weight=5 * nS, delay=1 * ms)
    mon = run(net, 100, ["cells.gate.s", "post.V"], dt=0.05)
    step = np.round(nest[:, 0] / 0.05).astype(int) - 1
    assert_allclose(mon["cells.gate.s"].m[step - 20, 0], nest[:, 1], rtol=2e-3)
    assert_allclose(mon["post.V"].m[step, 0], nest[:, 2], atol=2e-3)  # of 0.46 mV


def test_many_spikes_open_all_and_no_more():
    net = spiking(1, 1 + np.arange(0.5, 80, 0.5), np.zeros(159, int), gate=AMPAGate())
    s = run(net, 80, ["cells.gate.s"])["cells.gate.s"].m
    assert_allclose(s[-1], 1.1 / (1.1 + 0.19), rtol=1e-6)
    assert s.max() <= 1


CONNECTIONS = {
    "all": (AllToAll(), 0.5),
    "some": (FixedProbability(0.4), 0.5),
    "a matrix": (AllToAll(), np.arange(12.0).reshape(3, 4) / 10),
}


# Each kind of connections and each of delays; the other pairs are for the long run.
SHORT = [("all", 0.0), ("some", 0.5), ("a matrix", "drawn"), ("some", "drawn")]
PAIRS = [pytest.param(*pair, marks=() if pair in SHORT else pytest.mark.slow)
         for pair in itertools.product(CONNECTIONS, [0.0, 0.5, "drawn"])]  # fmt: skip


@pytest.mark.parametrize(("connections", "delay"), PAIRS)
def test_the_conductance_is_the_weighted_sum_of_the_gates(connections, delay):
    rule, weight = CONNECTIONS[connections]
    net = spiking(3, [1, 2, 2.5], [0, 1, 2], opens=AMPAGate())
    net.post = sc.models.LIFRef(4, receptors={"ampa": Gated(), "other": sc.models.Exponential()})
    times = sc.init.Uniform(0.1 * ms, 1 * ms) if delay == "drawn" else delay * ms
    net.link = GateProjection(net.cells, net.post, receptor="ampa", connect=rule, weight=weight * nS, delay=times)
    mon = run(net, 6, ["cells.opens.s", "post.ampa.g"])
    s, g = mon["cells.opens.s"].m, mon["post.ampa.g"].m
    pre, post = net.link.synapses()
    weights = np.broadcast_to(net.link.weights(), pre.shape)
    steps = np.broadcast_to(net.link.delay_steps(DT), pre.shape)
    expected = np.zeros_like(g)
    for j, i, w, d in zip(pre, post, weights, steps, strict=True):  # what a step finds is what the step before left
        expected[d + 1 :, i] += w * s[: len(s) - d - 1, j]
    assert_allclose(g, expected, rtol=1e-6, atol=1e-9)
    assert g.max() > 0.1


def test_a_view_sends_and_receives_for_itself():
    net = spiking(3, [1, 1, 1], [0, 1, 2], opens=AMPAGate())
    net.post = sc.models.LIFRef(4, receptors={"ampa": Gated()})
    net.link = GateProjection(net.cells[1:], net.post[:2], connect=AllToAll(), weight=1 * nS)
    mon = run(net, 3, ["cells.opens.s", "post.ampa.g"])
    assert_allclose(mon["post.ampa.g"].m[1:, 0], mon["cells.opens.s"].m[:-1, 1:].sum(1), rtol=1e-6)
    assert_array_equal(mon["post.ampa.g"].m[:, 2:], 0)


def test_the_current_is_that_of_the_open_receptors():
    """At rest, one gate held open: V settles where the leak and g (E - V), with what magnesium leaves, are equal."""

    class Open(sc.models.Gate):
        def derivative(self, V, s):
            return 0 * s / (1 * sc.units.quantity(1.0, "ms"))

    pre = sc.models.LIFRef(1, parts={"opens": Open()})
    cells = {"V_rest": -70 * mV, "V_th": 30 * mV, "V_reset": -70 * mV, "R": 100 * Mohm, "tau": 10 * ms}
    post = sc.models.LIFRef(1, **cells, receptors={"nmda": GatedNMDA(Mg=0.5 * mM), "gaba": Gated(reversal=-80 * mV)})
    links = {r: GateProjection(pre, post, receptor=r, connect=AllToAll(), weight=w * nS)
             for r, w in (("nmda", 4.0), ("gaba", 2.0))}  # fmt: skip
    net = sc.Network(pre=pre, post=post, **links)
    net.init_state()
    pre.opens.s.value = [1.0]
    V = run(net, 300, ["post.V"])["post.V"].m[-1, 0]
    block = 1 / (1 + 0.5 / 3.57 * np.exp(-0.062 * V))
    assert_allclose((-70 - V) / 0.1 + 4 * block * (0 - V) + 2 * (-80 - V), 0, atol=1e-3)
    assert -70 < V < -69.5


def test_what_a_network_has_left_does_not_act_on_a_neuron_outside():
    net = spiking(1, [1.0], [0], opens=AMPAGate())
    net.post = sc.models.LIFRef(1, receptors={"ampa": Gated(reversal=60 * mV)}, V_th=50 * mV)
    net.link = GateProjection(net.cells, net.post, connect=AllToAll(), weight=10 * nS)
    run(net, 2, [])
    assert net.post.ampa.g.value.m[0] > 1
    net.post.V.value = [0] * mV
    net.post(0 * pA)
    assert net.post.V.value.m[0] == 0


def test_gradients_reach_weights_and_the_rates_of_gates():
    net = spiking(2, [1, 2], [0, 1], opens=AMPAGate())
    net.post = sc.models.LIFRef(1, receptors={"ampa": Gated(reversal=60 * mV)}, V_th=50 * mV, R=100 * Mohm)
    net.link = GateProjection(net.cells, net.post, connect=AllToAll(), weight=1 * nS)
    net.init_state()
    runs = sc.unroll(net, 5 * ms)
    point = {"link.weight": 1.0, "cells.opens.alpha": 1.1}

    slopes = jax.jit(jax.grad(lambda params: runs(params)[0]["post"].sum()))(point)  # by the surrogate, of no spikes
    assert all(np.isfinite(slope) and slope > 0 for slope in slopes.values())


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda pre, post: sc.models.Projection(pre, post, "ampa", connect=AllToAll(), weight=1 * nS), TypeError,
         "'ampa' of LIFRef is Gated, which gates of presynaptic neurons open: they come by a GateProjection"),
        (lambda pre, post: sc.models.PoissonInput(post, "ampa", n=1, rate=1 * sc.units.Hz, weight=1 * nS), TypeError,
         "they come by a GateProjection"),
        (lambda pre, post: GateProjection(pre, post, gate="a", receptor="exp", connect=AllToAll(), weight=1 * nS),
         TypeError, "'exp' of LIFRef is Exponential, which spikes open: they come by a Projection"),
        (lambda pre, post: GateProjection(pre, post, receptor="ampa", connect=AllToAll(), weight=1 * nS), ValueError,
         "LIFRef has no gate None; it has a, b"),
        (lambda pre, post: GateProjection(post, post, receptor="ampa", connect=AllToAll(), weight=1 * nS), ValueError,
         r"LIFRef has no gate None; it has none: give it one, parts=\{'opens': AMPAGate\(\)\}"),
        (lambda pre, post: GateProjection(pre, post, gate="a", receptor="ampa", connect=AllToAll(), weight=1 * pA),
         sc.DimensionalityError, "'weight' needs a quantity in nS"),
        (lambda pre, post: GateProjection(pre, post, gate="a", receptor="ampa", connect=AllToAll(), weight=-1 * nS),
         ValueError, "'weight' must be >= 0"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(make, error, message):
    pre = sc.models.LIFRef(2, parts={"a": AMPAGate(), "b": NMDAGate()})
    post = sc.models.LIFRef(2, receptors={"ampa": Gated(), "exp": sc.models.Exponential()})
    with pytest.raises(error, match=message):
        make(pre, post)


def test_a_summary_names_gate_and_receptor():
    cells, post = sc.models.LIFRef(2, parts={"opens": AMPAGate()}), sc.models.LIFRef(3, receptors={"ampa": Gated()})
    link = GateProjection(cells, post, connect=AllToAll(), weight=1 * nS)
    sc.Network(cells=cells, post=post, link=link)
    assert link.describe() == "cells.opens -> post.ampa: 6 connections, weight 1 nS, delay 0 ms"
