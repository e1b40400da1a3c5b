import subprocess
import sys

import matplotlib.pyplot as plt
import matplotlib.units
import numpy as np
import pint
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from simcore import DimensionalityError, visualize
from simcore.runners import Labelled
from simcore.units import Hz, V, dimensionless, kHz, mA, ms, mV, nS, s

TS = np.arange(5) * ms


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def labels(ax):
    return ax.get_xlabel(), ax.get_ylabel(), ax.get_title()


def test_axes_keep_their_unit_where_matplotlib_was_reset():
    trace = [0.0, 1.0] * ms, [0.0, 1.0] * mV
    visualize.line_plot(*trace)
    matplotlib.units.registry.pop(pint.Quantity)
    ax = visualize.line_plot(*trace, xlim=(0 * ms, 0.5 * ms))
    ax.axhline(0.0005 * V)
    assert_allclose(ax.lines[-1].get_ydata(orig=False), 0.5)


@pytest.mark.parametrize(
    ("ts", "values", "expected"),
    [
        (TS, np.arange(5) * mV, ("time (ms)", "voltage (mV)", "")),
        (TS.to("s"), np.arange(5) * mA, ("time (s)", "current (mA)", "")),
        (TS, np.arange(5) * Hz, ("time (ms)", "rate (Hz)", "")),
        (TS, np.arange(5) * mV / ms, ("time (ms)", "(mV/ms)", "")),
        (TS, np.arange(5) * nS, ("time (ms)", "conductance (nS)", "")),
        (TS, np.arange(5), ("time (ms)", "", "")),
        (np.arange(5), np.arange(5) * ms / ms, ("", "", "")),
    ],
)
def test_the_axes_are_labelled_with_quantity_and_unit(ts, values, expected):
    assert labels(visualize.line_plot(ts, values)) == expected


def test_labels_given_by_the_user_win():
    ax = visualize.line_plot(TS, np.arange(5) * mV, xlabel="t", ylabel="", title="LIF")
    assert labels(ax) == ("t", "", "LIF")
    ax = visualize.raster_plot(TS, np.eye(5), xlabel="t", ylabel="cell", title="E")
    assert labels(ax) == ("t", "cell", "E")


def test_the_numbers_drawn_are_those_of_the_label_s_unit():
    ax = visualize.line_plot(TS, np.arange(10.0).reshape(5, 2) * mV, color="r")
    assert_array_equal(ax.lines[1].get_xdata(), np.arange(5))
    assert_array_equal(ax.lines[1].get_ydata(), [1.0, 3.0, 5.0, 7.0, 9.0])
    assert ax.lines[1].get_color() == "r"


@pytest.mark.parametrize(
    ("columns", "drawn", "title"),
    [(1, 1, "E"), (10, 10, "E"), (11, 10, "E (the first 10 of 11)")],
)
def test_all_columns_up_to_ten_are_drawn_and_the_title_says_if_there_are_more(columns, drawn, title):
    ax = visualize.line_plot(TS, np.ones((5, columns)) * mV, title="E")
    assert (len(ax.lines), ax.get_title()) == (drawn, title)


def test_the_cut_is_announced_without_a_title_too():
    assert visualize.line_plot(TS, np.ones((5, 4, 3))).get_title() == "(the first 10 of 12)"


@pytest.mark.parametrize(("plot_ids", "expected"), [(3, [3]), ([1, 11], [1, 11]), (range(12), list(range(12)))])
def test_plot_ids_chooses_the_columns(plot_ids, expected):
    ax = visualize.line_plot(TS, np.tile(np.arange(12), (5, 1)) * mV, plot_ids)
    assert [line.get_ydata()[0] for line in ax.lines] == expected


def test_a_legend_names_the_lines():
    ax = visualize.line_plot(TS, np.ones((5, 12)), [0, 7], legend="V")
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["V 0", "V 7"]
    ax = visualize.line_plot(TS, np.ones(5), legend="V")
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["V"]


def test_limits_are_converted_to_the_unit_of_the_axis():
    ax = visualize.line_plot(TS.to("s"), np.ones(5) * V, xlim=(0.5 * ms, "0.002 s"), ylim=(-70 * mV, 2))
    assert ax.get_xlim() == (0.0005, 0.002)
    assert ax.get_ylim() == pytest.approx((-0.07, 2), rel=1e-15)
    assert visualize.raster_plot(TS, np.eye(5), xlim=[0, 0.01] * s, ylim=(0, 3)).get_xlim() == (0, 10)
    with pytest.raises(DimensionalityError, match=r"^ylim needs a quantity in volt, got 3 ms"):
        visualize.line_plot(TS, np.ones(5) * V, ylim=(0, 3 * ms))


