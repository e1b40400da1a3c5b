"""Locks of the folders that runs and sweeps write into."""

from __future__ import annotations

from simcore import files
from simcore.module.warning import warn

_told = False


def locked(path: str, what: str) -> files.Lock:
    """Return the lock of a folder; warn, once in a process, where the file system has none.

    Args:
        path: of the file that is locked.
        what: it protects, in words.
    """
    global _told
    lock = files.Lock(path, what)
    if not lock.protects and not _told:
        _told = True
        warn(f"{what} is on a file system without locks: see to it yourself that one process at a time writes into it.",
             RuntimeWarning)  # fmt: skip
    return lock
