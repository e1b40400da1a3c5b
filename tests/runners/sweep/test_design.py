"""Designs of sweeps: grids, points taken together, random designs; what is no axis is refused."""

import sys

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import simcore as sc
from simcore import DimensionalityError
from simcore.runners.sweep.design import read_over
from simcore.units import mA, ms, mV, ohm, second


def column(design, key):
    """Return the values of a name at all points."""
    values = next(axis[key] for axis in design.axes.values() if key in axis)
    positions = design.positions(key)
    return [values[k] for k in positions] if isinstance(values, list) else values[positions]


def test_a_grid_has_all_combinations_in_the_order_of_its_shape():
    design = read_over({"tau": [1, 2] * ms, "seed": range(3)})
    assert (design.dims, design.shape, design.n_points) == (("tau", "seed"), (2, 3), 6)
    assert_array_equal(column(design, "seed"), [0, 1, 2, 0, 1, 2])
    assert_array_equal(column(design, "tau").m_as("ms"), [1, 1, 1, 2, 2, 2])


def test_values_are_a_quantity_numbers_or_a_list_whatever_they_came_as():
    waves = [sc.inputs.ramp_input(0 * mA, top * mA, 1 * ms) for top in (1, 2)]
    over = {"a": [1 * ms, 0.002 * second], "b": (1, 2.5), "c": np.array(["x", "y"]), "d": [True, False], "e": waves}
    axes = {key: axis[key] for key, axis in read_over(over).axes.items()}
    assert_array_equal(axes["a"].m_as("ms"), [1, 2])
    assert axes["b"].dtype == float
    assert (axes["c"], axes["d"]) == (["x", "y"], [True, False])  # an option gets True, not numpy's
    assert axes["e"] == waves


def test_a_joint_axis_is_one_dimension():
    pair = sc.design.zipped({"tau": [1, 2] * ms, "method": ["euler", "rk4"]})
    design = read_over({"pair": pair, "inputs": [1 * mA, 2 * mA]})
    assert (design.dims, design.shape, design.keys) == (("pair", "inputs"), (2, 2), ["tau", "method", "inputs"])
    assert column(design, "method") == ["euler", "euler", "rk4", "rk4"]
    assert read_over(pair).dims == ("point",)


RANGES = {"tau": (5 * ms, 0.03 * ms * 1000), "V_th": (-1 * mV, 1 * mV)}


@pytest.mark.parametrize("kind", ["random", "latin_hypercube", "sobol"])
def test_random_designs_fill_their_ranges_and_follow_the_seed(kind):
    draw = getattr(sc.design, kind)
    one, again, other = draw(RANGES, 64, seed=1), draw(RANGES, 64, seed=1), draw(RANGES, 64, seed=2)
    for key, (low, high) in RANGES.items():
        unit = (one.values[key] - low).m_as(low.units) / (high - low).m_as(low.units)
        assert 0 <= unit.min() < 0.1
        assert 0.9 < unit.max() <= 1
        if kind != "random":  # one point in each 64th of the range
            assert_array_equal(np.sort(np.floor(unit * 64)), np.arange(64))
        assert_array_equal(one.values[key].m, again.values[key].m)
        assert np.any(one.values[key].m != other.values[key].m)


@pytest.mark.parametrize("kind", ["random", "latin_hypercube", "sobol"])
def test_a_logarithm_is_as_uniform_as_the_design_is(kind):
    draw = getattr(sc.design, kind)
    over = draw({"tau": sc.design.log(0.1 * ms, 1 * second), "R": (1, 3) * ohm, "n": sc.design.log(1, 8)}, 256, seed=1)
    exponent = np.log10(over.values["tau"].m_as("ms") / 0.1) / 4
    # Of 256 uniform numbers the mean is known to 0.018, the share of each quarter to 0.027.
    assert_allclose(exponent.mean(), 0.5, atol=0.06)
    assert_allclose(np.histogram(exponent, 4, (0, 1))[0] / 256, 0.25, atol=0.09)
    same = draw({"tau": (0, 1), "R": (1, 3) * ohm, "n": (0, 3)}, 256, seed=1).values
    assert_allclose(exponent, same["tau"], rtol=1e-9)
    assert_allclose(np.log2(over.values["n"]), same["n"], rtol=1e-9)
    assert_array_equal(over.values["R"].m, same["R"].m)


