"""Losses: closed forms, the numbers of snnTorch, elephant and brian2modelfitting, derivatives, units."""

import json
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import simcore as sc
from simcore import losses
from simcore.units import DimensionalityError, Hz, dimensionless, mA, ms, mV, pA, second, uV, volt

REFERENCE = json.loads((Path(__file__).parent / "losses_reference.json").read_text())
SPIKES, V, TARGET_V, LABELS, FIRST = (np.array(x) for x in REFERENCE["inputs"].values())
DATA, *MODELS = (np.array(train) for train in (REFERENCE["data"], *REFERENCE["models"]))
DT = {"dt": 0.1 * ms}
# Each loss of an array of JAX, spikes or V in mV, (20, 3, 4).
OF_SPIKES = {
    "cross_entropy_rate": lambda s: losses.cross_entropy_rate(s, LABELS),
    "cross_entropy_count": lambda s: losses.cross_entropy_count(s, LABELS),
    "mean_square_rate": lambda s: losses.mean_square_rate(s, 300 * Hz, scale=100 * Hz, dt=1 * ms),
    "mean_square_first_spike": lambda s: losses.mean_square_first_spike(s, 5 * ms, scale=2 * ms, dt=1 * ms),
    "van_rossum": lambda s: losses.van_rossum(s, SPIKES[::-1], tau=5 * ms, dt=1 * ms),
    "rate_band": lambda s: losses.rate_band(s, low=150 * Hz, high=200 * Hz, scale=100 * Hz, dt=1 * ms),
    "sparsity": losses.sparsity,
}
OF_V = {
    "cross_entropy_max": lambda v: losses.cross_entropy_max(v * mV, LABELS, scale=0.5 * mV),
    "mean_square": lambda v: losses.mean_square(v * mV, TARGET_V * mV, scale=2 * mV),
    "voltage_band": lambda v: losses.voltage_band(v * mV, low=-0.5 * mV, high=1 * mV, scale=0.7 * mV),
}
ALL = OF_SPIKES | OF_V
NAMES = pytest.mark.parametrize("name", ALL)


def argument(name):
    # Spikes between 0 and 1: no two maxima, and no rate at the edge of the band, are the same.
    return jnp.asarray(0.1 + 0.8 * SPIKES + 0.01 * V if name in OF_SPIKES else V)


def train(steps, n=10000):
    """Return a raster of one train, (n, 1); a spike at t = k dt is in row k - 1."""
    spikes = np.zeros((n, 1), bool)
    spikes[np.array(steps, int) - 1] = True
    return spikes


@pytest.mark.parametrize("precision", ["float32", "float64"], indirect=True)
def test_the_numbers_of_snntorch(precision):
    """Its steps are taken as 1 ms, its voltages as mV, its first step ends at 1 ms."""
    n_steps, one_hot = 20, LABELS[:, None] == np.arange(4)
    # Of counts it takes the mean square over the number of steps; of times that of the shares of all steps.
    rates, of_rates = np.where(one_hot, 800, 200) * Hz, 1000 / np.sqrt(n_steps) * Hz
    found = {
        "cross_entropy_rate": losses.cross_entropy_rate(SPIKES, LABELS),
        "cross_entropy_count": losses.cross_entropy_count(SPIKES, LABELS),
        "cross_entropy_max": losses.cross_entropy_max(V * mV, LABELS, scale=1 * mV),
        "mean_square": losses.mean_square(V * mV, TARGET_V * mV, scale=1 * mV),
        "mean_square_rate": losses.mean_square_rate(SPIKES, rates, scale=of_rates, dt=1 * ms),
        "mean_square_first_spike": losses.mean_square_first_spike(
            SPIKES, (FIRST + 1) * ms, scale=n_steps * ms, dt=1 * ms
        ),
        "sparsity": losses.sparsity(SPIKES) * one_hot.size,
    }
    expected = REFERENCE["snntorch"]["losses"]
    assert found.keys() == expected.keys()
    for name, value in found.items():
        assert_allclose(value, expected[name], rtol=3e-7, err_msg=name)  # it has float32, too
    slope = jax.grad(OF_SPIKES["cross_entropy_count"])(jnp.asarray(SPIKES, float))
    assert_allclose(slope[7], REFERENCE["snntorch"]["slope_of_count"], rtol=1e-5)


