"""Labelled: reductions along named dimensions, and parts between or near values."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from simcore.runners import Labelled
from simcore.units import Hz, mA, ms, mV

VALUES = np.random.default_rng(1).normal(size=(3, 4, 5))
VALUES[0, 0, 0] = np.nan


def made(values=None):
    """Return an array over tau, a joint axis of R and inputs, and neurons."""
    coords = {
        "tau": {"tau": [5.0, 10.0, 20.0] * ms},
        "pair": {"R": np.arange(4.0), "inputs": [0, 0.5, 1, 1.5] * mA},
        "neuron": {"neuron": np.arange(5)},
    }
    return Labelled("rate", tuple(coords), coords, VALUES * Hz if values is None else values)


@pytest.mark.parametrize(
    ("name", "numpy_s"),
    [("mean", np.nanmean), ("std", np.nanstd), ("min", np.nanmin), ("max", np.nanmax), ("median", np.nanmedian)],
)
def test_a_reduction_along_dimensions_leaves_the_others_with_their_coordinates(name, numpy_s):
    one = getattr(made(), name)("neuron")
    assert one.dims == ("tau", "pair")
    assert_allclose(one.m_as("Hz"), numpy_s(VALUES, 2))
    assert_array_equal(one.coord("inputs").magnitude, [0, 0.5, 1, 1.5])
    both = getattr(made(), name)("neuron", "R")  # by a name of a joint axis
    assert both.dims == ("tau",)
    assert_allclose(both.m_as("Hz"), numpy_s(VALUES, (1, 2)))
    assert_allclose(getattr(made(), name)().m_as("Hz"), numpy_s(VALUES))


def test_quantiles_come_first_and_one_has_no_axis():
    several = made().quantile([0.1, 0.5], "neuron", "tau")
    assert several.dims == ("quantile", "pair")
    assert_allclose(several.m_as("Hz"), np.nanquantile(VALUES, [0.1, 0.5], (0, 2)))
    assert_allclose(several.sel(quantile=0.5).m_as("Hz"), made().median("neuron", "tau").m_as("Hz"))
    assert made().quantile(0.5, "pair").dims == ("tau", "neuron")
    with pytest.raises(ValueError, match=r"rate: 'q' must be quantiles from 0 to 1, .* got 50"):
        made().quantile(50, "neuron")
    with pytest.raises(ValueError, match=r"rate: 'q' must be quantiles from 0 to 1, .* got 'mean'"):
        made().quantile("mean", "neuron")


def test_counts_keep_their_type_where_the_reduction_does():
    counts = made(np.arange(60).reshape(3, 4, 5))
    assert counts.max("neuron").values.dtype.kind == "i"
    assert_array_equal(counts.mean("neuron").values, counts.values.mean(2))
    assert counts.mean("neuron").units is None


def test_without_a_value_a_reduction_is_nan_and_warns_of_nothing():
    none = made(np.full((3, 4, 5), np.nan) * mV)
    for reduction in (none.mean, none.std, none.min, none.median):
        assert np.isnan(reduction("neuron").magnitude).all()


def test_a_dimension_that_is_not_there_is_refused_with_those_that_are():
    with pytest.raises(KeyError, match="rate has no coordinate 'neurons'; it has tau, R, inputs, neuron"):
        made().mean("neurons")


def test_the_nearest_value_and_what_lies_between_two_are_chosen_in_any_unit():
    near = made().sel(tau=0.011 * 1000 * ms, inputs=0.4 * mA, method="nearest")
    assert_array_equal(near.magnitude, VALUES[1, 1])
    assert_array_equal(made().sel(tau=slice(0.01 * 1000 * ms, None)).magnitude, VALUES[1:])
    between = made().sel(inputs=slice(0.5 * mA, 1e6 * mA), tau=slice(None, 10 * ms))
    assert_array_equal(between.magnitude, VALUES[:2, 1:])
    assert between.coord("R").tolist() == [1, 2, 3]
    assert made().sel(tau=slice(11 * ms, 12 * ms)).shape == (0, 4, 5)
    with pytest.raises(KeyError, match=r"has no 11 ms; the nearest are 10.0 ms and 5.0 ms|method='nearest' takes one"):
        made().sel(tau=11 * ms)
    with pytest.raises(ValueError, match=r"'method' of sel\(\) can be 'nearest', got 'ffill'"):
        made().sel(tau=11 * ms, method="ffill")
    with pytest.raises(ValueError, match="needs a slice of two values"):
        made().sel(tau=slice(1 * ms, 2 * ms, 3))


def test_an_axis_called_method_is_chosen_by_its_values():
    coords = {"method": {"method": ["euler", "exact"]}, "tau": {"tau": [5.0, 10.0] * ms}}
    rate = Labelled("rate", ("method", "tau"), coords, np.arange(4).reshape(2, 2) * Hz)
    assert_array_equal(rate.sel(method="exact").magnitude, [2, 3])
    assert rate.sel({"method": "exact"}, tau=10 * ms).values == 3 * Hz
