"""Files: written whole or not at all, read after a check of all that they say."""

from .kinds import Arrays, FileError, Kind, blamed, listed, misfit, read_header
from .lock import Lock
from .writing import PathLike, named, place, replace, replacing, sync, with_ending

__all__ = [
    "Arrays",
    "FileError",
    "Kind",
    "Lock",
    "PathLike",
    "blamed",
    "listed",
    "misfit",
    "named",
    "place",
    "read_header",
    "replace",
    "replacing",
    "sync",
    "with_ending",
]
