import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np
import pint
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from pint.testing import assert_allclose as assert_same

import simcore as sc
from simcore import DimensionalityError, DSRunner, environ
from simcore.inputs import Waveform, concatenate, section_input, wiener_process
from simcore.models import LIF
from simcore.units import mA, ms, mV, nA, second, us

Quantity = pint.get_application_registry().Quantity
OWN = pint.UnitRegistry()


def ramp(n=4, dt=0.1 * ms):
    return Waveform(np.arange(float(n)) * mA, dt)


@pytest.mark.parametrize("name", ["dt", "dtt", "unit", "samples"])
def test_a_waveform_is_a_value(name):
    wave = sc.inputs.Waveform([1, 2] * mA, dt=1 * ms)
    with pytest.raises(AttributeError, match=f"Waveform: '{name}' cannot be set; .* make another Waveform"):
        setattr(wave, name, 2 * ms)
    assert (wave.dt, len(wave)) == (1.0, 2)


def test_a_waveform_knows_its_times():
    w = ramp(4, 0.5 * ms)
    assert len(w) == 4
    assert w.shape == (4,)
    assert w.dt == 0.5
    assert_same(w.ts, [0.0, 0.5, 1.0, 1.5] * ms, rtol=1e-15)
    assert w.duration == 2.0 * ms
    assert_same(w.value, [0.0, 1.0, 2.0, 3.0] * mA, rtol=1e-15)
    assert_allclose(w.m_as("uA"), [0.0, 1e3, 2e3, 3e3], rtol=1e-15)
    assert repr(w) == "Waveform((4,) in mA, dt = 0.5 ms, 2 ms)"


def test_the_environment_gives_dt_where_none_is_given():
    assert ramp(dt=None).dt == 0.1
    with environ.context(dt=25 * us):
        assert ramp(dt=None).dt == 0.025


def test_samples_may_be_a_list_of_quantities_and_are_copied():
    assert_same(Waveform([1 * mA, 500000 * nA]).value, [1.0, 0.5] * mA, rtol=1e-15)
    samples = np.zeros(3)
    w = Waveform(samples * mA)
    samples[:] = 1
    assert not w.samples.any()


@pytest.mark.parametrize(
    ("value", "dt", "error", "text"),
    [
        (np.ones(3), None, DimensionalityError, "Waveform needs a quantity, got "),
        (1 * mA, None, ValueError, "Waveform needs an array of samples, got 1 mA"),
        ([1, np.nan] * mA, None, ValueError, "Waveform must be finite"),
        ([1, 2] * mA, 0.1, DimensionalityError, "Waveform: 'dt' needs a quantity in ms, got the bare number 0.1"),
        ([1, 2] * mA, 0 * ms, ValueError, "Waveform: 'dt' must be > 0"),
    ],
)
def test_what_makes_no_waveform_is_refused(value, dt, error, text):
    with pytest.raises(error, match=f"^{text}"):
        Waveform(value, dt)


# ------------------------------------------------------------------ arithmetic


def test_waveforms_and_quantities_add_and_subtract_in_the_unit_of_the_first():
    w = ramp()
    other = Waveform(np.full(4, 500000.0) * nA)
    for got, expected in [
        (w + other, [0.5, 1.5, 2.5, 3.5]),
        (w - other, [-0.5, 0.5, 1.5, 2.5]),
        (w + 1 * mA, [1.0, 2.0, 3.0, 4.0]),
        (w - 1 * mA, [-1.0, 0.0, 1.0, 2.0]),
        (w + [1, 2, 3, 4] * mA, [1.0, 3.0, 5.0, 7.0]),
        (w + OWN.Quantity(1, "mA"), [1.0, 2.0, 3.0, 4.0]),
        (1 * mA + w, [1.0, 2.0, 3.0, 4.0]),
        (1 * mA - w, [1.0, 0.0, -1.0, -2.0]),
        (-w, [0.0, -1.0, -2.0, -3.0]),
    ]:
        assert_same(got.value, expected * mA, rtol=1e-15)
        assert got.dt == 0.1


def test_a_waveform_adds_to_each_column_of_another():
    common, noise = ramp(3), Waveform(np.arange(9.0).reshape(3, 3) * mA)
    expected = (np.arange(9.0).reshape(3, 3) + np.arange(3.0)[:, None]) * mA
    assert_same((common + noise).value, expected, rtol=1e-15)
    assert_same((noise + common).value, expected, rtol=1e-15)
    assert_same((noise + [1, 2, 3] * mA).value, noise.value + [1, 2, 3] * mA, rtol=1e-15)