@NAMES
def test_derivatives_are_those_of_finite_differences(name):
    f, x = jax.jit(ALL[name]), argument(name)
    way = jnp.asarray(np.random.default_rng(0).normal(size=x.shape))
    slope = jnp.vdot(jax.jit(jax.grad(ALL[name]))(x), way)
    # Central differences: truncation below 1e-6 of the slope, rounding 1e-10.
    assert_allclose(slope, (f(x + 1e-5 * way) - f(x - 1e-5 * way)) / 2e-5, rtol=1e-6)
    assert slope != 0


@NAMES
def test_in_float32_they_are_those_of_float64(name):
    x = argument(name)
    low, slope = jax.value_and_grad(ALL[name])(x.astype(jnp.float32))
    high, expected = jax.value_and_grad(ALL[name])(x)
    assert slope.dtype == jnp.float32
    assert_allclose(low, high, rtol=1e-5)  # sums of 240 numbers, each with 1e-7
    assert_allclose(slope, expected, rtol=1e-4, atol=1e-6 * np.abs(expected).max())


@NAMES
def test_vmap_is_a_loop(name):
    x = jnp.stack([argument(name), 0.9 * argument(name)])
    # The compiled sums may be in another order.
    assert_allclose(jax.vmap(ALL[name])(x), [ALL[name](one) for one in x], rtol=1e-12)


@pytest.mark.parametrize("name", OF_SPIKES)
def test_rasters_of_monitors_are_bools(name):
    values = [
        OF_SPIKES[name](spikes) for spikes in (SPIKES > 0, SPIKES, jnp.asarray(SPIKES > 0), SPIKES * dimensionless)
    ]
    assert_array_equal(values, values[0])
    assert values[0].dtype == jnp.float64


def test_units_are_converted():
    expected = losses.mean_square(V * mV, TARGET_V * mV, scale=2 * mV)
    same = [
        losses.mean_square(V * 1000 * uV, TARGET_V / 1000 * volt, scale=0.002 * volt),
        losses.mean_square(jnp.asarray(V / 1000) * volt, jnp.asarray(TARGET_V) * mV, scale=2 * mV),
        jax.jit(lambda v: losses.mean_square(v * uV, TARGET_V * mV, scale=2 * mV))(V * 1000),
        losses.mean_square(V * pA, TARGET_V * pA, scale=2 * pA),  # of any trace
        losses.mean_square(V * dimensionless, TARGET_V * dimensionless, scale=2 * dimensionless),
    ]
    assert_allclose(same, expected, rtol=1e-12)
    assert_allclose(expected, np.mean((V - TARGET_V) ** 2) / 4, rtol=1e-12)


def test_mean_square_after_a_start():
    found = losses.mean_square(V * mV, 0 * mV, scale=1 * mV, start=1.5 * ms, **DT)
    assert_allclose(found, np.mean(V[15:] ** 2), rtol=1e-12)


def test_targets_of_each_neuron():
    target = np.array([[10.0, 20, 30, 40]])
    rates = SPIKES.mean(0) * 1000
    found = losses.mean_square_rate(SPIKES, target * Hz, scale=50 * Hz, dt=1 * ms)
    assert_allclose(found, np.mean((rates - target) ** 2) / 50**2, rtol=1e-12)


def test_bands_count_what_is_outside():
    rates = SPIKES.mean(0) * 1000
    outside = np.where(rates < 150, 150 - rates, 0) + np.where(rates > 200, rates - 200, 0)
    assert_allclose(OF_SPIKES["rate_band"](SPIKES), np.mean(outside**2) / 100**2, rtol=1e-12)
    outside = np.where(V < -0.5, -0.5 - V, 0) + np.where(V > 1, V - 1, 0)
    assert_allclose(OF_V["voltage_band"](V), np.mean(outside**2) / 0.7**2, rtol=1e-12)
    assert losses.voltage_band(V * mV, low=-9 * mV, high=9 * mV, scale=1 * mV) == 0


def first_time(spikes):
    """Return the end of the step of the first spike, in steps; one after the last where there is none."""
    return np.flatnonzero(np.append(spikes, 1))[0] + 1


