"""Axes over what no parameter can change: seeds of connections, sizes, networks that a function builds."""

import gc
import weakref

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import simcore as sc
from simcore import measure
from simcore.models import FixedInDegree, FixedProbability, LIFRef
from simcore.runners.sweep import batches
from simcore.units import Mohm, ms, mV, pA

DRIVE = {"E": 250 * pA}


def network(n=40, p=None, k=4, seed=1, weight=20 * pA, noise=None):
    """Return a population that excites itself; whom, depends on the seed."""
    start = sc.init.Uniform(0 * mV, 19 * mV)
    parts = {"receptors": {"e": sc.models.Exponential(tau=5 * ms)}, "noise": noise, "V_initializer": start}
    E = LIFRef(n, R=100 * Mohm, tau=10 * ms, V_th=20 * mV, **parts)
    rule = FixedInDegree(k) if p is None else FixedProbability(p)
    exc = sc.models.Projection(E, E, "e", connect=rule, weight=weight, delay=1 * ms, seed=seed)
    return sc.Network(E=E, exc=exc)


def final_V(net, **options):
    """Return V (mV) at the end of a run of its own."""
    mon = sc.DSRunner(net, ["E.V"], progress_bar=False, **options).run(30 * ms, inputs=DRIVE)
    return mon["E.V"].m_as("mV")[-1]


def swept(target, over, measures=None, **options):
    measures = {"V": measure.final("E.V")} if measures is None else measures
    return sc.Sweep(target, over, measures, inputs=DRIVE, progress_bar=False, **options)


@pytest.mark.parametrize("precision", ["float32", pytest.param("float64", marks=pytest.mark.slow)], indirect=True)
def test_the_seed_of_connections_is_an_axis_in_one_program(precision):
    rtol = 1e-4 if precision == "float32" else 1e-10
    before = batches.advance_points._cache_size()
    V = swept(network(), {"exc.seed": [1, 2, 3]}).run(30 * ms).V
    assert batches.advance_points._cache_size() == before + 1
    assert V.dims == ("exc.seed", "neuron")
    for seed in (1, 2, 3):
        assert_allclose(V.sel({"exc.seed": seed}).m_as("mV"), final_V(network(seed=seed)), rtol=rtol)
    assert np.ptp(V.m_as("mV"), axis=0).max() > 0.1


@pytest.mark.slow
def test_the_seed_of_connections_goes_with_that_of_the_noise_and_with_parameters():
    over = {"exc.seed": [1, 2], "seed": [5, 6], "exc.weight": [20, 60] * pA}
    V = swept(network(noise=0.5 * mV / ms**0.5), over).run(30 * ms).V.m_as("mV")
    for i, k, m in [(0, 0, 1), (1, 1, 0)]:
        net = network(seed=i + 1, weight=over["exc.weight"][m], noise=0.5 * mV / ms**0.5)
        assert_allclose(V[i, k, m], final_V(net, seed=5 + k), rtol=1e-9)


@pytest.mark.slow
def test_a_function_builds_networks_of_other_sizes_and_probabilities():
    def build(n, p):
        return network(n=n, p=p)

    pair = sc.design.zipped({"n": [20, 40], "p": [0.3, 0.1]})
    over = {"pair": pair, "exc.weight": [20, 40] * pA}
    rate = swept(build, over, {"rate": measure.firing_rate("E", over="neurons")}).run(50 * ms).rate
    assert rate.dims == ("pair", "exc.weight")
    for i, k in [(0, 0), (1, 1)]:
        net = network(n=[20, 40][i], p=[0.3, 0.1][i], weight=over["exc.weight"][k])
        mon = sc.DSRunner(net, {"rate": measure.firing_rate("E", over="neurons")}, progress_bar=False)
        assert_allclose(rate.m_as("Hz")[i, k], mon.run(50 * ms, inputs=DRIVE).rate.m_as("Hz"))


@pytest.mark.slow
def test_models_are_built_as_their_points_run_and_dropped_then():
    alive = []

    def build(wiring):
        gc.collect()
        alive.append(sum(ref() is not None for ref in refs))
        net = network(seed=wiring)
        refs.append(weakref.ref(net))
        return net

    refs = []
    V = swept(build, {"wiring": [1, 2, 3, 4]}).run(1 * ms).V
    assert V.shape == (4, 40)
    assert max(alive) <= 2  # the first one, and the one before


def test_what_a_function_builds_is_checked_at_all_points_before_anything_runs(monkeypatch):
    monkeypatch.setattr(batches.Batches, "run", lambda *_: pytest.fail("it runs"))
    with pytest.raises(ValueError, match=r"Sweep, at p = 1.5: .*FixedProbability.*"):
        swept(lambda p: network(p=p), {"p": [0.1, 1.5]}).run(1 * ms)
    with pytest.raises(sc.DimensionalityError, match="'weight' needs a quantity in pA") as told:
        swept(lambda w: network(weight=w), {"w": [1, 2] * mV})
    assert told.value.__notes__ == ["Sweep, at w = 1 mV."]
    text = r"'V' has not the same shape at all points: \(40,\) at n = 40, \(20,\) at the first; take over='neurons'"
    with pytest.raises(ValueError, match=text):
        swept(lambda n: network(n=n), {"n": [20, 40]}).run(1 * ms)
    with pytest.raises(ValueError, match=r"Sweep, at how = 1: a network of another kind|has no 'exc.weight'"):
        swept(lambda how: network() if how else LIFRef(2), {"how": [1, 0], "exc.weight": [1, 2] * pA}).run(1 * ms)


