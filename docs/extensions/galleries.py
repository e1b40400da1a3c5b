"""The galleries: every example and every lesson is executed, and becomes a page with its pictures and a notebook.

What is executed is a copy, in docs/_scripts: files that a script writes stay there. Examples are plain scripts; in the
copy the first line of their docstring is the title of their page. A page is made again when its script has changed.
"""

import builtins
import re
import shutil
import warnings
from pathlib import Path
from typing import Any

import jax
from sphinx_gallery.sorting import FileNameSortKey

import simcore as sc
from simcore.units import ms

DOCS = Path(__file__).parents[1]
SCRIPTS = DOCS / "_scripts"
ORDER = [  # of the gallery
    # neurons
    "lif_ramp", "refractory_fi_curve", "expif", "adex_patterns", "izhikevich_patterns", "gif_patterns",
    "hodgkin_huxley", "channels_thalamic", "phase_plane_fitzhugh_nagumo", "bifurcation_morris_lecar",
    "escape_noise", "fit_adex", "custom_neuron", "units_catch_mistakes",
    # networks
    "coba", "cuba", "brunel", "brunel_alpha", "spike_statistics", "microcircuit", "clusters", "coba_hh",
    "wilson_cowan", "gap_junctions", "decision", "inhibitory_plasticity", "digits", "polychronization",
    # learning
    "spiking_layers", "train_mnist_like", "train_delay_task", "eprop", "nir_roundtrip",
    # many and long runs
    "sweep_fi_curves", "sweep_brunel", "sweep_gif_map", "sweep_distributed", "long_run",
]  # fmt: skip


def copied() -> list[str]:
    """Copy lessons and examples, and return the two folders."""
    shutil.rmtree(SCRIPTS, ignore_errors=True)
    lessons = shutil.copytree(DOCS / "lessons", SCRIPTS / "lessons")
    examples = shutil.copytree(DOCS.parent / "examples", SCRIPTS / "examples")
    (lessons / "EXAMPLES_HEADER.rst").rename(examples / "GALLERY_HEADER.rst")
    for script in examples.glob("*.py"):
        text = script.read_text()
        first = re.match(r'r?"""(.+)\n', text)
        title = first[1].removesuffix(".")
        script.write_text(text.replace(first[0], f'"""{title}\n{"=" * len(title)}\n', 1))
    return [str(lessons), str(examples)]


class InOrder(FileNameSortKey):
    """Scripts in the order above, others after them by name."""

    def __call__(self, filename: str) -> Any:
        """Return by what a script is sorted."""
        name = filename.removesuffix(".py")
        return (ORDER.index(name) if name in ORDER else len(ORDER), name)


def fresh(gallery_conf: dict[str, Any], script: str) -> None:
    """Give a script the settings of a new process, errors for warnings, and its name, which is left out otherwise."""
    warnings.simplefilter("error")
    builtins.__file__ = str(SCRIPTS / "examples" / script)
    jax.config.update("jax_enable_x64", False)
    jax.clear_caches()
    sc.environ.set(dt=0.1 * ms)
