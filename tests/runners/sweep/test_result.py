"""Results of sweeps: labels, choice by quantity, xarray, files, pictures."""

import copy
import os

import matplotlib.pyplot as plt
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import simcore as sc
from simcore import DimensionalityError
from simcore.runners import Labelled, SweepResult
from simcore.units import Hz, dimensionless, mA, ms, mV, second


def made():
    """Return a result whose values name their place: 100 i + 10 k + m."""
    i, k, m = np.meshgrid(np.arange(3), np.arange(2), np.arange(4), indexing="ij")
    coords = {
        "tau": {"tau": [5.0, 10.0, 20.0] * ms},
        "how": {"how": ["euler", "exact"]},
        "pair": {"R": np.arange(4.0), "inputs": [0, 0.5, 1, 1.5] * mA},
    }
    return Labelled("rate", ("tau", "how", "pair"), coords, (100.0 * i + 10 * k + m) * Hz)


def axis(name, values):
    """Return the coordinates of an axis with one name."""
    return {name: {name: values}}


def test_parts_are_chosen_by_quantity_in_any_unit_by_text_and_by_position():
    rate = made()
    assert rate.sel(tau=0.01 * second, how="exact", inputs=500 * sc.units.uA).values == 111 * Hz
    part = rate.sel(tau=20 * ms)
    assert (part.dims, part.shape, part.units) == (("how", "pair"), (2, 4), (1 * Hz).units)
    assert_array_equal(rate.isel(pair=slice(1, 3), how=0).m_as("Hz"), [[1, 2], [101, 102], [201, 202]])
    assert_array_equal(rate.isel(pair=slice(1, 3)).coord("inputs").m_as("mA"), [0.5, 1])
    assert rate.isel({"how": [1]}).coord("how") == ["exact"]
    dotted = Labelled("n", ("E.tau", "flag"), axis("E.tau", [1, 2] * ms) | axis("flag", [True, False]), np.eye(2))
    assert dotted.sel({"E.tau": 2 * ms}, flag=False).values == 1
    # Found within a millionth of the axis' largest value, so that rounding on the way to a unit does no harm.
    assert rate.sel(tau=5.00001 * ms).dims == rate.sel(tau=5 * ms).dims == ("how", "pair")


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
    with pytest.raises(KeyError, match=r"'tau' has no 5.0001 ms"):
        rate.sel(tau=5.0001 * ms)
    with pytest.raises(DimensionalityError, match="'tau' needs a quantity in ms, got the bare number 5"):
        rate.sel(tau=5)
    with pytest.raises(ValueError, match=r"'tau' needs one value, a list of them or a slice"):
        rate.sel(tau=[[5, 10]] * ms)
    assert_array_equal(rate.sel(tau=[20, 5] * ms, how=["euler"]).magnitude, rate.magnitude[[2, 0]][:, :1])
    with pytest.raises(IndexError, match="rate: 'tau' has 3 values"):
        rate.isel(tau=3)
    with pytest.raises(DimensionalityError, match="n needs a quantity in Hz, got"):
        Labelled("n", ("tau",), {"tau": rate.coords["tau"]}, np.arange(3)).m_as("Hz")


def test_measures_are_items_and_attributes_and_a_wrong_name_is_answered():
    result = SweepResult(rate=made())
    assert result.rate is result["rate"]
    assert "rate" in dir(result)
    with pytest.raises(KeyError, match="the sweep measured no 'rat'; did you mean 'rate'"):
        result["rat"]
    with pytest.raises(AttributeError, match="the sweep measured no 'rat'; did you mean 'rate'"):
        _ = result.rat
    assert copy.deepcopy(result).rate.dims == result.rate.dims


def test_the_text_names_dimensions_coordinates_and_units():
    text = repr(made())
    for part in ("rate (tau: 3, how: 2, pair: 4)", "5 to 20 ms", "euler, exact", "0 to 1.5 mA", ") in Hz"):
        assert part in text
    assert repr(SweepResult(rate=made())) == "rate (tau: 3, how: 2, pair: 4) in Hz"


