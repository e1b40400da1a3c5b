"""What network.py and network_costs.py share: the task, the scripts that run it, and measuring them in turns."""

import contextlib
import os
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from single_neuron import Peer

# Brette et al. (2007), J. Comput. Neurosci. 23:349-398, benchmarks 1 and 2, after Vogels and Abbott (2005), J.
# Neurosci. 25:10786-10795: leaky integrate-and-fire neurons, 80 % of them excitatory, connected at random. In COBA a
# constant current of 200 pA (20 mV) instead of random initial conductances keeps them active.
# In ms, mV, Mohm, pA; weights in nS (COBA; 0.6 and 6.7 of the leak) or pA (CUBA; 1.62 and -9 mV).
# V starts uniformly distributed from V_first to V_last. float32, exponential Euler.
TASK = {"tau": 20.0, "V_th": -50.0, "V_reset": -60.0, "tau_ref": 5.0, "R": 100.0, "V_first": -60.0, "V_last": -50.0,
        "tau_e": 5.0, "tau_i": 10.0, "excitatory": 0.8, "synapses": 80, "dt": 0.1,
        "record": "spike_events"}  # fmt: skip
MODELS = {
    "coba": {"V_rest": -60.0, "drive": 200.0, "E_e": 0.0, "E_i": -80.0, "w_e": 6.0, "w_i": 67.0},
    "cuba": {"V_rest": -49.0, "drive": 0.0, "w_e": 16.2, "w_i": -90.0},
    # Benchmark 3: the currents of Traub and Miles, in mS/cm2 over `area` (um2). V starts normally distributed, the
    # conductances uniformly from 0 to `first_e`, `first_i` (nS).
    "cobahh": {
        "dt": 0.05,
        "drive": 0.0,
        "E_e": 0.0,
        "E_i": -80.0,
        "w_e": 6.0,
        "w_i": 67.0,
        "area": 20_000.0,
        "V_mean": -65.0,
        "V_sd": 5.0,
        "first_e": 80.0,
        "first_i": 400.0,
        "V_T": -63.0,
        "na": (100.0, 50.0),
        "k": (30.0, -90.0),
        "leak": (0.05, -60.0),
    },
}
DURATIONS = {4_000: 1000.0, 40_000: 300.0}  # ms, up to this size
LONGEST_WARM_UP = 100.0  # ms, for those that begin anew each time
SIMCORE = Path(__file__).parent / "network_simcore.py"
CORES = os.cpu_count() or 1

Answers = dict[Any, dict[str, Any]]  # by key of the script


def task(model: str, n: int, delay: float, cores: int = CORES, **changes: Any) -> dict[str, Any]:
    """Return the whole task: the network of n neurons, its delay (ms; 0: none), how long it runs, and on what."""
    duration = next((ms for size, ms in DURATIONS.items() if n <= size), 50.0)
    about = TASK | MODELS[model]
    own = {"model": model, "n": n, "delay": delay, "cores": cores, "duration": duration,
           "steps": round(duration / about["dt"]), "warm_up": min(duration, LONGEST_WARM_UP)}  # fmt: skip
    return about | own | changes


@contextlib.contextmanager
def pinned(cores: int) -> Iterator[None]:
    """Keep what is started here to so many cores, where the system can."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(before)[:cores])
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def in_turns(scripts: dict[Any, tuple[str, str, dict[str, Any]]], repetitions: int) -> tuple[Answers, list[Answers]]:
    """Start scripts (interpreter, script, task); return their first answers and rounds of answers, A B C A B C ...

    A script that gives no answer is left out. One round after the first answers is not returned: it is warm-up, too.
    """
    first: Answers = {}
    with contextlib.ExitStack() as stack:
        peers = {}
        for key, (python, script, about) in scripts.items():
            with pinned(about["cores"]):
                peer = stack.enter_context(Peer(python, script, about))
            try:
                first[key] = peer()  # compile one after the other, outside the measurement
                peers[key] = peer
            except SystemExit as error:
                print(f"Left out: {error}", file=sys.stderr)
        rounds = [{key: peer() for key, peer in peers.items()} for _ in range(repetitions + 1)]
    return first, rounds[1:]


def simcore_in_turns(tasks: dict[Any, dict[str, Any]], repetitions: int) -> tuple[Answers, dict[Any, float], Answers]:
    """Run simcore on tasks; return the first answers, the medians of µs per step, and the last answers."""
    first, rounds = in_turns({key: (sys.executable, str(SIMCORE), t) for key, t in tasks.items()}, repetitions)
    us = {}
    for key, about in tasks.items():
        us[key] = 1e6 * statistics.median(r[key]["seconds"]["simcore"] for r in rounds) / about["steps"]
    return first, us, rounds[-1]
