"""The user's line, "file.py:31, in derivative": of an equation, of an error raised in a trace."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Any

import jax
import numpy as np
import pint

# Frames of simcore's own rooms, and of its root, are passed over. The folders that stand on them are not: an error in
# a shipped model names that model's line. They lie beside simcore in a checkout, and below it in an installed wheel.
ROOMS = ("units", "module", "step", "integrators", "spikes", "bases", "files", "losses", "visualize")
_SIMCORE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_PACKAGES = tuple(os.path.abspath(package.__path__[0]) + os.sep for package in (jax, np, pint))
_STANDARD = os.path.dirname(os.path.abspath(os.__file__)) + os.sep
_INSTALLED = {"site-packages", "dist-packages"}  # folders
NOWHERE = "in the step"


def is_of_user(file: str) -> bool:
    """Return whether a line of this file can be a user's: of no library below the models, nor of simcore's core."""
    if file.startswith("<frozen") or file.endswith(".pyx"):
        return False
    file = os.path.abspath(file)
    if file.startswith(_SIMCORE):
        room, _, inside = file[len(_SIMCORE) :].partition(os.sep)
        return bool(inside) and room not in ROOMS
    standard = file.startswith(_STANDARD) and "site-packages" not in file
    return not standard and not file.startswith(_PACKAGES)


def shown(file: str, line: int | str | None, function: str) -> str:
    """Return "file.py:31, in derivative"."""
    return f"{os.path.basename(file)}:{line}, in {function.split('.')[-1]}"


def of_equation(eqn: Any, within: str = "") -> str | None:
    """Return the user's innermost line of an equation, None if there is none.

    `within` asks for the innermost line in the function of that name, if there is one.
    """
    traceback = eqn.source_info.traceback
    frames = [frame for frame in (traceback.frames if traceback else ()) if is_of_user(frame.file_name)]
    if not frames:
        return None
    chosen = next((frame for frame in frames if frame.function_name.split(".")[-1] == within), frames[0])
    return shown(chosen.file_name, chosen.line_num, chosen.function_name)


def is_of_script(file: str) -> bool:
    """Return whether a line of this file is of the user's own: of no installed package either."""
    return is_of_user(file) and not _INSTALLED & {*file.split(os.sep)}


def any_of_script(eqns: Iterable[Any], within: str) -> bool:
    """Return whether code that is no part of simcore made one of these equations, in a trace by the file `within`."""
    shipped = {module.__file__ for name, module in sys.modules.items() if name.startswith("simcore.")}
    for eqn in eqns:
        traceback = eqn.source_info.traceback
        for frame in traceback.frames if traceback else ():
            if frame.file_name == within:
                break
            if frame.file_name not in shipped and is_of_script(frame.file_name):
                return True
    return False


def functions_of_jax(eqn: Any) -> Iterator[str]:
    """Yield the names, without leading underscores, of the functions of JAX through which an equation was made."""
    traceback = eqn.source_info.traceback
    for frame in traceback.frames if traceback else ():
        if is_of_user(frame.file_name):
            return
        yield frame.function_name.split(".")[-1].lstrip("_")


def of_traceback(traceback: TracebackType | None) -> TracebackType | None:
    """Return the user's innermost entry of the traceback of an error, None if there is none."""
    innermost = None
    while traceback is not None:
        if is_of_user(traceback.tb_frame.f_code.co_filename):
            innermost = traceback
        traceback = traceback.tb_next
    return innermost


def of_error(err: BaseException) -> str:
    """Return the user's innermost line at which an error was raised."""
    entry = of_traceback(err.__traceback__)
    if entry is None:
        return NOWHERE
    code = entry.tb_frame.f_code
    return shown(code.co_filename, entry.tb_lineno, code.co_name)
