"""Print what a report of a problem needs, versions and devices: ``python -m simcore``."""

import os
import platform
from importlib import metadata

import jax

SHOWN = ("simcore", "jax", "jaxlib", "numpy", "scipy", "pint", "matplotlib", "tqdm")
SETTINGS = ("JAX_", "XLA_", "SIMCORE_", "CUDA_VISIBLE")


def report() -> str:
    """Return it."""
    plugins = {d.name for d in metadata.distributions() if d.name.startswith("jax-")}  # of devices: jax-cuda12-plugin
    lines = [f"{name} {metadata.version(name)}" for name in (*SHOWN, *sorted(plugins))]
    lines += [f"Python {platform.python_version()}, {platform.platform()}"]
    try:
        lines += [f"device {device.id}: {device.device_kind} ({device.platform})" for device in jax.devices()]
    except RuntimeError as err:
        lines += [f"no device: {err}"]
    lines += [f"numbers: {jax.dtypes.canonicalize_dtype(float)}"]
    lines += [f"{name}={value}" for name, value in sorted(os.environ.items()) if name.startswith(SETTINGS)]
    links = dict(link.split(", ", 1) for link in metadata.metadata("simcore").get_all("Project-URL", []))
    where = f" at {links['Issues']}" if "Issues" in links else ""
    return "\n".join(
        [
            *lines,
            "",
            f"To report a problem{where}: the above, the shortest script that shows it, and all that it prints.",
        ]
    )


if __name__ == "__main__":
    print(report())
