import numpy as np
import pytest
from numpy.testing import assert_allclose
from pint.testing import assert_allclose as assert_same

from simcore import DimensionalityError, environ, inputs
from simcore.units import Hz, mA, ms, mV, nA, s, us

each_dt = pytest.mark.parametrize("dt", [1.0, 0.5, 0.1, 0.05, 0.025])


def window(t, start, end):
    # Half a sample's tolerance: t = i dt is rounded.
    return (t > start - 1e-9) & (t < end - 1e-9)


def check(waveform, f, duration, dt):
    """Assert that the samples are f(t) in mA at t = 0, dt, ... below the duration (ms)."""
    t = np.arange(round(duration / dt)) * dt
    assert waveform.dt == dt
    assert_allclose(waveform.ts.m_as("ms"), t, rtol=1e-15)
    # The generators compute t from the start of the window: 1e-12 is its rounding, amplified by the frequency.
    assert_allclose(waveform.m_as("mA"), f(t), rtol=1e-12, atol=1e-12)


@each_dt
def test_sections_hold_their_values(dt):
    w = inputs.section_input([0, 1, 0] * mA, [100, 300, 100] * ms, dt * ms)
    check(w, lambda t: 1.0 * window(t, 100, 400), 500, dt)


def test_sections_may_differ_in_unit_and_be_one_value_for_each_neuron():
    w = inputs.section_input([np.array([1.0, 2.0]) * mA, 5e5 * nA, "1 mA"], ["0.2 ms", 0.1 * ms, 0.1 * ms])
    assert_same(w.value, [[1.0, 2.0], [1.0, 2.0], [0.5, 0.5], [1.0, 1.0]] * mA, rtol=1e-15)


@each_dt
def test_a_constant_lasts_for_its_duration(dt):
    check(inputs.constant_input(2 * mA, 10 * ms, dt * ms), lambda t: 2.0 + 0 * t, 10, dt)


@each_dt
def test_steps_hold_from_their_time_on(dt):
    w = inputs.step_input([1 * mA, -2 * mA, 3 * mA], [2 * ms, 5 * ms, 10 * ms], 10 * ms, dt * ms)
    check(w, lambda t: 1.0 * window(t, 2, 5) - 2.0 * window(t, 5, 10), 10, dt)


@each_dt
def test_pulses_begin_at_their_time_last_their_length_and_add_up(dt):
    w = inputs.spike_input([10, 20, 21] * ms, [1, 3, 1] * ms, [0.5, 1.0, 2.0] * mA, 25 * ms, dt * ms)
    check(w, lambda t: 0.5 * window(t, 10, 11) + window(t, 20, 23) + 2.0 * window(t, 21, 22), 25, dt)


def test_pulses_may_share_a_length_and_a_size():
    w = inputs.spike_input([1 * ms, 2 * ms], "0.1 ms", 1 * mA, 3 * ms)
    assert np.flatnonzero(w.samples).tolist() == [10, 20]
    assert not inputs.spike_input([] * ms, 0.1 * ms, 1 * mA, 3 * ms).samples.any()


@each_dt
def test_a_ramp_is_a_function_of_time(dt):
    w = inputs.ramp_input(-1 * mA, 1 * mA, 100 * ms, 20 * ms, 60 * ms, dt * ms)
    check(w, lambda t: (-1 + 2 * (t - 20) / 40) * window(t, 20, 60), 100, dt)


def test_a_ramp_has_the_same_values_at_common_times_whatever_dt():
    coarse = inputs.ramp_input(0 * mA, 3 * mA, 70 * ms, dt=1 * ms)
    for k in (2, 10, 40):
        fine = inputs.ramp_input(0 * mA, 3 * mA, 70 * ms, dt=1 / k * ms)
        assert_allclose(fine.samples[::k], coarse.samples, rtol=1e-14)


@each_dt
@pytest.mark.parametrize("bias", [False, True])
def test_a_sine_starts_with_its_window(dt, bias):
    w = inputs.sinusoidal_input(2 * mA, 25 * Hz, 200 * ms, 30 * ms, 150 * ms, dt * ms, bias=bias)
    check(w, lambda t: 2 * (np.sin(2 * np.pi * 0.025 * (t - 30)) + bias) * window(t, 30, 150), 200, dt)


