"""A batch of populations whose neurons are coupled: each member is as if it were alone, or the batch is refused."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpy.testing import assert_allclose

import simcore as sc
from simcore.units import Hz, ms

W = np.random.default_rng(0).normal(size=(3, 3)) / 4
START = np.random.default_rng(1).uniform(0.0, 20.0, (3, 3))  # as many members as neurons: all shapes fit


class Rate(sc.bases.Dynamics):
    """tau r' = -r + coupled(r): rates, whose derivative a test gives."""

    tau = sc.Param(10.0, "ms")
    r = sc.HiddenState("Hz")

    def derivative(self, r):
        return (-r + self.coupled(r)) / self.tau

    def update(self, x=None):
        self.r.value = self.integrate(self.derivative, self.r.value)


@functools.cache
def coupled_by(function):
    """Return the class of rates with this coupling, one class for all runs, which share their program."""
    return type("Rate", (Rate,), {"coupled": staticmethod(function)})


def final(function, start, batch=None, **kwargs):
    """Return the rates after 5 ms."""
    runner = sc.DSRunner(coupled_by(function)(3, **kwargs), ["r"])
    runner.reset_state(batch_size=batch)
    runner.target.r.value = start * Hz
    return runner.run(5 * ms).r.m[-1]


MIXED = {
    "matrix": lambda r: W @ r,
    "einsum": lambda r: jnp.einsum("ij,j...->i...", W, r),
    "mean": jnp.mean,
    "mean over the first": lambda r: r.mean(0),
    "transposed": lambda r: r.T,
    "roll": lambda r: jnp.roll(r, 1),
    "first member": lambda r: r[0],
    "scan": lambda r: jax.lax.scan(lambda last, one: (one, last), jnp.zeros(r.shape[1:]), r)[1],
}
APART = {
    "matrix": lambda r: r @ W.T,
    "matrix of columns": lambda r: (W @ r[..., None])[..., 0],
    "einsum": lambda r: jnp.einsum("ij,...j->...i", W, r),
    "mean": lambda r: jnp.mean(r, axis=-1, keepdims=True),
    "largest": lambda r: r.max(-1)[..., None] / 2,
    "roll": lambda r: jnp.roll(r, 1, axis=-1),
    "neighbours": lambda r: r[..., np.array([1, 2, 0])],
    "first neuron": lambda r: r - 0.5 * r[..., :1],
    "spectrum": lambda r: jnp.fft.ifft(jnp.fft.fft(r) * 0.5j).real,
    "cumsum": lambda r: jnp.cumsum(r, -1) / 4,
    "one is set": lambda r: r.at[..., 0].set(r[..., 1]),
    "vmap": lambda r: jax.vmap(lambda one: W @ one)(r.reshape(-1, 3)).reshape(r.shape),
    "map": lambda r: jax.lax.map(lambda one: W @ one, r.reshape(-1, 3)).reshape(r.shape),
    "for itself": lambda r: r / 2,
}


ALIKE = ["matrix of columns", "vmap"]  # products of matrices, as "matrix" and "einsum" are


@pytest.mark.parametrize("method", [None, "rk4"])
@pytest.mark.parametrize("name", MIXED)
def test_a_derivative_that_mixes_the_members_of_a_batch_is_refused(name, method):
    text = r"^Rate: the derivative mixes the members of the batch \(\w+, test_batch.py:\d+, in .*\(3, 3\).*r @ W\.T"
    with pytest.raises(ValueError, match=text):
        final(MIXED[name], START, batch=3, method=method)


@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.slow if n in ALIKE else ()) for n in APART])
def test_each_member_of_a_batch_is_what_it_is_alone(name):
    together = final(APART[name], START, batch=3)
    alone = [final(APART[name], start) for start in START]
    assert_allclose(together, alone, rtol=100 * np.finfo(together.dtype).eps, atol=1e-12)  # sums in another order
    assert_allclose(final(APART[name], START[:2], batch=2), alone[:2], rtol=100 * np.finfo(together.dtype).eps)


def test_a_batch_of_one_mixes_nothing():
    assert_allclose(final(jnp.mean, START[:1], batch=1)[0], final(jnp.mean, START[0]))


def test_a_population_with_two_axes_is_told_by_which_the_mean_is_taken():
    model = type("Rate", (Rate,), {"coupled": staticmethod(jnp.mean)})((2, 3))
    runner = sc.DSRunner(model)
    runner.reset_state(batch_size=4)
    with pytest.raises(ValueError, match=r"\(4, 2, 3\).*jnp\.mean\(r, axis=\(-2, -1\), keepdims=True\)"):
        runner.run(1 * ms)