def test_what_cannot_be_built_is_refused_by_name():
    with pytest.raises(TypeError, match="takes 'p', which is on no axis; give it an axis or a default"):
        swept(lambda n, p: network(n=n, p=p), {"n": [20, 40]})
    with pytest.raises(TypeError, match="must return a simcore Module, got None"):
        swept(lambda n: None, {"n": [20, 40]})
    with pytest.raises(TypeError, match="Sweep needs a simcore Module to run, or a function that builds one, got 5"):
        swept(5, {"n": [20, 40]})
    with pytest.raises(TypeError, match=r"or a function that builds one, got <class .*LIFRef"):
        swept(LIFRef, {"tau": [20, 40] * ms})
    with pytest.raises(ValueError, match=r"has no part 'exx' whose seed could be swept; did you mean 'exc.seed'"):
        swept(network(), {"exx.seed": [1, 2]})
    net = network()
    sc.DSRunner(net, progress_bar=False).run(1 * ms)
    with pytest.raises(ValueError, match=r"Sweep, at exc.seed = 2: .* has drawn its synapses, by a look or a run"):
        swept(net, {"exc.seed": [1, 2]}).run(1 * ms)
    with pytest.raises(ValueError, match="Network has no 'p' to sweep over"):
        swept(network(), {"p": [0.1, 0.2]})


def test_a_sweep_of_built_networks_goes_on_from_its_folder(tmp_path):
    def build(wiring):
        return network(seed=wiring)

    def run(*seeds):
        return swept(build, {"wiring": list(seeds)}).run(5 * ms, store=tmp_path).V.magnitude

    first = run(1, 2)
    (tmp_path / next(f.name for f in tmp_path.glob("points_*"))).unlink()
    assert_array_equal(run(1, 2), first)
    with pytest.raises(ValueError, match=r"holds another sweep: its .* differ"):
        run(1, 3)


def test_the_target_is_neither_drawn_nor_changed_by_a_sweep_over_its_seeds():
    net = network(seed=None)
    swept(net, {"exc.seed": [1, 2]}).run(1 * ms)
    assert net.exc.seed is None
    assert not net.exc.is_drawn


# ------------------------------------------------------------------ functions of values on axes


def test_a_function_of_axes_gives_parameters_and_its_arguments_are_coordinates():
    over = {"g": [1.0, 2.0, 4.0], "J": [10, 20] * pA}
    V = swept(network(), over, set=lambda g, J: {"exc.weight": g * J, "E.tau": 10 * ms / g}).run(10 * ms).V
    assert V.dims == ("g", "J", "neuron")
    direct = {"pair": sc.design.zipped({"exc.weight": [20, 40] * pA, "E.tau": [5, 5] * ms})}
    assert_array_equal(V.sel(g=2).magnitude, swept(network(), direct).run(10 * ms).V.magnitude)
    assert_array_equal(V.sel(g=3.7, J=11 * pA, method="nearest").magnitude, V.isel(g=2, J=0).magnitude)


def test_a_function_of_axes_gives_inputs_and_arguments_of_a_builder():
    def build(n):
        return network(n=n, k=4)

    def run(**options):
        return (
            sc.Sweep(build, measure={"V": measure.mean("E.V", over="neurons")}, progress_bar=False, **options)
            .run(5 * ms)
            .V
        )

    V = run(over={"scale": [1, 2]}, set=lambda scale: {"n": 20 * scale, "inputs.E": 100 * scale * pA})
    alike = run(over={"both": sc.design.zipped({"n": [20, 40], "inputs.E": [100, 200] * pA})})
    assert_array_equal(V.magnitude, alike.magnitude)


def test_what_a_function_of_axes_gives_is_checked_as_on_an_axis():
    def of(function, **over):
        return swept(network(), {"g": [1.0, 2.0]} | over, set=function)

    with pytest.raises(sc.DimensionalityError, match=r"Sweep, set: 'exc.weight' needs a quantity in pA"):
        of(lambda g: {"exc.weight": g * mV})
    with pytest.raises(ValueError, match=r"has no 'exc.w' to sweep over; did you mean"):
        of(lambda g: {"exc.w": g * pA})
    with pytest.raises(ValueError, match=r"'E.tau' must be > 0, got -10"):
        of(lambda g: {"E.tau": -10 * g * ms})
    with pytest.raises(ValueError, match=r"'set' takes 'h', which is on no axis; did you mean|There is g"):
        of(lambda h: {"exc.weight": h * pA})
    with pytest.raises(ValueError, match=r"'exc.weight' is on an axis, and 'set' gives it; leave one out"):
        of(lambda g: {"exc.weight": g * pA}, **{"exc.weight": [1, 2] * pA})
    with pytest.raises(TypeError, match=r"what 'set' returns must be a dict from names to values"):
        of(lambda g: g * pA)
    with pytest.raises(
        TypeError, match=r"'set' must return the names exc.weight at all points, got .* for \{'g': 2.0\}"
    ):
        of(lambda g: {"exc.weight": g * pA} if g < 2 else {"E.tau": g * ms})
    with pytest.raises(TypeError, match=r"'set' must be a function of values on axes"):
        of({"exc.weight": 1 * pA})
    with pytest.raises(ValueError, match=r"'h' to sweep over"):
        of(lambda g: {"exc.weight": g * pA}, h=[1, 2])
