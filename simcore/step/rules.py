"""The dimension rules of JAX's operations: a table. Those that hold other equations are in `control.py`."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import jax.numpy as jnp
import numpy as np

from ..units import NUMBER, dimension
from .equations import (
    ANY,
    RULES,
    Clash,
    Dim,
    is_literal,
    literal,
    numbers,
    pure,
    raised,
    rule,
    show,
    times,
    unify,
    walk,
)

rule(
    "exp exp2 expm1 log log2 log1p one_minus_square logistic erf erfc erf_inv lgamma digamma polygamma zeta "
    "igamma igammac igamma_grad_a random_gamma_grad regularized_incomplete_beta bessel_i0e bessel_i1e "
    "sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh round floor ceil "
    "not and or xor shift_left shift_right_logical shift_right_arithmetic population_count clz mulhi "
    "bitcast_convert_type reduce_prod reduce_and reduce_or reduce_xor cumprod cumlogsumexp iota "
    "random_bits random_seed random_wrap random_unwrap random_fold_in random_split random_clone random_gamma "
    "threefry2x32 rng_bit_generator rng_uniform schur lu_pivots_to_permutation platform_index"
)(numbers)


@rule("add add_any sub max min rem nextafter clamp concatenate stack pad complex reduce_max reduce_min")
def alike(eqn: Any, dims: list[Dim]) -> list[Dim]:
    """Operands of one dimension, which the results have."""
    return [unify(eqn, dims)] * len(eqn.outvars)


@rule("eq ne lt le gt ge eq_to lt_to le_to atan2")
def compared(eqn: Any, dims: list[Dim]) -> list[Dim]:
    """Operands of one dimension; the result is a pure number."""
    unify(eqn, dims)
    return [NUMBER]


@rule(
    "neg abs copy broadcast_in_dim reshape transpose squeeze slice dynamic_slice rev real imag conj stop_gradient "
    "sharding_constraint layout_constraint reshard mesh_cast split unstack pvary name tile reduce_sum cumsum cummax "
    "cummin reduce_window_sum reduce_window_max reduce_window_min select_and_scatter_add select_and_gather_add fft"
)
def first(eqn: Any, dims: list[Dim]) -> list[Dim]:
    """The dimension of the first operand; the others, indices, are pure numbers."""
    pure(eqn, dims[1:])
    return [dims[0]] * len(eqn.outvars)


@rule("optimization_barrier sort reduce_precision device_put")
def each(eqn: Any, dims: list[Dim]) -> list[Dim]:
    """Each result has the dimension of its operand."""
    return list(dims)


@rule("sign is_finite argmax argmin")
def indifferent(eqn: Any, dims: list[Dim]) -> list[Dim]:
    """A pure number, whatever the operand."""
    return [NUMBER]


@rule("debug_callback debug_print")
def shown_only(eqn: Any, dims: list[Dim]) -> list[Dim]:
    """Printing joins nothing."""
    return [NUMBER] * len(eqn.outvars)


@rule("pure_callback io_callback")
def callback(eqn: Any, dims: list[Dim]) -> list[Dim]:
    """What Python does with the values cannot be seen: pure numbers in, pure numbers out."""
    for d in dims:
        if d not in (NUMBER, ANY):
            raise Clash(
                f"{eqn.primitive.name}() needs pure numbers, as what it calls cannot be checked, got {show(d)}; give "
                f"it units.number(x, '{show(d)}'), and its result a unit by units.quantity.", d,
            )  # fmt: skip
    return [NUMBER] * len(eqn.outvars)


@rule("empty empty2 zeros_like create_token")
def zero(eqn: Any, dims: list[Dim]) -> list[Dim]:
    """Nothing, or zeros, which fit all."""
    return [ANY] * len(eqn.outvars)


@rule("convert_element_type")
def converted(eqn: Any, dims: list[Dim]) -> list[Dim]:
    """To an integer a value is rounded, for which it must be a pure number; to bool it is compared with 0."""
    kind = np.dtype(eqn.params["new_dtype"]).kind if jnp.issubdtype(eqn.params["new_dtype"], jnp.generic) else ""
    if kind in "iu" and jnp.issubdtype(eqn.invars[0].aval.dtype, jnp.inexact):
        pure(eqn, dims, "a conversion to integers")
    return [NUMBER if kind == "b" and dims[0] is not ANY else dims[0]]


# ---------------------------------------------------------------- products and powers


@rule("mul dot_general conv_general_dilated")
def product(eqn: Any, dims: list[Dim]) -> list[Dim]:
    """The product of the dimensions."""
    return [times(dims[0], dims[1])]


@rule("div")
def ratio(eqn: Any, dims: list[Dim]) -> list[Dim]:
    """The ratio of the dimensions."""
    return [times(dims[0], dims[1], -1)]


for name, power in {"square": 2, "sqrt": Fraction(1, 2), "rsqrt": Fraction(-1, 2), "cbrt": Fraction(1, 3),
                    "cholesky": Fraction(1, 2)}.items():  # fmt: skip
    RULES[name] = lambda eqn, dims, power=power: [raised(dims[0], power)]  # type: ignore[misc]
RULES["integer_pow"] = lambda eqn, dims: [raised(dims[0], eqn.params["y"])]


@rule("pow")
def to_the_power(eqn: Any, dims: list[Dim]) -> list[Dim]:
    """A constant power of anything, or a number to any power."""
    exponent = eqn.invars[1]
    if is_literal(exponent) and np.ndim(exponent.val) == 0:
        return [raised(dims[0], float(exponent.val))]
    return numbers(eqn, dims)


@rule("polynomial")
def polynomial(eqn: Any, dims: list[Dim]) -> list[Dim]:
    """By Horner's rule; the coefficients come from the lowest degree to the highest."""
    x, *coefficients = dims
    total = coefficients.pop()
    while coefficients:
        total = unify(eqn, [times(total, x), coefficients.pop()])
    return [total]


