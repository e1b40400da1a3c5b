"""Kinds of files: what each says of itself and holds, checked before it is used: a stranger may have written it."""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import json
import math
import os
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import jax
import numpy as np
import pint

from .writing import replace, with_ending

LONGEST_TEXT = 2**24  # bytes of what a file says of itself; read, it takes some ten times as much


class FileError(ValueError):
    """A file is damaged, of another kind or of a newer format: the text says which it should be, and the cure."""


@contextlib.contextmanager
def blamed(error: Callable[[str], Exception]) -> Iterator[None]:
    """Whatever goes wrong in a with block that reads a file is the file's fault: a stranger may have made it."""
    try:
        yield
    except (FileError, FileNotFoundError, PermissionError):
        raise
    except Exception as err:
        raise error(f"{err}" or type(err).__name__) from err


def read_header(file: Any) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """Return the shape and type of the array in an open .npy file, of which the data come next.

    Raises:
        ValueError: it is none that simcore writes.
    """
    if np.lib.format.read_magic(file) != (1, 0):  # type: ignore[no-untyped-call]
        raise ValueError("an array is of an unknown format")
    shape, by_columns, dtype = np.lib.format.read_array_header_1_0(file)  # type: ignore[no-untyped-call]
    if dtype.kind not in "biufU" or any(n < 0 for n in shape) or (by_columns and len(shape) > 1):
        raise ValueError(f"an array is {dtype} of the shape {shape}")
    return shape, dtype


class Arrays(Mapping[str, np.ndarray]):
    """The arrays of an .npz, each of which is read when it is asked for, its shape and type before.

    No file of simcore is compressed. So arrays take no more memory than the file has bytes, and one that would is
    refused.
    """

    def __init__(self, path: str, error: Callable[[str], FileError]) -> None:
        self.path, self._error = path, error
        self._zip = zipfile.ZipFile(path)
        members = self._zip.infolist()
        if sum(m.file_size for m in members) > os.path.getsize(path):
            raise error("it unpacks to more than it has bytes, and simcore compresses nothing")
        self._members = {member.filename.removesuffix(".npy"): member for member in members}

    def form(self, name: str) -> tuple[tuple[int, ...], np.dtype[Any]]:
        """Return the shape and type of an array without reading it."""
        if name not in self._members:
            raise self._error(f"it has no array {name!r}")
        with blamed(self._error), self._zip.open(self._members[name]) as file:
            shape, dtype = read_header(file)
            room = self._members[name].file_size - file.tell()
        if math.prod(shape) * dtype.itemsize != room:
            raise self._error(f"{name!r} would be {dtype} of the shape {shape} in {room} bytes")
        return shape, dtype

    def shape(self, name: str) -> tuple[int, ...]:
        """Return the shape of an array without reading it."""
        return self.form(name)[0]

    def __getitem__(self, name: str) -> np.ndarray:
        self.form(name)
        with blamed(self._error), self._zip.open(f"{name}.npy") as file:
            return np.asarray(np.lib.format.read_array(file, allow_pickle=False))  # type: ignore[no-untyped-call]

    def __contains__(self, name: object) -> bool:
        return name in self._members

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)


def listed(names: Iterable[str], most: int = 8) -> str:
    """Return names for a message, "a, b"; of many, which a file may have, the first."""
    names = sorted(names)
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def misfit(value: Any, form: Any, at: str = "it") -> str:
    """Return what in plain values is not of a form, in a clause; "" if all is.

    Forms are types (float: any finite number), None, {"key": form, ...}, {str: form} of any keys, [form] of any length,
    (form, form) of alternatives, and functions that tell whether a value will do.
    """
    if isinstance(form, dict):
        if not isinstance(value, dict):
            return f"{at} is no dict"
        keys = dict.fromkeys(value, form[str]) if str in form else form
        if missing := keys.keys() - value.keys():
            return f"{at} has no {min(missing)!r}"
        parts = [(value[k], f, f"{k!r}") for k, f in keys.items()]
    elif isinstance(form, list):
        if not isinstance(value, list):
            return f"{at} is no list"
        parts = [(v, form[0], at) for v in value]
    else:
        return "" if _is_of(value, form) else f"{at} is {str(value)[:40]!r}"
    return next((text for part in parts if (text := misfit(*part))), "")


