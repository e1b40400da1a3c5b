"""Columns of a store: arrays on disk that grow along their first axis, as .npy files or in zarr."""

from __future__ import annotations

import functools
import math
import os
from typing import Any

import numpy as np

from simcore import files, memory

Shape = tuple[int, ...]


def _damaged(path: str, why: str) -> files.FileError:
    return files.FileError(f"{path} is damaged, or of another run: {why}; what else is in the store can be read.")


def _compare(path: str, there: tuple[Shape, Any], shape: Shape, dtype: str, count: int) -> None:
    """Raise unless an array, `there` with its shape and type, holds `count` items of a shape and type."""
    if there[1] != np.dtype(dtype) or there[0][1:] != shape or there[0][:1] < (count,):
        text = f"it is {there[1]} of the shape {there[0]}"
        raise _damaged(path, f"{text}, not {np.dtype(dtype)} of {(count, *shape)} at least")


class NpyColumn:
    """An array in a .npy file. What its header counts is not changed again: somebody may have mapped it.

    Args:
        path: the file.
        shape: of an item.
        dtype: of the values.
        count: how many items are kept; those behind belong to a part of a run that is done again.
    """

    def __init__(self, path: str, shape: Shape, dtype: str, count: int) -> None:
        self.path, self.shape, self.dtype, self.count = path, shape, np.dtype(dtype), count
        there = self._mapped(path, shape, dtype, count)
        self.begin, self.told = there.offset, len(there)

    @classmethod
    def create(cls, path: str, shape: Shape, dtype: str) -> None:
        """Make an empty one."""
        with open(path, "xb") as file:
            cls._write_header(file, (0, *shape), np.dtype(dtype))

    @classmethod
    def read(cls, path: str, shape: Shape, dtype: str, count: int) -> np.ndarray:
        """Return the first items, which are read from the disk as they are used."""
        return np.asanyarray(cls._mapped(path, shape, dtype, count)[:count])

    @staticmethod
    def _mapped(path: str, shape: Shape, dtype: str, count: int) -> Any:
        with files.blamed(lambda why: _damaged(path, why)):
            if not os.path.isfile(path):
                raise _damaged(path, "it is a folder or a device" if os.path.exists(path) else "it is not there")
            with open(path, "rb") as file:
                there = files.read_header(file)
                _compare(path, there, shape, dtype, count)
                return np.memmap(file, dtype, "r", file.tell(), there[0])

    @staticmethod
    def _write_header(file: Any, shape: Shape, dtype: np.dtype[Any]) -> None:
        """Write the header; numpy leaves room in it for a length that grows."""
        about = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(file, about)  # type: ignore[no-untyped-call]

    def append(self, items: np.ndarray) -> None:
        """Append items: first the data, then the header that speaks of them."""
        if not len(items):
            return
        if self.told > self.count:
            files.replace(self.path, self._write_kept)
        with files.named(self.path), open(self.path, "r+b") as file:
            file.seek(self.begin + self.count * self._item)
            file.write(np.ascontiguousarray(items, self.dtype).data.cast("B"))
            file.flush()
            self.told = self.count + len(items)
            file.seek(0)
            self._write_header(file, (self.told, *self.shape), self.dtype)
        self.count = self.told

    @property
    def _item(self) -> int:
        return math.prod(self.shape) * self.dtype.itemsize

    def _write_kept(self, new: Any) -> None:
        """Write the items that are kept into a new file, which takes the place of the one that somebody may read."""
        self._write_header(new, (self.count, *self.shape), self.dtype)
        left = self.count * self._item
        with open(self.path, "rb") as old:
            old.seek(self.begin)
            while left:
                left -= new.write(old.read(min(left, 2**20)))

    def sync(self) -> None:
        """Bring it to the disk."""
        files.sync(self.path)


class ZarrColumn:
    """An array of a zarr group; arguments as of `NpyColumn`."""

    def __init__(self, path: str, shape: Shape, dtype: str, count: int) -> None:
        self.path, self.count, self._synced = path, count, 0
        self.array = self._opened(path, shape, dtype, count, "r+")

    @staticmethod
    def create(path: Any, shape: Shape, dtype: str) -> Any:
        """Make an empty one, and return it."""
        rows = max(1, 2**20 // max(math.prod(shape) * np.dtype(dtype).itemsize, 1))
        chunks, packed = (rows, *shape), zarr().codecs.ZstdCodec(level=0)
        return zarr().create_array(path, shape=(0, *shape), chunks=chunks, dtype=dtype, compressors=packed)

    @classmethod
    def _opened(cls, path: str, shape: Shape, dtype: str, count: int, mode: str) -> Any:
        with files.blamed(lambda why: _damaged(path, why)):
            if not os.path.exists(path):
                raise _damaged(path, "it is not there")
            array = zarr().open_array(path, mode=mode, zarr_format=3)  # format 2 has a codec that runs code
            _compare(path, (array.shape, array.dtype), shape, dtype, count)
            if (array.chunks, array.metadata.codecs) != _packing(shape, dtype):
                raise _damaged(path, f"it is in chunks of {array.chunks}, or packed otherwise than simcore does")
            return array

    @classmethod
    def read(cls, path: str, shape: Shape, dtype: str, count: int) -> np.ndarray:
        """Return the first items."""
        array = cls._opened(path, shape, dtype, count, "r")
        memory.require(count * math.prod(shape) * np.dtype(dtype).itemsize, path)
        with files.blamed(lambda why: _damaged(path, why)):
            return np.asarray(array[:count])

    def append(self, items: np.ndarray) -> None:
        """Append items; zarr replaces whole files."""
        if not len(items):
            return
        self._synced = min(self._synced, self.count)
        with files.named(self.path):
            if self.array.shape[0] != self.count:
                self.array.resize((self.count, *self.array.shape[1:]))
            self.array.append(items)
        self.count += len(items)

    def sync(self) -> None:
        """Bring it to the disk: the chunks that have changed, and what tells of them."""
        rows, chunks = self.array.chunks[0], os.path.join(self.path, "c")
        for k in range(self._synced // rows, -(-self.count // rows)):
            for folder, _, names in os.walk(os.path.join(chunks, f"{k}")):
                for path in (*(os.path.join(folder, name) for name in names), folder):
                    files.sync(path)
            if os.path.isfile(os.path.join(chunks, f"{k}")):  # of numbers
                files.sync(os.path.join(chunks, f"{k}"))
        for path in (chunks, os.path.join(self.path, "zarr.json"), self.path):
            if os.path.exists(path):
                files.sync(path)
        self._synced = self.count


@functools.lru_cache(1000)
def _packing(shape: Shape, dtype: str) -> Any:
    """Return the chunks and codecs of a column of zarr that holds such items."""
    made = ZarrColumn.create(zarr().storage.MemoryStore(), shape, dtype)
    return made.chunks, made.metadata.codecs


def zarr() -> Any:
    """Return the package zarr; ImportError with the cure."""
    try:
        import zarr
    except ImportError as err:
        raise ImportError(
            "a store whose name ends in .zarr needs zarr: pip install zarr. Any other name makes .npy files."
        ) from err
    return zarr