def test_a_raster_is_the_same_from_events_and_from_a_dense_recording():
    dense = np.zeros((5, 3), bool)
    dense[[1, 1, 4], [0, 2, 1]] = True
    events = (TS[[1, 1, 4]], np.array([0, 2, 1]))
    for ax in (visualize.raster_plot(TS, dense), visualize.raster_plot(events)):
        assert_array_equal(ax.lines[0].get_xdata(), [1, 1, 4])
        assert_array_equal(ax.lines[0].get_ydata(), [0, 2, 1])
        assert labels(ax) == ("time (ms)", "neuron", "")


def test_a_raster_without_spikes_is_empty():
    assert len(visualize.raster_plot(TS, np.zeros((5, 3))).lines[0].get_xdata()) == 0
    assert len(visualize.raster_plot((TS[:0], np.zeros(0, int))).lines[0].get_xdata()) == 0


@pytest.mark.parametrize("draw", [visualize.line_plot, visualize.raster_plot])
@pytest.mark.parametrize("shape", [(4,), (10, 3), (1, 5)])
def test_times_and_values_of_different_lengths_are_refused(draw, shape):
    with pytest.raises(ValueError, match=rf"5 times for {shape[0]} "):
        draw(TS, np.ones(shape))


def test_pictures_share_a_figure():
    fig, grid = visualize.get_figure(2, 1, row_length=2.0, column_length=5.0)
    assert tuple(fig.get_size_inches()) == (5.0, 4.0)
    top, bottom = fig.add_subplot(grid[0, 0]), fig.add_subplot(grid[1, 0])
    assert visualize.line_plot(TS, np.ones(5), ax=top) is top
    assert visualize.raster_plot(TS, np.eye(5), ax=bottom) is bottom
    assert plt.get_fignums() == [fig.number]


@pytest.mark.parametrize("draw", [visualize.line_plot, visualize.raster_plot])
def test_a_picture_is_shown_on_request_only(draw, monkeypatch):
    shown = []
    monkeypatch.setattr(plt, "show", lambda: shown.append(True))
    draw(TS, np.eye(5))
    assert not shown
    draw(TS, np.eye(5), show=True)
    assert shown


def test_events_of_several_axes_are_refused():
    with pytest.raises(ValueError, match="name each neuron by 2 numbers"):
        visualize.raster_plot((np.array([1.0, 2.0]) * ms, np.array([[0, 1], [1, 2]])))


def test_a_rate_is_spikes_per_time_and_neuron():
    # 10 neurons, one spike each at the ends of steps: 4 in (0, 1] ms, 6 in (1, 2] ms.
    times = np.array([0.1, 0.5, 0.9, 1.0, 1.1, 1.2, 1.5, 1.6, 1.9, 2.0]) * ms
    ax = visualize.rate_plot((times, np.arange(10)), 10, bin=1 * ms)
    assert_allclose(ax.patches[0].get_data().values, [400.0, 600.0])
    assert ax.get_ylabel() == "rate (Hz)"
    assert ax.get_xlabel() == "time (ms)"


# ------------------------------------------------------------------ results of sweeps


def result(values, name="rate", **axes):
    """Return a result of a sweep over these axes."""
    return Labelled(name, tuple(axes), {dim: {dim: own} for dim, own in axes.items()}, values)


def ticks(axis):
    return [text.get_text() for text in axis.get_ticklabels()]


def test_a_map_has_edges_half_way_between_places_that_rise_or_fall():
    rate = result(np.arange(6.0).reshape(3, 2) * Hz, tau=[1, 10, 100] * ms, dt=[0.2, 0.1] * ms)
    ax = visualize.heat_map(rate, title="LIF")
    corners = ax.collections[0].get_coordinates()
    assert_allclose(corners[0, :, 0], [-3.5, 5.5, 55, 145])
    assert_allclose(corners[:, 0, 1], [0.25, 0.15, 0.05])
    assert labels(ax) == ("tau (ms)", "dt (ms)", "LIF")
    assert ax.collections[0].colorbar.ax.get_ylabel() == "rate (Hz)"
    assert_array_equal(ax.collections[0].get_array().reshape(2, 3), [[0, 2, 4], [1, 3, 5]])


def test_axes_of_one_value_are_no_axes_of_a_picture():
    rate = result(np.ones((1, 3, 2)) * Hz, seed=np.array([7]), tau=[1, 2, 3] * ms, inputs=[0, 1] * mA)
    assert labels(visualize.heat_map(rate))[:2] == ("tau (ms)", "inputs (mA)")
    assert len(visualize.line_plot(rate).lines) == 3


