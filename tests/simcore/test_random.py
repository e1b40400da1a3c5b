"""sc.random: random numbers in an update of the user's own, their distribution, and what they depend on.

A mean over N numbers is within five standard errors of what it is of the distribution.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import simcore as sc
from simcore.step.noise import refine
from simcore.units import mA, ms

N = 20_000


class Draws(sc.Neuron):
    """Each step draws numbers and keeps them."""

    spk_reset = "soft"  # each event is a spike
    normal = sc.HiddenState("dimensionless")
    other = sc.HiddenState("dimensionless")
    uniform = sc.HiddenState("dimensionless")
    event = sc.HiddenState("dimensionless")

    def get_spike(self):
        return self.event.value

    def update(self, x=0.0):
        shape = self.normal.value.shape
        self.normal.value = sc.random.normal(self, shape)
        self.other.value = sc.random.normal(self, shape)
        self.uniform.value = sc.random.uniform(self, shape)
        self.event.value = sc.random.bernoulli(self, 0.3, shape) * 1.0


def drawn(n=N, steps=3, seed=0, **options):
    """Return what was drawn in each step, by name."""
    monitors = ["normal", "other", "uniform", "event"]
    return sc.DSRunner(Draws(n), monitors, seed=seed, progress_bar=False, **options).run(steps * 0.1 * ms)


def moments(x):
    """Return how many standard errors the first two moments of standard normal numbers are off."""
    return abs(x.mean()) * np.sqrt(x.size), abs((x**2).mean() - 1) * np.sqrt(x.size / 2)


@pytest.mark.parametrize("precision", ["float32", pytest.param("float64", marks=pytest.mark.slow)], indirect=True)
def test_numbers_have_the_distribution_that_they_are_named_by(precision):
    mon = drawn()
    assert max(*moments(mon.normal.magnitude), *moments(mon.other.magnitude)) < 5
    u = np.sort(mon.uniform.magnitude.ravel())
    assert u[0] >= 0
    assert u[-1] < 1
    assert np.abs(u - (np.arange(u.size) + 0.5) / u.size).max() < 2 / np.sqrt(u.size)  # Kolmogorov: p = 7e-4
    p = mon.event.magnitude.mean()
    assert abs(p - 0.3) < 5 * np.sqrt(0.21 / (3 * N))
    assert set(np.unique(mon.event.magnitude)) == {0, 1}


def test_steps_calls_neurons_seeds_and_paths_have_numbers_of_their_own():
    mon, again, other_seed = drawn(), drawn(), drawn(seed=1)
    assert_array_equal(mon.normal.magnitude, again.normal.magnitude)
    rows = [*mon.normal.magnitude, *mon.other.magnitude, *other_seed.normal.magnitude]
    net = sc.Network(a=Draws(N), b=Draws(N), c=Draws(N))
    net.c.seed = 7
    two = sc.DSRunner(net, [f"{k}.normal" for k in "abc"], progress_bar=False).run(0.1 * ms)
    rows += [two[f"{k}.normal"].magnitude[0] for k in "abc"]
    correlation = np.corrcoef(rows) - np.eye(len(rows))
    assert np.abs(correlation).max() < 5 / np.sqrt(N)
    assert abs(np.corrcoef(rows[0][:-1], rows[0][1:])[0, 1]) < 5 / np.sqrt(N)


def test_numbers_are_the_same_wherever_a_run_is_cut_and_whatever_is_recorded():
    whole = drawn(5, steps=8)
    runner = sc.DSRunner(Draws(5), {"x": "uniform"}, progress_bar=False)
    parts = [runner.step().x.magnitude for _ in range(3)]
    parts.append(runner.run(0.5 * ms).x.magnitude)
    assert_array_equal(np.concatenate(parts), whole.uniform.magnitude)


class Escape(sc.Neuron):
    """Spikes by chance, rate * dt a step, and integrates white noise."""

    spk_reset = "soft"
    rate = sc.Param(100.0, "Hz")
    w = sc.HiddenState("mV")
    event = sc.HiddenState("dimensionless")

    def get_spike(self):
        return self.event.value

    def update(self):
        dt, shape = sc.environ.get("dt"), self.w.value.shape
        self.w.value = self.w.value + sc.units.quantity(1.0, "mV/ms**0.5") * jnp.sqrt(dt) * sc.random.normal(
            self, shape
        )
        self.event.value = sc.random.bernoulli(self, self.rate * dt, shape) * 1.0


@pytest.mark.slow
def test_check_dt_refines_them_events_come_in_either_half_and_noise_has_the_same_path():
    runner = sc.DSRunner(Escape(4000), ["w", "spike_events"], dt=1 * ms, progress_bar=False)
    report = sc.check_dt(runner, 20 * ms)
    spikes = report.spikes[""]
    mean = 4000 * 0.1 * 20
    assert np.abs(np.array(spikes.number) - mean).max() < 5 * np.sqrt(mean)
    assert max(spikes.number) == min(spikes.number)  # each spike of a step is in one of its halves
    assert (report.traces["w"].largest.m_as("mV") < 1e-9).all()  # at the ends of the coarse steps


@pytest.mark.slow
def test_refined_numbers_have_their_distribution_too():
    model = Draws(N)
    refine(model, 2)
    mon = sc.DSRunner(model, ["normal", "uniform"], progress_bar=False).run(0.4 * ms)
    assert max(moments(mon.normal.magnitude)) < 5
    u = np.sort(mon.uniform.magnitude, axis=1)
    assert np.abs(u - (np.arange(N) + 0.5) / N).max() < 2 / np.sqrt(N)  # in each of the four parts of a step
    sums = mon.normal.magnitude.sum(0) / 2
    assert_allclose(sums, drawn(steps=1).normal.magnitude[0], atol=1e-12)
    assert_allclose(np.floor(mon.uniform.magnitude * 4).sum(0), 0 + 1 + 2 + 3)  # one part has what is below 1/4


def test_points_of_a_sweep_with_other_seeds_have_other_numbers():
    sweep = sc.Sweep(Draws(N), over={"seed": [0, 1]}, measure={"x": sc.measure.final("normal")}, progress_bar=False)
    x = sweep.run(0.1 * ms)["x"].values.magnitude
    assert abs(np.corrcoef(x)[0, 1]) < 5 / np.sqrt(N)
    assert_allclose(x[0], drawn(steps=1).normal.magnitude[0], rtol=1e-14)


def test_they_are_for_the_model_that_asks_inside_a_step():
    for wrong in (None, Draws(1), (3,)):
        with pytest.raises(TypeError, match=r"normal\(self, shape\) is for a step: its first argument is the model"):
            sc.random.normal(wrong, (3,))


def test_a_draw_in_a_loop_of_jax_is_refused_with_the_reason():
    class Maps(Draws):
        def update(self):
            self.normal.value = jax.vmap(lambda k: sc.random.normal(self, ()))(jnp.arange(2))

    with pytest.raises(NotImplementedError, match=r"sc\.random, inside a JAX loop or transformation of update"):
        sc.DSRunner(Maps(2), progress_bar=False).run(0.1 * ms)


def test_numbers_of_numpy_in_a_step_are_refused_with_them_as_the_cure():
    class Numpy(Draws):
        def update(self):
            self.normal.value = self.normal.value + np.random.normal(size=2)

    with pytest.raises(ValueError, match=r"or sc.random.normal\(self, shape\), uniform or bernoulli"):
        sc.DSRunner(Numpy(2), progress_bar=False).run(0.1 * ms)


def test_units_of_what_is_made_of_them_are_checked():
    class Wrong(sc.models.LIF):
        def update(self, x):
            self.V.value = self.V.value + sc.random.normal(self, self.V.value.shape)
            return self.fire()

    with pytest.raises(sc.DimensionalityError, match="joins mV and"):
        sc.DSRunner(Wrong(2), progress_bar=False).run(0.1 * ms, inputs=0 * mA)
