"""Primitives that do nothing but tell the equation check a dimension; they vanish in compiled code."""

from __future__ import annotations

import functools
from collections.abc import Hashable
from typing import Any


def mark(
    x: Any, *, check: Hashable = None, times: Hashable = None, what: str = "", within: str = "", cure: str = ""
) -> Any:
    """Return x; to the equation check: x must have the dimension `check`, the result is x times `times`.

    None stands for no check, and for no change. `what` names x in the error, which ends with `cure`; `within` names the
    function that made it.
    """
    return _primitives()[0].bind(x, check=check, times=times, what=what, within=within, cure=cure)


def mark_rate(f: Any, y: Any, name: str, within: str) -> Any:
    """Return f; to the equation check: f, made by the function `within`, must have the dimension of y per time."""
    return _primitives()[1].bind(f, y, what=f"the derivative of {name!r}", within=within)


@functools.cache
def _primitives() -> tuple[Any, Any]:
    # jax.extend takes 50 ms to import: it waits for the first step.
    from jax.extend.core import Primitive
    from jax.interpreters import ad, batching, mlir

    def jvp(primals: Any, tangents: Any, *, check: Any, times: Any, **names: str) -> tuple[Any, Any]:
        # The tangent has another dimension than the value (that of x over that of the variable): it is not checked.
        tangent = tangents[0]
        if times is not None and not isinstance(tangent, ad.Zero):
            tangent = mark(tangent, times=times)
        return mark(primals[0], check=check, times=times, **names), tangent

    def transpose(ct: Any, x: Any, *, times: Any, **_: Any) -> list[Any]:
        return [ct if isinstance(ct, ad.Zero) else mark(ct, times=times)]

    marker = Primitive("unit_marker")
    marker.def_impl(lambda x, **_: x)
    marker.def_abstract_eval(lambda x, **_: x)
    mlir.register_lowering(marker, lambda _, x, **__: [x])
    ad.primitive_jvps[marker] = jvp
    ad.primitive_transposes[marker] = transpose
    batching.defvectorized(marker)

    rate = Primitive("rate_marker")  # in the check only, which neither compiles nor transposes
    rate.def_impl(lambda f, y, **_: f)
    rate.def_abstract_eval(lambda f, y, **_: f)
    ad.primitive_jvps[rate] = lambda primals, tangents, **params: (rate.bind(*primals, **params), tangents[0])
    return marker, rate
