"""Composed: a population with parts, receptors among them, that it was made with."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from ..units import Quantities
from .part import Part
from .population import Population
from .receptor import Receptor


class Composed(Population):
    """Base of populations with parts.

    Args:
        in_size: the population's size, an int or a tuple.
        receptors: what spikes arrive at, by name; each adds its current to the first input of the derivative.
        parts: other `Part`s, by name: channels, currents that spikes trigger.
        positions: where its members are, (size, dimensions), for distance-dependent connections.
        name: the name in messages, by default the class's.
    """

    has_membrane: ClassVar[bool] = False  # whether its parts may be densities over a membrane

    def __init__(
        self,
        in_size: int | tuple[int, ...],
        *args: Any,
        receptors: dict[str, Receptor] | None = None,
        parts: dict[str, Part] | None = None,
        positions: Quantities | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(in_size, *args, positions=positions, name=name, **kwargs)
        for what, given in (("receptors", receptors), ("parts", parts)):
            if given is not None and not isinstance(given, dict):
                raise TypeError(f"{self.name}: {what} go by name, {what}={{'exc': ...}}, got {given!r}.")
        for key, receptor in (receptors or {}).items():
            if not isinstance(receptor, Receptor):
                raise TypeError(f"{self.name}: the receptor {key!r} must be one of sc.models (Exponential, ...), got "
                                f"{receptor!r}.")  # fmt: skip
            self.add_part(key, receptor, "receptor")
        for key, part in (parts or {}).items():
            if not isinstance(part, Part):
                raise TypeError(f"{self.name}: the part {key!r} must be a sc.bases.Part, got {part!r}.")
            self.add_part(key, part)

    def add_part(self, key: str, part: Part, kind: str = "part") -> None:
        """Take a part under a name.

        Raises:
            ValueError: there is something of that name.
            TypeError: the part is for a membrane, which the model has not.
        """
        if part.of_membrane and not self.has_membrane:
            raise TypeError(f"{self.name}: {key!r} is {type(part).__name__}, a {kind} of a membrane, which "
                            f"{type(self).__name__} has not; put it into a sc.models.CondNeuron.")  # fmt: skip
        if hasattr(type(self), key) or key in vars(self) or not key.isidentifier() or key.startswith("_"):
            raise ValueError(f"{self.name}: {key!r} cannot name a {kind}; the model has one of that name, or it is "
                             "no word.")  # fmt: skip
        setattr(self, key, part)

    @property
    def parts(self) -> Mapping[str, Part]:
        """Its parts, by name, receptors among them, to be read: they are given when it is made, or by links."""
        return MappingProxyType({k: v for k, v in vars(self).items() if isinstance(v, Part)})

    def uncouple(self) -> None:
        """Tell the parts that nothing acts on it yet."""
        for part in self.parts.values():
            part.uncouple()

    def __setattr__(self, name: str, value: Any) -> None:
        before = vars(self).get(name)
        if isinstance(before, Part):
            self._refuse_to_replace(name, before, value)
        if isinstance(value, Part):
            value.attach(name, self.varshape)
        super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        if isinstance(vars(self).get(name), Part):
            raise AttributeError(f"{self.name}: {name!r} is a part of it and stays; make another {type(self).__name__} "
                                 "without it.")  # fmt: skip
        super().__delattr__(name)

    def _refuse_to_replace(self, name: str, before: Part, value: Any) -> None:
        """Refuse anything in the place of a part but another one, and of a receptor but one whose unit is the same."""
        if not isinstance(value, Part):
            raise AttributeError(f"{self.name}: {name!r} is {before!r}; set one of its parameters, e.g. {name}.tau, or "
                                 "put another one in its place.")  # fmt: skip
        if isinstance(before, Receptor) and (not isinstance(value, Receptor) or value.unit != before.unit):
            raise ValueError(f"{self.name}: {name!r} cannot be replaced by {value!r}: its weights are in "
                             f"{before.unit}. Make another {type(self).__name__} with it.")  # fmt: skip
