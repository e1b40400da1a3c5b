"""Values: quantities, texts and lists of them become magnitudes in a declared unit, and go back."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pint

from .dimensions import NUMBER, dimension, kernel_factor, unit
from .errors import DimensionalityError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike
    from pint.facets.plain import PlainQuantity

# What may be given for one quantity, such as a time: itself, or its text ("10 ms"). For several: an array with a unit,
# or a list of quantities; mypy takes [1, 2] * ms for a list of numbers, so that those have to pass. For a parameter: an
# initializer, a function of a shape, too.
OneQuantity: TypeAlias = "PlainQuantity[Any] | str"
Quantities: TypeAlias = "OneQuantity | Sequence[Quantities] | Sequence[float]"
QuantityLike: TypeAlias = "Quantities | Callable[[Any], Any]"
# Where what it is for may be a pure number, that too: for a value or several, and for the two ends of a range.
ValueLike: TypeAlias = "Quantities | ArrayLike"
RangeLike: TypeAlias = "Quantities | np.ndarray"


def unit_of(value: pint.Quantity) -> str:
    """Return the unit of a quantity as text, "mA"; K for one with an offset (36 degC are 309.15 K)."""
    powers = tuple(value.unit_items())
    if powers not in _texts:
        long, short = f"{value.units}", f"{value.units:~C}"
        is_offset = _offset(value.units) and dimension(value) == dimension("K")
        _texts[powers] = "K" if is_offset else short if short and f"{unit(short)}" == long else long
    return _texts[powers]


_texts: dict[Any, str] = {}  # by the powers of units: pint takes 50 us to write one


def show(value: Any) -> str:
    """Return a value as it stands in an error message: "10 mV", "the bare number 10.0"."""
    if isinstance(value, pint.Quantity):
        return f"an array in {value.units:~P}" if np.size(value.magnitude) > 3 else f"{value:~P}"
    if isinstance(value, pint.Unit):
        return f"the unit {value:~P}"
    if isinstance(value, list | tuple) and _first_quantity(value) is not None:
        return "a list of quantities"
    if np.size(value) > 3:
        return "an array of bare numbers"
    if isinstance(value, np.ndarray | np.generic) and np.ndim(value) == 0:
        value = value.item()
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return f"the bare number {value!r}" if is_number else f"{value!r}"


def show_range(values: np.ndarray, text: str) -> str:
    """Return "6 nS", or "5.1 to 7.3 nS" for several values, for a summary."""
    if not np.size(values):
        return "none"
    low, high = float(np.min(values)), float(np.max(values))
    shown = f"{low:.4g}" if low == high else f"{low:.4g} to {high:.4g}"
    return shown if text == "dimensionless" else f"{shown} {unit(text):~P}"


def _cure(value: Any, text: str) -> str:
    """Return how to write what was meant by a bare unit or number, where that can be told."""
    if isinstance(value, pint.Unit):
        return f"; write 1 * {value:~P}" if dimension(value) == dimension(text) else ""
    if np.asarray(value).dtype.kind not in "iuf":
        return ""
    what = "the array" if np.size(value) > 3 else show(value).removeprefix("the bare number ")
    return f"; write {what} * {text}"


def _offset(units: Any) -> bool:
    return bool({"degree_Celsius", "degree_Fahrenheit", "degree_Reaumur"} & {*re.findall(r"\w+", str(units))})


def _delta(units: Any) -> bool:
    return any(name.startswith("delta_") for name in re.findall(r"\w+", str(units)))


def _first_quantity(value: Any) -> Any:
    """Return the first quantity or text in a list of such, of lists of such ...; None in all else."""
    if isinstance(value, list | tuple):
        return next((q for v in value if (q := _first_quantity(v)) is not None), None)
    return value if isinstance(value, pint.Quantity | str) else None


# A number and the unit behind it, if any.
_TEXT = re.compile(r"\s*([-+]?[\d.]+(?:[eE][-+]?\d+)?)\s*((?:1?\s*/|[^\d\s+\-*/.(]).*)?")


def read(value: Any, who: str, text: str = "") -> Any:
    """Return `value`; the quantity it stands for, if it is text ("10 ms") or a list of quantities.

    Raises:
        ValueError: text that is no quantity; the message asks for one in `text`.
    """
    if isinstance(value, str):
        try:
            magnitude, written = _TEXT.fullmatch(value).groups()  # type: ignore[union-attr]
            written = f"1{written}" if (written or "").startswith("/") else written or ""  # "0.01/ms"
            return attach(float(magnitude), written)
        except Exception as err:
            needs = f"{who} needs a quantity" + (f" in {text}" if text else "")
            raise ValueError(f"{needs}; {value!r} cannot be read as one.") from err
    first = _first_quantity(value) if isinstance(value, list | tuple) else None
    if first is None:
        return value
    text = unit_of(read(first, who, text))
    return attach(as_magnitude(value, text, who), text)


def _refuse_wrong_kind_of_temperature(value: pint.Quantity, text: str, who: str) -> None:
    if _delta(unit(text)) and _offset(value.units):
        cure = f"write {value.magnitude} * {text}"
        raise DimensionalityError(f"{who} is a temperature difference, got {show(value)}; {cure}.", value.units, text)
    if _delta(value.units) and not _delta(unit(text)):
        cure = f"write Quantity({value.magnitude}, 'degC')"
        raise DimensionalityError(f"{who} is an absolute temperature, got {show(value)}; {cure}.", value.units, text)


def as_magnitude(value: Any, text: str, who: str, *, finite: bool = True) -> np.ndarray:
    """Return the magnitude of `value` in the unit `text` as float64 (or the integers it holds).

    `who` opens the error message, e.g. "LIF: 'tau'". Numbers are taken only where the unit is dimensionless.

    Raises:
        DimensionalityError: the dimension differs, or a bare number came where a unit is needed.
        ValueError: text that is no quantity; NaN or inf, if it must be finite.
        TypeError: no real numbers.
    """
    needs = f"{who} needs a quantity in {text}"
    if isinstance(value, list | tuple) and _first_quantity(value) is not None:
        rows = [as_magnitude(v, text, who, finite=finite) for v in value]
        if len({np.shape(row) for row in rows}) > 1:
            raise ValueError(f"{who} needs quantities of one shape in its list.")
        return np.array(rows)
    value = read(value, who, text)
    if isinstance(value, pint.get_application_registry().Quantity) and value.units == unit(text):
        magnitude = np.asarray(value.magnitude)  # pint's conversion takes ten times as long
    elif isinstance(value, pint.Quantity):
        if dimension(value) != dimension(text):
            raise DimensionalityError(f"{needs}, got {show(value)}.", value.units, text)
        if dimension(text) == dimension("K"):
            _refuse_wrong_kind_of_temperature(value, text, who)
        magnitude = np.asarray(value.m_as(unit(text)))
    else:
        if isinstance(value, pint.Unit) or dimension(text) != NUMBER:
            raise DimensionalityError(f"{needs}, got {show(value)}{_cure(value, text)}.", needed=text)
        magnitude = np.asarray(value)
    if magnitude.dtype.kind not in "fiub":
        raise TypeError(f"{who} needs real numbers in {text}, got {show(value)}.")
    if finite and not np.isfinite(magnitude).all():
        raise ValueError(f"{who} must be finite, got {show(value)}.")
    return magnitude if magnitude.dtype.kind in "ib" else magnitude.astype(float)


def to_kernel(value: Any, text: str, who: str) -> np.ndarray:
    """Return `value`, a quantity in `text`, as an array in the kernel unit of its dimension."""
    magnitude, factor = as_magnitude(value, text, who), kernel_factor(text)
    return magnitude if factor == 1.0 else magnitude * factor


def from_kernel(array: Any, text: str) -> pint.Quantity:
    """Return an array in kernel units as a quantity in the unit `text` (numpy inside)."""
    factor = kernel_factor(text)
    array = np.asarray(array)
    return attach(array if factor == 1.0 else array / factor, text)


def attach(magnitude: Any, text: str) -> pint.Quantity:
    """Return a magnitude in the unit `text` as a quantity."""
    return pint.get_application_registry().Quantity(magnitude, unit(text))


def quantity_in(value: Any, text: str, who: str) -> pint.Quantity:
    """Return `value` as a quantity in the unit `text` after the check of `as_magnitude`."""
    return attach(as_magnitude(value, text, who), text)


def bare(value: Any, text: str, who: str) -> Any:
    """Return `value`, bare numbers in the unit `text`.

    Raises:
        TypeError: it carries a unit, which would be lost.
    """
    if isinstance(value, pint.Unit) or _first_quantity([value]) is not None:
        raise TypeError(f"{who} takes bare numbers in {text} here, got {show(value)}; write value.m_as({text!r}).")
    return value


_SEVERAL = "to change some of it, assign all: V = neuron.V.value.copy(); V[0] = -50 * mV; neuron.V.value = V"
_ONE = (
    "this is one value for all. To give each its own, assign as many: tau = np.full(neuron.varshape, 20.0) * ms; "
    "tau[0] = 7 * ms; neuron.tau = tau (for a weight np.full(projection.n_synapses, 20.0))"
)


class Held(np.ndarray):
    """An array that was read from a model. Writing to it would change no model, so it says what does."""

    cure = ""  # of a copy of what a model holds; what is computed from it, and its own copies, are the user's

    def __setitem__(self, key: Any, value: Any) -> None:
        if self.cure:
            raise ValueError(f"what is read from a model is a copy of what it holds; {self.cure}.")
        super().__setitem__(key, value)

    def __array_wrap__(self, array: Any, context: Any = None, return_scalar: bool = False) -> Any:
        return array[()] if return_scalar else array

    def __repr__(self) -> str:
        return repr(self.view(np.ndarray))


def held_array(array: Any, cure: str = "") -> Held:
    """Return a copy of an array that a model holds, of which no part can be set; `cure` says what to do instead."""
    copy = np.array(array).view(Held)
    copy.cure = cure or (_SEVERAL if copy.ndim else _ONE)
    return copy


def held(value: pint.Quantity, cure: str = "") -> pint.Quantity:
    """Return a copy of a quantity that a model holds: see `held_array`."""
    return type(value)(held_array(value.magnitude, cure), value.units)
