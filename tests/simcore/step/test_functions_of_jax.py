"""The equation check on a table of functions of jax.numpy, jax.nn and lax: the unit of each result, or the refusal.

The rules are those of the mathematics. The letters are V, W (mV), I (pA), t (ms), g (nS), x (pure numbers in (0, 1)),
k (whole numbers), V2 (one voltage), A (3 x 3, nS), B (3 x 3, pure numbers), b (3, pA).
"""

import jax
import jax.numpy as jnp
import jax.scipy.linalg
import jax.scipy.special
import numpy as np
import pytest
from jax import lax

import simcore as sc
from simcore import DimensionalityError, units

MATRIX = np.array([[4.0, 1.0, 0.5], [1.0, 3.0, 0.2], [0.5, 0.2, 5.0]])  # symmetric, positive definite
ARGUMENTS = {
    "V": np.array([1.0, 2.0, 3.0, 4.0]) * units.mV,
    "W": np.array([0.5, 1.5, 2.5, 3.5]) * units.mV,
    "I": np.array([1.0, -2.0, 3.0, 4.0]) * units.pA,
    "t": np.array([0.1, 0.2, 0.3, 0.4]) * units.ms,
    "g": np.array([2.0, 1.0, 2.0, 1.0]) * units.nS,
    "x": np.array([0.1, 0.2, 0.3, 0.4]),
    "k": np.array([0, 2, 1, 3]),
    "A": MATRIX * units.nS,
    "B": MATRIX,
    "b": np.array([1.0, 2.0, 3.0]) * units.pA,
}


def update(f, names):
    """Call a model whose update returns f(values), directly."""

    class Model(sc.Module):
        def update(self, *values):
            return f(*map(jnp.asarray, values))

    Model().update(*(ARGUMENTS[name] for name in names.split()))


def callback(v):
    return jax.pure_callback(lambda u: np.exp(u), jax.ShapeDtypeStruct(v.shape, v.dtype), v)


def printed(v):
    jax.debug.print("{}", v)
    jax.debug.callback(lambda u: None, v)
    return v


def key():
    return jax.random.fold_in(jax.random.key(0), sc.environ.get("i"))