def test_waveforms_scale_with_numbers_and_quantities():
    w = ramp()
    for got, expected in [
        (w * 2, [0.0, 2.0, 4.0, 6.0] * mA),
        (2 * w, [0.0, 2.0, 4.0, 6.0] * mA),
        (w / 2, [0.0, 0.5, 1.0, 1.5] * mA),
        (np.arange(4.0) * w, [0.0, 1.0, 4.0, 9.0] * mA),
        (w * (2 * mV), [0.0, 2.0, 4.0, 6.0] * mA * mV),
        ((2 * mV) * w, [0.0, 2.0, 4.0, 6.0] * mA * mV),
        (w / (2 * mA), [0.0, 0.5, 1.0, 1.5] * mA / mA),
        (w * mV, [0.0, 1.0, 2.0, 3.0] * mA * mV),
        (mV * w, [0.0, 1.0, 2.0, 3.0] * mA * mV),
        (w * OWN.Quantity(2, "mV"), [0.0, 2.0, 4.0, 6.0] * mA * mV),
    ]:
        assert isinstance(got, Waveform)
        assert_same(got.value, expected, rtol=1e-15)


@pytest.mark.parametrize(
    ("combine", "error", "text"),
    [
        (lambda w: w + 1, DimensionalityError, r"'\+' of a waveform: .* in mA, got the bare number 1; write 1 \* mA"),
        (lambda w: w - 1 * mV, DimensionalityError, "'-' of a waveform: the other term needs .* in mA, got 1 mV"),
        (lambda w: 1 * mV + w, DimensionalityError, r"'\+' of a waveform: the other term needs .* in mA, got 1 mV"),
        (lambda w: w + w * mV, DimensionalityError, r"'\+' of a waveform: the other term needs a quantity in mA"),
        (lambda w: w + ramp(5), ValueError, r"'\+' .* needs one length and one dt; the first has 4 samples of 0.1 ms"),
        (lambda w: w + ramp(4, 1 * ms), ValueError, r"'\+' .* one length and one dt; .* the second 4 of 1 ms"),
        (lambda w: w + [[1], [2], [3], [4]] * mA, ValueError, r"'\+' of a waveform \(4,\) and values \(4, 1\)"),
        (lambda w: w * np.ones((4, 1)), ValueError, r"a waveform \(4,\) cannot be scaled by an array \(4, 1\)"),
        (lambda w: w * w, TypeError, "unsupported operand"),
        (lambda w: w / w, TypeError, "unsupported operand"),
        (lambda w: 1 / w, TypeError, "unsupported operand"),
    ],
)
def test_what_does_not_fit_together_is_refused(combine, error, text):
    with pytest.raises(error, match=text):
        combine(ramp())


def test_concatenate_joins_in_the_unit_of_the_first():
    got = concatenate([ramp(2), Waveform([5e6] * nA), ramp(2)])
    assert_same(got.value, [0.0, 1.0, 5.0, 0.0, 1.0] * mA, rtol=1e-15)
    assert got.duration == 0.5 * ms


@pytest.mark.parametrize(
    ("parts", "error", "text"),
    [
        ([], ValueError, "concatenate needs at least one waveform"),
        ([ramp(), ramp(dt=1 * ms)], ValueError, "concatenate needs one dt, got 0.1 ms and 1 ms"),
        ([ramp(), Waveform(np.ones((2, 3)) * mA)], ValueError, r"samples of one shape, got \(\) and \(3,\)"),
        ([ramp(), Waveform([1] * mV)], DimensionalityError, "concatenate: each waveform needs a quantity in mA"),
    ],
)
def test_parts_that_do_not_fit_are_not_concatenated(parts, error, text):
    with pytest.raises(error, match=text):
        concatenate(parts)


# ------------------------------------------------------------------ as a runner sees it


def test_a_runner_gets_kernel_floats_chunk_by_chunk(precision):
    w = ramp(5)
    assert w.n_steps(0.1) == 5
    chunk = w.arrays(start=3, count=2, capacity=4, dt=0.1)["samples"]
    assert chunk.dtype == precision
    assert_allclose(chunk, [3e9, 4e9, 0.0, 0.0], rtol=1e-7)  # mA in pA
    assert w.bytes_per_step() == chunk.itemsize
    assert w.dimensions() == {"samples": sc.units.dimension("pA")}
    assert_array_equal(jax.jit(w.at)({"samples": jnp.asarray(chunk)}, 1), chunk[1])


@pytest.mark.parametrize("held", [1, 2, 5])
def test_a_finer_dt_that_divides_holds_each_sample(held):
    w, dt = Waveform(np.arange(12.0).reshape(4, 3) * mV), 0.1 / held
    assert w.n_steps(dt) == 4 * held
    whole = np.repeat(np.arange(12.0).reshape(4, 3), held, axis=0)
    for start, count in [(0, 4 * held), (1, 3), (held, held)]:
        got = w.arrays(start, count, 4 * held, dt)["samples"][:count]
        assert_array_equal(got, whole[start : start + count])


