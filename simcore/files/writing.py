"""Writing: under a temporary name, renamed when complete; what cannot be is said early."""

from __future__ import annotations

import contextlib
import errno
import os
import platform
import re
import secrets
import shutil
import zlib
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

PathLike: TypeAlias = str | os.PathLike[str]

_CURES = {
    errno.ENOENT: "make its folder first",
    errno.ENOSPC: "free some space",
    errno.EDQUOT: "free some space",
    errno.EACCES: "choose a folder that may be written",
    errno.EROFS: "choose a folder that may be written",
    errno.EISDIR: "there is a folder of that name; remove it, or choose another",
    errno.ELOOP: "it is a link that leads elsewhere; remove it",
    errno.ENAMETOOLONG: "choose a shorter name",
}
_TEMPORARY = re.compile(r"\.(\w+)\.(\d+)\.\w+\.partial\..+")
_tidy: set[str] = set()  # the folders without leftovers of killed processes


@contextlib.contextmanager
def named(path: str) -> Iterator[None]:
    """Name the user's file or folder, and the cure, where the system refuses to write."""
    try:
        yield
    except OSError as err:
        first = err.__cause__ if isinstance(err.__cause__, OSError) else err  # a file in a folder was named before
        reason = f"{first.strerror or first}; {_CURES.get(err.errno or 0, 'it is as it was before')}"
        raise OSError(err.errno, reason, path) if err.errno else OSError(f"{path}: {reason}") from first


def temporary_of(path: str) -> str:
    """Return the name beside `path` under which this process makes it; leftovers of killed ones are removed."""
    folder, name = os.path.split(path)
    if folder not in _tidy and os.path.isdir(folder):
        _tidy.add(folder)
        for left in os.listdir(folder):
            match = _TEMPORARY.fullmatch(left)
            if match and match[1] == _here() and not _is_alive(int(match[2])):
                _remove(os.path.join(folder, left))
    # Threads may write to one path at a time. The ending stays: some writers look at it.
    return os.path.join(folder, f".{_here()}.{os.getpid()}.{secrets.token_hex(3)}.partial.{name}")


def _here() -> str:
    """Return which machine, and which container on it, the numbers of processes are of."""
    spaces = f"{os.stat('/proc/self/ns/pid').st_ino}" if os.path.exists("/proc/self/ns/pid") else ""
    return f"{zlib.crc32(f'{platform.node()} {spaces}'.encode()):08x}"


def _is_alive(pid: int) -> bool:
    if os.name != "posix":
        return True
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        pass  # somebody else's
    return True


def _remove(path: str) -> None:
    with contextlib.suppress(OSError):
        shutil.rmtree(path) if os.path.isdir(path) else os.unlink(path)


@contextlib.contextmanager
def replacing(path: Any) -> Iterator[str]:
    """Yield the name of a file or folder to make in the with block; then it is renamed, and what was there is gone."""
    path = os.path.abspath(path)
    temporary = temporary_of(path)
    try:
        with named(path):
            yield temporary
            os.replace(temporary, path)
    except BaseException:
        _remove(temporary)
        raise


def replace(path: Any, write: Callable[[Any], Any], to_disk: bool = False) -> None:
    """Write a file under a temporary name, then rename it; what was there stays until then.

    Args:
        path: of the file.
        write: called with the open file.
        to_disk: bring it to the disk, and its new name, for a power cut.
    """
    with replacing(path) as temporary:
        with open(temporary, "wb") as out:
            write(out)
        if to_disk:
            sync(temporary)
    if to_disk:
        sync(os.path.dirname(os.path.abspath(path)))


def sync(path: str) -> None:
    """Bring a file, or the names in a folder, to the disk."""
    # Not all systems have something for folders.
    with contextlib.suppress(OSError) if os.path.isdir(path) else named(path):
        file = os.open(path, os.O_RDONLY)
        try:
            os.fsync(file)
        finally:
            os.close(file)


def with_ending(file: Any, ending: str = ".npz") -> str:
    """Return the path of a file; the ending is appended if missing."""
    path = os.fspath(file)
    return path if path.endswith(ending) else path + ending


def place(path: Any, who: str) -> str:
    """Return where what will be written lies, links followed, after a look whether it can be: before hours of work."""
    path = os.path.realpath(path)
    folder = path if os.path.isdir(path) else os.path.dirname(path)
    if not os.path.isdir(folder):
        raise FileNotFoundError(errno.ENOENT, f"{who}: there is no folder {folder!r}; {_CURES[errno.ENOENT]}", path)
    if not os.access(folder, os.W_OK):
        text = f"{who}: nothing may be written in {folder!r}; {_CURES[errno.EACCES]}"
        raise PermissionError(errno.EACCES, text, path)
    return path
