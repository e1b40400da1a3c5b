"""A primitive that does nothing but tell the equation check a dimension; it vanishes in compiled code."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from jax.extend.core import Primitive
from jax.interpreters import ad, batching, mlir

marker = Primitive("unit_marker")


def mark(x: Any, *, check: Hashable = None, times: Hashable = None, what: str = "", within: str = "") -> Any:
    """Return x; to the equation check: x must have the dimension `check`, the result is x times `times`.

    None stands for no check, and for no change. `what` names x in the error, `within` the function that made it.
    """
    return marker.bind(x, check=check, times=times, what=what, within=within)


def _jvp(primals: Any, tangents: Any, *, check: Any, times: Any, **names: str) -> tuple[Any, Any]:
    # The tangent has another dimension than the value (that of x over that of the variable): it is not checked.
    tangent = tangents[0]
    if times is not None and not isinstance(tangent, ad.Zero):
        tangent = mark(tangent, times=times)
    return mark(primals[0], check=check, times=times, **names), tangent


marker.def_impl(lambda x, **_: x)
marker.def_abstract_eval(lambda x, **_: x)
mlir.register_lowering(marker, lambda _, x, **__: [x])
ad.primitive_jvps[marker] = _jvp
ad.primitive_transposes[marker] = lambda ct, _, **params: [
    ct if isinstance(ct, ad.Zero) else mark(ct, times=params["times"])
]
batching.defvectorized(marker)

rate_marker = Primitive("rate_marker")
rate_marker.def_impl(lambda f, y, **_: f)
rate_marker.def_abstract_eval(lambda f, y, **_: f)
ad.primitive_jvps[rate_marker] = lambda primals, tangents, **params: (rate_marker.bind(*primals, **params), tangents[0])


def mark_rate(f: Any, y: Any, name: str, within: str) -> Any:
    """Return f; to the equation check: f, made by the function `within`, must have the dimension of y per time."""
    return rate_marker.bind(f, y, what=f"the derivative of {name!r}", within=within)
