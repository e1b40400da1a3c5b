"""Pictures of spikes, phases, weights, spectra: what is drawn is what was given, in the units of the axes."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from PIL import Image

import simcore as sc
from simcore import visualize
from simcore.units import mA, ms, mV, pA, s

EVENTS = [1.0, 2.0, 3.0, 5.0, 8.0, 13.0] * ms, np.array([0, 1, 0, 0, 1, 2])  # intervals 2, 2; 6


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_intervals_are_those_of_each_neuron():
    ax = visualize.interval_plot(EVENTS, np.array([0.0, 0.002, 0.004, 0.008]) * s)
    counts, edges, _ = ax.patches[0].get_data()
    assert_array_equal(counts, [0, 2, 1])
    assert_allclose(edges, [0, 2, 4, 8])
    assert ax.get_xlabel() == "interval (ms)"
    assert visualize.interval_plot(EVENTS).patches[0].get_data().values.sum() == 3
    assert visualize.interval_plot((EVENTS[0][:1], EVENTS[1][:1])).patches[0].get_data().values.sum() == 0


def test_a_spectrogram_shows_the_frequency_of_each_time():
    t = np.arange(1, 20001) * 0.1 * ms
    f = np.where(t.m < 1000, 20.0, 60.0)
    ax = visualize.spectrogram(t, np.sin(2 * np.pi * f * t.m / 1000)[:, None] * mV, 200 * ms)
    power = ax.collections[0].get_array().reshape(1000, -1)
    assert_allclose(ax.collections[0].get_coordinates()[:3, 0, 1], [2.5, 7.5, 12.5])  # Hz, around multiples of 1/200 ms
    assert (power[:, 0].argmax() + 1) * 5 == 20
    assert (power[:, -1].argmax() + 1) * 5 == 60
    assert power.max() == 0
    with pytest.raises(ValueError, match=r"20000 times for 40000 values; it is of one trace"):
        visualize.spectrogram(t, np.ones((20000, 2)))
    with pytest.raises(ValueError, match="'window', 5000 ms, must be 4 steps"):
        visualize.spectrogram(t, np.ones(20000), 5000 * ms)


def test_a_phase_portrait_begins_with_a_dot():
    V, w = np.arange(6.0).reshape(3, 2) * mV, np.arange(6.0).reshape(3, 2)[::-1] * pA
    ax = visualize.phase_plot(V, w, plot_ids=1)
    assert_array_equal(ax.lines[0].get_xydata(), [[1, 5], [3, 3], [5, 1]])
    assert_array_equal(ax.lines[1].get_xydata(), [[1, 5]])
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("voltage (mV)", "current (pA)")
    with pytest.raises(ValueError, match=r"x is of the shape \(3, 2\), y of \(2,\)"):
        visualize.phase_plot(V, w[0])


def test_weights_are_drawn_where_there_are_synapses():
    cells = sc.models.LIF(3, receptors={"exc": sc.models.Exponential(tau=3 * ms)})
    pairs = np.array([0, 0, 2, 0]), np.array([1, 2, 0, 1])
    link = sc.models.Projection(cells, cells, connect=pairs, weight=[1, 2, 3, 4] * pA)
    image = visualize.weight_matrix(link).images[0].get_array()
    assert_array_equal(image.filled(np.nan), [[np.nan, np.nan, 3], [5, np.nan, np.nan], [2, np.nan, np.nan]])
    ax = visualize.weight_histogram(link, np.array([0, 2.5, 5]) * pA)
    assert_array_equal(ax.patches[0].get_data().values, [2, 2])
    assert ax.get_xlabel() == "weight (pA)"
    one = sc.models.Projection(cells, cells, connect=sc.models.AllToAll(), weight=2 * pA)
    assert visualize.weight_histogram(one, 3).patches[0].get_data().values.sum() == 9
    rates = sc.models.WilsonCowan(2)
    plain = sc.models.RateProjection(rates, rates, connect=sc.models.AllToAll(), weight=0.5)
    assert visualize.weight_histogram(plain).get_xlabel() == "weight"  # without an empty unit
    assert visualize.weight_matrix(plain).figure.axes[1].get_ylabel() == "weight"


def test_spikes_are_strokes_on_top_of_the_v_of_their_neuron():
    ts, V = np.arange(1, 6) * ms, np.array([[0.0, 1], [2, 1], [0, 1], [0, 1], [0, 1]]) * mV
    ax = visualize.line_plot(ts, V, spikes=([2.0, 9.0, 4.0] * ms, np.array([0, 0, 5])))
    segments = [collection.get_segments() for collection in ax.collections]
    assert_array_equal(segments[0], [[[2, 2], [2, 3]]])  # from V upwards; 9 ms is not in the picture
    assert segments[1] == []


def test_an_animation_has_a_frame_for_each_time(tmp_path):
    V = np.arange(24.0).reshape(4, 2, 3) * mV
    made = visualize.animate(np.arange(4) * ms, V, every=2, title="wave")
    made.save(tmp_path / "wave.gif", writer="pillow")
    assert_array_equal(made.ax.images[0].get_array(), V.m[2])  # the last of the two frames
    assert made.ax.get_title() == "wave 2 ms"
    with Image.open(tmp_path / "wave.gif") as file:
        assert file.n_frames == 2
    with pytest.raises(ValueError, match=r"values of a population of two axes are \(T, rows, columns\) with 4 times"):
        visualize.animate(np.arange(4) * ms, V[:, 0])


def test_a_recording_draws_what_has_times_with_spikes_on_top_of_v():
    monitors = {"V": ("V", [2, 0]), "spike_events": "spike_events", "spike": "spike", "n": "spike_count"}
    mon = sc.DSRunner(sc.models.LIF(3), monitors, progress_bar=False).run(20 * ms, inputs=[0, 2, 3] * mA)
    axes = mon.plot()
    assert [ax.get_ylabel() for ax in axes] == ["V (mV)", "spike_events", "spike"]
    assert [ax.get_xlabel() for ax in axes] == ["", "", "time (ms)"]
    trains = mon.spike_events.trains()
    strokes = [len(collection.get_segments()) for collection in axes[0].collections]
    assert strokes == [len(trains[2]), len(trains[0])] == [len(trains[2]), 0]  # of the neurons that V is of
    assert len(axes[1].lines[0].get_xdata()) == len(axes[2].lines[0].get_xdata()) == len(mon.spike_events)
    _, own = plt.subplots(3)
    assert mon.plot(ax=own) == list(own)
    with pytest.raises(ValueError, match=r"'ax' must be 3 axes, one for each of V, spike_events, spike; got 1"):
        mon.plot(ax=own[0])
    with pytest.raises(ValueError, match="nothing was recorded over time"):
        sc.DSRunner(sc.models.LIF(1), ["spike_count"]).run(1 * ms, inputs=0 * mA).plot()


@pytest.mark.parametrize("ids", [3, [0, 5], -4, np.array([7])])
def test_columns_that_are_not_there_are_refused_with_the_argument(ids):
    ts, V = np.arange(4) * ms, np.zeros((4, 3)) * mV
    for plot, first in ((visualize.line_plot, ts), (visualize.phase_plot, V)):
        with pytest.raises(IndexError, match=r"'plot_ids' = .* are of 3 columns"):
            plot(first, V, ids)


def test_columns_are_chosen_as_arrays_choose_them():
    ts, V = np.arange(4) * ms, np.arange(12.0).reshape(4, 3) * mV
    for ids in ([0, 2], (0, 2), slice(0, 3, 2), np.array([True, False, True]), [-3, -1]):
        drawn = [line.get_ydata()[0] for line in visualize.line_plot(ts, V, ids).lines]
        assert drawn == [0, 2]


@pytest.mark.parametrize(
    ("draw", "error", "text"),
    [
        (lambda V: visualize.rate_plot(EVENTS, bin=0 * ms), ValueError, "rate_plot: 'bin' must be > 0, got 0 ms"),
        (lambda V: visualize.rate_plot(EVENTS, 0), ValueError, "'size' must be the number of neurons, got 0"),
        (lambda V: visualize.rate_plot({}), ValueError, "there is no population in {}"),
        (lambda V: visualize.rate_plot(V), TypeError, "rate_plot needs spike events .* got an array in mV"),
        (lambda V: visualize.raster_plot(V), TypeError, "raster_plot needs spike events .* got an array in mV"),
        (lambda V: visualize.interval_plot("V"), TypeError, "interval_plot needs spike events .* got 'V'"),
        (lambda V: visualize.line_plot(V.m * ms, V, xlim=5 * ms), ValueError, r"xlim must be two values, .*got 5 ms"),
        (lambda V: visualize.line_plot(V.m * ms, V, xlim=(0 * mV, 1 * mV)), sc.DimensionalityError, "xlim needs"),
        (lambda V: visualize.animate([] * ms, np.zeros((0, 2, 2)) * mV), ValueError, "animate: .* with 0 times"),
        (lambda V: visualize.spectrogram(V.m**2 * ms, V, window=8 * ms), ValueError, "'ts' must be evenly spaced"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_the_argument(draw, error, text):
    with pytest.raises(error, match=text):
        draw(np.arange(9.0) * mV)


def test_the_colours_of_an_animation_span_what_is_finite(tmp_path):
    V = np.array([[[0.0, np.nan]], [[4.0, np.inf]]]) * mV
    made = visualize.animate([0, 1] * ms, V)
    made.save(tmp_path / "film.gif", writer="pillow")
    assert made.ax.images[0].get_clim() == (0, 4)
