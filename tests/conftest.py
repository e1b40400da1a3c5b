"""float64 for all tests; those that ask for `precision` run in float32 and float64."""

import jax
import matplotlib
import pytest

jax.config.update("jax_enable_x64", True)
matplotlib.use("Agg")


@pytest.fixture(params=["float32", "float64"])
def precision(request):
    """Run a test in both precisions."""
    jax.config.update("jax_enable_x64", request.param == "float64")
    yield request.param
    jax.config.update("jax_enable_x64", True)


@pytest.fixture(autouse=True, scope="module")
def _free_programs():
    """Free the compiled programs of each file: Linux lets a process have 65 530 memory maps, and each takes some."""
    yield
    jax.clear_caches()
