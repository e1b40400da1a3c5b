"""Networks: names, inputs, errors, and time: what a run, a second run and a saved state have in common.

Jumps of V (Delta) and currents that do not decay (1e30 ms) make what arrives exact. A step is 0.1 ms.
"""

import jax
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import simcore as sc
from simcore.models import (
    LIF,
    AllToAll,
    Delta,
    Exponential,
    LIFRef,
    OneToOne,
    Pairs,
    PoissonInput,
    Projection,
    SpikeSource,
)
from simcore.runners import loop
from simcore.runners.record import event_buffer
from simcore.units import Hz, Mohm, mA, ms, mV, pA

DT = 0.1 * ms


def cells(n, **kwargs):
    return LIF(n, **({"tau": 10 * ms, "R": 100 * Mohm, "receptors": {"syn": Exponential(tau=5 * ms)}} | kwargs))


def two(delay=1.5 * ms, weight=20 * pA, n=20, **parts):
    """Return a network of two populations of n neurons: E drives I, one to one and back in a ring."""
    E, I = cells(n), cells(n)
    k = np.arange(n)
    E2I = Projection(E, I, connect=OneToOne(), weight=weight, delay=delay)
    I2E = Projection(I, E, connect=Pairs(k, (k + 1) % n), weight=-weight, delay=delay)
    return sc.Network(E=E, I=I, E2I=E2I, I2E=I2E, **parts)


DRIVE = {"E": np.linspace(10, 60, 20) * pA, "I": 9 * pA}
DELAYS = {"none": 0 * ms, "one": 1.5 * ms, "of each": np.arange(20) % 7 * 0.3 * ms}
# With no delay nothing is on its way from one run to the next.
BETWEEN_RUNS = [pytest.param("none", marks=pytest.mark.slow), "one", "of each"]
SOME_DELAYS = [*(pytest.param(delay, marks=pytest.mark.slow) for delay in ("none", "one")), "of each"]
MONITORS = ["E.V", "I.V", "I.syn.g", "E.spike", "I.spike"]


def trace(mon):
    return {k: np.asarray(getattr(v, "magnitude", v)) for k, v in mon.items() if k != "ts"}


def assert_same(a, b):
    assert a.keys() == b.keys()
    for k in a:
        assert_array_equal(a[k], b[k], err_msg=k)


def run(net, duration=20 * ms, **kwargs):
    return trace(sc.DSRunner(net, MONITORS, dt=DT, **kwargs).run(duration, inputs=DRIVE))


# ------------------------------------------------------------------ names


def test_names_are_the_paths():
    net = two()
    assert (net.E.name, net.E2I.name) == ("E", "E2I")
    assert list(net.populations()) == ["E", "I"]
    assert list(net.links()) == ["E2I", "I2E"]
    assert {"E.V_th", "E.syn.tau", "E2I.weight", "I2E.delay"} <= net.params().keys()
    net.init_state()
    assert {"E.V", "I.syn.g"} <= net.states().keys()
    assert sc.Network(E=cells(3, name="Purkinje")).E.name == "Purkinje"


def test_networks_of_networks():
    left, right = two(), two()
    bridge = Projection(left.I, right.E, connect=OneToOne(), weight=50 * pA, delay=0.5 * ms)
    net = sc.Network(left=left, right=right, bridge=bridge)
    assert list(net.populations()) == ["left.E", "left.I", "right.E", "right.I"]
    assert list(net.links()) == ["left.E2I", "left.I2E", "right.E2I", "right.I2E", "bridge"]
    drive = {f"left.{k}": v for k, v in DRIVE.items()}
    mon = trace(sc.DSRunner(net, [f"left.{m}" for m in MONITORS] + ["right.E.spike"], dt=DT).run(20 * ms, drive))
    assert mon["left.I.spike"].sum() > 20
    assert mon.pop("right.E.spike").sum() > 20  # driven through the bridge alone
    assert_same({k.removeprefix("left."): v for k, v in mon.items()}, run(two()))


def test_a_network_by_attributes_is_the_same_as_by_arguments():
    class Two(sc.Network):
        def __init__(self):
            super().__init__()
            net = two()
            self.E, self.I, self.E2I, self.I2E = net.E, net.I, net.E2I, net.I2E

    assert_same(run(Two()), run(two()))


