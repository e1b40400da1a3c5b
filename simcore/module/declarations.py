"""What the body of a class declares, with what its bases declare: collected, and refused where it cannot be right."""

from __future__ import annotations

import types
from typing import Any, TypeVar

import numpy as np
import pint

from .. import units
from . import names
from .declare import Param, State
from .libraries import is_library

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


def check(cls: type, params: dict[str, Param], states: dict[str, State]) -> None:
    """Refuse what the body of a class declares and what cannot be right, given all parameters and states of the class.

    Raises:
        AttributeError: a name is taken, or is none.
        TypeError: a default, unit or meaning is of the wrong kind.
        ValueError: a unit is none, a default breaks a constraint, a constraint names what is not there.
    """
    declared = {name: value for name, value in vars(cls).items() if isinstance(value, Param | State)}
    for name in declared:
        _refuse_taken_name(cls, name, declared[name])
    if is_library(cls):  # whose tests make all of them; importing simcore need not wait for pint to read units
        return
    for name, value in vars(cls).items():
        inherited = next((vars(base)[name] for base in cls.__mro__[1:] if name in vars(base)), None)
        if isinstance(inherited, Param | State):
            _check_redeclared(cls, inherited, value, states)
    for name, value in declared.items():
        who = f"{cls.__name__}: the {'parameter' if isinstance(value, Param) else 'state'} {name!r}"
        _check_unit(value, who)
        if isinstance(value, Param):
            _check_default(value, who)
        else:
            _check_initial(cls, value, params, who)
    for name in params:
        _check_order(cls, params[name], params, states)
    _check_keywords(cls, params, states)


def _refuse_taken_name(cls: type, name: str, declared: Param | State) -> None:
    """Refuse a parameter or state named like something else that a base has, or by another's object."""
    kind = "parameter" if isinstance(declared, Param) else "state"
    if name.startswith("_"):
        raise AttributeError(f"{cls.__name__}: no step can read {name!r}; call the {kind} {name.lstrip('_')!r}.")
    for base in cls.__mro__[1:]:
        of_core = base.__module__.startswith(("simcore.module.", "simcore.bases."))
        taken = vars(base).keys() | names.annotated(base)
        value = vars(base).get(name)
        is_code = isinstance(value, types.FunctionType | property | classmethod | staticmethod)
        if name in taken and (of_core or is_code) and not isinstance(value, Param | State):
            raise AttributeError(
                f"{cls.__name__}: {name!r} is an attribute of {base.__name__}; choose another name for the {kind}."
            )
    if declared.name != name:
        raise AttributeError(f"{cls.__name__}: {name!r} is the {kind} {declared.name!r} already; declare another one.")


def _check_redeclared(cls: type, inherited: Param | State, value: Any, states: dict[str, State]) -> None:
    """Refuse a plain value in the place of an inherited declaration, and a declaration of another dimension."""
    name, unit = inherited.name, inherited.unit
    kind = "parameter" if isinstance(inherited, Param) else "state"
    is_number = isinstance(value, int | float)
    if kind == "parameter" and is_number and value == 0:  # which fixes it: it is 0 in any unit
        return
    if is_number or isinstance(value, pint.Quantity | str | list | tuple | np.ndarray | np.generic):
        number = repr(value) if is_number else "..."
        text = f"Param({number}, {unit!r})" if kind == "parameter" else f"HiddenState({unit!r}, init={number})"
        raise TypeError(f"{cls.__name__}: {value!r} hides the {kind} {name!r}; write {name} = sc.{text}.")
    if isinstance(value, Param | State) and isinstance(value.unit, str):
        # The unit of noise follows the state that it acts on.
        fits = [unit, *(f"({s.unit})/ms**0.5" for s in states.values() if name == "noise")]
        if not any(_same_dimension(value.unit, one) for one in fits):
            raise ValueError(
                f"{cls.__name__}: the {kind} {name!r} is in {unit}, and cannot be declared in {value.unit}."
            )


def _same_dimension(one: str, other: str) -> bool:
    """Return whether two units, as text, are of one dimension; True where one is none, which is refused elsewhere."""
    try:
        return units.dimension(one) == units.dimension(other)
    except Exception:
        return True