@pytest.mark.parametrize("spikes", [[0, 0, 1, 0, 1, 1], [1, 1, 0, 0, 0, 0], [0, 0, 0, 0, 0, 1], [0] * 6])
def test_the_derivative_to_a_spike_is_what_it_changes_of_the_first_time(spikes):
    def time(s):  # in steps: the root of the square
        return losses.mean_square_first_spike(s[:, None], 0 * ms, scale=1 * ms, dt=1 * ms) ** 0.5

    spikes = np.array(spikes, float)
    assert_allclose(time(spikes), first_time(spikes), rtol=1e-12)
    change = []
    for k in range(6):
        one, none = spikes.copy(), spikes.copy()
        one[k], none[k] = 1, 0
        change.append(first_time(one) - first_time(none))
    assert_allclose(jax.grad(time)(jnp.asarray(spikes)), change, rtol=1e-12)


def van_rossum(spikes, target, tau=10 * ms):
    return losses.van_rossum(spikes, target, tau=tau, **DT)


def test_van_rossum_in_the_normalisation_of_the_paper():
    assert_allclose(van_rossum(train([500]), train([])), 1 / 2, rtol=1e-12)
    # Two spikes t apart: 1 - exp(-t / tau), with t = 3 ms.
    assert_allclose(van_rossum(train([500]), train([530])), 1 - np.exp(-0.3), rtol=1e-12)
    # Whatever comes after the end of the raster counts.
    assert_allclose(van_rossum(train([10000]), train([])), 1 / 2, rtol=1e-12)
    # By a long time constant numbers are compared: (n - m)**2 / 2.
    assert_allclose(van_rossum(train([1, 5, 9]), train([7]), tau=1e9 * ms), (3 - 1) ** 2 / 2, rtol=1e-6)
    assert van_rossum(train(DATA), train(DATA)) == 0


@pytest.mark.parametrize("precision", ["float32", "float64"], indirect=True)
@pytest.mark.parametrize("tau", REFERENCE["elephant"])
def test_van_rossum_of_elephant(tau, precision):
    rtol = 5e-6 if precision == "float32" else 1e-11  # each of 10 000 steps rounds by 6e-8 at most, either way
    models = np.concatenate([train(model) for model in MODELS], axis=1)
    for k, distance in enumerate(REFERENCE["elephant"][tau]):
        D2 = van_rossum(models[:, [k]], train(DATA), float(tau) * ms)
        assert_allclose(np.sqrt(2 * D2), distance, rtol=rtol)
    mean = np.mean(np.square(REFERENCE["elephant"][tau])) / 2
    assert_allclose(van_rossum(models, train(DATA), float(tau) * ms), mean, rtol=rtol)


@pytest.mark.parametrize(("delta", "corrected", "errors"), REFERENCE["brian2modelfitting"])
def test_coincidence_factor_of_brian2modelfitting(delta, corrected, errors):
    models = np.concatenate([train(model) for model in MODELS], axis=1)
    found = losses.coincidence_factor(
        models, train(DATA), precision=delta * ms, one_to_one=False, rate_correction=corrected, **DT
    )
    assert_allclose(1 - found, errors, atol=1e-12)


def factor(model, data, **options):
    return losses.coincidence_factor(train(model), train(data), precision=2 * ms, **DT, **options)[0]


def test_coincidence_factor_by_hand():
    """1 s: 4 spikes of the data, 6 of the model, of which three are near; 2 nu delta = 0.004 a spike."""
    data, model = [1000, 2000, 3000, 4000], [980, 2020, 3021, 4001, 6000, 7000]
    assert_allclose(factor(model, data), (3 - 0.016 * 4) / 5 / (1 - 0.016), rtol=1e-12)
    assert_allclose(factor(model, data, rate="model"), (3 - 0.024 * 4) / 5 / (1 - 0.024), rtol=1e-12)
    corrected = factor(model, data, rate_correction=True)
    assert_allclose(corrected, factor(model, data) - 2 * (6 - 4) / 4, rtol=1e-12)


def test_a_spike_coincides_with_one_at_most():
    # One spike of the model between two of the data, and three that pair only if each takes its earliest partner.
    assert_allclose(factor([1010], [1000, 1020]), (1 - 0.008 * 2) / 1.5 / (1 - 0.008), rtol=1e-12)
    assert_allclose(factor([1010], [1000, 1020], one_to_one=False), (2 - 0.008 * 2) / 1.5 / (1 - 0.008), rtol=1e-12)
    assert_allclose(factor([1000, 1010, 1030], [1012, 1020, 1050]), 1, rtol=1e-12)


