"""How far a long run or sweep is; and Ctrl-C, which ends it between two chunks."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from typing import Any

LOGGED = 30.0  # s between two lines of a log


@contextlib.contextmanager
def progress(total: int, wanted: bool, **look: Any) -> Iterator[Callable[[int], Any]]:
    """Yield what is called with the progress made; from the first second on it shows a bar, if one is wanted.

    In a log, which is neither a terminal nor a notebook, it is a line each half minute, and one at the end.

    Args:
        total: steps or points.
        wanted: whether to show it.
        look: of the bar, for tqdm.
    """
    if not wanted:
        yield lambda n: None
        return
    if sys.stderr.isatty() or _in_notebook():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it tells of ipywidgets, without which the bar is text
            from tqdm.auto import tqdm
        made = tqdm(total=total, delay=1.0, file=sys.stderr, **look)
    else:
        from tqdm import tqdm

        made = tqdm(total=total, delay=1.0, file=_Lines(), mininterval=LOGGED, maxinterval=2 * LOGGED, **look)
    with made as bar:
        yield bar.update


def _in_notebook() -> bool:
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return shell is not None and "IPKernelApp" in shell.config


class _Lines:
    """What a bar is written to in a log: each state of it becomes a line of the present stderr."""

    def write(self, text: str) -> None:
        if text.strip():
            sys.stderr.write(f"{text.strip()}\n")

    def flush(self) -> None:
        sys.stderr.flush()


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
