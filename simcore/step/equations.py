"""The equation check: dimensions propagated through the jaxpr of one step, before anything is compiled.

Each primitive has a rule that takes the dimensions of its operands to those of its results. `ANY` is the
dimension of a literal 0, inf or nan, which fits everywhere. A clash raises `DimensionalityError` with the
user's file and line, the operation and both units.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import jax
import numpy as np

from ..units import NUMBER, Dimension, DimensionalityError, dimension, kernel_unit

ANY = None
Dim = Dimension | None
Rule = Callable[[Any, list[Dim]], Sequence[Dim]]

_HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_JAX = os.path.dirname(os.path.abspath(jax.__file__))
# JAX writes a >= b as b <= a now and then: an inequality has no sign here.
SYMBOLS = {
    "add": "'+' joins", "add_any": "'+' joins", "sub": "'-' joins", "max": "maximum() compares",
    "min": "minimum() compares", "rem": "'%' joins", "clamp": "clip() compares", "eq": "'==' compares",
    "ne": "'!=' compares", "lt": "an inequality compares", "le": "an inequality compares",
    "gt": "an inequality compares", "ge": "an inequality compares",
    "select_n": "where() chooses between", "concatenate": "concatenate() joins", "pad": "pad() joins",
    "dynamic_update_slice": "at[].set() joins", "scatter": "at[].set() joins", "scatter-add": "at[].add() joins",
    "scatter-sub": "at[].subtract() joins", "stack": "stack() joins", "atan2": "arctan2() compares",
}  # fmt: skip


def show(dim: Dim) -> str:
    """Return a dimension as its kernel unit, "a pure number" where it has none."""
    return "a pure number" if dim in (NUMBER, ANY) else kernel_unit(dim)


def where(eqn: Any, within: str = "") -> str:
    """Return "file.py:31, in derivative" for the innermost frame that is neither JAX's nor the core's.

    `within` asks for the innermost frame of the function of that name, if there is one.
    """
    traceback = eqn.source_info.traceback
    found = []
    for frame in traceback.frames if traceback else ():
        file = os.path.abspath(frame.file_name)
        if not file.startswith((_JAX, _HERE + os.sep)) and not frame.file_name.startswith("<"):
            function = frame.function_name.split(".")[-1]
            found.append((function != within, f"{os.path.basename(file)}:{frame.line_num}, in {function}"))
    return min(found, key=lambda f: f[0])[1] if found else "in the step"


def fail(eqn: Any, message: str, got: Dim = NUMBER, needed: Dim = NUMBER) -> DimensionalityError:
    """Return the error for an equation, at the user's line."""
    return DimensionalityError(f"{where(eqn)}: {message}", kernel_unit(got or NUMBER), kernel_unit(needed or NUMBER))


def unify(eqn: Any, dims: Sequence[Dim]) -> Dim:
    """Return the one dimension of `dims`, or raise where two of them clash."""
    known = [d for d in dims if d is not ANY]
    for d in known[1:]:
        if d != known[0]:
            name = eqn.primitive.name
            raise fail(eqn, f"{SYMBOLS.get(name, name + '() joins')} {show(known[0])} and {show(d)}.", d, known[0])
    return known[0] if known else ANY


def pure(eqn: Any, dims: Sequence[Dim]) -> None:
    """Raise where an operand is not a pure number."""
    for d in dims:
        if d not in (NUMBER, ANY):
            raise fail(eqn, f"{eqn.primitive.name}() needs a pure number, got {show(d)}.", d)


def times(a: Dim, b: Dim, power: int = 1) -> Dim:
    """Return the dimension of a * b**power."""
    return ANY if a is ANY or b is ANY else tuple(x + power * y for x, y in zip(a, b, strict=True))


def raised(a: Dim, power: Any) -> Dim:
    """Return the dimension of a**power."""
    power = Fraction(power).limit_denominator(1000)
    return a if a is ANY else tuple(power * x for x in a)


def _all(eqn: Any, dim: Dim) -> list[Dim]:
    return [dim] * len(eqn.outvars)


def _same(eqn: Any, dims: list[Dim]) -> list[Dim]:
    return _all(eqn, unify(eqn, dims))


def _compare(eqn: Any, dims: list[Dim]) -> list[Dim]:
    unify(eqn, dims)
    return _all(eqn, NUMBER)


def _number(eqn: Any, dims: list[Dim]) -> list[Dim]:
    pure(eqn, dims)
    return _all(eqn, NUMBER)


