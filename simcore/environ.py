"""The simulation environment: `dt` outside, and `dt`, `t`, `i` inside a step.

Outside, ``environ.set(dt=0.05 * ms)`` changes the time step that runners, input generators and direct
updates take where none is given (0.1 ms). Inside `update`, ``environ.get("t")`` is the start of the step (ms),
``environ.get("i")`` its number and ``environ.get("dt")`` its length, as traced floats. In a derivative, "t" is the
time of the integrator's stage.

``environ.set(cache="folder")``, or the variable SIMCORE_CACHE of the shell, keeps compiled programs in a folder, from
which later processes take them: JAX's persistent compilation cache, which is off by default.
"""

from __future__ import annotations

import contextlib
import importlib
import operator
import os
import sys
import types
from collections.abc import Callable, Mapping
from typing import Any, TypedDict, Unpack

import jax

from .files import PathLike
from .step import context as step_context
from .units import OneQuantity
from .units.clock import as_time, milliseconds, time_step

__all__ = ["context", "get", "set"]


class _Values(TypedDict, total=False):
    """What the environment holds."""

    dt: OneQuantity
    t: OneQuantity
    i: int


_READ: dict[str, Callable[[Any], Any]] = {
    "dt": lambda value: time_step(value, "environ"),
    "t": lambda value: milliseconds(value, "environ: 't'"),
    "i": operator.index,
}


def _known(name: str) -> str:
    if name not in _READ:
        raise KeyError(f"environ has no {name!r}; it holds {', '.join(_READ)}.")
    return name


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _READ[_known(name)](value) for name, value in values.items()}


def set(*, cache: PathLike | None = None, **values: Unpack[_Values]) -> None:
    """Set `dt`, `t` (times) or `i` (an int) for all that follows.

    Args:
        cache: a folder for compiled programs, of any number of processes; it may be deleted at any time. It is one of
            the machine: programs are made for its processor.
        values: `dt`, `t`, `i`.
    """
    checked = _checked(values)
    if cache is not None:
        _keep_programs(cache)
    step_context.defaults().update(checked)


def _keep_programs(folder: PathLike) -> None:
    """Let JAX keep what it compiles, small programs too."""
    folder = os.path.abspath(os.path.expanduser(folder))
    os.makedirs(folder, exist_ok=True)
    jax.config.update("jax_compilation_cache_dir", folder)
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
    from jax.experimental.compilation_cache import compilation_cache

    compilation_cache.reset_cache()  # JAX looks for a folder once, when it compiles for the first time


if "SIMCORE_CACHE" in os.environ:
    _keep_programs(os.environ["SIMCORE_CACHE"])


def context(**values: Unpack[_Values]) -> contextlib.AbstractContextManager[None]:
    """Set `dt`, `t` or `i` for the length of a with block, in this thread.

    Args:
        values: `dt`, `t`, `i`.

    Raises:
        DimensionalityError: a time is none.
        KeyError: another name.
    """
    return step_context.overridden(_checked(values))


def get(name: str) -> Any:
    """Return `dt`, `t` or `i`: floats in ms inside a step, quantities outside.

    Args:
        name: which.

    Raises:
        KeyError: it is not set.
    """
    _known(name)
    if step_context.active():
        return getattr(step_context.current(), name)
    values = step_context.defaults()
    if name in values:
        return values[name] if name == "i" else as_time(values[name])
    raise KeyError(f"environ holds no {name!r}; set it with environ.set({name}=...) or environ.context({name}=...).")


class _Environ(types.ModuleType):
    """This module: assigning ``environ.dt = ...`` would change no step."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in vars(self) and not name.startswith("__"):
            known = name if name in _READ else "dt"
            raise AttributeError(f"environ: {name!r} cannot be assigned; write environ.set({known}=...).")
        super().__setattr__(name, value)

    def __reduce__(self) -> Any:  # cloudpickle knows plain modules alone
        return importlib.import_module, (self.__name__,)


sys.modules[__name__].__class__ = _Environ
