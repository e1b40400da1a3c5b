"""What the body of a class declares, with what its bases declare: collected, and refused where a name is taken."""

from __future__ import annotations

from typing import Any, TypeVar

from .declare import Param, State

Declaration = TypeVar("Declaration", Param, State)


def of_kind(cls: type, kind: type[Declaration]) -> dict[str, Declaration]:
    """Return the parameters or the states that a class has, by name, in their order.

    What it declares again moves behind the inherited ones: a subclass orders its own. What a class overrides by
    something else is none any more.
    """
    declared: dict[str, Declaration] = {}
    for klass in reversed(cls.__mro__):
        inherited = {name: value for name, value in declared.items() if name not in vars(klass)}
        declared = inherited | {name: value for name, value in vars(klass).items() if isinstance(value, kind)}
    return declared


def unwrapped(cls: type, method: str, base: type) -> Any:
    """Return a method that `base` wraps and no class has wrapped yet, None for another one.

    It stands in the body of the class, or in that of a class among its bases that does not derive from `base`.
    """
    owner = next(klass for klass in cls.__mro__ if method in vars(klass))
    return vars(owner)[method] if owner is cls or not issubclass(owner, base) else None


def refuse_taken_names(cls: type) -> None:
    """Refuse parameters and states named like something else that the bases of all models have."""
    for name, declared in vars(cls).items():
        for base in cls.__mro__[1:] if isinstance(declared, Param | State) else ():
            of_core = base.__module__.startswith(("simcore.module.", "simcore.bases."))
            names = vars(base).keys() | vars(base).get("__annotations__", {}).keys()
            if of_core and name in names and not isinstance(vars(base).get(name), Param | State):
                kind = "parameter" if isinstance(declared, Param) else "state"
                raise AttributeError(
                    f"{cls.__name__}: {name!r} is an attribute of {base.__name__}; choose another name for the {kind}."
                )
