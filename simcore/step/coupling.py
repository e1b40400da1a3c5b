"""Whether a function couples the elements of its arguments: an elementwise one gives each neuron what is its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from . import lines
from .equations import is_literal
from .jaxpr import inner_jaxpr, of_scan
from .layout import Coupled, Places, after, is_own, is_that_of, joined, of_states, own


def coupling(jaxpr: Any, n_states: int, batch: int | None = None) -> str | None:
    """Return the operation (and its line) that lets an element of the states act on the rate of another; else None.

    Args:
        jaxpr: of the rates; its first arguments are the states.
        n_states: how many.
        batch: asks for those along the first axis, of this length, alone.
    """
    from jax.interpreters.partial_eval import dce_jaxpr  # what a gradient leaves behind couples nothing

    live: Any = dce_jaxpr(jaxpr, [True] * len(jaxpr.outvars), instantiate=True)[0]
    shapes = [v.aval.shape for v in live.invars[:n_states]]
    for shape in dict.fromkeys(shapes):  # what acts on states of another shape has no element of its own there
        if batch is None or shape[:1] == (batch,):
            layout = of_states(shape, len(shape) if batch is None else 1)
            given = [layout if s == shape else None for s in shapes]
            if found := _found(live, given):
                return found
    return None


def _found(jaxpr: Any, given: list[Places]) -> str | None:
    try:
        results = _walk(jaxpr, given + [None] * (len(jaxpr.invars) - len(given)))
        for result, states, v in zip(results, given, jaxpr.outvars, strict=False):
            if result is not None and states is not None and not is_that_of(result, states):
                raise _at(Coupled(), next(eqn for eqn in jaxpr.eqns if v in eqn.outvars))
    except Coupled as error:
        return f"{error.operation}, {error.line or lines.NOWHERE}"
    return None


def _at(error: Coupled, eqn: Any) -> Coupled:
    error.operation = error.operation or eqn.primitive.name
    error.line = error.line or lines.of_equation(eqn)  # within a function of a library there is none
    return error


def _walk(jaxpr: Any, given: Sequence[Places]) -> list[Places]:
    known: dict[Any, Places] = dict(zip(jaxpr.invars, given, strict=True))

    def read(v: Any) -> Places:
        return None if is_literal(v) or v.aval.size == 0 else known.get(v)

    for eqn in jaxpr.eqns:
        layouts = [read(v) for v in eqn.invars]
        if any(one is not None for one in layouts):
            try:
                known.update(zip(eqn.outvars, _results(eqn, layouts), strict=True))
            except Coupled as error:
                raise _at(error, eqn) from None
    return [read(v) for v in jaxpr.outvars]


def _results(eqn: Any, layouts: list[Places]) -> list[Places]:
    name, inner = eqn.primitive.name, inner_jaxpr(eqn)
    if inner is not None and len(inner.invars) == len(layouts):
        return _walk(inner, layouts)
    if name == "cond":
        branches = [_walk(branch.jaxpr, layouts[1:]) for branch in eqn.params["branches"]]
        branches += [] if layouts[0] is None else [[own(v.aval.shape) for v in eqn.outvars]]
        return [joined(results) for results in zip(*branches, strict=True)]
    if name == "while":
        return _while(eqn, layouts)
    if name == "scan":
        return _scan(eqn, layouts)
    return [after(eqn, layouts, v.aval.shape) for v in eqn.outvars]


def _while(eqn: Any, layouts: list[Places]) -> list[Places]:
    n = eqn.params["cond_nconsts"]
    consts, carry = layouts[n : n + eqn.params["body_nconsts"]], layouts[n + eqn.params["body_nconsts"] :]
    for _ in range(len(carry) + 1):
        results = _walk(eqn.params["body_jaxpr"].jaxpr, consts + carry)
        carry = [joined(pair) for pair in zip(carry, results, strict=True)]
    return carry


def _scan(eqn: Any, layouts: list[Places]) -> list[Places]:
    body, consts, carry, scanned = of_scan(eqn, layouts)
    along = joined(one[:1] for one in scanned if one is not None) or own([eqn.params["length"]])
    scanned = [None if one is None else one[1:] for one in scanned]
    results: list[Places] = []
    for _ in range(len(carry) + 1):
        results = _walk(body, consts + carry + scanned)
        carry = [joined(pair) for pair in zip(carry, results, strict=False)]
    if not is_own(along[0]) and any(one is not None for one in carry):
        raise Coupled  # from neuron to neuron
    return carry + [None if one is None else (*along, *one) for one in results[len(carry) :]]