@pytest.mark.parametrize("rate", ["data", "model"])
def test_trains_that_agree_have_factor_1_and_others_0_on_average(rate):
    assert_allclose(factor(DATA, DATA, rate=rate), 1, rtol=1e-12)
    rng = np.random.default_rng(2)
    model, data = (rng.random((10000, 400)) < 0.002 for _ in "ab")  # Poisson processes of 20 Hz
    found = losses.coincidence_factor(model, data, precision=2 * ms, rate=rate, one_to_one=False, **DT)
    # A spike of the data has one of the model in 41 steps by 1 - 0.998**41 = 0.079, where 2 nu delta is 0.080.
    assert abs(found.mean()) < 4 * found.std() / np.sqrt(400) + 0.002


def test_coincidence_factor_of_nothing():
    assert np.isnan(factor([], []))
    assert factor([10], []) == factor([], [10]) + 0.004 / (1 - 0.004) / 0.5 == 0
    busy = np.zeros((100, 1), bool)
    busy[::20] = True  # every 2 ms: whatever the other train is, chance explains all of it
    assert np.isnan(losses.coincidence_factor(busy, busy, precision=2 * ms, **DT))


def test_a_raster_of_recorded_times_is_that_of_a_run():
    cell = sc.models.LIF(3, V_initializer=[0, 0.3, 0.6] * mV)
    mon = sc.DSRunner(cell, ["spike", "spike_events"], progress_bar=False, **DT).run(30 * ms, inputs=1.5 * mA)
    spikes = losses.raster(mon.spike_events.times, mon.spike_events.indices, 3, duration=30 * ms, **DT)
    assert_array_equal(spikes, mon.spike)
    assert spikes.sum() > 9
    assert_allclose(losses.coincidence_factor(mon.spike, spikes, precision=0.1 * ms, **DT), 1, rtol=1e-12)


class Layer(sc.Module):
    """Two neurons of which a step returns V, in mV."""

    def __init__(self):
        super().__init__()
        self.cell = sc.models.LIF(2, detach_spk=True)

    def update(self, x):
        self.cell(x)
        return self.cell.V.value


def test_the_gradient_of_a_run():
    layer = Layer()
    layer.init_state()
    target = np.linspace(0, 1, 50)[:, None] * mV
    run = sc.unroll(layer, 5 * ms, inputs=[0.3, 0.4] * mA, **DT)  # below the threshold

    @jax.jit
    def loss(params):
        V = run(params)[0] * mV
        band = losses.voltage_band(V, low=0 * mV, high=0.05 * mV, scale=1 * mV)
        return losses.mean_square(V, target, scale=0.1 * mV) + band

    point = {"cell.tau": 5.0, "cell.R": 2.0}
    slope = jax.grad(loss)(point)
    for name, value in point.items():
        high, low = (loss(point | {name: value + h}) for h in (1e-5, -1e-5))
        assert_allclose(slope[name], (high - low) / 2e-5, rtol=1e-6)


# R I (1 - exp(-t / tau)) reaches V_th, 1 mV, at 7 ms: I = 2 mA, tau = 10 ms.
R_WANTED = 1 / (2 * (1 - np.exp(-0.7)))


