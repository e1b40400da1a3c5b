"""Trial: once in a process, before they are used, the kernels of a GPU are set beside the same in array operations."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..module.warning import warn
from . import arrays, gpu
from .words import pack

SWITCH = "SIMCORE_GPU_KERNELS"  # in the shell: 1 takes the kernels untried, 0 never takes them


def of(kernel: Callable[..., Any], in_arrays: Callable[..., Any]) -> Callable[..., Any]:
    """Return what runs a kernel where kernels are right, and array operations elsewhere."""

    def run(*args: Any, **kwargs: Any) -> Any:
        return (kernel if kernels_are_right() else in_arrays)(*args, **kwargs)

    return run


@functools.cache
def kernels_are_right() -> bool:
    """Return whether the kernels give, on the first CUDA device, what they should; True where none is there to try."""
    if SWITCH in os.environ:
        return os.environ[SWITCH] != "0"
    try:
        device = jax.local_devices(backend="cuda")[0]
    except RuntimeError:  # programs are made for a device of another machine
        return True
    try:
        # In a thread of its own, which knows nothing of the program that is being made.
        with ThreadPoolExecutor(1) as pool:
            fault = pool.submit(on, device, disagreement).result()
    except Exception as err:
        fault = f"{type(err).__name__}: {err}".splitlines()[0]
    if fault:
        text = (
            f"the kernels for spikes do not work on {device.device_kind} ({fault}); array operations take their place"
        )
        warn(f"{text}, which are slower. {SWITCH}=1 takes them nevertheless, {SWITCH}=0 without this trial.",
             RuntimeWarning)  # fmt: skip
    return not fault


def on(device: Any, run: Callable[[], str]) -> str:
    """Return what it returns on a device."""
    with jax.default_device(device):
        return run()


def disagreement(interpret: bool = False) -> str:
    """Return which kernel gives something else than array operations, "" if none does; in whole numbers, so exactly."""
    n_pre, n_post = 300, 70
    draw = np.random.default_rng(1)
    lengths = draw.integers(0, 200, n_pre)
    ptr = jnp.asarray(np.concatenate([[0], np.cumsum(lengths)]), jnp.uint32)
    n = int(lengths.sum())
    # A synapse belongs to one row, and in an update a rule may change what others of the step read: each target once.
    post = jnp.asarray(draw.integers(0, n_post, n), jnp.uint32)
    words = pack(jnp.asarray(draw.random((1, n_pre)) < 0.1))

    def numbers(*shape: int) -> Any:
        return jnp.asarray(draw.integers(1, 9, shape), float)

    target, weight, factor = numbers(1, n_post), numbers(1, n), numbers(1, n_pre)
    each = {"amplitude": factor, "base": jnp.asarray(7, jnp.uint32)}
    found = gpu.deliver(target, words, ptr, post, weight, **each, interpret=interpret)
    if not np.array_equal(found, arrays.deliver(target, words, ptr, post, weight, **each)):
        return "another sum"

    def rule(synapse: Any, row: Any, other: Any, numbers: Any) -> Any:
        return synapse[0], synapse[0] + numbers[0] * row[0] * other[0]

    rows = (weight,), words, ptr, post, rule, (numbers(1, n_post),), (numbers(),), (factor,)
    updated = gpu.update_rows(*rows, target=target, amplitude=factor, interpret=interpret)
    expected = arrays.update_rows(*rows, target=target, amplitude=factor)
    agree = all(np.array_equal(a, b) for a, b in zip(updated, expected, strict=True))
    return "" if agree else "another update"
