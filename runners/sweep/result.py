"""Results of sweeps: the measures by name; saved, handed to xarray."""

from __future__ import annotations

import difflib
import os
from typing import Any

from simcore.files import PathLike
from simcore.module.display import table_of

from ..labelled import files
from ..labelled.array import Labelled


class SweepResult(dict[str, Labelled]):
    """The measures of a sweep by name; items are attributes too."""

    def __missing__(self, name: str) -> Labelled:
        near = difflib.get_close_matches(name, list(self), 1)
        hint = f"; did you mean {near[0]!r}?" if near else "."
        raise KeyError(f"the sweep measured no {name!r}{hint} There is {', '.join(self)}.")

    def __getattr__(self, name: str) -> Labelled:
        if name.startswith("__"):
            raise AttributeError(name)
        try:
            return self[name]
        except KeyError as err:
            raise AttributeError(err.args[0]) from None

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self]

    def __repr__(self) -> str:
        return "\n".join(v.headline() for v in self.values()) or "SweepResult without measures"

    def _repr_html_(self) -> str:
        lines = [(name, v.headline().removeprefix(name)) for name, v in self.items()]
        return f"<b>Results of a sweep</b>{table_of(('measure', 'axes and unit'), lines)}"

    def to_xarray(self) -> Any:
        """Return an `xarray.Dataset`. Axes of one name that differ between measures become "neuron of E", and so on.

        Raises:
            ValueError: a measure has the name of an axis, which a Dataset cannot hold.
        """
        return files.dataset(self)

    def save(self, file: PathLike) -> None:
        """Write all measures to one file, NetCDF (.nc, through xarray) or .npz, replaced only when complete.

        `simcore.load` reads it.
        """
        if os.fspath(file).endswith(".nc"):
            files.write_dataset(file, self.to_xarray(), {})
        else:
            files.write(file, self, {}, {})