def _first(eqn: Any, dims: list[Dim]) -> list[Dim]:
    pure(eqn, dims[1:])
    return _all(eqn, dims[0])


def _pow(eqn: Any, dims: list[Dim]) -> list[Dim]:
    exponent = eqn.invars[1]
    if is_literal(exponent) and np.ndim(exponent.val) == 0:
        return [raised(dims[0], float(exponent.val))]
    return _number(eqn, dims)


def _marker(eqn: Any, dims: list[Dim]) -> list[Dim]:
    check, by = eqn.params["check"], eqn.params["times"]
    if check is not None and dims[0] not in (check, ANY):
        what = eqn.params["what"] or "number() or quantity()"
        raise fail(eqn, f"{what} needs {show(check)}, got {show(dims[0])}.", dims[0], check)
    out = check if dims[0] is ANY and check is not None else dims[0]
    return [out if by is None else times(out, by)]


def _rate(eqn: Any, dims: list[Dim]) -> list[Dim]:
    f, y = dims
    if y is not ANY:
        needed = times(y, dimension("ms"), -1)
        if f not in (needed, ANY):
            raise fail(eqn, f"{eqn.params['what']} needs {show(needed)}, got {show(f)}.", f, needed)
        f = needed
    return [f]


def _call(eqn: Any, dims: list[Dim]) -> list[Dim]:
    params = eqn.params
    closed = next(params[k] for k in ("jaxpr", "call_jaxpr", "fun_jaxpr") if k in params)
    return walk(closed, dims)


def _cond(eqn: Any, dims: list[Dim]) -> list[Dim]:
    branches = [walk(branch, dims[1:]) for branch in eqn.params["branches"]]
    return [unify(eqn, out) for out in zip(*reversed(branches), strict=True)]  # the true branch comes last


def _fixed_point(eqn: Any, carry: list[Dim], body: Callable[[list[Dim]], list[Dim]]) -> list[Dim]:
    # A carry that starts from 0 has its dimension after one turn; each turn settles at least one.
    for _ in range(len(carry) + 1):
        after = [unify(eqn, pair) for pair in zip(carry, body(carry)[: len(carry)], strict=True)]
        if after == carry:
            break
        carry = after
    return carry


def _while(eqn: Any, dims: list[Dim]) -> list[Dim]:
    n_cond, n_body = eqn.params["cond_nconsts"], eqn.params["body_nconsts"]
    consts, carry = dims[n_cond : n_cond + n_body], dims[n_cond + n_body :]
    carry = _fixed_point(eqn, carry, lambda c: walk(eqn.params["body_jaxpr"], consts + c))
    walk(eqn.params["cond_jaxpr"], dims[:n_cond] + carry)
    return carry


def _scan(eqn: Any, dims: list[Dim]) -> list[Dim]:
    body = eqn.params["jaxpr"]
    inner = body.jaxpr if hasattr(body, "jaxpr") else body

    # Scanned arguments and stacked results have one axis more outside than inside; the rest is constants and carry.
    def same(outer: Any, own: Any) -> bool:
        return outer.aval.shape == own.aval.shape

    n_carry = sum(same(v, w) for v, w in zip(eqn.outvars, inner.outvars, strict=True))
    n_held = sum(same(v, w) for v, w in zip(eqn.invars, inner.invars, strict=True))
    consts, carry, xs = dims[: n_held - n_carry], dims[n_held - n_carry : n_held], dims[n_held:]
    carry = _fixed_point(eqn, carry, lambda c: walk(body, consts + c + xs))
    return carry + walk(body, consts + carry + xs)[n_carry:]


