"""What an exchange of spikes costs, by its size: between two devices of a process, and between two processes.

    python benchmarks/exchange.py [--write]

An exchange is the `all_gather` of a network on two devices: the words of all neurons, in all steps of the shortest
delay. 40 000 neurons and 15 steps are 75 kB. Each is measured in a loop that is compiled once, as in a run.
"""

import argparse
import json
import socket
import statistics
import subprocess
import sys
import time

from measure import RESULTS, machine, table

SIZES = (100, 1_000, 10_000, 75_000, 300_000, 1_900_000)  # bytes
TURNS = 200


def measured(devices) -> dict[int, float]:
    """Return the microseconds of an exchange between devices, by size."""
    import jax
    import jax.numpy as jnp
    import numpy as np
    from jax.sharding import Mesh, NamedSharding, PartitionSpec

    mesh, spec = Mesh(np.array(devices), ("parts",)), PartitionSpec("parts")
    found = {}
    for size in SIZES:
        words = max(size // 8, 1)  # of each of the two, four bytes a word

        def exchanges(own, turns):
            def one(_, own):
                every = jax.lax.all_gather(own[0], "parts")
                return (every.sum(0, dtype=jnp.uint32) + own[0])[None]

            return jax.lax.fori_loop(0, turns, one, own)

        run = jax.jit(jax.shard_map(exchanges, mesh=mesh, in_specs=(spec, PartitionSpec()), out_specs=spec))
        here = [d for d in devices if d.process_index == jax.process_index()]
        own = [jax.device_put(np.ones((1, words), np.uint32), d) for d in here]
        array = jax.make_array_from_single_device_arrays((len(devices), words), NamedSharding(mesh, spec), own)
        times = []
        for turns in (TURNS, *([TURNS] * 7)):
            start = time.perf_counter()
            jax.block_until_ready(run(array, turns))
            times.append((time.perf_counter() - start) / turns * 1e6)
        found[size] = statistics.median(times[1:])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="into results/exchange.md")
    parser.add_argument("--process", nargs=2, help=argparse.SUPPRESS)  # address, number
    arguments = parser.parse_args()
    import simcore as sc

    if arguments.process:
        import jax

        sc.distributed.initialize(arguments.process[0], 2, int(arguments.process[1]))
        print(json.dumps(measured(jax.devices())))
        return
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = [sys.executable, __file__, "--process", address]
    both = [subprocess.Popen([*command, str(k)], stdout=subprocess.PIPE, text=True) for k in range(2)]
    printed = [process.communicate()[0] for process in both]
    of_processes = json.loads(printed[0].splitlines()[-1])
    sc.distributed.use_cpu_devices(2)
    import jax

    of_devices = measured(jax.devices())
    rows = [[f"{n:,}".replace(",", " "), f"{of_devices[n]:.0f}", f"{of_processes[str(n)]:.0f}"] for n in SIZES]
    text = table(["bytes", "two devices of a process (us)", "two processes (us)"], rows)
    text = f"# The cost of an exchange of spikes\n\n{text}\n\nMedians of 7 loops of {TURNS} exchanges.\n\n{machine()}\n"
    print(text)
    if arguments.write:
        (RESULTS / "exchange.md").write_text(text)


if __name__ == "__main__":
    main()
