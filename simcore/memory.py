"""How much memory there is, and the error where something would not fit."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator

ROOT = "/"  # of the files of Linux that are read here
NO_LIMIT = 2**60  # bytes: v1 of control groups writes a number near 2**63

# By version of control groups: the folder of the memory controller, the file of its limit, that of its usage.
_CGROUPS = {
    "v2": ("sys/fs/cgroup", "memory.max", "memory.current"),
    "v1": ("sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes"),
}


def available(untouched: float = 0.0) -> float:
    """Return how many bytes can still be allocated: the least of what machine, container and process have left.

    Args:
        untouched: bytes that have been allocated and not been written to; the process has them, the machine not yet.
    """
    return _least(untouched)[0]


def require(size: float, what: str, cure: str = "", untouched: float = 0.0) -> None:
    """Raise unless `size` bytes can be allocated; less than a MiB is not looked at.

    Raises:
        MemoryError: it says what would take how much, how much is free, and the cure.
    """
    if size < 2**20:  # to read the limits takes a third of a millisecond
        return
    require_of(*_least(untouched), size, what, cure)


def require_of(free: float, where: str, size: float, what: str, cure: str = "") -> None:
    """Raise MemoryError, as `require` does, unless `size` bytes are at most those that are free there."""
    if size > free:
        raise MemoryError(f"{what} would take {shown(size)}, {shown(free)} are free {where}{cure}.")


def shown(size: float) -> str:
    """Return a number of bytes as text, "1.5 GiB"."""
    power, name = next((p, k) for p, k in ((30, "GiB"), (20, "MiB"), (10, "KiB"), (0, "bytes"))
                       if size >= 2**p or not p)  # fmt: skip
    number = size / 2**power
    return f"{number:.3g} {name}" if number < 1000 else f"{number:.0f} {name}"


def _least(untouched: float) -> tuple[float, str]:
    """Return how many bytes are left, and where it is the least."""
    rooms = [(_of_machine() - untouched, "on this machine")]
    rooms += [(room - untouched, "under the limit of this container") for room in _of_containers()]
    rooms += [(room, "under the limit of this process (ulimit)") for room in _of_process()]
    free, where = min(rooms)
    return max(free, 0.0), where


def _of_machine() -> float:
    """Return what Linux says is available, elsewhere all of the memory."""
    with contextlib.suppress(OSError, KeyError):
        return 1024.0 * _numbers("proc/meminfo")["MemAvailable"]
    with contextlib.suppress(AttributeError, ValueError, OSError):
        return float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    return float("inf")


def _of_containers() -> Iterator[float]:
    """Yield what the control groups of this process have left: its own one and those around it.

    What they have cached of files goes when memory is needed.
    """
    try:
        lines = _text("proc/self/cgroup").splitlines()
    except OSError:
        return
    for number, controllers, path in (line.split(":", 2) for line in lines):
        if number != "0" and "memory" not in controllers.split(","):
            continue
        folder, limit, usage = _CGROUPS["v2" if number == "0" else "v1"]
        parts = path.strip("/").split("/")
        for k in range(len(parts), -1, -1):  # within a container the path may be one of the host, which is not there
            group = os.path.join(folder, *parts[:k])
            with contextlib.suppress(OSError, ValueError):  # "max" is no number
                if (most := int(_text(f"{group}/{limit}"))) < NO_LIMIT:
                    kept, total = _numbers(f"{group}/memory.stat"), "" if number == "0" else "total_"
                    cached = sum(kept.get(f"{total}{which}_file", 0) for which in ("active", "inactive"))
                    yield float(most - int(_text(f"{group}/{usage}")) + cached)


def _of_process() -> Iterator[float]:
    """Yield what the limits of this process leave it: of its addresses, and of its data."""
    with contextlib.suppress(ImportError, OSError, KeyError):
        import resource  # not on Windows

        for limit, name in ((resource.RLIMIT_AS, "VmSize"), (resource.RLIMIT_DATA, "VmData")):
            if (most := resource.getrlimit(limit)[0]) != resource.RLIM_INFINITY:
                yield float(most - 1024 * _numbers("proc/self/status")[name])


def _text(path: str) -> str:
    with open(os.path.join(ROOT, path)) as file:
        return file.read()


def _numbers(path: str) -> dict[str, int]:
    """Return the numbers of a file with a name and a number in each line."""
    return {name: int(number) for name, number in re.findall(r"^(\w+):?[ \t]+(\d+)", _text(path), re.MULTILINE)}
