"""Fit: parameters are found again from a run of the model; searches go on; what does not fit is refused."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import simcore as sc
from simcore.models import LIF
from simcore.units import DimensionalityError, Hz, mA, ms, mV, ohm, pA, unit

TAU, R = 12.0, 2.0  # ms, ohm
BOUNDS = {"tau": (2, 50) * ms, "R": (0.1, 10) * ohm}


@pytest.fixture(scope="module")
def current():
    steps = np.random.default_rng(0).uniform(0, 1, 20)
    return sc.inputs.Waveform(np.repeat(steps, 50) * mA, dt=0.1 * ms)


def silent(n=1, **params):
    return LIF(n, V_th=1e6 * mV, detach_spk=True, **params)


def squares(out, target):
    return sc.losses.mean_square(out["V"], target["V"], scale=0.1 * mV)


def trace_error(out, target):
    return sc.losses.mean_square(out["V"], target["V"], scale=10 * mV)


@pytest.fixture(scope="module")
def trace(current):
    return sc.DSRunner(silent(tau=TAU * ms, R=R * ohm), ["V"]).run(inputs=current).V


@pytest.fixture
def fit(current, trace):
    return sc.Fit(silent(), BOUNDS, inputs=current, target={"V": trace}, loss=squares)


def test_evolution_comes_near_and_derivatives_to_the_end(fit):
    best = fit.run(n=15, seed=1)
    assert len(best.table["loss"]) == 16 * 30
    assert best.loss == best.table["loss"].min() > 0
    for name, (low, high) in BOUNDS.items():
        assert low <= best.table[name].min() <= best.table[name].max() <= high
    assert_allclose([best.params["tau"].m_as("ms"), best.params["R"].m_as("ohm")], [TAU, R], rtol=0.05)
    best = fit.refine()
    assert_allclose([best.params["tau"].m_as("ms"), best.params["R"].m_as("ohm")], [TAU, R], rtol=1e-5)


def test_derivatives_go_on_from_the_model_with_any_optimizer(fit):
    class Descent:
        """Gradient descent, in the form that optax has."""

        def init(self, x):
            return 0

        def update(self, grads, state, x):
            return jax.tree.map(lambda g: -2e-3 * g, grads), state + 1

    best = fit.refine(Descent(), steps=400)
    assert len(best.table["loss"]) == 401
    assert best.loss < 1e-3 * best.table["loss"][0]


def test_several_recordings_share_their_parameters(current, trace):
    both = sc.inputs.Waveform(np.stack([current.samples, 0.5 * current.samples], 1) * mA, dt=0.1 * ms)
    target = np.concatenate([trace.m, 0.5 * trace.m], 1) * mV  # the membrane is linear
    best = sc.Fit(silent(2), BOUNDS, inputs=both, target={"V": target}, loss=squares).refine()
    assert_allclose([best.params["tau"].m_as("ms"), best.params["R"].m_as("ohm")], [TAU, R], rtol=1e-4)


def test_spikes_are_targets_as_times_or_rasters(current):
    truth = LIF(1, tau=TAU * ms, R=5 * ohm)
    mon = sc.DSRunner(truth, ["spike", "spike_events"]).run(inputs=current)
    assert mon.spike.sum() > 5

    def distance(out, target):
        return sc.losses.van_rossum(out["spikes"], target["spikes"], tau=5 * ms, dt=0.1 * ms)

    for spikes in (mon.spike, (mon.spike_events.times, mon.spike_events.indices)):
        fit = sc.Fit(
            LIF(1, tau=TAU * ms), {"R": (1, 10) * ohm}, inputs=current, target={"spikes": spikes}, loss=distance
        )
        assert fit.losses(np.array([[5.0]]))[0] == 0
        best = fit.run(n=10, seed=2)
        assert_allclose(best.params["R"].m_as("ohm"), 5, rtol=0.02)


def test_a_search_goes_on_from_its_store(fit, current, trace, tmp_path):
    unbroken = fit.run(n=6, seed=3)
    again = sc.Fit(silent(), BOUNDS, inputs=current, target={"V": trace}, loss=squares)
    again.run(n=2, seed=3, store=tmp_path / "fit.npz")
    third = sc.Fit(silent(), BOUNDS, inputs=current, target={"V": trace}, loss=squares)
    computed = []
    plain = third.losses
    third.losses = lambda points: computed.append(len(points)) or plain(points)
    best = third.run(n=6, seed=3, store=tmp_path / "fit.npz")
    assert computed == [30] * 4
    assert best.params == unbroken.params
    assert_array_equal(best.table["loss"], unbroken.table["loss"])
    with pytest.raises(ValueError, match="is of another search: other bounds, method or seed"):
        third.run(n=6, seed=4, store=tmp_path / "fit.npz")
    other = sc.Fit(silent(), {"R": BOUNDS["R"]}, inputs=current, target={"V": trace}, loss=squares)
    with pytest.raises(ValueError, match=r"is of the parameters \['tau', 'R'\]"):
        other.run(n=1, store=tmp_path / "fit.npz")


def test_any_object_with_ask_and_tell_searches(fit):
    class Halving:
        """Random points, ever nearer to the best one."""

        def __init__(self):
            self.rng, self.best, self.width = np.random.default_rng(0), np.array([0.5, 0.5]), 0.5

        def ask(self):
            return [self.best + self.rng.uniform(-self.width, self.width, 2) for _ in range(20)]

        def tell(self, points, losses):
            assert isinstance(losses[0], float)
            self.best, self.width = points[int(np.argmin(losses))], 0.7 * self.width

    best = fit.run(Halving(), n=20)
    assert_allclose([best.params["tau"].m_as("ms"), best.params["R"].m_as("ohm")], [TAU, R], rtol=0.02)


def test_cma_finds_them_too(fit):
    best = fit.run("cma", n=40, population=20, seed=1)
    assert_allclose([best.params["tau"].m_as("ms"), best.params["R"].m_as("ohm")], [TAU, R], rtol=0.01)


def test_the_likelihood_of_spikes_alone_has_one_maximum_from_anywhere():
    """It is concave in V_th / delta, 1 / delta and q / delta; the errors are those that the curvature says."""
    names, true = ("V_th", "escape.delta", "eta1.q"), np.array([-48.0, 2.0, 40.0])

    def gif(V_th, delta, q):
        escape = sc.models.ExponentialRate(rate=3000 * Hz, delta=delta * mV)
        return sc.models.StochasticGIF(
            10, V_th=V_th * mV, escape=escape, V_reset=-60 * mV, V_initializer=-60 * mV,
            currents=[(q * pA, 30 * ms)], thresholds=[],
        )  # fmt: skip

    inputs = sc.inputs.ou_process(200 * pA, 120 * pA, 5 * ms, 500 * ms, n=10, seed=1)
    spikes = sc.DSRunner(gif(*true), ["spike_events"], progress_bar=False).run(inputs=inputs)["spike_events"]
    bounds = {"V_th": (-60, -40) * mV, "escape.delta": (0.5, 10) * mV, "eta1.q": (0, 100) * pA}
    target = {"spikes": (spikes.times, spikes.indices)}
    found = []
    for start in ((-52.0, 5.0, 10.0), (-44.0, 1.0, 80.0), (-48.0, 8.0, 5.0)):
        best = sc.Fit(gif(*start), bounds, inputs=inputs, target=target, loss=sc.log_likelihood).refine()
        found.append([best.params[name].m for name in names])
    errors = np.array([best.confidence()[name].m for name in names])
    assert_allclose(found, found[0] + np.zeros((3, 1)), rtol=0, atol=0.02 * errors.min())
    assert np.all(np.abs(found[0] - true) < 3 * errors)
    assert np.all(errors < [1.5, 0.3, 15.0])


def test_conductances_of_hodgkin_and_huxley_are_found_by_derivatives():
    names, true = ("gNa", "gK", "gL"), np.array([120.0, 36.0, 0.3])  # mS/cm2
    inputs = sc.inputs.step_input([0, 1000] * pA, [0, 2] * ms, 15 * ms, dt=0.02 * ms)
    cells = [sc.models.HH(1, **dict(zip(names, scale * true * unit("mS/cm**2"), strict=True))) for scale in (1, 0.85)]
    V = sc.DSRunner(cells[0], ["V"], dt=0.02 * ms, progress_bar=False).run(inputs=inputs).V
    assert V.max() > 30 * mV
    bounds = {name: (0.5 * g, 2 * g) * unit("mS/cm**2") for name, g in zip(names, true, strict=True)}
    fit = sc.Fit(cells[1], bounds, inputs=inputs, dt=0.02 * ms, target={"V": V}, loss=trace_error)
    best = fit.refine(steps=200)
    assert_allclose([best.params[name].m for name in names], true, rtol=1e-3)


def test_the_confidence_of_a_gaussian_likelihood_is_its_deviation():
    # At rest V is V_rest: minus the logarithm of the likelihood of one reading with an error of 2 mV.
    def loss(out, target):
        return 0.5 * ((out["V"] - target["V"])[-1, 0] / (2 * mV)).to("").m ** 2

    model = silent(V_rest=-60 * mV)
    fit = sc.Fit(
        model, {"V_rest": (-80, -40) * mV}, duration=200 * ms, target={"V": np.full(2000, -63) * mV}, loss=loss
    )
    best = fit.refine()
    assert_allclose(best.params["V_rest"].m_as("mV"), -63, rtol=1e-5)
    assert_allclose(best.confidence()["V_rest"].m_as("mV"), 2, rtol=1e-6)
    assert "loss" in repr(best)


def test_the_confidence_away_from_a_minimum_is_refused():
    fit = sc.Fit(silent(), BOUNDS, inputs=0.5 * mA, duration=1 * ms, target={"V": np.zeros(10) * mV},
                 loss=lambda out, target: -jnp.sum(out["V"].m ** 2))  # fmt: skip
    with pytest.raises(ValueError, match="does not rise on all sides of the best point"):
        fit.refine(steps=1).confidence()


def test_a_store_that_is_damaged_or_another_file_is_refused(fit, tmp_path):
    for name, content in {"text.npz": b"thesis", "cut.npz": b"PK"}.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(sc.FileError, match=rf"{name} is damaged, or was not written by Fit.run\(store=\)"):
            fit.run(n=1, store=tmp_path / name)
    fit.model.save_states(tmp_path / "states.npz")
    with pytest.raises(sc.FileError, match=r"states.npz was not written by Fit.run\(store=\); take another name"):
        fit.run(n=1, store=tmp_path / "states.npz")
    with pytest.raises(FileNotFoundError, match="Fit: 'store': there is no folder"):
        fit.run(n=1, store=tmp_path / "nowhere" / "fit")


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ({"bounds": {}}, ValueError, "Fit needs bounds"),
        ({"bounds": {"taw": (2, 50) * ms}}, ValueError, "LIF has no parameter 'taw'; it has R, tau"),
        ({"bounds": {"tau": (2, 50) * mV}}, DimensionalityError, "the bounds of 'tau'"),
        ({"bounds": {"tau": (-2, 50) * ms}}, ValueError, "must be above 0"),
        (
            {"target": {"V": np.zeros(10) * mV}},
            ValueError,
            r"target 'V' has the shape \(10,\), the run \(1000, 1\)",
        ),
        ({"target": {"V": np.zeros(1000) * ms}}, DimensionalityError, "the target 'V'"),
        ({"target": {"W": np.zeros(1000) * mV}}, ValueError, "LIF has no 'W'"),
        (
            {"target": {"spikes": ([200.0] * ms, [0])}},
            ValueError,
            "a spike at 200 ms is outside of the run",
        ),
        ({"loss": lambda out, target: out["V"].m[:, 0]}, ValueError, r"must return one number, .* shape \(1000,\)"),
        ({"loss": lambda out, target: out["W"]}, KeyError, "W"),
    ],
)
def test_what_does_not_fit_is_refused_before_anything_runs(arguments, error, text, current, trace):
    given = {"bounds": BOUNDS, "target": {"V": trace}, "loss": squares} | arguments
    with pytest.raises(error, match=text):
        sc.Fit(silent(), given.pop("bounds"), inputs=current, **given)


def test_an_unknown_method_and_a_fit_that_has_tried_nothing_are_refused(fit):
    with pytest.raises(ValueError, match="must be 'differential_evolution', 'cma' or an object"):
        fit.run("annealing")
    with pytest.raises(ValueError, match=r"nothing has been tried; call run\(\)"):
        fit.best()
