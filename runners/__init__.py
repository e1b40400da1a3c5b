"""Runners: what drives a model through time."""

from . import design, measure
from .check_dt import check_dt
from .ds_runner import DSRunner
from .explain import explain_silence
from .monitors import Record, Recording, SpikeEvents
from .result import Labelled, SweepResult
from .store import open_run
from .sweep import Sweep

__all__ = [
    "DSRunner",
    "Labelled",
    "Record",
    "Recording",
    "SpikeEvents",
    "Sweep",
    "SweepResult",
    "check_dt",
    "design",
    "explain_silence",
    "measure",
    "open_run",
]