def _rules() -> dict[str, Rule]:
    table: list[tuple[Rule, str]] = [
        (_same, "add add_any sub max min rem nextafter clamp concatenate stack pad complex reduce_max reduce_min"),
        (_compare, "eq ne lt le gt ge eq_to lt_to le_to atan2"),
        (lambda e, d: list(d), "optimization_barrier sort reduce_precision device_put"),
        (
            _first,
            "neg abs copy broadcast_in_dim reshape transpose squeeze slice dynamic_slice gather "
            "rev real imag conj convert_element_type stop_gradient sharding_constraint layout_constraint split "
            "unstack pvary name "
            "reduce_sum cumsum cummax cummin reduce_window_sum reduce_window_max reduce_window_min tile",
        ),
        (
            _number,
            "exp exp2 expm1 log log2 log1p one_minus_square polynomial "
            "sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh logistic erf erfc "
            "erf_inv lgamma digamma polygamma igamma igammac regularized_incomplete_beta bessel_i0e bessel_i1e "
            "round floor ceil not and or xor shift_left shift_right_logical shift_right_arithmetic "
            "population_count clz bitcast_convert_type reduce_prod reduce_and reduce_or reduce_xor cumprod "
            "cumlogsumexp mulhi random_bits random_seed random_wrap random_unwrap random_fold_in random_split "
            "random_clone random_gamma threefry2x32 rng_bit_generator rng_uniform iota cholesky lu qr "
            "triangular_solve eigh eig schur svd lu_pivots_to_permutation platform_index debug_callback debug_print",
        ),
        (lambda e, d: _all(e, NUMBER), "sign is_finite argmax argmin"),
        (lambda e, d: _all(e, ANY), "empty empty2 zeros_like create_token"),
        (lambda e, d: [times(d[0], d[1])], "mul dot_general conv_general_dilated"),
        (lambda e, d: [times(d[0], d[1], -1) if d[0] is not ANY else ANY], "div"),
        (lambda e, d: [raised(d[0], e.params["y"])], "integer_pow"),
        (lambda e, d: [raised(d[0], 2)], "square"),
        (lambda e, d: [raised(d[0], Fraction(1, 2))], "sqrt"),
        (lambda e, d: [raised(d[0], Fraction(-1, 2))], "rsqrt"),
        (lambda e, d: [raised(d[0], Fraction(1, 3))], "cbrt"),
        (_pow, "pow"),
        (lambda e, d: [unify(e, d[:0:-1])], "select_n"),
        (lambda e, d: [unify(e, d[:2])], "dynamic_update_slice"),
        (lambda e, d: [unify(e, [d[0], d[2]])], "scatter scatter-add scatter-sub scatter-min scatter-max"),
        (lambda e, d: _first(e, [d[0], d[2]]), "scatter-mul"),
        (lambda e, d: [d[0], NUMBER], "top_k approx_top_k"),
        (_call, "jit closed_call call composite remat2 remat_opt custom_jvp_call custom_vjp_call"),
        (_cond, "cond"),
        (_while, "while"),
        (_scan, "scan"),
        (_marker, "unit_marker"),
        (_rate, "rate_marker"),
    ]
    return {name: rule for rule, names in table for name in names.split()}


RULES = _rules()


def is_literal(v: Any) -> bool:
    """Return whether an argument of an equation is a constant written into the jaxpr, not a variable."""
    return hasattr(v, "val")


def literal(value: Any) -> Dim:
    """Return the dimension of a constant: 0, inf and nan fit all, every other value is a pure number."""
    if not isinstance(value, np.ndarray | np.generic | int | float | complex | bool | jax.Array):
        return NUMBER
    if isinstance(value, jax.Array) and not jax.numpy.issubdtype(value.dtype, np.number):
        return NUMBER  # keys, bools
    array = np.asarray(value)
    fits_all = array.size and array.dtype.kind in "fiu" and np.all((array == 0) | ~np.isfinite(array))
    return ANY if fits_all else NUMBER


def walk(closed: Any, dims: Sequence[Dim]) -> list[Dim]:
    """Return the dimensions of the results of a jaxpr whose arguments have the dimensions `dims`."""
    jaxpr = closed.jaxpr if hasattr(closed, "jaxpr") else closed
    consts = closed.consts if hasattr(closed, "consts") else ()
    env: dict[Any, Dim] = dict(zip(jaxpr.constvars, map(literal, consts), strict=True))
    env.update(zip(jaxpr.invars, dims, strict=True))
    made_by: dict[Any, Any] = {}

    def read(v: Any) -> Dim:
        return literal(v.val) if is_literal(v) else env[v]

    for eqn in jaxpr.eqns:
        rule = RULES.get(eqn.primitive.name)
        if rule is None:
            raise fail(eqn, f"the equation check has no rule for the operation '{eqn.primitive.name}'.")
        try:
            outs = rule(eqn, [read(v) for v in eqn.invars])
        except DimensionalityError as err:
            source = None if is_literal(eqn.invars[0]) else made_by.get(eqn.invars[0])
            if source is None or not eqn.params.get("what"):
                raise
            # The mistake is where the value was made, not where it was handed over.
            message = err.message.replace(where(eqn), where(source, eqn.params["within"]), 1)
            raise DimensionalityError(message, err.units1, err.units2) from None
        for v, out in zip(eqn.outvars, outs, strict=True):
            env[v] = out
            made_by[v] = eqn
    return [read(v) for v in jaxpr.outvars]