def _check_unit(declared: Param | State, who: str) -> None:
    if isinstance(declared, State) and declared.raw is not None:
        raise TypeError(f"{who} needs its unit as text and its initial value by init=: HiddenState('mV', init=-65.0).")
    if not isinstance(declared.unit, str):
        raise TypeError(f"{who} needs its unit as text, e.g. 'mV', got {units.show(declared.unit)}.")
    if not isinstance(declared.doc, str):
        start = "; a state starts at init=" if isinstance(declared, State) else ""
        raise TypeError(f"{who} needs its meaning, text, after its unit, got {units.show(declared.doc)}{start}.")
    try:
        units.kernel_factor(declared.unit)
    except Exception as err:
        raise ValueError(f"{who} is declared in {declared.unit!r}, which is no unit.") from err


def _check_default(param: Param, who: str) -> None:
    default, unit = param.default, param.unit
    if param.steps and units.dimension(unit) != units.dimension("ms"):
        raise ValueError(f"{who} is a number of steps, so its unit is a time, not {unit}.")
    if default is None or (callable(default) and not isinstance(default, type)):  # an initializer says its own unit
        return
    is_number = isinstance(default, int | float | np.integer | np.floating) and not isinstance(default, bool)
    if not is_number:
        raise TypeError(f"{who} needs a number in {unit} as its default, or an initializer, got {units.show(default)}.")
    if not np.isfinite(default):
        raise ValueError(f"{who} needs a finite default, got {default!r}.")
    if (param.positive and default <= 0) or (param.nonnegative and default < 0):
        raise ValueError(f"{who} must be {'> 0' if param.positive else '>= 0'}, its default is {default!r} {unit}.")


def _check_initial(cls: type, state: State, params: dict[str, Param], who: str) -> None:
    init = state.init
    if isinstance(init, str):
        of_user = (base for base in cls.__mro__ if not is_library(base))
        if init not in params and not any(init in names.in_body(base) for base in of_user):
            raise ValueError(f"{who} starts at {init!r}, which is no parameter.")
        if init in params and not _same_dimension(params[init].unit, state.unit):
            raise ValueError(f"{who}, in {state.unit}, cannot start at {init!r}, which is in {params[init].unit}.")
    elif isinstance(init, type):
        raise TypeError(f"{who} starts at the class {init.__name__}; make one of it: {init.__name__}(...).")
    elif isinstance(init, pint.Quantity):
        units.as_magnitude(init, state.unit, who)
    elif not callable(init) and (np.asarray(init).dtype.kind not in "iufb" or not np.isfinite(init).all()):
        raise ValueError(f"{who} needs a finite number in {state.unit} as its initial value, got {units.show(init)}.")


def _check_order(cls: type, param: Param, params: dict[str, Param], states: dict[str, State]) -> None:
    """Refuse a parameter that has to be above what it cannot be, or whose default is not."""
    above = param.above
    if above is None:
        return
    who = f"{cls.__name__}: the parameter {param.name!r}"
    if not isinstance(above, str):
        raise TypeError(f"{who} needs the name of a parameter for above=, e.g. 'V_reset', got {units.show(above)}.")
    if above == param.name or not (above in states or hasattr(cls, above)):
        raise ValueError(f"{who} must be above {above!r}, which is no other parameter; it has {', '.join(params)}.")
    if above not in params:
        return
    low = params[above]
    if units.dimension(low.unit) != units.dimension(param.unit):
        raise ValueError(f"{who}, in {param.unit}, cannot be above {above!r}, in {low.unit}.")
    values = [p.default * units.kernel_factor(p.unit) for p in (param, low) if isinstance(p.default, int | float)]
    if len(values) == 2 and values[0] <= values[1]:
        defaults = f"{param.default} {param.unit} and {low.default} {low.unit}"
        raise ValueError(f"{who} must be above {above!r}; their defaults are {defaults}.")


def _check_keywords(cls: type, params: dict[str, Param], states: dict[str, State]) -> None:
    """Refuse keywords for initial values that are no words, or mean something else."""
    taken = dict.fromkeys(params, "a parameter")
    for name, state in states.items():
        keyword = state.keyword
        if keyword is None:
            continue
        if not keyword.isidentifier() or keyword in taken or hasattr(cls, keyword):
            raise ValueError(
                f"{cls.__name__}: the state {name!r} cannot be initialized by the keyword {keyword!r}, which is "
                f"{taken.get(keyword, 'no word, or taken')}; choose another one by keyword=."
            )
        taken[keyword] = f"that of {name!r}"
