"""Results of sweeps: labels, choice by quantity, xarray, files, pictures."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import simcore as sc
from simcore import DimensionalityError
from simcore.runners import Labelled, SweepResult
from simcore.units import Hz, mA, ms, mV, second


def made():
    """Return a result whose values name their place: 100 i + 10 k + m."""
    i, k, m = np.meshgrid(np.arange(3), np.arange(2), np.arange(4), indexing="ij")
    coords = {
        "tau": {"tau": [5.0, 10.0, 20.0] * ms},
        "how": {"how": ["euler", "exact"]},
        "pair": {"R": np.arange(4.0), "inputs": [0, 0.5, 1, 1.5] * mA},
    }
    return Labelled("rate", ("tau", "how", "pair"), coords, (100.0 * i + 10 * k + m) * Hz)


def test_parts_are_chosen_by_quantity_in_any_unit_by_text_and_by_position():
    rate = made()
    assert rate.sel(tau=0.01 * second, how="exact", inputs=500 * sc.units.uA).values == 111 * Hz
    part = rate.sel(tau=20 * ms)
    assert (part.dims, part.shape, part.units) == (("how", "pair"), (2, 4), (1 * Hz).units)
    assert_array_equal(rate.isel(pair=slice(1, 3), how=0).m_as("Hz"), [[1, 2], [101, 102], [201, 202]])
    assert_array_equal(rate.isel(pair=slice(1, 3)).coord("inputs").m_as("mA"), [0.5, 1])
    assert rate.isel({"how": [1]}).coord("how") == ["exact"]


def test_what_is_not_there_is_refused_with_what_is_near():
    rate = made()
    with pytest.raises(KeyError, match=r"rate: 'tau' has no 11 ms; the nearest are 5.0 ms and 10.0 ms"):
        rate.sel(tau=11 * ms)
    with pytest.raises(DimensionalityError, match="rate: 'tau' needs a quantity in"):
        rate.sel(tau=5 * mV)
    with pytest.raises(KeyError, match="no coordinate 'tua'; it has tau, how, R, inputs"):
        rate.sel(tua=5 * ms)
    with pytest.raises(KeyError, match="has no 'rk4'; it has euler, exact"):
        rate.sel(how="rk4")


def test_the_text_names_dimensions_coordinates_and_units():
    text = repr(made())
    for part in ("rate (tau: 3, how: 2, pair: 4)", "5 to 20 ms", "euler, exact", "0 to 1.5 mA", "values Hz"):
        assert part in text


@pytest.mark.parametrize("name", ["result.npz", "result.nc", "result"])
def test_a_file_gives_back_values_coordinates_and_units(tmp_path, name):
    if name.endswith(".nc"):
        pytest.importorskip("xarray")
    rate = made()
    count = Labelled("n", rate.dims[:1], {"tau": rate.coords["tau"]}, np.array([3, 4, 5]))
    before = SweepResult(rate=rate, n=count)
    before.save(tmp_path / name)
    path = tmp_path / (name if "." in name else name + ".npz")
    after = SweepResult.load(path)
    assert list(after) == list(before)
    for key, was in before.items():
        now = after[key]
        assert (now.dims, now.units) == (was.dims, was.units)
        assert_array_equal(now.magnitude, was.magnitude)
        for dim in was.dims:
            for name, coordinate in was.coords[dim].items():
                got = now.coord(name)
                assert getattr(got, "units", None) == getattr(coordinate, "units", None)
                assert_array_equal(getattr(got, "magnitude", got), getattr(coordinate, "magnitude", coordinate))
    assert [f.name for f in tmp_path.iterdir()] == [path.name]  # no temporary file is left


def test_a_file_of_another_kind_or_of_a_newer_format_is_refused(tmp_path):
    np.savez(tmp_path / "other.npz", a=1)
    with pytest.raises(ValueError, match=r"was not written by SweepResult.save"):
        SweepResult.load(tmp_path / "other.npz")
    np.savez(tmp_path / "newer.npz", about=np.array('{"format": 99}'))
    with pytest.raises(ValueError, match="has the format 99; this simcore reads up to 1"):
        SweepResult.load(tmp_path / "newer.npz")


def test_xarray_has_names_coordinates_and_short_units():
    pytest.importorskip("xarray")
    array = made().to_xarray()
    assert (array.dims, array.attrs["units"], array.coords["tau"].attrs["units"]) == (
        ("tau", "how", "pair"),
        "Hz",
        "ms",
    )
    assert array.sel(tau=10.0, how="exact")[2] == 112
    assert_allclose(array.coords["inputs"], [0, 0.5, 1, 1.5])
    assert set(SweepResult(rate=made()).to_xarray().data_vars) == {"rate"}


def test_a_map_has_units_on_its_axes_and_cells_around_its_values():
    ax = sc.visualize.heat_map(made().sel(how="exact"))
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("tau (ms)", "pair")
    mesh = ax.collections[0]
    assert_array_equal(mesh.get_array().reshape(4, 3)[:, 1], [110, 111, 112, 113])
    assert_allclose(mesh.get_coordinates()[0, :, 0], [2.5, 7.5, 15, 25])
    assert mesh.colorbar.ax.get_ylabel() == "rate (Hz)"
    ax = made().isel(pair=0).plot()
    assert [t.get_text() for t in ax.get_yticklabels()] == ["euler", "exact"]
    plt.close("all")


def test_lines_are_named_by_the_other_axis():
    ax = sc.visualize.line_plot(made().isel(pair=1).isel(how=slice(0, 2)))
    assert [line.get_label() for line in ax.lines] == ["tau = 5 ms", "tau = 10 ms", "tau = 20 ms"]
    rate = made().isel(pair=2, how=0)
    line = sc.visualize.line_plot(rate).lines[0]
    assert_array_equal(line.get_xdata(), [5, 10, 20])
    assert_array_equal(line.get_ydata(), [2, 102, 202])
    assert (line.axes.get_xlabel(), line.axes.get_ylabel()) == ("tau (ms)", "rate (Hz)")
    plt.close("all")


def test_more_axes_than_a_picture_has_are_refused():
    with pytest.raises(ValueError, match=r"heat_map draws 2 axes at most, rate has tau \(3\), how \(2\), pair \(4\)"):
        sc.visualize.heat_map(made())
    with pytest.raises(ValueError, match="heat_map needs two axes, rate has tau alone"):
        sc.visualize.heat_map(made().isel(how=0, pair=0))
    with pytest.raises(TypeError, match="needs a result of a sweep"):
        sc.visualize.heat_map(np.ones((2, 2)))