SOUND = [
    # ---- elementwise
    ("abs", jnp.abs, "V", "mV"),
    ("negative", jnp.negative, "V", "mV"),
    ("sign", jnp.sign, "V", ""),
    ("square", jnp.square, "V", "mV**2"),
    ("sqrt", lambda V, W: jnp.sqrt(V * W), "V W", "mV"),
    ("cbrt", jnp.cbrt, "V", "mV**(1/3)"),
    ("reciprocal", jnp.reciprocal, "t", "1/ms"),
    ("power", lambda V: jnp.power(V, 2.5), "V", "mV**2.5"),
    ("float_power", lambda V: jnp.float_power(V, 2), "V", "mV**2"),
    ("hypot", jnp.hypot, "V W", "mV"),
    ("arctan2", jnp.arctan2, "V W", ""),
    ("maximum", jnp.maximum, "V W", "mV"),
    ("fmin", jnp.fmin, "V W", "mV"),
    ("clip", lambda V: jnp.clip(V, 0.0, V[2]), "V", "mV"),
    ("mod", jnp.mod, "V W", "mV"),
    ("fmod", jnp.fmod, "V W", "mV"),
    ("floor_divide", jnp.floor_divide, "V W", ""),
    ("divmod", lambda V, W: jnp.divmod(V, W)[1], "V W", "mV"),
    ("isfinite", jnp.isfinite, "V", ""),
    ("isclose", lambda V, W: jnp.isclose(V, W, atol=0.0), "V W", ""),
    ("nan_to_num", jnp.nan_to_num, "V", "mV"),
    ("heaviside", lambda V: jnp.heaviside(V, 0.5), "V", ""),
    ("nextafter", jnp.nextafter, "V W", "mV"),
    ("where", lambda V, W: jnp.where(V > W, V, jnp.nan), "V W", "mV"),
    ("select", lambda V, W: jnp.select([V > W, V < W], [V, W], 0.0), "V W", "mV"),
    ("piecewise", lambda V, W: jnp.piecewise(V, [V < W], [lambda v: v, lambda v: 2 * v]), "V W", "mV"),
    ("exp", lambda V, W: jnp.exp(V / W), "V W", ""),
    ("log10", jnp.log10, "x", ""),
    ("sinc", jnp.sinc, "x", ""),
    ("logaddexp", jnp.logaddexp, "x x", ""),
    ("erf", jax.scipy.special.erf, "x", ""),
    ("expit", jax.scipy.special.expit, "x", ""),
    ("zeta", lambda x: jax.scipy.special.zeta(x + 1, x), "x", ""),
    ("ndtri", jax.scipy.special.ndtri, "x", ""),
    ("xlogy", jax.scipy.special.xlogy, "V x", "mV"),
    ("round of a number", jnp.round, "x", ""),
    ("astype(int) of a number", lambda x: (10 * x).astype(int), "x", ""),
    ("astype(bool)", lambda V: V.astype(bool), "V", ""),
    ("modf", lambda x: jnp.modf(x)[0], "x", ""),
    ("frexp", lambda x: jnp.frexp(x)[0], "x", ""),
    ("polyval", lambda I, x: jnp.polyval(I, x), "I x", "pA"),
    # ---- sums, orders, shapes
    ("sum", jnp.sum, "V", "mV"),
    ("mean", jnp.mean, "V", "mV"),
    ("std", jnp.std, "V", "mV"),
    ("var", jnp.var, "V", "mV**2"),
    ("median", jnp.median, "V", "mV"),
    ("quantile", lambda V: jnp.quantile(V, 0.3), "V", "mV"),
    ("ptp", jnp.ptp, "V", "mV"),
    ("average", lambda V, g: jnp.average(V, weights=g), "V g", "mV"),
    ("nanmean", jnp.nanmean, "V", "mV"),
    ("nanmax", jnp.nanmax, "V", "mV"),
    ("cumsum", jnp.cumsum, "V", "mV"),
    ("diff", jnp.diff, "V", "mV"),
    ("gradient", lambda V, t: jnp.gradient(V, t), "V t", "mV/ms"),
    ("trapezoid", jnp.trapezoid, "V t", "mV*ms"),
    ("convolve", jnp.convolve, "V t", "mV*ms"),
    ("sort", jnp.sort, "V", "mV"),
    ("argsort", jnp.argsort, "V", ""),
    ("top_k", lambda V: lax.top_k(V, 2)[0], "V", "mV"),
    ("argmax", jnp.argmax, "V", ""),
    ("unique", lambda V: jnp.unique(V, size=3), "V", "mV"),
    ("nonzero", lambda V: jnp.nonzero(V, size=3)[0], "V", ""),
    ("searchsorted", jnp.searchsorted, "V W", ""),
    ("digitize", jnp.digitize, "V W", ""),
    ("interp", jnp.interp, "V W I", "pA"),
    ("histogram", lambda V, W: jnp.histogram(V, bins=jnp.sort(W))[0], "V W", ""),
    ("linspace", lambda V, W: jnp.linspace(V[0], W[3], 5), "V W", "mV"),
    ("roll", lambda V: jnp.roll(V, 1), "V", "mV"),
    ("concatenate", lambda V, W: jnp.concatenate([V, W]), "V W", "mV"),
    ("repeat", lambda V: jnp.repeat(V, 2), "V", "mV"),
    ("tile", lambda V: jnp.tile(V, 2), "V", "mV"),
    ("pad", lambda V: jnp.pad(V, 1), "V", "mV"),
    ("fft", lambda V: jnp.fft.fft(V).real, "V", "mV"),
    # ---- products
    ("dot", jnp.dot, "V I", "mV*pA"),
    ("einsum", lambda A, B: jnp.einsum("ij,jk->ik", A, B), "A B", "nS"),
    ("kron", jnp.kron, "V I", "mV*pA"),
    ("cross", lambda b: jnp.cross(b, b), "b", "pA**2"),
    ("prod of numbers", jnp.prod, "x", ""),
    # ---- gathers and scatters
    ("take", jnp.take, "V k", "mV"),
    ("take_along_axis", lambda V, k: jnp.take_along_axis(V, k, 0), "V k", "mV"),
    ("at[].get", lambda V: V.at[9].get(mode="fill", fill_value=0.0), "V", "mV"),
    ("at[].set", lambda V, k: V.at[k].set(V[0]), "V k", "mV"),
    ("at[].add", lambda V, W, k: V.at[k].add(W), "V W k", "mV"),
    ("at[].multiply", lambda V, x, k: V.at[k].multiply(x), "V x k", "mV"),
    ("at[].min", lambda V, W, k: V.at[k].min(W), "V W k", "mV"),
    ("at[].apply", lambda V: V.at[0].apply(jnp.abs), "V", "mV"),
    ("segment_sum", lambda V, k: jax.ops.segment_sum(V, k // 2, 2), "V k", "mV"),
    ("dynamic_update_slice", lambda V, W, k: lax.dynamic_update_slice(V, W[:2], (k[1],)), "V W k", "mV"),
    # ---- loops and branches
    ("scan", lambda V, t: lax.scan(lambda c, v: (c + v[0] * v[1], v[0]), 0.0, (V, t))[0], "V t", "mV*ms"),
    ("associative_scan", lambda V: lax.associative_scan(jnp.add, V), "V", "mV"),
    ("map", lambda V: lax.map(lambda v: v * v, V), "V", "mV**2"),
    ("fori_loop", lambda V, k: lax.fori_loop(0, k[1], lambda i, c: c + V, 0 * V), "V k", "mV"),
    ("while_loop", lambda V, W: lax.while_loop(lambda c: c[0] < 3 * W[3], lambda c: c + V, V), "V W", "mV"),
    ("cond", lambda V, W: lax.cond(V[0] > W[0], lambda: V, lambda: W), "V W", "mV"),
    ("switch", lambda V, k: lax.switch(k[0], [lambda: V, lambda: 2 * V, lambda: 0 * V]), "V k", "mV"),
    ("reduce", lambda V: lax.reduce(V, 0.0, lambda a, b: a + 2 * b, (0,)), "V", "mV"),
    ("reduce_window", lambda V: lax.reduce_window(V, -jnp.inf, lax.max, (2,), (1,), "VALID"), "V", "mV"),
    ("custom_root", lambda V: lax.custom_root(lambda y: y - V, V, lambda f, y: y - f(y), lambda g, y: y), "V", "mV"),
    ("checkpoint", lambda V: jax.checkpoint(lambda v: v * v)(V), "V", "mV**2"),
    ("grad", lambda V, t: jax.grad(lambda v: (v**2 / t).sum())(V), "V t", "mV/ms"),
    ("vmap of cond", lambda V: jax.vmap(lambda v: lax.cond(v > 0, lambda: v, lambda: -v))(V), "V", "mV"),
    ("debug.print", printed, "V", "mV"),
    ("pure_callback", lambda V: units.quantity(callback(units.number(V, "mV")), "mV"), "V", "mV"),
    # ---- jax.nn
    ("relu", jax.nn.relu, "V", "mV"),
    ("leaky_relu", jax.nn.leaky_relu, "V", "mV"),
    ("sigmoid", jax.nn.sigmoid, "x", ""),
    ("softplus", jax.nn.softplus, "x", ""),
    ("gelu", jax.nn.gelu, "x", ""),
    ("silu", jax.nn.silu, "x", ""),
    ("elu", jax.nn.elu, "x", ""),
    ("hard_tanh", jax.nn.hard_tanh, "x", ""),
    ("softmax", jax.nn.softmax, "x", ""),
    ("logsumexp", jax.nn.logsumexp, "x", ""),
    ("one_hot", lambda k: jax.nn.one_hot(k, 4), "k", ""),
    # ---- matrices
    ("solve", jnp.linalg.solve, "A b", "mV"),
    ("inv", jnp.linalg.inv, "A", "1/nS"),
    ("det of 3 x 3", jnp.linalg.det, "A", "nS**3"),
    ("norm", jnp.linalg.norm, "V", "mV"),
    ("trace", jnp.trace, "A", "nS"),
    ("matrix_power", lambda A: jnp.linalg.matrix_power(A, 3), "A", "nS**3"),
    ("eigvalsh", jnp.linalg.eigvalsh, "A", "nS"),
    ("svd", lambda A: jnp.linalg.svd(A)[1], "A", "nS"),
    ("qr", lambda A: jnp.linalg.qr(A)[1], "A", "nS"),
    ("cholesky", jnp.linalg.cholesky, "A", "nS**0.5"),
    ("cho_solve", lambda A, b: jax.scipy.linalg.cho_solve((jnp.linalg.cholesky(A), True), b), "A b", "mV"),
    ("pinv", jnp.linalg.pinv, "A", "1/nS"),
    ("lstsq", lambda A, b: jnp.linalg.lstsq(A, b)[0], "A b", "mV"),
    ("expm of numbers", jax.scipy.linalg.expm, "B", ""),
    ("slogdet of numbers", lambda B: jnp.linalg.slogdet(B)[1], "B", ""),
    ("tridiagonal_solve", lambda g, I: lax.linalg.tridiagonal_solve(g, 5 * g, g, I[:, None]), "g I", "mV"),
    # ---- random numbers
    ("random.normal", lambda V: V * jax.random.normal(key(), (4,)), "V", "mV"),
    ("random.bernoulli", lambda x: jax.random.bernoulli(key(), x), "x", ""),
    ("random.poisson", lambda x: jax.random.poisson(key(), x), "x", ""),
    ("random.permutation", lambda V: jax.random.permutation(key(), V), "V", "mV"),
    # ---- simcore
    ("exprel", sc.exprel, "x", ""),
]  # fmt: skip

PURE = "needs a pure number"
REFUSED = [
    ("exp", jnp.exp, "V", "exp() needs a pure number, got mV"),
    ("softplus", jax.nn.softplus, "V", PURE),
    ("sigmoid", jax.nn.sigmoid, "V", "logistic() needs a pure number, got mV"),
    ("gelu", jax.nn.gelu, "V", "joins mV and mV**3"),
    ("softmax", jax.nn.softmax, "V", "exp() needs a pure number, got mV"),
    ("relu6", jax.nn.relu6, "V", "compares"),
    ("round", jnp.round, "V", "round() needs a pure number"),
    ("floor", jnp.floor, "V", "floor() needs a pure number"),
    ("astype(int)", lambda V: V.astype(int), "V", "a conversion to integers needs a pure number, got mV"),
    ("cumprod", jnp.cumprod, "V", "cumprod() needs a pure number"),
    ("interp", jnp.interp, "V I W", "mV and pA"),
    ("searchsorted", jnp.searchsorted, "V I", "an inequality compares pA and mV"),
    ("heaviside", jnp.heaviside, "V W", "where() chooses between a pure number and mV"),
    ("arctan2", jnp.arctan2, "V I", "arctan2() compares mV and pA"),
    ("hypot", jnp.hypot, "V I", "mV and pA"),
    ("isclose", jnp.isclose, "V W", "joins a pure number and mV"),
    ("median of a sum", lambda V, I: jnp.median(V) + I, "V I", "'+' joins mV and pA"),
    ("polyval", jnp.polyval, "I V", "joins"),
    ("take", lambda V, W: jnp.take(V, W.astype(int)), "V W", PURE),
    ("at[].get", lambda V: V.at[9].get(mode="fill", fill_value=5.0), "V", "gather() joins mV and a pure number"),
    ("at[].set", lambda V, I: V.at[0].set(I[0]), "V I", "at[].set() joins mV and pA"),
    ("at[].multiply", lambda V: V.at[0].multiply(V[0]), "V", PURE),
    ("at[].apply", lambda V: V.at[0].apply(jnp.exp), "V", PURE),
    ("scan", lambda V, I: lax.scan(lambda c, v: (c + v, c), I[0], V)[0], "V I", "'+' joins pA and mV"),
    ("while_loop", lambda V, t: lax.while_loop(lambda c: c[0] > V[0], lambda c: c * t, V), "V t", "while() joins"),
    ("cond", lambda V, I: lax.cond(V[0] > 0, lambda: V, lambda: I), "V I", "cond() joins mV and pA"),
    ("reduce", lambda V: lax.reduce(V, 0.0, lambda a, b: a + b * b, (0,)), "V", "'+' joins mV and mV**2"),
    ("pure_callback", callback, "V", "pure_callback() needs pure numbers, as what it calls cannot be checked, got mV; "
     "give it units.number(x, 'mV'), and its result a unit by units.quantity"),
    ("det of 4 x 4", lambda V: jnp.linalg.det(jnp.outer(V, V)), "V", "needs pure numbers, got mV**2"),
    ("slogdet", lambda A: jnp.linalg.slogdet(A)[1], "A", "needs pure numbers, got nS"),
    ("lu", lambda A: jax.scipy.linalg.lu_factor(A)[0] + A, "A", "LU of a matrix needs pure numbers, got nS"),
    ("solve", lambda A, b, V: jnp.linalg.solve(A, b) + V[0] * b, "A b V", "'+' joins mV and aJ/ms"),
    ("expm", jax.scipy.linalg.expm, "A", PURE),
    ("random.poisson", lambda V: jax.random.poisson(key(), V), "V", "compares mV and a pure number"),
    ("hessenberg", lambda A: lax.linalg.hessenberg(A)[0], "A", "no rule for the operation 'hessenberg'"),
    ("exprel", sc.exprel, "V", "exprel() needs a pure number, got mV"),
]  # fmt: skip


def case(row):
    """Return the case of a row: expm takes seconds, and the other functions of matrices stand for it."""
    return pytest.param(*row[1:], id=row[0], marks=pytest.mark.slow if "expm" in row[0] else ())


@pytest.mark.parametrize(("f", "names", "unit"), [case(row) for row in SOUND])
def test_the_result_has_the_unit_of_the_mathematics(f, names, unit):
    def checked(*values):
        number = units.number(f(*values), unit)  # refused if it has another unit
        return number + units.quantity(1.0, "ms")  # refused, so that nothing is compiled

    with pytest.raises(DimensionalityError, match=r"in checked: '\+' joins a pure number and ms"):
        update(checked, names)


@pytest.mark.parametrize(("f", "names", "text"), [case(row) for row in REFUSED])
def test_what_has_no_meaning_is_refused_at_the_line_that_calls_it(f, names, text):
    with pytest.raises(DimensionalityError) as caught:
        update(f, names)
    assert text in str(caught.value)
    assert str(caught.value).startswith("test_functions_of_jax.py:")


def test_the_table_is_long_enough():
    assert len({f for _, f, _, _ in SOUND}) >= 80