# ---------------------------------------------------------------- choices, gathers, scatters


@rule("select_n")
def chosen(eqn: Any, dims: list[Dim]) -> list[Dim]:
    """The one dimension of the cases; where()'s true case comes last and is named first."""
    return [unify(eqn, dims[:0:-1])]


@rule("gather")
def gather(eqn: Any, dims: list[Dim]) -> list[Dim]:
    """That of the array, which a value for what lies outside of it must have, too."""
    pure(eqn, dims[1:])
    fill = eqn.params["fill_value"]
    return [unify(eqn, [dims[0], ANY if fill is None else literal(fill)])]


@rule("dynamic_update_slice")
def update(eqn: Any, dims: list[Dim]) -> list[Dim]:
    """The array and what is set alike; indices follow."""
    return [unify(eqn, dims[:2])]


@rule("scatter scatter-add scatter-sub scatter-min scatter-max")
def scatter(eqn: Any, dims: list[Dim]) -> list[Dim]:
    """The array and what is set or added alike, or the function of at[].apply()."""
    function = eqn.params.get("update_jaxpr")
    if eqn.primitive.name == "scatter" and function is not None and function.eqns:
        return [unify(eqn, [dims[0], *walk(function, [dims[0], dims[2]])])]
    return [unify(eqn, [dims[0], dims[2]])]


@rule("scatter-mul")
def scatter_product(eqn: Any, dims: list[Dim]) -> list[Dim]:
    """Factors of some elements are pure numbers."""
    pure(eqn, [dims[2]])
    return [dims[0]]


@rule("top_k approx_top_k")
def top(eqn: Any, dims: list[Dim]) -> list[Dim]:
    """Values and indices."""
    return [dims[0], NUMBER]


# ---------------------------------------------------------------- matrices, all elements of one dimension


@rule("triangular_solve")
def triangular(eqn: Any, dims: list[Dim]) -> list[Dim]:
    """The right side over the matrix; a unit diagonal is one of pure numbers."""
    if eqn.params["unit_diagonal"]:
        pure(eqn, dims[:1])
    return [times(dims[1], dims[0], -1)]


@rule("tridiagonal_solve")
def tridiagonal(eqn: Any, dims: list[Dim]) -> list[Dim]:
    """The right side over the three diagonals."""
    return [times(dims[3], unify(eqn, dims[:3]), -1)]


@rule("eigh qr")
def orthogonal_first(eqn: Any, dims: list[Dim]) -> list[Dim]:
    """Vectors of pure numbers (or Q), then eigenvalues (or R)."""
    pure(eqn, dims[1:])
    return [NUMBER, dims[0], *[NUMBER] * (len(eqn.outvars) - 2)]


@rule("svd eig")
def values_first(eqn: Any, dims: list[Dim]) -> list[Dim]:
    """Singular values or eigenvalues, then vectors of pure numbers."""
    return [dims[0], *[NUMBER] * (len(eqn.outvars) - 1)]


@rule("lu")
def packed(eqn: Any, dims: list[Dim]) -> list[Any]:
    """L, of pure numbers, and U in one array: with a unit it has no single dimension, and only solve() may use it."""
    if dims[0] in (NUMBER, ANY):
        return [NUMBER] * len(eqn.outvars)
    text = f"the determinant or LU of a matrix needs pure numbers, got {show(dims[0])}; divide it by one first."
    return [Clash(text, dims[0]), *[NUMBER] * (len(eqn.outvars) - 1)]


# ---------------------------------------------------------------- simcore's markers


@rule("unit_marker")
def marker(eqn: Any, dims: list[Dim]) -> list[Dim]:
    """That of the declared unit, with the factor that the marker states."""
    needed, factor = eqn.params["check"], eqn.params["times"]
    if needed is not None and dims[0] not in (needed, ANY):
        what = eqn.params["what"] or "number() or quantity()"
        raise Clash(f"{what} needs {show(needed)}, got {show(dims[0])}{eqn.params['cure']}.", dims[0], needed)
    out = needed if dims[0] is ANY and needed is not None else dims[0]
    return [out if factor is None else times(out, factor)]


@rule("rate_marker")
def rate_marker(eqn: Any, dims: list[Dim]) -> list[Dim]:
    """A rate is that of its state per time."""
    rate, y = dims
    if y is ANY:
        return [rate]
    needed = times(y, dimension("ms"), -1)
    if rate not in (needed, ANY):
        raise Clash(f"{eqn.params['what']} needs {show(needed)}, got {show(rate)}.", rate, needed)
    return [needed]