def test_parts_of_other_kinds_and_names_of_its_own_are_refused():
    with pytest.raises(TypeError, match="'w' must be a population, a projection or a network, got 3"):
        sc.Network(w=3)
    with pytest.raises(ValueError, match="'update' cannot name a part"):
        sc.Network(update=cells(3))


def test_repr_names_the_class():
    assert repr(two()).startswith("Network(")
    E = cells(5)
    assert repr(E[1:3]) == "LIF[1:3]"


# ------------------------------------------------------------------ inputs


def test_inputs_go_by_population():
    runner = sc.DSRunner(two(), ["E.V", "I.V"], dt=DT)
    with pytest.raises(ValueError, match=r"Network has no population 'EE'; did you mean 'E'\? It has E, I"):
        runner.run(1 * ms, inputs={"EE": 1 * pA})
    with pytest.raises(ValueError, match=r"Network has no population 'inhibitory'\. It has E, I"):
        runner.run(1 * ms, inputs={"inhibitory": 1 * pA})
    with pytest.raises(TypeError, match=r"inputs go by population, e.g. inputs=\{'E': 200 \* pA\}"):
        runner.run(1 * ms, inputs=1 * pA)
    first = sc.Network(S=sc.models.SpikeSource(1, [1] * ms, [0]), P=sc.models.PoissonGroup(1, 1 * Hz), cells=LIF(1))
    with pytest.raises(TypeError, match=r"e\.g\. inputs=\{'cells': 200 \* pA\}"):  # a part that takes a current
        sc.DSRunner(first).run(1 * ms, inputs=1 * pA)
    with pytest.raises(ValueError, match=r"E: an input of the shape \(3,\) does not fit the population's \(20,\)"):
        runner.run(1 * ms, inputs={"E": np.ones(3) * pA})
    mon = runner.run(1 * ms, inputs={"I": 3 * pA})
    assert (mon["E.V"].magnitude == 0).all()
    # 3 pA through 100 MOhm; exponential Euler is exact.
    assert_allclose(mon["I.V"].m_as("mV"), 0.3 * (1 - np.exp(-mon.ts.m_as("ms") / 10))[:, None].repeat(20, 1))


def test_one_part_under_two_names_is_refused():
    cells = LIF(1)
    with pytest.raises(
        ValueError, match="Network: 'a' and 'b' are one part; make another one for 'b', or leave it out"
    ):
        sc.Network(a=cells, b=cells)


def test_an_input_of_a_wrong_unit_is_refused_at_the_line_that_uses_it():
    with pytest.raises(sc.DimensionalityError, match=r"lif.py:\d+, in .*: '\+' joins mV and pA"):
        sc.DSRunner(two(), dt=DT).run(1 * ms, inputs={"E": 1 * mV})
    with pytest.raises(sc.DimensionalityError, match="inputs needs a quantity"):
        sc.DSRunner(two(), dt=DT).run(1 * ms, inputs={"E": 1.0})


def test_waveforms_reach_their_population():
    ramp = sc.inputs.ramp_input(0 * pA, 60 * pA, 20 * ms, dt=DT)
    both = []
    for inputs in ({"E": ramp}, {"E": ramp, "I": 0 * pA}):
        both.append(trace(sc.DSRunner(two(), MONITORS, dt=DT).run(inputs=inputs)))
    assert both[0]["E.spike"].sum() > 20
    for k in MONITORS:  # the compiler may join a product and a sum
        assert_allclose(both[0][k], both[1][k], rtol=1e-12, atol=1e-14)


# ------------------------------------------------------------------ errors of construction


def test_projections_stay_within_the_network():
    net, stranger = sc.Network(E=cells(20)), cells(20)
    net.p = Projection(stranger, net.E, connect=OneToOne(), weight=1 * pA)
    with pytest.raises(ValueError, match=r"Network: pre of 'p' is LIF.*, which is not in the network"):
        sc.DSRunner(net, dt=DT).run(1 * ms)
    net.stranger = stranger
    sc.DSRunner(net, dt=DT).run(0 * ms)


def test_receptors_are_found_by_name():
    E, none = cells(3, receptors={"exc": Exponential(), "inh": Exponential()}), LIF(3)
    with pytest.raises(ValueError, match="LIF has no receptor 'exq'; it has exc, inh"):
        Projection(E, E, "exq", connect=AllToAll(), weight=1 * pA)
    with pytest.raises(ValueError, match="LIF has no receptor None; it has exc, inh"):
        Projection(E, E, connect=AllToAll(), weight=1 * pA)
    with pytest.raises(ValueError, match="it has none: give it some, receptors="):
        Projection(E, none, "exc", connect=AllToAll(), weight=1 * pA)


