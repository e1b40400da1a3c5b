"""Presets: sets of parameters of a neuron, by name."""

import dataclasses
import difflib
from typing import Any, ClassVar, Self

from simcore import Neuron


@dataclasses.dataclass(frozen=True)
class Preset:
    """Parameters that make a neuron what the name says.

    Args:
        doc: what it shows, one line.
        values: the parameters that differ from the defaults, as texts with units.
        drive: a constant input that shows it, as text.
    """

    doc: str
    values: dict[str, Any]
    drive: str = ""


class WithPresets(Neuron):
    """Base of neurons with sets of parameters by name; help() lists them."""

    PRESETS: ClassVar[dict[str, Preset]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        width = max(map(len, cls.PRESETS), default=0)
        rows = [(k, f"{p.doc}; drive {p.drive}" if p.drive else p.doc) for k, p in cls.PRESETS.items()]
        lines = [f"    {name:<{width}}  {doc}" for name, doc in rows]
        cls.__doc__ = "\n".join([f"{cls.__doc__}\n\nPresets, {cls.__name__}.preset(name, in_size):", *lines])

    @classmethod
    def preset(cls, name: str, /, in_size: int | tuple[int, ...], **parameters: Any) -> Self:
        """Return a population with the parameters of this name.

        Args:
            name: of the preset.
            in_size: the population's size, an int or a tuple.
            parameters: what else the constructor takes; goes before what the preset says.

        Raises:
            ValueError: there is no preset of this name.
        """
        if name not in cls.PRESETS:
            near = difflib.get_close_matches(str(name), cls.PRESETS, 1)
            hint = f"; did you mean {near[0]!r}?" if near else "."
            raise ValueError(f"{cls.__name__} has no preset {name!r}{hint} It has {', '.join(cls.PRESETS)}.")
        return cls(in_size, **(cls.PRESETS[name].values | parameters))
