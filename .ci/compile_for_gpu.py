"""Compile whole steps for an NVIDIA H100 on a machine without one: exit 1 unless each has the kernels that it should.

    pip install jax-cuda12-plugin jax-cuda12-pjrt
    python .ci/compile_for_gpu.py

It takes the programs that runs would take, and hands them to XLA for a device that is described, not there.
"""

import os
import re
import sys

os.environ |= {"JAX_SKIP_CUDA_CONSTRAINTS_CHECK": "1", "JAX_PLATFORMS": "cpu"}

import jax
import jax.numpy as jnp
import numpy as np
from jax.experimental import topologies
from jax.sharding import AbstractDevice, AbstractMesh, AxisType, Mesh, NamedSharding, PartitionSpec

import simcore as sc
from simcore.models import STDP, FixedProbability, Lif, LIFRef, PoissonGroup, Projection, TsodyksMarkram
from simcore.runners import loop
from simcore.units import Hz, Mohm, mA, ms, mV, nS, pA

KIND = "NVIDIA H100 80GB HBM3"
H100 = f"""
gpu_device_info {{
  threads_per_block_limit: 1024 threads_per_warp: 32 threads_per_core_limit: 2048 core_count: 132 fpus_per_core: 128
  shared_memory_per_block: 49152 shared_memory_per_core: 233472 shared_memory_per_block_optin: 232448
  block_dim_limit_x: 2147483647 block_dim_limit_y: 65535 block_dim_limit_z: 65535 memory_bandwidth: 3352320000000
  l2_cache_size: 52428800 clock_rate_ghz: 1.98 device_memory_size: 84978434048 cuda_compute_capability {{ major: 9 }}
  registers_per_core_limit: 65536 registers_per_block_limit: 65536
}}
platform_name: "CUDA" dnn_version_info {{ major: 9 minor: 8 }} device_description_str: "{KIND}"
"""
N = 4_000


class Compiled(Exception):
    """The program of a run, compiled."""


def network(**changes):
    """Return COBA; `changes` are those of its excitatory synapses."""
    receptors = {"e": sc.models.Exponential(tau=5 * ms, reversal=0 * mV),
                 "i": sc.models.Exponential(tau=10 * ms, reversal=-80 * mV)}  # fmt: skip
    cells = LIFRef(N, R=100 * Mohm, tau=20 * ms, V_rest=-60 * mV, V_th=-50 * mV, V_reset=-60 * mV, tau_ref=5 * ms,
                   spk_reset="hard", receptors=receptors, noise=0.1 * mV / ms**0.5)  # fmt: skip
    same = {"connect": FixedProbability(80 / N), "delay": 1.5 * ms}
    source = PoissonGroup(1_000, 20 * Hz)
    return sc.Network(
        cells=cells,
        source=source,
        e=Projection(cells[:3_200], cells, "e", **{"weight": 6 * nS} | same | changes),
        i=Projection(cells[3_200:], cells, "i", weight=67 * nS, **same),
        s=Projection(source, cells, "e", weight=6 * nS, **same),
    )


# What runs, and how many kernels visit spikes: two of a projection whose weights change.
CASES = {
    "Lif": (lambda: Lif(N), 0),
    "COBA, one delay": (network, 3),
    "COBA, delays that differ": (lambda: network(delay=sc.init.Uniform(1 * ms, 3 * ms)), 3),
    "Tsodyks-Markram": (lambda: network(short_term=TsodyksMarkram()), 3),
    "STDP": (lambda: network(plasticity=STDP(w_max=20 * nS)), 4),
}


def program_for(device, runner, inputs):
    """Return the program that a run takes, compiled for a device that is not there."""
    here = NamedSharding(Mesh(np.array([device]), ("x",)), PartitionSpec())
    described = AbstractDevice(device_kind=KIND, num_cores=132, platform="gpu")
    mesh = AbstractMesh((1,), ("x",), axis_types=(AxisType.Auto,), abstract_device=described)
    advance = loop.advance

    def take(program, *arguments):
        def shaped(x):
            array = jnp.asarray(x)
            return jax.ShapeDtypeStruct(array.shape, array.dtype, sharding=here)

        with jax.sharding.use_abstract_mesh(mesh):
            lowered = advance.trace(program, *jax.tree.map(shaped, arguments)).lower()
        raise Compiled(lowered.compile())

    loop.advance = take
    try:
        runner.run(1 * ms, inputs=inputs)
    except Compiled as done:
        return done.args[0].as_text()
    finally:
        loop.advance = advance
    raise AssertionError("the run compiled nothing")


def main():
    """Compile all cases, and say what was found."""
    device = topologies.get_topology_desc("", "cuda", topology="1x1x1", target_config=H100).devices[0]
    failed = []
    for name, (make, expected) in CASES.items():
        model = make()
        of_cells = ["spike_count"] if isinstance(model, Lif) else {"spikes": "cells.spike_events"}
        drive = 2 * mA if isinstance(model, Lif) else {"cells": 200 * pA}
        text = program_for(device, sc.DSRunner(model, of_cells, progress_bar=False), drive)
        kernels = len(re.findall(r'custom_call_target="__gpu\$xla.gpu.triton"', text))
        print(f"{name}: compiled for {device.device_kind}, {kernels} kernels of spikes", flush=True)
        failed += [name] if kernels != expected else []
    sys.exit(f"another number of kernels than expected: {', '.join(failed)}" if failed else 0)


if __name__ == "__main__":
    main()
