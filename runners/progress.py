"""How far a long run or sweep is; and Ctrl-C, which ends it between two chunks."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any


@contextlib.contextmanager
def progress(total: int, wanted: bool, **look: Any) -> Iterator[Callable[[int], Any]]:
    """Yield what is called with the progress made; from the first second on it shows a bar, if one is wanted.

    Args:
        total: steps or points.
        wanted: whether to show it.
        look: of the bar, for tqdm.
    """
    if not wanted:
        yield lambda n: None
        return
    from tqdm.auto import tqdm

    with tqdm(total=total, delay=1.0, file=sys.stderr, **look) as bar:
        yield bar.update


def model_time(dt: float) -> dict[str, Any]:
    """Return the look of a bar over steps of dt (ms): how much model time is done, and how much in a second."""
    bar_format = "{percentage:3.0f}%|{bar}| {n:.4g}/{total:.4g} s [{elapsed}<{remaining}, {rate_noinv_fmt}]"
    return {"unit_scale": dt / 1000, "unit": " s", "bar_format": bar_format}


class Interrupts:
    """Ctrl-C during a run: how often. Only a second one, where that is safe, is Python's KeyboardInterrupt."""

    def __init__(self) -> None:
        self.count, self._safe = 0, False

    def note(self, number: int, frame: Any) -> None:
        """Handle the signal."""
        self.count += 1
        if self.count > 1 and self._safe:
            raise KeyboardInterrupt

    @contextlib.contextmanager
    def at_once(self) -> Iterator[None]:
        """Make a with block that may be interrupted anywhere: what it does can be left out as a whole."""
        self._safe = True
        try:
            yield
        finally:
            self._safe = False


@contextlib.contextmanager
def interruptible() -> Iterator[Interrupts]:
    """Note Ctrl-C in a with block."""
    default, interrupts = signal.default_int_handler, Interrupts()
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGINT) is not default:
        yield interrupts
        return
    signal.signal(signal.SIGINT, interrupts.note)
    try:
        yield interrupts
    finally:
        signal.signal(signal.SIGINT, default)