@pytest.mark.parametrize("name", ["V", "tau", "update", "receptors", "two words", "_g"])
def test_receptor_names_that_are_taken_are_refused(name):
    with pytest.raises(ValueError, match=f"LIF: {name!r} cannot name a receptor"):
        cells(3, receptors={name: Exponential()})


def test_a_receptor_belongs_to_one_model():
    shared = Exponential()
    cells(3, receptors={"syn": shared})
    with pytest.raises(ValueError, match="belongs to a model already; make one for each"):
        cells(3, receptors={"syn": shared})
    with pytest.raises(TypeError, match=r"the receptor 'syn' must be one of sc\.models"):
        cells(3, receptors={"syn": 3})


# ------------------------------------------------------------------ time


@pytest.mark.parametrize("delay", BETWEEN_RUNS)
def test_two_runs_are_one(delay):
    whole = run(two(DELAYS[delay]))
    assert whole["I.spike"].sum() > 20
    net = two(DELAYS[delay])
    runner = sc.DSRunner(net, MONITORS, dt=DT)
    parts = [trace(runner.run(t, inputs=DRIVE)) for t in (7.3 * ms, 12.7 * ms)]
    assert_same({k: np.concatenate([p[k] for p in parts]) for k in whole}, whole)
    runner.reset_state()
    assert_same(trace(runner.run(20 * ms, inputs=DRIVE)), whole)


@pytest.mark.parametrize("delay", BETWEEN_RUNS)
def test_another_runner_carries_on(delay):
    # Spikes on their way belong to the model, not to the count of a runner's steps.
    whole, net = run(two(DELAYS[delay])), two(DELAYS[delay])
    run(net, 7.3 * ms)
    assert_same(run(net, 12.7 * ms), {k: v[73:] for k, v in whole.items()})


@pytest.mark.parametrize("delay", [1.5 * ms, [1.5] * ms], ids=["one", "of each"])
def test_direct_calls_carry_on(delay):
    source, cell = SpikeSource(1, [0.5] * ms, [0]), cells(1, receptors={"syn": Exponential(tau=1e30 * ms)})
    p = Projection(source, cell, connect=OneToOne(), weight=1 * pA, delay=delay)
    net = sc.Network(source=source, cell=cell, p=p)
    sc.DSRunner(net, ["cell.syn.g"], dt=DT).run(0.6 * ms)
    for _ in range(4):  # to 1 ms
        net.update()
    mon = sc.DSRunner(net, ["cell.syn.g"], dt=DT, t0=1 * ms).run(1.2 * ms)
    arrival = np.argmax(mon["cell.syn.g"].m_as("pA")[:, 0] > 0)
    assert_allclose(mon.ts.m_as("ms")[arrival], 2.0)


@pytest.mark.parametrize("delay", BETWEEN_RUNS)
def test_saved_states_carry_on_to_the_bit(delay, tmp_path):
    net = two(DELAYS[delay])
    run(net, 7.3 * ms)
    net.save_states(tmp_path / "states")
    rest = run(net, 12.7 * ms)
    assert rest["I.spike"].sum() > 10
    net.load_states(tmp_path / "states")
    assert_same(run(net, 12.7 * ms), rest)
    new = two(DELAYS[delay], weight=1 * pA)
    run(new, DT)  # a network has room for spikes on their way once it has run
    new.load_states(tmp_path / "states.npz")
    assert_same(run(new, 12.7 * ms), rest)


@pytest.mark.parametrize("delay", ["one", "of each"])
def test_another_dt_waits_for_spikes_on_their_way(delay):
    net = two(DELAYS[delay])
    run(net, 10 * ms)
    with pytest.raises(ValueError, match=r"call reset_state\(\) first"):
        sc.DSRunner(net, dt=0.05 * ms).run(10 * ms, inputs=DRIVE)
    net.reset_state()
    after = 20 * ms if delay == "of each" else 0 * ms
    mon = sc.DSRunner(net, ["I.spike"], dt=0.05 * ms).run(after, inputs=DRIVE)
    assert mon["I.spike"].sum() > 20 or not after


