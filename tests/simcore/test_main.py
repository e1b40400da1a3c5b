import subprocess
import sys
from importlib import metadata


def test_a_report_of_a_problem_has_versions_and_devices():
    done = subprocess.run([sys.executable, "-m", "simcore"], capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    for name in ("simcore", "jax", "jaxlib", "numpy", "scipy", "pint"):
        assert f"{name} {metadata.version(name)}" in lines
    assert any(line.startswith("device 0: cpu") for line in lines)
    assert lines[-1].startswith("To report a problem")
