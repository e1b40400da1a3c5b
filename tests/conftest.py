"""float64 for all tests; those that ask for `precision` run in float32 and float64."""

import multiprocessing
import os
import sys
from pathlib import Path

import jax
import matplotlib
import pytest
from hypothesis import settings

# XLA compiles for tests without optimizing, which takes a fifth off the time of all of them, and in jax 0.10 emits the
# kernels of fused operations in an older way, in a third of the time. Set XLA_FLAGS, if only to nothing, to compile as
# for users: CI does so with the newest jax.
FLAGS = "--xla_backend_optimization_level=0"
if jax.__version_info__ < (0, 11):
    FLAGS += " --xla_cpu_use_fusion_emitters=false"
os.environ.setdefault("XLA_FLAGS", FLAGS)
jax.config.update("jax_enable_x64", True)
matplotlib.use("Agg")
settings.register_profile("long", max_examples=500, deadline=None)  # five times as many as by default
MAPS = Path("/proc/self/maps")


@pytest.fixture(params=["float32", "float64"])
def precision(request):
    """Run a test in both precisions."""
    jax.config.update("jax_enable_x64", request.param == "float64")
    yield request.param
    jax.config.update("jax_enable_x64", True)


@pytest.fixture(autouse=True, scope="module")
def _free_programs():
    """Free the compiled programs before they are too many: Linux lets a process have 65 530 memory maps."""
    yield
    if MAPS.exists() and len(MAPS.read_text().splitlines()) > 30_000:  # one file of tests adds up to 13 000
        jax.clear_caches()


@pytest.fixture(autouse=True)
def _close_figures():
    """Close what a test has drawn: matplotlib warns when more than 20 are open, in whatever test that is."""
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


@pytest.fixture(scope="session")
def other_process():
    """Return a function that starts another process, which runs some code with some names.

    It forks from one that has imported simcore, and nothing else, with float64 on: an import takes a second.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["simcore"])

    def start(code, **names):
        code = "import jax\njax.config.update('jax_enable_x64', True)\n" + code
        process = context.Process(target=exec, args=(code, {"__name__": "other"} | names), daemon=True)
        process.start()
        return process

    start.context = context
    return start