def test_what_has_no_value_is_grey():
    rate = result(np.array([[1, np.nan], [np.inf, 2]]) * Hz, tau=[1, 2] * ms, inputs=[0, 1] * mA)
    ax = visualize.heat_map(rate)
    ax.figure.canvas.draw()
    assert_array_equal(ax.collections[0].get_array().mask.reshape(2, 2), [[False, True], [True, False]])
    red, green, blue, _ = ax.get_facecolor()
    assert 0 < red == green == blue < 1
    assert_allclose(ax.collections[0].get_facecolors()[[1, 2], 3], 0)  # nothing is drawn over it


def test_kinds_and_numbers_in_no_order_have_a_place_each_with_their_text():
    n = result(np.arange(6).reshape(2, 3), "n", method=["euler", "exact"], tau=[3, 1, 3] * ms)
    ax = visualize.heat_map(n)
    assert (ticks(ax.xaxis), ticks(ax.yaxis)) == (["euler", "exact"], ["3", "1", "3"])
    assert labels(ax)[:2] == ("method", "tau (ms)")
    assert ax.collections[0].colorbar.ax.get_ylabel() == "n"
    ax = visualize.line_plot(n)
    assert (ticks(ax.xaxis), ax.get_xlabel()) == (["3", "1", "3"], "tau (ms)")
    assert [line.get_label() for line in ax.lines] == ["method = euler", "method = exact"]
    turned = visualize.line_plot(result(n.values.T, tau=n.coord("tau"), dt=[1, 2] * ms))
    assert [line.get_label() for line in turned.lines] == ["tau = 3 ms", "tau = 1 ms", "tau = 3 ms"]


def test_lines_of_a_result_take_limits_in_any_unit_and_labels():
    rate = result([1.0, 20.0] * Hz, inputs=[0, 1] * mA)
    ax = visualize.line_plot(rate, xlim=(0 * mA, 500 * mA / 1000), ylim=(0 * Hz, 0.01 * kHz), ylabel="f")
    assert (ax.get_xlim(), ax.get_ylim()) == ((0, 0.5), (0, 10))
    assert labels(ax)[:2] == ("inputs (mA)", "f")
    assert labels(visualize.line_plot(result([1, 2] * dimensionless, "CV", gain=[0, 1] * dimensionless)))[:2] == (
        "gain", "CV",
    )  # fmt: skip


def test_a_picture_of_something_else_is_refused():
    with pytest.raises(TypeError, match=r"heat_map needs a result of a sweep, .*; got ndarray"):
        visualize.heat_map(np.eye(2))
    with pytest.raises(TypeError, match=r"line_plot needs a result of a sweep, .*or times and values; got Quantity"):
        visualize.line_plot([1, 2] * ms)


def test_a_label_is_a_legend():
    with pytest.raises(TypeError, match="the name of a line is 'legend' here: legend='V'"):
        visualize.line_plot([1, 2] * ms, [1, 2] * mV, label="V")


# ------------------------------------------------------------------ axes keep their unit


def test_what_is_drawn_later_is_converted_to_the_unit_of_the_axes():
    ax = visualize.line_plot(TS, np.arange(5) * mV)
    visualize.line_plot(TS.to("s"), np.arange(5) * 1e-3 * V, ax=ax)
    assert_allclose(ax.lines[1].get_xdata(), np.arange(5))
    assert_allclose(ax.lines[1].get_ydata(), np.arange(5))
    assert labels(ax) == ("time (ms)", "voltage (mV)", "")
    assert visualize.line_plot(TS, np.ones(5) * V, ax=ax, ylim=(-0.07 * V, 2000 * mV)).get_ylim() == (-70, 2000)
    visualize.raster_plot((TS.to("s"), np.arange(5)), ax=(below := plt.figure().add_subplot(sharex=None)))
    visualize.rate_plot((TS[1:], np.arange(4)), 4, ax=visualize.line_plot(TS.to("s"), np.ones(5) * kHz))
    assert labels(below)[0] == "time (s)"