@each_dt
@pytest.mark.parametrize("bias", [False, True])
def test_a_square_wave_is_the_sign_of_its_phase(dt, bias):
    w = inputs.square_input(2 * mA, 25 * Hz, 200 * ms, 30 * ms, 150 * ms, dt * ms, bias=bias)
    # The phase in whole samples: integers cannot jitter.
    half, start = round(20 / dt), round(30 / dt)
    sign = lambda t: np.where((np.round(t / dt).astype(int) - start) // half % 2 == 0, 1, -1)  # noqa: E731
    check(w, lambda t: 2.0 * (sign(t) + bias) * window(t, 30, 150), 200, dt)


@each_dt
def test_half_periods_of_a_square_wave_are_equal(dt):
    at_25_hz = inputs.square_input(1 * mA, 25 * Hz, 10 * s, dt=0.1 * ms)
    assert set(np.diff(np.flatnonzero(np.diff(at_25_hz.samples)))) == {200}
    for n in range(2, 60):  # with rounding errors in the frequency too
        w = inputs.square_input(1 * mA, 1 / (2 * n * dt * ms), 50 * n * dt * ms, dt=dt * ms)
        assert np.flatnonzero(np.diff(w.samples)).tolist() == list(range(n - 1, 50 * n - 1, n))


@pytest.mark.parametrize(
    "make",
    [
        lambda a, **k: inputs.ramp_input(0 * mA, a, 20 * ms, **k),
        lambda a, **k: inputs.sinusoidal_input(a, 100 * Hz, 20 * ms, **k),
        lambda a, **k: inputs.square_input(a, 100 * Hz, 20 * ms, **k),
    ],
)
def test_amplitudes_may_differ_between_neurons(make):
    w = make([1.0, 2.0, 3.0] * mA, t_start=5 * ms)
    assert w.shape == (200, 3)
    for k in range(3):
        assert_allclose(w.samples[:, k], make((k + 1.0) * mA, t_start=5 * ms).samples, rtol=1e-15)


GENERATORS = {
    "section_input": lambda **k: inputs.section_input([1 * mA], [k.pop("duration")], **k),
    "constant_input": lambda **k: inputs.constant_input(1 * mA, **k),
    "step_input": lambda **k: inputs.step_input([1 * mA], [0 * ms], **k),
    "spike_input": lambda **k: inputs.spike_input([0] * ms, 1 * ms, 1 * mA, **k),
    "ramp_input": lambda **k: inputs.ramp_input(1 * mA, 2 * mA, **k),
    "sinusoidal_input": lambda **k: inputs.sinusoidal_input(1 * mA, 10 * Hz, **k),
    "square_input": lambda **k: inputs.square_input(1 * mA, 10 * Hz, **k),
    "wiener_process": lambda **k: inputs.wiener_process(1 * mA * ms**0.5, **k, seed=1),
    "ou_process": lambda **k: inputs.ou_process(1 * mA, 1 * mA, 10 * ms, **k, seed=1),
}
WINDOWED = ["ramp_input", "sinusoidal_input", "square_input", "wiener_process", "ou_process"]
each = pytest.mark.parametrize("name", GENERATORS)
windowed = pytest.mark.parametrize("name", WINDOWED)


@each
def test_the_number_of_samples_is_the_duration_over_dt(name):
    for duration in (1, 10, 100, 300, 700):
        w = GENERATORS[name](duration=duration * ms)
        assert len(w) == duration * 10
        assert w.unit == "mA"
    assert len(GENERATORS[name](duration="0.7 s", dt=25 * us)) == 28_000
    with environ.context(dt=0.2 * ms):
        assert len(GENERATORS[name](duration=300 * ms)) == 1500


@each
def test_durations_off_the_grid_and_without_unit_are_refused(name):
    with pytest.raises(ValueError, match=r"10.03 ms is 100.3 steps of dt = 0.1 ms; the nearest are 10 ms and 10.1 ms"):
        GENERATORS[name](duration=10.03 * ms)
    with pytest.raises(DimensionalityError, match="needs a quantity in ms, got the bare number 10; write 10"):
        GENERATORS[name](duration=10)
    with pytest.raises(DimensionalityError, match=r"'dt' needs a quantity in ms, got the bare number 0.1"):
        GENERATORS[name](duration=10 * ms, dt=0.1)
    with pytest.raises(ValueError, match="must not be negative, got -10 ms"):
        GENERATORS[name](duration=-10 * ms)


@windowed
def test_outside_its_window_an_input_is_zero(name):
    w = GENERATORS[name](duration=30 * ms, t_start=10 * ms, t_end=20 * ms)
    assert not w.samples[:100].any()
    assert not w.samples[200:].any()
    assert w.samples[101:200].all()
    assert not GENERATORS[name](duration=30 * ms, t_start=10 * ms, t_end=10 * ms).samples.any()


@windowed
@pytest.mark.parametrize(("start", "end"), [(0, 31), (20, 10), (31, None)])
def test_a_window_that_does_not_lie_in_the_duration_is_refused(name, start, end):
    with pytest.raises(ValueError, match=rf"^{name}: needs 0 <= t_start <= t_end <= duration, got {start} ms"):
        GENERATORS[name](duration=30 * ms, t_start=start * ms, t_end=None if end is None else end * ms)


@windowed
def test_a_window_off_the_grid_is_refused(name):
    with pytest.raises(ValueError, match=rf"^{name}: 't_start' 1.05 ms is 10.5 steps"):
        GENERATORS[name](duration=30 * ms, t_start=1.05 * ms)
    with pytest.raises(ValueError, match=rf"^{name}: 't_end' 1.05 ms is 10.5 steps"):
        GENERATORS[name](duration=30 * ms, t_end=1.05 * ms)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (
            lambda: inputs.section_input([1 * mA, 1 * mV], [1, 1] * ms),
            r"'values\[1\]' needs a quantity in mA, got 1 mV",
        ),
        (
            lambda: inputs.section_input([0, 1 * mA], [1, 1] * ms),
            r"'values\[0\]' needs a quantity, got the bare number 0",
        ),
        (
            lambda: inputs.step_input([1 * mA, 2], [1, 2] * ms, 3 * ms),
            r"'values\[1\]' needs .* in mA, got the bare num",
        ),
        (lambda: inputs.spike_input([1] * ms, 1 * ms, 1, 3 * ms), "'sizes' needs a quantity, got the bare number 1"),
        (lambda: inputs.spike_input([1], 1 * ms, 1 * mA, 3 * ms), r"'times' needs a quantity in ms, got \[1\]"),
        (lambda: inputs.ramp_input(0, 1 * mA, 3 * ms), "'c_start' needs a quantity, got the bare number 0; write e.g."),
        (lambda: inputs.ramp_input(0 * mA, 1 * mV, 3 * ms), "'c_end' needs a quantity in mA, got 1 mV"),
        (lambda: inputs.sinusoidal_input(1 * mA, 10, 3 * ms), "'frequency' needs .* in Hz, got .*; write 10 . Hz"),
        (lambda: inputs.square_input(1 * mA, 10 * ms, 3 * ms), "'frequency' needs a quantity in Hz, got 10 ms"),
    ],
)
def test_values_of_another_dimension_are_refused(make, text):
    with pytest.raises(DimensionalityError, match=text):
        make()


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: inputs.section_input([1 * mA], [1, 2] * ms), "as many values as durations, got 1 and 2"),
        (lambda: inputs.section_input([], []), "as many values as durations, got 0 and 0"),
        (lambda: inputs.step_input([1 * mA], [1, 2] * ms, 3 * ms), "as many values as times, got 1 and 2"),
        (lambda: inputs.step_input([], [], 3 * ms), "as many values as times, got 0 and 0"),
        (lambda: inputs.step_input([1, 2] * mA, [2, 1] * ms, 3 * ms), "'times' must ascend and lie within"),
        (lambda: inputs.step_input([1, 2, 3] * mA, [1, 2, 2] * ms, 3 * ms), "no two alike; got 1, 2, 2 ms"),
        (lambda: inputs.step_input([1] * mA, [4] * ms, 3 * ms), "'times' must ascend and lie within"),
        (lambda: inputs.spike_input([1, 2] * ms, [1, 1, 1] * ms, 1 * mA, 9 * ms), "one for each of the 2 times"),
        (lambda: inputs.spike_input([1.05] * ms, 1 * ms, 1 * mA, 9 * ms), "a time 1.05 ms is 10.5 steps"),
        (lambda: inputs.spike_input([1] * ms, 0.05 * ms, 1 * mA, 9 * ms), "a length 0.05 ms is 0.5 steps"),
        (lambda: inputs.spike_input([1] * ms, 0 * ms, 1 * mA, 9 * ms), "the pulse at 1 ms is empty or ends after"),
        (lambda: inputs.spike_input([8.5] * ms, 1 * ms, 1 * mA, 9 * ms), "the pulse at 8.5 ms is empty or ends after"),
        (lambda: inputs.sinusoidal_input(1 * mA, [1, 2] * Hz, 3 * ms), "'frequency' needs one frequency"),
    ],
)
def test_arguments_that_do_not_fit_together_are_refused(make, text):
    with pytest.raises(ValueError, match=text):
        make()
