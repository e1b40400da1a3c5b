"""Keys of JAX in a step: those that are the same in all steps give the same random number in each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from . import lines
from .equations import is_literal
from .jaxpr import inner_jaxpr, of_scan

# The first operands of what draws are its key. Threefry, called by itself, may count the steps in the others.
_DRAWS = {"random_bits": 1, "random_gamma": 1, "rng_bit_generator": 1, "threefry2x32": 4}


class Draw(Exception):
    """A random number is drawn with a key that is constant."""

    line: str | None = None


def constant_draw(jaxpr: Any, varies: Sequence[bool]) -> Draw | None:
    """Return the first draw with a key that follows from no argument that varies; None without one."""
    try:
        _walk(jaxpr, varies)
    except Draw as draw:
        return draw
    return None


def _walk(jaxpr: Any, given: Sequence[bool]) -> list[bool]:
    """Return which results vary."""
    known = dict(zip(jaxpr.invars, given, strict=True))

    def read(v: Any) -> bool:
        return not is_literal(v) and known.get(v, False)

    for eqn in jaxpr.eqns:
        varies = [read(v) for v in eqn.invars]
        n_key = _DRAWS.get(eqn.primitive.name, 0)
        try:
            if n_key and not any(varies[:n_key]):
                raise Draw
            known.update(zip(eqn.outvars, _results(eqn, varies), strict=True))
        except Draw as draw:
            draw.line = draw.line or lines.of_equation(eqn)  # within a function of JAX there is none
            raise
    return [read(v) for v in jaxpr.outvars]


def _results(eqn: Any, varies: list[bool]) -> list[bool]:
    name, params, inner = eqn.primitive.name, eqn.params, inner_jaxpr(eqn)
    if inner is not None and len(inner.invars) == len(varies):
        return _walk(inner, varies)
    if name == "cond":
        branches = [_walk(branch.jaxpr, varies[1:]) for branch in params["branches"]]
        return [varies[0] or any(results) for results in zip(*branches, strict=True)]
    if name == "while":
        n, m = params["cond_nconsts"], params["cond_nconsts"] + params["body_nconsts"]
        return _loop(params["body_jaxpr"].jaxpr, varies[n:m], varies[m:], [])
    if name == "scan":
        return _loop(*of_scan(eqn, varies))
    return [any(varies)] * len(eqn.outvars)


def _loop(body: Any, consts: list[bool], carry: list[bool], scanned: list[bool]) -> list[bool]:
    for _ in range(len(carry) + 1):
        results = _walk(body, consts + carry + scanned)
        carry = [before or after for before, after in zip(carry, results, strict=False)]
    return carry + results[len(carry) :]