@pytest.mark.parametrize(("name", "R"), [("mean_square_first_spike", 0.45), ("van_rossum", 0.9)])
def test_gradients_through_surrogates_find_the_parameter_of_a_spike_time(name, R):
    """From where there is no spike, and from where the first one is at 8 ms."""
    cell = sc.models.LIF(1, tau=10 * ms, spk_fun=sc.surrogate.SigmoidGrad(2.0), detach_spk=True)
    cell.init_state()
    run = sc.unroll(cell, 20 * ms, inputs=2 * mA, **DT)
    data = np.asarray(run({"R": R_WANTED})[0])

    def loss(R):
        spikes, _ = run({"R": R})
        if name == "van_rossum":
            return losses.van_rossum(spikes, data, tau=5 * ms, **DT)
        return losses.mean_square_first_spike(spikes, 7 * ms, scale=1 * ms, **DT)

    slope = jax.jit(jax.grad(loss))
    for _ in range(60):
        R = R - 0.01 * np.sign(slope(R))
    assert abs(R - R_WANTED) < 0.02


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: losses.mean_square(V, 0 * mV, scale=1 * mV),
            r"mean_square: 'trace' needs a quantity in mV, got an array",
        ),
        (
            lambda: losses.mean_square(V * pA, 0 * mV, scale=1 * mV),
            "'trace' needs a quantity in mV, got an array in pA",
        ),
        (lambda: losses.mean_square(V * mV, 0, scale=1 * mV), r"'target' needs .* the bare number 0; write 0 \* mV"),
        (
            lambda: losses.mean_square(V * mV, 0 * mV, scale=2),
            "'scale' needs a quantity, such as 2 .* the bare number 2",
        ),
        (lambda: losses.mean_square(jnp.asarray(V), 0 * mV, scale=1 * mV), r"bare numbers; write the array \* mV"),
        (lambda: losses.mean_square(jnp.asarray(V) * pA, 0 * mV, scale=1 * mV), "'trace' needs .* an array in pA"),
        (lambda: losses.mean_square(V * mV, 0 * mV, scale=1 * mV, start=1 * ms), "'dt' needs a quantity in ms"),
        (lambda: losses.mean_square_rate(SPIKES, 20, scale=1 * Hz, **DT), r"'target' needs .* write 20 \* Hz"),
        (
            lambda: losses.mean_square_rate(SPIKES, 20 * Hz, scale=1 * ms, **DT),
            "'scale' needs a quantity in Hz, got 1 ms",
        ),
        (lambda: losses.mean_square_rate(V * mV, 20 * Hz, scale=1 * Hz, **DT), "'spikes' needs .* in dimensionless"),
        (lambda: losses.mean_square_first_spike(SPIKES, 5 * mV, scale=1 * ms, **DT), "'target' needs a quantity in ms"),
        (lambda: losses.van_rossum(SPIKES, SPIKES, tau=5, **DT), r"'tau' needs a quantity in ms, .* write 5 \* ms"),
        (
            lambda: losses.cross_entropy_max(V * mV, LABELS, scale=1),
            r"'scale' needs a quantity in mV, .* write 1 \* mV",
        ),
        (lambda: losses.rate_band(SPIKES, low=1, high=9 * Hz, scale=1 * Hz, **DT), r"'low' needs .* write 1 \* Hz"),
        (lambda: losses.voltage_band(V * mV, low=0 * pA, high=9 * mV, scale=1 * mV), "'low' needs a quantity in mV"),
        (lambda: losses.coincidence_factor(SPIKES, SPIKES, precision=2, **DT), "'precision' needs a quantity in ms"),
    ],
)
def test_wrong_units_are_refused(call, message):
    with pytest.raises(DimensionalityError, match=message):
        call()


def test_bare_voltages_are_refused_inside_jit():
    with pytest.raises(
        DimensionalityError, match=r"'V' needs a quantity in mV, got an array of bare numbers; write the"
    ):
        jax.jit(lambda v: losses.voltage_band(v, low=0 * mV, high=1 * mV, scale=1 * mV))(V)
    with pytest.raises(DimensionalityError, match="'V' needs a quantity in mV, got an array in pA"):
        jax.grad(lambda v: losses.voltage_band(v * pA, low=0 * mV, high=1 * mV, scale=1 * mV))(V)


@pytest.mark.parametrize(
    "name", ["mean_square", "mean_square_rate", "mean_square_first_spike", "voltage_band", "rate_band"]
)
def test_what_has_a_dimension_needs_its_scale(name):
    """So all are pure numbers, and a sum of several is right."""
    options = {"low": 0 * mV, "high": 0 * mV} if name.endswith("band") else {"target": 0 * mV}
    with pytest.raises(TypeError, match=r"required keyword-only argument.*'scale'"):
        getattr(losses, name)(V * mV, **options)