@pytest.mark.parametrize("name", ["result.npz", "result.nc", "result"])
def test_a_file_gives_back_values_coordinates_and_units(tmp_path, name):
    if name.endswith(".nc"):
        pytest.importorskip("xarray")
    tau = {"tau": made().coords["tau"]}
    before = SweepResult(
        rate=made(),
        n=Labelled("n", ("tau",), tau, np.array([3, 4, 5])),
        # Names that a file or xarray may use itself; the axis neuron has another length in each.
        file=Labelled("file", ("tau", "neuron"), tau | axis("neuron", np.arange(2)), np.full((3, 2), np.nan) * mV),
        about=Labelled("about", ("neuron",), axis("neuron", np.arange(4)), np.array([True, False, True, True])),
        noise=Labelled("noise", ("E.tau",), axis("E.tau", [0.1, 3.0] * second), [0.1, np.inf] * mV**2 / ms**0.5),
        seeds=Labelled("seeds", ("seed", "flag"), axis("seed", np.array([7, 3])) | axis("flag", [True, False]),
                       np.eye(2, dtype="float32")),
        one=Labelled("one", (), {}, np.array(0.3) * dimensionless),
    )  # fmt: skip
    before.save(tmp_path / name)
    after = sc.load(tmp_path / name)
    assert list(after) == list(before)
    for key, was in before.items():
        now = after[key]
        assert (now.dims, now.units, now.magnitude.dtype) == (was.dims, was.units, was.magnitude.dtype)
        assert_array_equal(now.magnitude, was.magnitude)
        assert {d: list(c) for d, c in now.coords.items()} == {d: list(c) for d, c in was.coords.items()}
        for dim in was.dims:
            for label, coordinate in was.coords[dim].items():
                got = now.coord(label)
                assert type(got) is type(coordinate)
                assert getattr(got, "units", None) == getattr(coordinate, "units", None)
                assert_array_equal(getattr(got, "magnitude", got), getattr(coordinate, "magnitude", coordinate))
    assert len(list(tmp_path.iterdir())) == 1  # no temporary file is left


def test_waveforms_are_saved_by_position_and_text_and_found_by_both(tmp_path):
    waves = [sc.inputs.ramp_input(0 * mA, top * mA, 1 * ms) for top in (1, 2)]
    before = SweepResult(rate=Labelled("rate", ("inputs",), axis("inputs", waves), [3.0, 4.0] * Hz))
    before.save(tmp_path / "result")
    texts = sc.load(tmp_path / "result").rate.coord("inputs")
    assert texts == [f"{k}: {wave!r}" for k, wave in enumerate(waves)]
    assert before.rate.sel(inputs=waves[1]).values == before.rate.sel(inputs=texts[1]).values == 4 * Hz


@pytest.mark.parametrize("name", ["result.npz", "result.nc"])
def test_a_file_that_cannot_be_written_leaves_the_one_before(tmp_path, name, monkeypatch):
    if name.endswith(".nc"):
        pytest.importorskip("xarray")
    SweepResult(rate=made()).save(tmp_path / name)
    written = (tmp_path / name).read_bytes()

    def full(*_):
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="disk full"):
        SweepResult(rate=made().isel(tau=0)).save(tmp_path / name)
    assert (tmp_path / name).read_bytes() == written
    assert len(list(tmp_path.iterdir())) == 1


def test_a_file_of_another_kind_or_of_a_newer_format_is_refused(tmp_path):
    np.savez(tmp_path / "other.npz", a=1)
    with pytest.raises(ValueError, match=r"was not written by save"):
        sc.load(tmp_path / "other.npz")
    np.savez(tmp_path / "newer.npz", about=np.array('{"format": 99}'))
    with pytest.raises(ValueError, match="has the format 99; this simcore reads up to 1"):
        sc.load(tmp_path / "newer.npz")


def test_xarray_has_names_coordinates_and_short_units():
    pytest.importorskip("xarray")
    array = made().to_xarray()
    assert (array.dims, array.attrs["units"], array.coords["tau"].attrs["units"]) == (
        ("tau", "how", "pair"),
        "Hz",
        "ms",
    )
    assert array.sel(tau=10.0, how="exact")[2] == 112
    for unit in ("1/ms", "mV²", "nS/cm²", "mV**2/ms**0.5", "1/s**1.5", "°C", ""):
        part = Labelled("x", (), {}, sc.units.attach(np.array(1.0), unit)).to_xarray()
        assert part.attrs["units"] == unit
    assert_allclose(array.coords["inputs"], [0, 0.5, 1, 1.5])


def test_axes_that_differ_between_measures_stay_apart_in_a_dataset():
    pytest.importorskip("xarray")
    tau = {"tau": made().coords["tau"]}
    E, I = (
        Labelled(name, ("tau", "neuron"), tau | axis("neuron", np.arange(n)), np.ones((3, n), int))
        for name, n in (("E", 4), ("I", 2))
    )
    data = SweepResult(E=E, I=I, rate=made()).to_xarray()
    assert (data.E.dims, data.I.dims) == (("tau", "neuron of E"), ("tau", "neuron of I"))
    assert (data.E.dtype, data.I.shape) == (int, (3, 2))  # neither filled up with nan
    assert SweepResult(E=E, J=E).to_xarray().J.dims == ("tau", "neuron")
    with pytest.raises(ValueError, match="'tau' names a measure and an axis"):
        SweepResult(tau=made()).to_xarray()


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
