"""simcore's side of sweeps.py, and the loop that it is held against: scripts that answer like the peers.

The one argument is the task as JSON; its "how" is "sweep" (the whole call of `Sweep.run()`) or "bare", the loop
written by hand in JAX, with factors hoisted, in batches that fit in the cache. "devices" is how many CPU devices,
"process" and "address" make it one of two processes. Each line on standard input runs it once and answers with a line
of JSON: the seconds and the sum of the spike counts.
"""

import functools
import json
import sys
import time
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, PartitionSpec

import simcore as sc
from simcore.units import mA, ms, mV, ohm

BATCH = 4096  # points of the bare loop on each device: measured, the fastest


def sweep(task: dict[str, Any]) -> Callable[[], int]:
    """Return a function that runs the sweep and returns the sum of the counts."""
    model = sc.models.LIF(1, R=1 * ohm, V_th=task["V_th"] * mV, V_reset=task["V_reset"] * mV, spk_reset="hard")
    over = {"tau": np.linspace(*task["tau"]) * ms, "inputs": np.linspace(*task["I"]) * mA}
    made = sc.Sweep(model, over, {"n": sc.measure.spike_count}, dt=task["dt"] * ms, progress_bar=False)
    return lambda: int(made.run(task["steps"] * task["dt"] * ms)["n"].values.sum())


def bare(task: dict[str, Any]) -> Callable[[], int]:
    """Return a function that runs the loop by hand and returns the sum of the counts."""
    devices = jax.local_devices()
    tau, current = np.meshgrid(np.linspace(*task["tau"]), np.linspace(*task["I"]), indexing="ij")
    m = np.expm1(-task["dt"] / tau.ravel())
    m, b = (np.float32(x) for x in (m, -m * current.ravel()))
    size = BATCH * len(devices)
    padding = -len(m) % size
    m, b = (np.concatenate([x, np.zeros(padding, np.float32)]) for x in (m, b))
    V_th, V_reset = np.float32(task["V_th"]), np.float32(task["V_reset"])

    def loop(m: Any, b: Any, n: Any) -> Any:
        def body(_: Any, carry: Any) -> Any:
            V, count = carry
            V = jnp.where(V_th <= V, V_reset, V)
            V = V + (m * V + b)
            return V, count + (V_th <= V)

        start = (jnp.zeros(m.shape, jnp.float32), jnp.zeros(m.shape, jnp.int32))
        return jax.lax.fori_loop(0, n, body, start)[1]

    mesh, points = Mesh(np.array(devices), ("points",)), PartitionSpec("points")

    @functools.partial(jax.jit, compiler_options={"xla_cpu_prefer_vector_width": 512})
    def run(m: Any, b: Any, n: Any) -> Any:
        return jax.shard_map(loop, mesh=mesh, in_specs=(points, points, PartitionSpec()), out_specs=points,
                             check_vma=False)(m, b, n)  # fmt: skip

    def all_batches() -> int:
        parts = [slice(k, k + size) for k in range(0, len(m), size)]
        return int(sum(np.asarray(run(m[p], b[p], np.int32(task["steps"]))).sum() for p in parts))

    return all_batches


def main() -> None:
    """Answer each line."""
    task = json.loads(sys.argv[1])
    sc.distributed.use_cpu_devices(task["devices"])
    if "address" in task:
        sc.distributed.initialize(task["address"], 2, task["process"])
    run = {"sweep": sweep, "bare": bare}[task["how"]](task)
    for _ in sys.stdin:
        start = time.perf_counter()
        total = run()
        seconds = {task["name"]: time.perf_counter() - start}
        print(json.dumps({"seconds": seconds, "sum": total, "versions": {}}), flush=True)


if __name__ == "__main__":
    main()