@pytest.mark.parametrize("delay", SOME_DELAYS)
def test_jit_is_no_jit(delay):
    drive = {"E": np.linspace(300, 600, 20) * pA}
    compiled, plain = (  # each delay a third of that, so that all spikes arrive in few steps
        trace(sc.DSRunner(two(DELAYS[delay] / 3), MONITORS, dt=DT, jit=jit).run(0.9 * ms, inputs=drive))
        for jit in (True, False)
    )
    assert (compiled["I.syn.g"][-1] != 0).sum() > 10
    assert compiled["E.spike"].sum() > 20
    for k in compiled:  # the compiler may join a product and a sum
        assert_allclose(plain[k], compiled[k], rtol=1e-12, atol=1e-14)


def test_equal_networks_share_one_program():
    run(two(1.5 * ms))
    size = loop.advance._cache_size()
    run(two(1.5 * ms, weight=7 * pA))
    run(two(1.5 * ms), seed=4, t0=5 * ms)
    assert loop.advance._cache_size() == size


@pytest.mark.parametrize("delay", BETWEEN_RUNS)
def test_a_network_is_a_pytree(delay):
    net = two(DELAYS[delay])
    first = run(net, 7.3 * ms)
    leaves, structure = jax.tree.flatten(net)
    copy = jax.tree.unflatten(structure, leaves)
    assert copy.E2I.pre.population is copy.E
    assert jax.tree.structure(copy) == structure
    assert_same(run(copy, 12.7 * ms), run(net, 12.7 * ms))
    assert first["E.spike"].sum() > 0


@pytest.mark.slow  # test_seeds.py compares whole networks of one seed, and of two
def test_the_seed_is_all_that_noise_depends_on():
    def noisy(seed):
        net = two()
        net.noise = PoissonInput(net.E, n=100, rate=100 * Hz, weight=5 * pA)
        return run(net, seed=seed)

    first = noisy(1)
    assert_same(first, noisy(1))
    assert (first["E.V"] != noisy(2)["E.V"]).any()


# ------------------------------------------------------------------ all spikes are recorded


def bursting(n):
    """Return neurons that spike in every step: 100 mA through 1 ohm in 0.1 ms reach 1 mV from 0 mV."""
    return sc.Network(E=LIF((4, n), tau=5 * ms), I=LIF(7, tau=5 * ms))


def recorded(mon):
    steps = np.round(mon["E.spike_events"].times.m_as("ms") / 0.1).astype(int) - 1
    spikes = np.zeros(mon["E.spike"].shape, bool)
    spikes[(steps, *mon["E.spike_events"].indices.T)] = True
    assert spikes.sum() == len(steps)  # none twice
    return spikes


@pytest.mark.parametrize(("chunk", "n"), [(None, 10), (2**11, 11)])
def test_no_spike_is_lost_where_the_room_for_events_is_tiny(chunk, n, monkeypatch):
    monitors, programs = ["E.spike_events", "E.spike", "I.spike_events"], loop.advance._cache_size()
    monkeypatch.setattr(event_buffer, "EVENTS", 1)  # so that it holds the spikes of two steps
    if chunk:
        monkeypatch.setattr(loop, "CHUNK_BYTES", chunk)
    mon = sc.DSRunner(bursting(n), monitors, dt=DT).run(10 * ms, inputs={"E": 100 * mA, "I": 100 * mA})
    assert loop.advance._cache_size() > programs  # one of n of its own: the room is no part of a program's key
    assert mon["E.spike"].all()
    assert_array_equal(recorded(mon), mon["E.spike"])
    assert (np.diff(mon["E.spike_events"].times.m_as("ms")) >= 0).all()
    assert len(mon["I.spike_events"].times) == 700


@pytest.mark.parametrize("delay", SOME_DELAYS)
def test_results_do_not_depend_on_the_chunks(delay, monkeypatch):
    whole = run(two(DELAYS[delay]))
    monkeypatch.setattr(loop, "CHUNK_BYTES", 2**14)  # some 30 of the 200 steps
    assert_same(run(two(DELAYS[delay])), whole)


# ------------------------------------------------------------------ jumps of V