ONE = V[:, :1, 0]  # (20, 1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        # (20,) beside (20, 1) would be all pairs of times.
        (
            lambda: losses.mean_square(ONE * mV, ONE[:, 0] * mV, scale=1 * mV),
            r"'target' of the shape \(20,\) does not fit",
        ),
        (lambda: losses.mean_square(ONE * mV, V[:19, :1, 0] * mV, scale=1 * mV), r"\(19, 1\) does not fit \(20, 1\)"),
        (lambda: losses.mean_square(1 * mV, 0 * mV, scale=1 * mV), r"'trace' must have the shape \(T, ...\)"),
        (lambda: losses.mean_square(V * mV, 0 * mV, scale=-1 * mV), "'scale' must be one quantity > 0, got -1 mV"),
        (
            lambda: losses.mean_square(V * mV, 0 * mV, scale=1 * mV, start=2 * ms, **DT),
            "nothing of the trace, 20 steps",
        ),
        (
            lambda: losses.mean_square(V * mV, 0 * mV, scale=1 * mV, start=0.15 * ms, **DT),
            "'start' 0.15 ms is 1.5 steps",
        ),
        (lambda: losses.van_rossum(SPIKES, SPIKES[:, 0], tau=5 * ms, **DT), r"\(20, 4\) does not fit \(20, 3, 4\)"),
        (lambda: losses.cross_entropy_count(SPIKES[:, 0, 0], 0), r"must have the shape \(T, ..., N\), time first"),
        (lambda: losses.cross_entropy_count(SPIKES, LABELS[:2]), r"'labels' must have the shape \(3,\), got \(2,\)"),
        (
            lambda: losses.cross_entropy_rate(SPIKES, [0, 1, 4]),
            "'labels' must be from 0 to 3, one for each of 4 neurons",
        ),
        (lambda: losses.cross_entropy_rate(SPIKES, [0, 1, -1]), "'labels' must be from 0 to 3"),
        (
            lambda: losses.rate_band(SPIKES, low=9 * Hz, high=1 * Hz, scale=1 * Hz, **DT),
            "'low', 9 Hz, is above 'high', 1 Hz",
        ),
        (lambda: losses.coincidence_factor(V, SPIKES, precision=2 * ms, **DT), "'spikes' must be a raster of spikes"),
        (
            lambda: losses.coincidence_factor(SPIKES, SPIKES, precision=0.25 * ms, **DT),
            "'precision' 0.25 ms is 2.5 steps",
        ),
        (lambda: losses.coincidence_factor(SPIKES, SPIKES, precision=2 * ms, rate="both", **DT), "'data' or 'model'"),
        (lambda: losses.raster([0, 5] * ms, [0, 0], 1, duration=9 * ms, **DT), "at 0 ms is outside .* 0.1 to 9 ms"),
        (lambda: losses.raster([9.1] * ms, [0], 1, duration=9 * ms, **DT), "a spike at 9.1 ms is outside"),
        (
            lambda: losses.raster([5, 5.02] * ms, [0, 0], 1, duration=9 * ms, **DT),
            "two spikes of a neuron fall into one",
        ),
        (
            lambda: losses.raster([0.001] * second, [2], 2, duration=9 * ms, **DT),
            "'indices' must be whole numbers from 0",
        ),
    ],
)
def test_what_cannot_be_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_labels_are_whole_numbers():
    with pytest.raises(TypeError, match="'labels' must be whole numbers, got float64"):
        losses.cross_entropy_count(SPIKES, LABELS * 1.0)


@pytest.mark.parametrize("label", [-1, 4])
def test_a_traced_label_that_is_no_neuron_makes_nan(label):
    assert np.isnan(jax.jit(losses.cross_entropy_count)(SPIKES, jnp.array([0, 1, label])))


@pytest.mark.parametrize("labels", [LABELS, jnp.asarray(LABELS), LABELS.tolist()])
def test_labels_may_be_constants_of_a_compiled_function(labels):
    assert_allclose(
        jax.jit(lambda s: losses.cross_entropy_rate(s, labels))(SPIKES), OF_SPIKES["cross_entropy_rate"](SPIKES)
    )
    with pytest.raises(ValueError, match="'labels' must be from 0 to 2"):
        jax.jit(lambda s: losses.cross_entropy_rate(s, labels))(SPIKES[..., :3])


def test_labels_without_a_batch_are_one_number():
    assert_allclose(
        losses.cross_entropy_count(SPIKES[:, 0], LABELS[0]), losses.cross_entropy_count(SPIKES[:, :1], LABELS[:1])
    )


def test_the_coincidence_factor_says_that_it_has_no_derivative():
    with pytest.raises(TypeError, match="call it outside of jit and grad; van_rossum has one"):
        jax.jit(lambda s: losses.coincidence_factor(s, SPIKES, precision=2 * ms, **DT))(SPIKES)


def test_all_of_them_are_tested_for_derivatives():
    assert set(losses.__all__) == {*ALL, "coincidence_factor", "raster"}
