import subprocess
import sys
import types

import simcore as sc


def test_completion_shows_the_public_names_and_no_other():
    assert dir(sc) == sorted([*sc.__all__, "__version__"])
    assert all(hasattr(sc, name) for name in dir(sc))
    hidden = [name for name, value in vars(sc).items() if isinstance(value, types.ModuleType) and name not in dir(sc)]
    assert "step" in hidden  # imported, but no room for users


def test_importing_loads_no_more_than_jax_and_pint_do():
    code = """
import sys, jax, pint
before = set(sys.modules)
import simcore
print({"matplotlib", "tqdm", "xarray", "zarr", "scipy", "nir", "h5py"} & (set(sys.modules) - before))
print(type(pint.get_application_registry().get()).__name__)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["set()", "LazyRegistry"]  # pint reads its units when one is asked for