def jumps(weight, delay, times, drive=0 * mA, kind=LIF, **kwargs):
    """Return (V, spike) after each of 20 steps of a neuron without leak, threshold 1 mV, on which jumps arrive."""
    cell = kind(1, receptors={"jump": Delta()}, **({"tau": 1e30 * ms, "spk_reset": "hard"} | kwargs))
    times = [*times, *range(10, 30)][:20]  # as many for all, so that they share programs; those from 10 ms on: too late
    source = SpikeSource(1, np.array(times) * ms, np.zeros(len(times), int))
    net = sc.Network(
        cell=cell, p=Projection(source, cell, connect=AllToAll(), weight=weight, delay=delay), source=source
    )
    mon = sc.DSRunner(net, ["cell.V", "cell.spike"], dt=DT).run(2 * ms, inputs={"cell": drive})
    return mon["cell.V"].m_as("mV")[:, 0], mon["cell.spike"][:, 0]


@pytest.mark.parametrize("precision", [pytest.param("float32", marks=pytest.mark.slow), "float64"], indirect=True)
@pytest.mark.parametrize("delay", [0.0, 0.1, 0.7])
def test_a_jump_is_in_V_at_the_time_it_arrives(delay, precision):
    V, spike = jumps(0.25 * mV, delay * ms, times=[0.5, 0.6])
    first = 4 + round(delay / 0.1)  # recorded from the step that ends at 0.5 ms + delay
    expected = np.zeros(20)
    expected[first:] = 0.25
    expected[first + 1 :] = 0.5
    assert_array_equal(V, expected)
    assert not spike.any()


def test_a_jump_over_the_threshold_is_followed_by_a_spike_one_step_later():
    V, spike = jumps(3 * mV, 0.7 * ms, times=[0.1])
    assert V[7] == 3  # at 0.8 ms
    assert_array_equal(np.flatnonzero(spike), [8])
    assert_array_equal(V[8:11], [3, 0, 0])


def test_a_jump_is_no_spike_for_direct_calls_either():
    cell = LIF(1, tau=1e30 * ms, spk_reset="hard", receptors={"jump": Delta()})
    source = SpikeSource(1, [0.1] * ms, [0])
    net = sc.Network(cell=cell, source=source, p=Projection(source, cell, connect=AllToAll(), weight=3 * mV))
    spikes = [float(net.update()["cell"][0]) for _ in range(3)]
    assert spikes == [0, 1, 0]


def test_a_jump_that_comes_with_a_spike_is_reset_with_it():
    # The neuron crosses at 0.3 ms, when a jump arrives too: it adds to the V that is recorded, and the hard reset at
    # the start of the next step sets V to V_reset.
    drive = 4 * mA  # of 1 ohm: V = 4 (1 - exp(-t / tau)), 1 at 0.288 tau
    V, spike = jumps(0.25 * mV, 0 * ms, times=[0.3], drive=drive, tau=1 * ms)
    assert_array_equal(np.flatnonzero(spike)[0], 2)
    assert_allclose(V[2], 4 * (1 - np.exp(-0.3)) + 0.25)
    assert_allclose(V[3], 4 * (1 - np.exp(-0.1)))


@pytest.mark.parametrize("reset", ["hard", "soft"])
def test_a_jump_below_the_threshold_survives_the_spike_of_the_step_before(reset):
    # A jump over the threshold at 0.1 ms, its spike at 0.2 ms; another jump at 0.3 ms comes after the reset for it.
    V, spike = jumps(1.5 * mV, 0 * ms, times=[0.1, 0.3], spk_reset=reset)
    after = 0.0 if reset == "hard" else 0.5
    assert_array_equal(np.flatnonzero(spike)[:2], [1, 3])
    assert_allclose(V[:5], [1.5, 1.5, after + 1.5, after + 1.5, 0.0 if reset == "hard" else 1.0])


def test_jumps_that_reach_a_refractory_neuron_are_dropped():
    # Held in the five steps after a spike: jumps at its time and up to 0.4 ms later are dropped, and act from
    # t + tau_ref on, like those at any time after it.
    V, spike = jumps(0.75 * mV, 0 * ms, times=np.arange(1, 21) * 0.1, kind=LIFRef, tau_ref=0.5 * ms)
    first = np.flatnonzero(spike)[0]
    assert first == 2  # 0.75 at 0.1 ms, 1.5 at 0.2 ms, found by the test at 0.3 ms
    assert_array_equal(V[: first + 7], [0.75, 1.5, 1.5, 0, 0, 0, 0, 0.75, 1.5])
    assert_array_equal(np.diff(np.flatnonzero(spike)), 7)


