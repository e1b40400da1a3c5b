"""Set-up and control of a simulation."""

from __future__ import annotations

from typing import Any

import jax
from pyNN.common.control import DEFAULT_MAX_DELAY, DEFAULT_MIN_DELAY, DEFAULT_TIMESTEP
from pyNN.recording import get_io

from pyNN import common

from . import simulator


def setup(timestep: float = DEFAULT_TIMESTEP, min_delay: Any = DEFAULT_MIN_DELAY, **extra_params: Any) -> int:
    """Begin a simulation; what was built before is forgotten.

    JAX computes in float64 from now on, as PyNN's other simulators do.

    Args:
        timestep: ms.
        min_delay: ms, or "auto".
        extra_params: `max_delay` (ms); `rng_seed`, of Poisson sources and noise; those that other simulators take are
            ignored.
    """
    common.setup(timestep, min_delay, **extra_params)
    jax.config.update("jax_enable_x64", True)
    max_delay = extra_params.get("max_delay", DEFAULT_MAX_DELAY)
    simulator.state.clear(timestep, min_delay, max_delay, extra_params.get("rng_seed", 0))
    return rank()


def end(compatible_output: bool = True) -> None:
    """Write the files that `record` has been asked for."""
    for population, variables, filename in simulator.state.write_on_end:
        population.write_data(get_io(filename), variables)
    simulator.state.write_on_end = []


run, run_until = common.build_run(simulator)
run_for = run
reset = common.build_reset(simulator)
initialize = common.initialize
get_current_time, get_time_step, get_min_delay, get_max_delay, num_processes, rank = common.build_state_queries(
    simulator
)
