"""simcore: a unit-aware simulator of spiking neurons and networks, on JAX and pint."""

import importlib
import importlib.util
from typing import TYPE_CHECKING, Any

from . import bases, distributed, environ, init, integrators, losses, random, surrogate, units, visualize
from .bases.module import Module
from .bases.network import Network
from .bases.neuron import Neuron
from .bases.population import Population
from .bases.reset import reset_to
from .files import FileError
from .integrators.exprel import exprel
from .module.declare import HiddenState, Param, ShortTermState, State
from .step.signal import Signal
from .units import DimensionalityError
from .units.clock import Clock

try:
    from simcore import inputs, models, runners  # by their names: in a checkout they lie beside this folder
except ImportError:
    if importlib.util.find_spec("simcore.models") is not None:
        raise
    raise ImportError("simcore is not installed; in the folder of its checkout run: pip install -e .") from None
from simcore.runners import (
    DSRunner,
    Fit,
    Record,
    Sweep,
    SweepResult,
    analysis,
    check_dt,
    check_gradients,
    design,
    explain_silence,
    load,
    log_likelihood,
    measure,
    open_run,
    open_sweep,
    unroll,
)

if TYPE_CHECKING:
    from simcore.bridges import brian2, nir, sonata

__version__ = "0.1.0"

__all__ = [
    "Clock",
    "DSRunner",
    "DimensionalityError",
    "FileError",
    "Fit",
    "HiddenState",
    "Module",
    "Network",
    "Neuron",
    "Param",
    "Population",
    "Record",
    "ShortTermState",
    "Signal",
    "State",
    "Sweep",
    "SweepResult",
    "analysis",
    "bases",
    "brian2",
    "check_dt",
    "check_gradients",
    "design",
    "distributed",
    "environ",
    "explain_silence",
    "exprel",
    "init",
    "inputs",
    "integrators",
    "load",
    "log_likelihood",
    "losses",
    "measure",
    "models",
    "nir",
    "open_run",
    "open_sweep",
    "random",
    "reset_to",
    "runners",
    "sonata",
    "surrogate",
    "units",
    "unroll",
    "visualize",
]


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])


if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        if name in ("brian2", "nir", "sonata"):  # bridges, of which few scripts need one: imported when first used
            return importlib.import_module(f"{__name__}.bridges.{name}")
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
