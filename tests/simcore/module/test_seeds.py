"""Seeds: one at the top of a script is safe; what is drawn depends on it, on the path in the network and on the use."""

import itertools

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import simcore as sc
from simcore.init import Normal, Uniform
from simcore.models import LIF, AllToAll, Exponential, FixedInDegree, FixedProbability, PoissonGroup, Projection
from simcore.units import Hz, mA, ms, mV, ohm, pA

N, SEED = 100, 7


def cells(seed=None, n=N, **kwargs):
    return LIF(n, tau=Normal(20 * ms, 1 * ms, seed=seed), V_initializer=Uniform(0 * mV, 0.5 * mV, seed=seed),
               noise="0.01 mV/ms**0.5", receptors={"e": Exponential(tau=5 * ms)}, **kwargs)  # fmt: skip


def random_synapses(pre, post, seed=None):
    return Projection(pre, post, "e", connect=FixedInDegree(30), weight=Normal(10 * pA, 1 * pA, seed=seed),
                      delay=Uniform(1 * ms, 3 * ms, seed=seed), seed=seed)  # fmt: skip


def network(network_seed=None, seed=None):
    """Two of each of a kind, alike but for their names; `seed` is given to each part."""
    E, I = cells(seed), cells(seed)
    A, B = (PoissonGroup(N, 5000 * Hz, seed=seed) for _ in range(2))
    return sc.Network(
        seed=network_seed, E=E, I=I, A=A, B=B, EE=random_synapses(E, E, seed), EI=random_synapses(E, I, seed)
    )


def draws(net, runner_seed=0):
    """Return what is drawn, by name: as many numbers of each, but of `tau` and V."""
    mon = sc.DSRunner(net, {"E": "E.V", "I": "I.V", "A": "A.spike", "B": "B.spike"}, seed=runner_seed).run(20 * ms)
    net.reset_state()
    of = {f"{name}.tau": net.nodes()[name].tau.m for name in "EI"} | {
        f"{name}.V": net.nodes()[name].V.value.m for name in "EI"
    }
    for name in ("EE", "EI"):
        p = net.nodes()[name]
        pre, post = p.synapses()
        connected = np.zeros((N, N))
        np.add.at(connected, (pre, post), 1)
        of |= {f"{name}.connections": connected, f"{name}.weight": p.weight.m, f"{name}.delay": p.delay_steps(0.001)}
    noise = {f"{k}.noise": np.diff(mon[k].m[:, ::2], axis=0) for k in "EI"}
    return {k: np.ravel(v).astype(float) for k, v in (of | noise | {f"{k}.spikes": mon[k] for k in "AB"}).items()}


def correlations(first, second):
    """Return the correlation of each pair, in standard errors of that of independent numbers."""
    pairs = itertools.product(first, second) if first is not second else itertools.combinations(first, 2)
    sizes = {(a, b): min(first[a].size, second[b].size) for a, b in pairs}
    return {(a, b): np.corrcoef(first[a][:n], second[b][:n])[0, 1] * np.sqrt(n) for (a, b), n in sizes.items()}


@pytest.fixture(scope="module")
def drawn():
    return {key: draws(network(*key)) for key in ((None, None), (1, None), (2, None), (None, SEED))}


@pytest.mark.parametrize("key", [(None, None), (1, None), (None, SEED)])
def test_whatever_is_drawn_with_one_seed_is_independent_of_all_else(drawn, key):
    errors = correlations(drawn[key], drawn[key])
    assert len(errors) == 14 * 13 / 2
    assert {pair: e for pair, e in errors.items() if abs(e) > 5} == {}  # one of 10^6 independent pairs


def test_networks_of_two_seeds_are_independent_of_one_another(drawn):
    for one, other in itertools.combinations([(None, None), (1, None), (2, None)], 2):
        errors = correlations(drawn[one], drawn[other])
        assert {pair: e for pair, e in errors.items() if abs(e) > 5} == {}


def test_networks_of_one_seed_are_equal_to_the_bit(drawn):
    for key in ((1, None), (None, SEED)):
        for name, values in draws(network(*key)).items():
            assert_array_equal(values, drawn[key][name], err_msg=name)


def test_the_seed_of_a_runner_changes_noise_and_spikes_alone(drawn):
    other = draws(network(1), runner_seed=5)
    same = {name for name, values in other.items() if np.array_equal(values, drawn[1, None][name])}
    assert {name for name in other if name not in same} == {"E.noise", "I.noise", "A.spikes", "B.spikes"}


