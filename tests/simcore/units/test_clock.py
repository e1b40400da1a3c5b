import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simcore import Clock, DimensionalityError
from simcore.units import clock, ms, mV, s, us


def test_every_multiple_of_the_step_up_to_10_s_is_that_many_steps():
    # Every 101st, and all of the first and the last 300: all would take many seconds.
    for n in {*range(300), *range(0, 100_000, 101), *range(99_700, 100_001)}:
        assert clock.n_steps((n * 0.1) * ms, 0.1) == n


@given(st.integers(0, 10_000_000), st.sampled_from([0.1, 0.05, 0.025, 0.01, 0.2, 1.0, 1 / 3]))
def test_a_multiple_of_any_step_is_that_many_steps_in_any_unit(n, dt):
    assert clock.n_steps((n * dt) * ms, dt) == n
    assert clock.n_steps((n * dt * 1e-3) * s, dt) == n
    assert clock.n_steps((n * dt * 1e3) * us, dt) == n


@given(st.integers(0, 100_000), st.floats(0.01, 0.99))
def test_a_fraction_of_a_step_is_refused(n, fraction):
    with pytest.raises(ValueError, match="the nearest are"):
        clock.n_steps(((n + fraction) * 0.1) * ms, 0.1)


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (10.03 * ms, "duration 10.03 ms is 100.3 steps of dt = 0.1 ms; the nearest are 10 ms and 10.1 ms."),
        (
            10000.03 * ms,
            "duration 10000.03 ms is 100000.3 steps of dt = 0.1 ms; the nearest are 10000 ms and 10000.1 ms.",
        ),
        (0.01 * ms, "duration 0.01 ms is 0.1 steps of dt = 0.1 ms; the nearest are 0 ms and 0.1 ms."),
        ("50 us", "duration '50 us' is 0.5 steps of dt = 0.1 ms; the nearest are 0 ms and 0.1 ms."),
    ],
)
def test_the_error_names_the_nearest_durations(duration, text):
    with pytest.raises(ValueError, match="steps") as err:
        clock.n_steps(duration, 0.1)
    assert str(err.value) == text


@pytest.mark.parametrize("duration", [-1 * ms, -0.07 * ms])
def test_a_negative_duration_is_refused(duration):
    with pytest.raises(ValueError, match=r"^tau_ref must not be negative, got "):
        clock.n_steps(duration, 0.1, "tau_ref")


@pytest.mark.parametrize("duration", [10.0, 0, 10 * mV])
def test_a_duration_that_is_no_time_is_refused(duration):
    with pytest.raises(DimensionalityError, match=r"^duration needs a quantity in ms, got "):
        clock.n_steps(duration, 0.1)


def test_several_durations_at_once_are_refused():
    with pytest.raises(ValueError, match=r"^duration needs one time, got \[1 2\] ms"):
        clock.n_steps([1, 2] * ms, 0.1)


@pytest.mark.parametrize("dt", [0 * ms, -0.1 * ms])
def test_a_time_step_must_be_positive(dt):
    with pytest.raises(ValueError, match=r"^DSRunner: 'dt' must be > 0, got "):
        clock.time_step(dt, "DSRunner")


def test_a_time_step_is_read_in_any_unit_of_time():
    assert clock.time_step(50 * us, "DSRunner") == clock.time_step("0.05 ms", "DSRunner") == 0.05


def test_durations_of_a_model_are_rounded_to_the_nearest_step():
    steps, whole = clock.rounded_steps(np.array([0.0, 0.30000000000000004, 2.0]), 0.1)
    assert (steps.tolist(), whole) == ([0, 3, 20], True)
    steps, whole = clock.rounded_steps(np.array([0.26, 2.0]), 0.1)
    assert (steps.tolist(), whole) == ([3, 20], False)


def test_the_time_of_a_clock_derives_from_its_step():
    assert Clock(i=3, dt=0.25, t0=-1.0).t == -0.25
    assert Clock().t == 0.0
