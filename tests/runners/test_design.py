"""Designs of sweeps: grids, points taken together, random designs; what is no axis is refused."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import simcore as sc
from simcore import DimensionalityError
from simcore.runners.design import read_over
from simcore.units import mA, ms, mV


def column(design, key):
    """Return the values of a name for all points."""
    along = next(axis[key] for axis in design.axes.values() if key in axis)
    return [along[k] for k in design.positions(key)]


def test_a_grid_has_all_combinations_in_the_order_of_its_shape():
    design = read_over({"tau": [1, 2] * ms, "seed": range(3)})
    assert (design.dims, design.shape, design.n_points) == (("tau", "seed"), (2, 3), 6)
    assert column(design, "seed") == [0, 1, 2, 0, 1, 2]
    assert [v.m_as("ms") for v in column(design, "tau")] == [1, 1, 1, 2, 2, 2]


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
    with pytest.raises(ValueError, match="'tau' is given twice"):
        read_over({"tau": [1, 2] * ms, "pair": sc.design.zipped({"tau": [1, 2] * ms})})
    with pytest.raises(ValueError, match="the same number of values of each name; 'a' has 2, 'b' has 1"):
        sc.design.zipped({"a": [1, 2], "b": [1]})
    with pytest.raises(ValueError, match="needs a power of 2, got 100; the nearest are 64 and 128"):
        sc.design.sobol(RANGES, 100)
    with pytest.raises(ValueError, match="'tau' needs its bounds"):
        sc.design.random({"tau": 5 * ms}, 4)
    with pytest.raises(DimensionalityError):
        sc.design.random({"tau": (5 * ms, 5 * mV)}, 4)
    with pytest.raises(TypeError, match="'over' must be a dict"):
        read_over([1, 2])