def test_projections_that_nobody_gave_a_seed_are_independent():
    # PyNN #404: of so many synapses p = 0.02 are shared by chance.
    A, B = (LIF(800, receptors={"e": Exponential(tau=5 * ms)}, name=name) for name in "AB")
    one, two = (Projection(A, post, "e", connect=FixedProbability(0.02), weight=1 * pA) for post in (A, B))
    sets = [set(zip(*(x.tolist() for x in p.synapses()), strict=True)) for p in (one, two)]
    shared, expected = len(sets[0] & sets[1]), 0.02 * len(sets[0])
    assert abs(shared - expected) < 5 * np.sqrt(expected)


def test_two_networks_within_one_differ_by_their_paths_and_a_seed_of_their_own_holds_below_it():
    def column(seed=None):
        E = cells(n=1000)
        return sc.Network(E=E, seed=seed)

    net = sc.Network(a=column(), b=column(), c=column(3), seed=1)
    other = sc.Network(a=column(), b=column(), c=column(3), seed=2)
    tau = {name: net.nodes()[f"{name}.E"].tau.m for name in "abc"}
    for one, two in itertools.combinations(tau.values(), 2):
        assert abs(np.corrcoef(one, two)[0, 1]) < 5 / np.sqrt(1000)
    assert_array_equal(other.c.E.tau.m, net.c.E.tau.m)
    assert np.all(other.a.E.tau.m != net.a.E.tau.m)


def test_noise_below_a_network_with_a_seed_of_its_own_depends_on_it():
    def V(seed, outer=None):
        inner = sc.Network(E=LIF(5, noise="0.01 mV/ms**0.5"), seed=seed)
        return sc.DSRunner(sc.Network(inner=inner, seed=outer), {"V": "inner.E.V"}).run(0.1 * ms).V.m

    assert_array_equal(V(3), V(3))
    assert np.all(V(3) != V(4))
    assert np.all(V(3) != V(None))
    assert np.all(V(None, 1) != V(None, 2))


def test_what_was_looked_at_before_it_was_in_a_network_stays_with_a_warning():
    E = cells()
    tau = E.tau
    with pytest.warns(UserWarning, match="E: 'tau' was read before it was in a network: what was drawn") as told:
        net = sc.Network(E=E, seed=1)
    assert told[0].filename == __file__
    assert_array_equal(net.E.tau.m, tau.m)
    p = random_synapses(E, E)
    pre, post = p.synapses()
    p.weight = (pre + post) * pA
    with pytest.warns(UserWarning, match="its synapses were looked at before it was in a network"):
        net.EE = p
    assert_array_equal(net.EE.synapses(), (pre, post))
    assert_array_equal(net.EE.weight.m, pre + post)


def test_what_has_a_seed_of_its_own_may_be_looked_at():
    E = cells(seed=SEED)
    tau, p = E.tau, random_synapses(E, E, SEED)
    synapses = p.synapses()
    net = sc.Network(E=E, EE=p, seed=1)
    assert_array_equal(net.E.tau.m, tau.m)
    assert_array_equal(net.EE.synapses(), synapses)


def test_printing_a_model_is_not_looking():
    E = cells()
    assert "tau=" in repr(E)
    p = random_synapses(E, E)
    assert repr(p) == "Projection(LIF -> LIF.e: FixedInDegree(n=30), drawn when first needed)"
    assert "drawn when first needed" in p._repr_html_()
    net = sc.Network(E=E, EE=p, seed=1)
    net.EE.synapses()
    assert "3 000 synapses, weight" in repr(net.EE)


def test_a_seed_that_is_set_draws_anew_what_may_be_drawn_anew():
    net, other = sc.Network(E=cells()), sc.Network(E=cells(), seed=1)
    before = net.E.tau.m
    net.seed = 1
    assert_array_equal(net.E.tau.m, other.E.tau.m)
    assert np.all(net.E.tau.m != before)
    net.E.seed = 2
    assert np.all(net.E.tau.m != other.E.tau.m)


@pytest.mark.parametrize("part", ["", "EE"])
def test_a_seed_is_refused_once_synapses_have_been_drawn_with_another(part):
    net = sc.Network(E=(E := cells()), EE=random_synapses(E, E))
    net.seed = 1
    net.EE.synapses()
    with pytest.raises(ValueError, match="'seed' cannot be set: EE has drawn its synapses, by a look or a run"):
        net.nodes()[part].seed = 2
    assert (net.seed, net.EE.seed) == (1, None)


def test_projections_that_were_looked_at_when_nothing_told_them_apart_are_refused():
    E, I = cells(SEED), cells(SEED)
    EE, EI = random_synapses(E, E, SEED), random_synapses(E, I, SEED)
    assert_array_equal(EE.synapses(), EI.synapses())
    net = sc.Network(E=E, I=I, EE=EE, EI=EI)
    with pytest.raises(ValueError, match="EE and EI have the same synapses: they were looked at before"):
        sc.DSRunner(net).run(1 * ms)


