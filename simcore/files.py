"""Files: written under a temporary name and renamed when complete; read after a check of their kind and format."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
from collections.abc import Callable
from typing import Any

import jax
import numpy as np
import pint

Arrays = dict[str, np.ndarray]


def replace(path: Any, write: Callable[[Any], Any], sync: bool = False) -> None:
    """Write a file under a temporary name, then rename it; what was there stays until then.

    Args:
        path: of the file.
        write: called with the open file.
        sync: bring it to the disk before, for a power cut.
    """
    folder, name = os.path.split(os.path.abspath(path))
    temporary = os.path.join(folder, f".{os.getpid()}.partial.{name}")  # the ending stays: some writers look at it
    try:
        with open(temporary, "wb") as out:
            write(out)
            if sync:
                out.flush()
                os.fsync(out.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def with_ending(file: Any, ending: str = ".npz") -> str:
    """Return the path of a file; the ending is appended if missing."""
    path = os.fspath(file)
    return path if path.endswith(ending) else path + ending


@dataclasses.dataclass(frozen=True)
class Kind:
    """A kind of file. What a file says of itself is a dict of plain values: its format and versions among them.

    Args:
        key: what a file of this kind says of itself, and no other kind does.
        refusal: of a file that does not, after its name.
        format: the newest that is read; that of what is written.
    """

    key: str
    refusal: str
    format: int = 1

    def write(self, file: Any, about: dict[str, Any], arrays: Arrays, sync: bool = False) -> None:
        """Write arrays to an .npz, without pickle, with what it says of itself."""
        text = np.array(json.dumps(self.stamped(about)))
        replace(with_ending(file), lambda out: np.savez(out, about=text, **arrays), sync)  # type: ignore[arg-type]

    def read(self, file: Any) -> tuple[dict[str, Any], Arrays]:
        """Return what an .npz says of itself, and its arrays.

        Raises:
            ValueError: the file is of another kind or of a newer format.
        """
        path = os.fspath(file) if os.path.exists(file) else with_ending(file)
        with np.load(path, allow_pickle=False) as data:
            about = self.checked(path, json.loads(str(data["about"])) if "about" in data else {})
            return about, {k: data[k] for k in data if k != "about"}

    def write_text(self, path: Any, about: dict[str, Any]) -> None:
        """Write a file that only says what it is, as JSON."""
        text = json.dumps(self.stamped(about), indent=1)
        replace(path, lambda out: out.write(text.encode()))

    def read_text(self, path: Any) -> dict[str, Any]:
        """Return what a file of `write_text` says; ValueError as of `read`."""
        with open(path, encoding="utf-8") as file:
            return self.checked(os.fspath(path), json.load(file))

    def stamped(self, about: dict[str, Any]) -> dict[str, Any]:
        """Return what a file says of itself, with the format and the versions of what it was written with."""
        versions = {"jax": jax.__version__, "numpy": np.__version__, "pint": pint.__version__}
        return {"format": self.format, "versions": versions} | about

    def checked(self, path: str, about: dict[str, Any]) -> dict[str, Any]:
        """Return what a file says of itself if it is of this kind and of a format that is read."""
        if about.get("format", 0) > self.format:
            raise ValueError(
                f"{path} has the format {about['format']}; this simcore reads up to {self.format}: install a newer one."
            )
        if self.key not in about:
            raise ValueError(f"{path} {self.refusal}.")
        return about
