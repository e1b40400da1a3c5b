"""More than one device: CPU cores as devices, and processes on one host or several."""

from __future__ import annotations

import jax
import numpy as np

__all__ = ["initialize", "use_cpu_devices"]


def use_cpu_devices(n: int) -> None:
    """Make JAX see n CPU devices, on which sweeps spread their points, and `DSRunner(devices=n)` runs a network.

    Call it at the top of a script.

    Args:
        n: how many.

    Raises:
        RuntimeError: JAX has started already: something has been computed.
        ValueError: n is no positive int.
    """
    if not isinstance(n, int) or n < 1:
        raise ValueError(f"use_cpu_devices: 'n' must be a positive int, got {n!r}.")
    try:
        jax.config.update("jax_num_cpu_devices", n)
    except RuntimeError as err:
        raise RuntimeError(
            f"use_cpu_devices({n}) comes too late: JAX has started with {jax.local_device_count()} device(s). "
            "Call it at the top of the script, before models are made."
        ) from err


def initialize(address: str | None = None, n_processes: int | None = None, process: int | None = None) -> None:
    """Join the processes of a distributed run: sweeps then share their points, and all get all results.

    Thin over `jax.distributed.initialize`, which finds the arguments by itself under Slurm, Open MPI and on clouds.

    Args:
        address: "host:port" of the first process.
        n_processes: how many there are.
        process: the number of this one, from 0.
    """
    jax.distributed.initialize(coordinator_address=address, num_processes=n_processes, process_id=process)


def largest(values: np.ndarray) -> np.ndarray:
    """Return the largest of each of some numbers over all processes, in every one; each must call it."""
    from jax.experimental.multihost_utils import process_allgather

    as_bytes = np.ascontiguousarray(values).reshape(-1).view(np.uint8)  # JAX would make int32 of int64
    every = np.asarray(process_allgather(as_bytes)).reshape(jax.process_count(), -1)
    return np.ascontiguousarray(every).view(values.dtype).max(0).reshape(values.shape)


def meet() -> None:
    """Wait until every process has called it as often as this one."""
    largest(np.zeros(1))


def own_share(n: int) -> slice:
    """Return which of n points are this process's: one block each."""
    count, k = jax.process_count(), jax.process_index()
    return slice(n * k // count, n * (k + 1) // count)


def gathered(rows: np.ndarray, n: int) -> np.ndarray:
    """Return all n rows, in every process, where each has its `own_share`."""
    if jax.process_count() == 1:
        return rows
    from jax.experimental.multihost_utils import process_allgather

    count, size = jax.process_count(), rows[0].nbytes
    blocks = [slice(n * k // count, n * (k + 1) // count) for k in range(count)]
    # As bytes: JAX would make float32 of float64 where its setting says so. And of one length.
    block = np.zeros((max(b.stop - b.start for b in blocks), size), np.uint8)
    block[: len(rows)] = np.ascontiguousarray(rows).reshape(len(rows), -1).view(np.uint8)
    every = np.asarray(process_allgather(block))
    joined = np.concatenate([every[k, : b.stop - b.start] for k, b in enumerate(blocks)])
    return np.ascontiguousarray(joined).view(rows.dtype).reshape(n, *rows.shape[1:])
