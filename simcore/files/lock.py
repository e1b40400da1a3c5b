"""Locks: one process at a time writes into a folder, and within a process one of its objects."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import weakref
from typing import Any

from .writing import named

try:
    import fcntl
except ImportError:  # not on Windows
    fcntl = None  # type: ignore[assignment]


class Lock:
    """A file that one process at a time holds, until it ends in whatever way; within a process the last to `take` it.

    Until then a second one of a process stands beside the first: what fails before takes nothing away.

    Args:
        path: of the file, in a folder that is there.
        what: it protects, in words.

    Raises:
        BlockingIOError: another process holds it.
        OSError: it cannot be opened, or is a link, or no file.
    """

    _file: int
    release: Any  # called, it lets others have it
    protects: bool  # whether it keeps other processes out: not where the file system has no locks

    def __init__(self, path: str, what: str) -> None:
        folder, name = os.path.split(path)
        self.path, self.what, self._pid = os.path.join(os.path.realpath(folder), name), what, os.getpid()
        before = _locks.get(self.path)
        if before is not None and not before.loss():
            self._file, self.protects = os.dup(before._file), before.protects  # the system counts them as one
        else:
            self._file = _opened(self.path)
        self.release = weakref.finalize(self, os.close, self._file)
        if before is None or before.loss():
            self.protects = self._flock()
            _locks[self.path] = self

    def _flock(self) -> bool:
        """Keep other processes out; return whether the file system can."""
        try:
            if fcntl is not None:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = os.read(self._file, 20).decode(errors="replace")
            self.release()
            text = f"{self.what} is being written by the process {pid}; wait until it ends, or end it"
            raise BlockingIOError(errno.EWOULDBLOCK, text) from None
        except OSError:
            return False
        with contextlib.suppress(OSError):  # the disk may be full; it only tells others who it is
            os.ftruncate(self._file, 0)
            os.write(self._file, str(os.getpid()).encode())
        return fcntl is not None

    def take(self) -> None:
        """Have it alone in this process."""
        before = _locks.get(self.path)
        if before is not None and before is not self:
            before.release()
        _locks[self.path] = self

    def require(self) -> None:
        """Raise RuntimeError, with the cure, unless it is still held."""
        if why := self.loss():
            raise RuntimeError(why)

    def loss(self) -> str:
        """Return how it was lost, and the cure; "" while it is held."""
        if os.getpid() != self._pid:
            return f"{self.what} belongs to the process {self._pid}, of which this one is a copy; go on there."
        if not self.release.alive:
            return f"another runner of this process goes on in {self.what}; run that one."
        with contextlib.suppress(OSError):
            if os.path.samestat(os.fstat(self._file), os.lstat(self.path)):
                return ""
        return f"{self.what} was removed or replaced as it was written; choose another name for what follows."


def _opened(path: str) -> int:
    """Open a file, which is made if it is not there; nothing of that name leads out of the folder."""
    with named(path):
        file = os.open(path, os.O_RDWR | os.O_CREAT | (os.O_NOFOLLOW if os.name == "posix" else 0))
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise OSError(errno.EINVAL, "it is a device; remove it", path)
    return file


_locks: weakref.WeakValueDictionary[str, Lock] = weakref.WeakValueDictionary()