def _is_of(value: Any, form: Any) -> bool:
    if isinstance(form, tuple):
        return any(not misfit(value, f) for f in form)
    if form is float:
        return type(value) in (int, float) and math.isfinite(value)
    if isinstance(form, type):
        return form is object or type(value) is form
    return value is None if form is None else bool(form(value))


@dataclasses.dataclass(frozen=True)
class Kind:
    """A kind of file. What a file says of itself is a dict of plain values: its format and versions among them.

    Args:
        form: of what a file of this kind says, as of `misfit`. The first key is said by no other kind.
        refusal: of a file that does not say it, after its name.
        cure: what to do then, and with one that is damaged.
        format: the newest that is read; that of what is written.
    """

    form: dict[str, Any]
    refusal: str
    cure: str
    format: int = 1

    def write(self, file: Any, about: dict[str, Any], arrays: Mapping[str, np.ndarray], to_disk: bool = False) -> None:
        """Write arrays to an .npz, without pickle, with what it says of itself."""
        text = np.array(self._text(file, about, None))
        replace(with_ending(file), lambda out: np.savez(out, about=text, **arrays), to_disk)  # type: ignore[arg-type]

    def read(self, file: Any) -> tuple[dict[str, Any], Arrays]:
        """Return what an .npz says of itself, and its arrays.

        Raises:
            FileError: the file is damaged, of another kind or of a newer format.
        """
        path = with_ending(file)
        path = os.path.abspath(file if os.path.exists(file) and not os.path.isfile(path) else path)
        with self.opened(path):
            arrays = Arrays(path, lambda why: self.damaged(path, why))
            if "about" not in arrays:
                raise FileError(f"{path} {self.refusal}; {self.cure}.")
            if arrays.form("about")[1].itemsize > 4 * LONGEST_TEXT:
                raise self.damaged(path, "what it says of itself is too long")
            return self._checked(path, json.loads(str(arrays["about"]))), arrays

    def write_text(self, path: Any, about: dict[str, Any]) -> None:
        """Write a file that only says what it is, as JSON."""
        text = self._text(path, about, 1)
        replace(path, lambda out: out.write(text.encode()))

    def read_text(self, path: Any) -> dict[str, Any]:
        """Return what a file of `write_text` says; FileError as of `read`."""
        path = os.path.abspath(path)
        with self.opened(path), open(path, "rb") as file:
            text = file.read(LONGEST_TEXT + 1)
            if len(text) > LONGEST_TEXT:
                raise self.damaged(path, "it is too long")
            return self._checked(path, json.loads(text))

    def damaged(self, path: str, why: str) -> FileError:
        """Return the error of a file that cannot be what it should be."""
        return FileError(f"{path} is damaged, or {self.refusal}: {why[:200]}; {self.cure}.")

    @contextlib.contextmanager
    def opened(self, path: str) -> Iterator[None]:
        """Whatever goes wrong as a file is read in a with block is a FileError with its name and the cure."""
        with blamed(lambda why: self.damaged(path, why)):
            if not os.path.exists(path):
                raise FileNotFoundError(errno.ENOENT, f"there is no such file; {self.cure}", path)
            if not os.path.isfile(path):
                raise self.damaged(path, "it is a folder or a device")
            yield

    def _text(self, path: Any, about: dict[str, Any], indent: int | None) -> str:
        """Return what a file says of itself, with the format and the versions of what it was written with."""
        versions = {"jax": jax.__version__, "numpy": np.__version__, "pint": pint.__version__}
        text = json.dumps({"format": self.format, "versions": versions} | about, indent=indent)
        if len(text) > LONGEST_TEXT:
            raise ValueError(f"{path} would say more of itself than is read again: choose fewer indices, or all.")
        return text

    def _checked(self, path: str, about: Any) -> dict[str, Any]:
        """Return what a file says of itself if it is of this kind and of a format that is read."""
        found = about if isinstance(about, dict) else {}
        if type(found.get("format", 0)) is int and found.get("format", 0) > self.format:
            raise FileError(
                f"{path} has the format {found['format']}; this simcore reads up to {self.format}: install a newer one."
            )
        if next(iter(self.form)) not in found:
            raise FileError(f"{path} {self.refusal}; {self.cure}.")
        if why := misfit(about, self.form):
            raise self.damaged(path, why)
        return found
