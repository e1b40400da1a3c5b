"""Runners: what drives a model through time."""

from . import analysis, measure
from .check_dt import check_dt
from .check_gradients import check_gradients
from .ds_runner import DSRunner
from .explain import explain_silence
from .fit import Fit
from .labelled.array import Labelled
from .likelihood import log_likelihood
from .load import load
from .record.events import SpikeEvents
from .record.monitors import Record
from .record.recording import Recording
from .record.store import open_run
from .sweep import design
from .sweep.batch_files import open_sweep
from .sweep.result import SweepResult
from .sweep.sweep import Sweep
from .unroll import unroll

__all__ = [
    "DSRunner",
    "Fit",
    "Labelled",
    "Record",
    "Recording",
    "SpikeEvents",
    "Sweep",
    "SweepResult",
    "analysis",
    "check_dt",
    "check_gradients",
    "design",
    "explain_silence",
    "load",
    "log_likelihood",
    "measure",
    "open_run",
    "open_sweep",
    "unroll",
]