def test_jumps_of_each_synapse_arrive_after_their_own_delay():
    cell, source = LIF(3, tau=1e30 * ms, receptors={"jump": Delta()}), SpikeSource(3, [0.1] * 3 * ms, [0, 1, 2])
    p = Projection(source, cell, connect=OneToOne(), weight=0.25 * mV, delay=[0, 0.1, 0.5] * ms)
    V = sc.DSRunner(sc.Network(cell=cell, source=source, p=p), ["cell.V"], dt=DT).run(1 * ms)["cell.V"].m_as("mV")
    assert_array_equal(np.argmax(V > 0, axis=0), [0, 1, 5])
    assert_array_equal(V[-1], [0.25] * 3)


def test_a_view_has_each_neuron_once():
    with pytest.raises(ValueError, match="LIF: a view has each neuron at most once"):
        sc.models.LIF(5)[[1, 2, 1]]


def test_projections_of_a_subclass_share_the_ring():
    class Own(sc.models.Projection):
        pass

    source = sc.models.SpikeSource(2, [0.1, 0.1] * ms, [0, 1])
    cells = sc.models.LIF(2, receptors={"syn": sc.models.Exponential(tau=1e9 * ms)})
    kinds = {"a": sc.models.Projection, "b": Own}
    parts = {k: kind(source, cells, connect=([0, 1], [0, 1]), weight=w * pA, delay=[0.1, 0.3] * ms)
             for (k, kind), w in zip(kinds.items(), (1.0, 10.0), strict=True)}  # fmt: skip
    net = sc.Network(source=source, cells=cells, **parts)
    mon = sc.DSRunner(net, monitors={"g": "cells.syn.g"}, dt=0.1 * ms).run(0.5 * ms)
    assert_allclose(mon.g.m_as("pA"), [[0, 0], [11, 0], [11, 0], [11, 11], [11, 11]], rtol=1e-9)


# ------------------------------------------------------------------ what brings the spikes


def test_spikes_on_their_way_are_states_with_paths():
    net = two(DELAYS["of each"])
    net.late = Projection(net.E, net.I, connect=OneToOne(), weight=1 * pA, delay=2 * ms)
    run(net, 0 * ms)
    assert {"E.sent.spikes", "E.sent.slot", "ring_pA.arrivals", "ring_pA.slot"} <= net.states().keys()
    # 20 slots and the present one, of 20 neurons as 32 bits; delays of up to 1.8 ms at 2 populations of 20.
    assert net.E.sent.spikes.raw.shape == (21, 1, 1)
    assert net.ring_pA.arrivals.value.shape == (1, 19 * 40)
    assert net.ring_pA.arrivals.value.check("pA")
    net.late.delay = 0 * ms
    net.reset_state()
    run(net, 0 * ms)
    assert net.E.sent is None


def test_a_network_that_ran_alone_becomes_a_part_of_another_once_no_spikes_are_on_their_way():
    alone = run(two(DELAYS["of each"]))
    left = two(DELAYS["of each"])
    run(left)
    whole = sc.Network(left=left)
    drive = {f"left.{k}": v for k, v in DRIVE.items()}
    runner = sc.DSRunner(whole, [f"left.{m}" for m in MONITORS], dt=DT)
    with pytest.raises(ValueError, match=r"spikes are on their way through other projections; call reset_state\(\)"):
        runner.run(20 * ms, inputs=drive)
    left.reset_state()
    mon = trace(runner.run(20 * ms, inputs=drive))
    assert_same({k.removeprefix("left."): v for k, v in mon.items()}, alone)
    assert "ring_pA.arrivals" in whole.states()
    assert "left.ring_pA.arrivals" not in whole.states()


def test_a_projection_that_joins_a_ring_waits_for_the_spikes_in_it():
    net = two(DELAYS["of each"])
    run(net, 10 * ms)
    net.more = Projection(net.E, net.I, connect=OneToOne(), weight=1 * pA, delay=DELAYS["of each"])
    with pytest.raises(ValueError, match=r"call reset_state\(\) first"):
        run(net)
    net.reset_state()
    run(net, 0 * ms)
    assert [link is net.more for link in net.ring_pA.links] == [False, False, True]


def test_what_brings_spikes_does_not_take_the_name_of_a_part():
    net = two(DELAYS["of each"])
    net.ring_pA = cells(2)
    with pytest.raises(ValueError, match="Network: 'ring_pA' cannot name a part"):
        run(net)