def test_matplotlib_itself_converts_what_it_draws_on_them():
    ax = visualize.line_plot(TS, np.arange(5) * mV)
    assert_allclose(ax.axhline(0.002 * V).get_ydata(orig=False), [2, 2])
    assert_allclose(ax.axvline(0.003 * s).get_xdata(orig=False), [3, 3])
    span = ax.axvspan(0.001 * s, 2 * ms)
    ax.figure.canvas.draw()
    assert_allclose(span.get_window_extent().transformed(ax.transData.inverted()).intervalx, [1, 2])
    ax.plot(TS.to("s"), np.arange(5) * 1e-3 * V)
    ax.figure.canvas.draw()
    assert_allclose(ax.lines[-1].get_xydata(), np.stack([np.arange(5), np.arange(5)], 1))
    ax.set_ylim(-1e-3 * V, 5)
    assert ax.get_ylim() == (-1, 5)
    assert labels(ax)[:2] == ("time (ms)", "voltage (mV)")


@pytest.mark.parametrize("wrong", [np.arange(5) * nS, np.arange(5)])
def test_what_has_another_dimension_is_refused(wrong):
    ax = visualize.line_plot(TS, np.arange(5) * mV)
    with pytest.raises(DimensionalityError, match="line_plot: the y axis needs a quantity in mV, got an array"):
        visualize.line_plot(TS, wrong, ax=ax)
    with pytest.raises(DimensionalityError, match="raster_plot: the x axis needs a quantity in ms"):
        visualize.raster_plot((np.arange(5) * mV, np.arange(5)), ax=ax)
    assert len(ax.lines) == 1


def test_matplotlib_refuses_another_dimension_too():
    ax = visualize.line_plot(TS, np.arange(5) * mV)
    with pytest.raises(Exception, match="Failed to convert value"):
        ax.axhline(3 * nS)


@pytest.mark.parametrize("imports", [
    "import matplotlib.pyplot as plt\nimport simcore as sc\nfrom simcore.units import mV",
    "import simcore as sc\nimport matplotlib.pyplot as plt\nfrom simcore.units import mV\n"
    "sc.DSRunner(sc.models.LIF(1), ['V'], progress_bar=False).run('1 ms').V",
])  # fmt: skip
def test_it_converts_without_a_picture_of_simcore_too(imports):
    """In a process of its own, of which simcore draws nothing."""
    code = f"""{imports}
ax = plt.plot([0, 1], [1, 2] * mV)[0].axes
print(ax.get_ylabel(), ax.axhline(3e-3 * sc.units.V).get_ydata(orig=False))"""
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True)
    assert done.stdout == "voltage (mV) [3. 3.]\n", done.stderr


def test_a_map_s_axes_have_units_too():
    rate = result(np.arange(6.0).reshape(3, 2) * Hz, tau=[1, 10, 100] * ms, I=[1, 2] * mA)
    ax = visualize.heat_map(rate)
    assert_allclose(ax.axvline(0.01 * s).get_xdata(orig=False), [10, 10])


def test_a_recording_is_drawn_over_time_whatever_its_order():
    coords = {"time": TS, "neuron": np.array([3, 7])}
    V = result(np.arange(10.0).reshape(5, 2) * mV, "V", **coords)
    ax = V.plot()
    assert labels(ax)[:2] == ("time (ms)", "V (mV)")
    assert [line.get_label() for line in ax.lines] == ["neuron = 3", "neuron = 7"]
    assert_array_equal(ax.lines[1].get_ydata(), [1, 3, 5, 7, 9])
    swept = result(np.arange(10.0).reshape(2, 5) * mV, "V", tau=[1, 2] * ms, time=TS)
    assert_array_equal(swept.plot().lines[1].get_ydata(), np.arange(5, 10))


# ------------------------------------------------------------------ several populations


def test_populations_stand_above_one_another_each_in_its_colour():
    E, I = (TS[[1, 2]], np.array([0, 2])), (TS[[3]], np.array([1]))
    ax = visualize.raster_plot({"E": E, "I": I})
    assert_array_equal(ax.lines[1].get_ydata(), [3 + 1])  # above the three of E
    assert ax.lines[0].get_color() != ax.lines[1].get_color()
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["E", "I"]
    ax = visualize.rate_plot({"E": E, "I": I}, bin=1 * ms)
    assert_allclose(ax.patches[0].get_data().values, [1000 / 3, 1000 / 3])  # one spike of three neurons in 1 ms
    assert_allclose(ax.patches[1].get_data().values, [0, 0, 500])


def test_neurons_are_drawn_in_an_order():
    ax = visualize.raster_plot((TS[[0, 1, 2]], np.array([0, 1, 2])), order=[2, 0])
    assert_array_equal(ax.lines[0].get_xdata(), [0, 2])  # 1 is left out
    assert_array_equal(ax.lines[0].get_ydata(), [1, 0])
    with pytest.raises(ValueError, match="'order' must be numbers of neurons, each once"):
        visualize.raster_plot((TS[:1], np.array([0])), order=[0, 0])
