"""The dimension rules of operations that hold other equations: calls, branches, loops, solvers, reductions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax

from ..units import NUMBER
from .equations import Clash, Dim, pure, rule, times, unify, walk
from .jaxpr import of_scan

CALLS = "jit closed_call call eval_jaxpr composite remat2 remat_opt checkpoint custom_jvp_call custom_vjp_call"


@rule(CALLS, lazy=True)
def call(eqn: Any, dims: list[Dim]) -> list[Dim]:
    """Those of the function that is called."""
    params = eqn.params
    return walk(next(params[k] for k in ("jaxpr", "call_jaxpr", "fun_jaxpr") if k in params), dims)


@rule("call_hi_primitive")
def expanded(eqn: Any, dims: list[Dim]) -> list[Dim]:
    """Those of the operations that stand behind one of JAX's high-level primitives (searchsorted, nonzero, ...)."""

    def lower(*args: Any) -> Any:
        return eqn.primitive.to_lojax(*args, **eqn.params)

    shapes = [jax.ShapeDtypeStruct(v.aval.shape, v.aval.dtype) for v in eqn.invars]
    try:
        return walk(jax.make_jaxpr(lower)(*shapes), dims)
    except Clash as clash:
        clash.line = None  # of this trace; the step's is that of the primitive
        raise


@rule("cond")
def cond(eqn: Any, dims: list[Dim]) -> list[Dim]:
    """The branches alike."""
    pure(eqn, dims[:1])
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


@rule("while")
def while_loop(eqn: Any, dims: list[Dim]) -> list[Dim]:
    """The carry keeps its dimensions."""
    n_cond, n_body = eqn.params["cond_nconsts"], eqn.params["body_nconsts"]
    consts, carry = dims[n_cond : n_cond + n_body], dims[n_cond + n_body :]
    carry = _fixed_point(eqn, carry, lambda c: walk(eqn.params["body_jaxpr"], consts + c))
    walk(eqn.params["cond_jaxpr"], dims[:n_cond] + carry)
    return carry


@rule("scan")
def scan(eqn: Any, dims: list[Dim]) -> list[Dim]:
    """The carry keeps its dimensions; what is stacked has those of a turn."""
    body, (_, consts, carry, xs) = eqn.params["jaxpr"], of_scan(eqn, dims)
    carry = _fixed_point(eqn, carry, lambda c: walk(body, consts + c + xs))
    return carry + walk(body, consts + carry + xs)[len(carry) :]


@rule("reduce reduce_window")
def reduction(eqn: Any, dims: list[Dim]) -> list[Dim]:
    """Operands, as many start values, and the function of two elements, which keeps their dimension."""
    n = len(eqn.outvars)
    start = [unify(eqn, pair) for pair in zip(dims[:n], dims[n:], strict=True)]
    return _fixed_point(eqn, start, lambda c: walk(eqn.params["jaxpr"], c + c))


@rule("custom_linear_solve", lazy=True)
def linear_solve(eqn: Any, dims: list[Dim]) -> list[Dim]:
    """The x of A x = b: b over what A makes of a pure number. How it is solved does not matter."""
    lengths, functions = eqn.params["const_lengths"], eqn.params["jaxprs"]
    b = dims[sum(lengths) :]
    made = walk(functions.matvec, dims[: lengths.matvec] + [NUMBER] * len(b))
    return [times(d, m, -1) for d, m in zip(b, made, strict=True)][: len(eqn.outvars)]