@pytest.mark.parametrize("dt", [0.2, 0.03, 0.15, 0.099])
def test_any_other_dt_is_refused_and_resample_is_the_cure(dt):
    text = (
        rf"the waveform has dt = 0.1 ms, which is no multiple of the run's {dt} ms; .* waveform.resample\({dt} \* ms\)"
    )
    with pytest.raises(ValueError, match=text) as refused:
        DSRunner(LIF(1), dt=dt * ms).run(inputs=ramp())
    assert ("or run with dt=0.1 * ms" in str(refused.value)) == (dt > 0.1)
    mon = DSRunner(LIF(1), dt=dt * ms).run(inputs=ramp().resample(dt * ms))
    assert len(mon.ts) == np.ceil(0.4 / dt)


def test_the_dt_of_a_waveform_that_is_held_changes_no_run():
    # The charge is that of 50 ms at 0.5 mA and 50 ms at 0.8 mA, however coarsely it is said: the same samples reach V.
    def V(waveform_dt):
        wave = section_input([0.5, 0.8] * mA, [50, 50] * ms, dt=waveform_dt)
        return DSRunner(LIF(1), monitors=["V"], progress_bar=False).run(inputs=wave).V.m_as("mV")

    fine = V(0.1 * ms)
    for dt in (0.5 * ms, 50 * ms):
        assert_array_equal(V(dt), fine)


def test_resample_takes_means_so_that_the_integral_stays():
    wave = Waveform(np.array([1.0, 2.0, 4.0, 8.0, 16.0, 32.0]) * mA, dt=0.5 * ms)
    assert_same(wave.resample(1 * ms).value, [1.5, 6.0, 24.0] * mA, rtol=1e-15)
    # 0 to 0.7 ms: 0.5 ms at 1 mA, 0.2 ms at 2 mA; the last one has 0.2 ms of the waveform, all at 32 mA.
    assert_same(
        wave.resample(0.7 * ms).value, np.array([0.9 / 0.7, 2.2 / 0.7, 6.0 / 0.7, 16.0 / 0.7, 32.0]) * mA, rtol=1e-14
    )
    assert_array_equal(wave.resample(0.1 * ms).m_as("mA"), np.repeat(wave.m_as("mA"), 5))
    assert wave.resample(0.1 * ms).duration == wave.duration


@given(st.integers(1, 40), st.floats(0.01, 3.0), st.floats(0.01, 3.0))
def test_resample_keeps_the_integral_and_the_bounds(n, dt, new):
    samples = np.random.default_rng(n).uniform(-1, 1, (n, 2))
    wave = Waveform(samples * mA, dt * ms)
    other = wave.resample(new * ms)
    assert 0 <= len(other) * new - n * dt < new * (1 + 1e-5)
    covered = np.diff(np.minimum(np.arange(len(other) + 1) * new, n * dt))
    assert_allclose(covered @ other.m_as("mA"), dt * samples.sum(0), atol=1e-4 * dt)
    assert other.m_as("mA").max() <= samples.max() + 1e-12


@pytest.mark.parametrize("dt", [0.1, 0 * ms, 1 * mV])
def test_resample_needs_a_time(dt):
    with pytest.raises((DimensionalityError, ValueError), match="resample: 'dt'"):
        ramp().resample(dt)


def test_white_noise_that_is_resampled_is_white_noise_of_that_dt():
    # Of samples sigma / sqrt(dt) the mean of four is one of sigma / sqrt(4 dt).
    noise = wiener_process(1 * mA * ms**0.5, 4 * second, dt=0.1 * ms, seed=0).resample(0.4 * ms).m_as("mA")
    assert_allclose(noise.std(), 1 / np.sqrt(0.4), rtol=5 / np.sqrt(2 * len(noise)))  # five standard errors


def test_an_absolute_temperature_is_kept_in_kelvin():
    w = Waveform(Quantity(np.array([36.0, 37.0]), "degC"))
    assert_allclose(w.arrays(0, 2, 2, 0.1)["samples"], [309.15, 310.15], rtol=1e-15)


def test_plot_returns_axes_labelled_with_the_units():
    ax = Waveform(np.ones((4, 3)) * mA).plot(legend="I")
    assert (ax.get_xlabel(), ax.get_ylabel(), len(ax.lines)) == ("time (ms)", "current (mA)", 3)
    plt.close("all")


def test_a_waveform_becomes_an_array_only_in_a_unit():
    wave = Waveform(np.arange(10.0) * mA)
    assert wave.m_as("uA").shape == (10,)
    with pytest.raises(TypeError, match=r"write waveform.m_as\('mA'\)"):
        np.asarray(wave)