def test_a_logarithm_needs_positive_bounds():
    with pytest.raises(ValueError, match=r"design.random: 'tau' needs bounds > 0 for their logarithm, got \[0 5\] ms"):
        sc.design.random({"tau": sc.design.log(0 * ms, 5 * ms)}, 4)
    with pytest.raises(ValueError, match=r"'tau' needs its bounds, \(low, high\), got \[5 1\] ms"):
        sc.design.random({"tau": sc.design.log(5 * ms, 1 * ms)}, 4)


def test_a_sweep_over_a_random_design_runs_each_of_its_points():
    over = sc.design.sobol({"tau": (5 * ms, 20 * ms), "inputs": (0.1 * mA, 0.9 * mA)}, 8, seed=3)
    V = sc.Sweep(sc.models.LIF(1), over, {"V": sc.measure.final("V")}).run(10 * ms)["V"]
    assert V.dims == ("point",)
    tau, I = V.coord("tau").m_as("ms"), V.coord("inputs").m_as("mA")
    assert_allclose(V.m_as("mV"), I * (1 - np.exp(-10 / tau)), rtol=1e-10)  # R = 1 ohm


def test_what_is_no_axis_is_refused_by_name():
    with pytest.raises(ValueError, match=r"'tau' needs several values: a quantity .*, got 5 ms"):
        read_over({"tau": 5 * ms})
    with pytest.raises(ValueError, match=r"'tau' needs several values.* got none"):
        read_over({"tau": [] * ms})
    with pytest.raises(ValueError, match=r"'tau' needs several values.* got the shape \(2, 2\)"):
        read_over({"tau": np.ones((2, 2)) * ms})
    for no_axis in (5, "exact", {"x": 1}, sc.inputs.ramp_input(0 * mA, 1 * mA, 1 * ms), iter([1])):
        with pytest.raises(ValueError, match="'x' needs several values"):
            read_over({"x": no_axis})
    with pytest.raises(DimensionalityError, match="'tau' needs a quantity in ms, got 2 mV"):
        read_over({"tau": [1 * ms, 2 * mV]})
    pair = sc.design.zipped({"tau": [1, 2] * ms})
    with pytest.raises(ValueError, match="'tau' is given twice"):
        read_over({"tau": [1, 2] * ms, "pair": pair})
    with pytest.raises(ValueError, match="'tau' is given twice"):  # as a dimension and as a coordinate of another
        read_over({"tau": sc.design.zipped({"R": [1, 2]}), "pair": pair})
    for axis, measure in (("time", sc.measure.trace("V")), ("neuron", sc.measure.firing_rate)):
        with pytest.raises(ValueError, match=f"'{axis}' is the name of an axis of measures"):
            sc.Sweep(sc.models.LIF(3), {axis: pair}, {"m": measure})
    with pytest.raises(ValueError, match="the same number of values of each name; 'a' has 2, 'b' has 1"):
        sc.design.zipped({"a": [1, 2], "b": [1]})
    with pytest.raises(ValueError, match="needs a power of 2, got 100; the nearest are 64 and 128"):
        sc.design.sobol(RANGES, 100)
    with pytest.raises(ValueError, match="'tau' needs its bounds"):
        sc.design.random({"tau": 5 * ms}, 4)
    with pytest.raises(ValueError, match=r"'tau' needs its bounds, \(low, high\), got \[30  5\] ms"):
        sc.design.random({"tau": (30 * ms, 5 * ms)}, 4)
    with pytest.raises(ValueError, match="a positive number of points, got 0"):
        sc.design.latin_hypercube(RANGES, 0)
    with pytest.raises(DimensionalityError):
        sc.design.random({"tau": (5 * ms, 5 * mV)}, 4)
    for wrong in ([1, 2], {}, {1: [1, 2]}):
        with pytest.raises(TypeError, match="'over' must be a dict"):
            read_over(wrong)
    with pytest.raises(TypeError, match="'ranges' must be a dict"):
        sc.design.sobol({}, 4)


def test_a_design_that_needs_scipy_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy.stats", None)  # as if it were not installed
    with pytest.raises(ImportError, match="pip install scipy"):
        sc.design.sobol(RANGES, 4)