def test_what_was_set_by_hand_is_not_drawn_again():
    E = cells()
    p = Projection(E, E, "e", connect=FixedInDegree(5), weight=1 * pA)
    p.weight = 2 * pA
    E.tau = 7 * ms
    net = sc.Network(E=E, p=p, seed=1)
    assert net.p.weight == 2 * pA
    assert net.E.tau == 7 * ms


def test_parameters_keep_their_constraints_when_they_are_drawn_again():
    LIF(1, tau=Normal(1 * ms, 1 * ms))  # alone above 0

    def in_networks():
        for seed in range(100):
            sc.Network(E=LIF(1, tau=Normal(1 * ms, 1 * ms)), seed=seed)

    with pytest.raises(ValueError, match="E: 'tau' must be > 0"):
        in_networks()


def test_modules_in_a_list_draw_different_numbers():
    class Layers(sc.Module):
        def __init__(self):
            super().__init__()
            self.layers = [sc.models.Linear(3, 4), sc.models.Linear(3, 4)]
            self.layers.append(sc.models.Linear(3, 4))

        def update(self, x):
            return sum(layer(x) for layer in self.layers)

    layers = Layers()
    layers.ensure_state()
    for one, two in itertools.combinations(layers.layers, 2):
        assert np.all(one.weight.m != two.weight.m)


def test_networks_that_differ_in_their_seeds_share_a_program():
    def net(seed):
        E, A = cells(), PoissonGroup(N, 50 * Hz)
        return sc.Network(E=E, A=A, p=Projection(A, E, "e", connect=FixedInDegree(5), weight=1 * pA), seed=seed)

    one, two = net(1), net(2)
    one.ensure_state(), two.ensure_state()
    assert one.structure() == two.structure()


def test_a_sweep_over_seeds_is_the_runs_with_these_seeds_also_of_a_network_with_its_own():
    def net():
        return sc.Network(A=PoissonGroup(50, 500 * Hz), seed=3)

    swept = sc.Sweep(net(), {"seed": [0, 4]}, {"n": sc.measure.spike_count("A")}).run(10 * ms).n.values
    for counts, seed in zip(swept, (0, 4), strict=True):
        assert_array_equal(sc.DSRunner(net(), ["A.spike_count"], seed=seed).run(10 * ms)["A.spike_count"], counts)
    assert np.any(swept[0] != swept[1])


@pytest.mark.parametrize("seed", [-1, 2**32, 1.5, True, "1"])
def test_what_is_no_seed_is_refused(seed):
    for make in (
        lambda: sc.Network(seed=seed),
        lambda: PoissonGroup(3, 5 * Hz, seed=seed),
        lambda: Normal(0, 1, seed=seed),
        lambda: sc.models.Linear(2, 3, seed=seed),
    ):
        with pytest.raises(ValueError, match=r"'seed' must be an int from 0 to 2\*\*32 - 1"):
            make()


def test_a_step_does_not_know_the_seed():
    class Reading(LIF):
        def update(self, x):
            return super().update(x * self.seed)

    with pytest.raises(AttributeError, match="'seed' is not known in a step"):
        Reading(1).update(1 * mA)


def test_a_random_rule_that_cannot_be_met_is_refused_where_it_is_given():
    E = cells(n=5)
    with pytest.raises(ValueError, match="'n' = 6 is more than the 5 neurons"):
        Projection(E, E, "e", connect=FixedInDegree(6, multiple=False), weight=1 * pA)


def test_initializers_draw_by_themselves_as_numpy_does():
    assert_allclose(Normal(1.0, 2.0, seed=4)(5), np.random.default_rng(4).normal(1.0, 2.0, 5))
    assert_array_equal(Normal()(3), Normal()(3))


def test_what_draws_nothing_is_the_same_for_all_seeds():
    def weights(seed):
        E = LIF(3, R=1 * ohm, receptors={"e": Exponential(tau=5 * ms)})
        return sc.Network(E=E, p=Projection(E, E, "e", connect=AllToAll(), weight=np.arange(9) * pA), seed=seed).p

    assert_array_equal(weights(1).synapses(), weights(2).synapses())
    assert_array_equal(weights(1).weight.m, np.arange(9))


def test_a_snapshot_goes_on_with_the_seed_of_the_network_and_no_other(tmp_path):
    def net(seed):
        return sc.Network(E=LIF(3, noise="0.01 mV/ms**0.5"), seed=seed)

    runner = sc.DSRunner(net(1), ["E.V"])
    runner.run(1 * ms)
    runner.save(tmp_path / "file")
    expected = runner.run(1 * ms)["E.V"].m
    assert_array_equal(sc.DSRunner.resume(tmp_path / "file", net(1)).run(1 * ms)["E.V"].m, expected)
    with pytest.raises(ValueError, match="another model: seed is 1 there and 2 here"):
        sc.DSRunner.resume(tmp_path / "file", net(2))
