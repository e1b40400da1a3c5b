"""Runners: what drives a model through time."""

from . import measure
from .check_dt import check_dt
from .ds_runner import DSRunner
from .explain import explain_silence
from .monitors import Record, Recording, SpikeEvents
from .store import open_run

__all__ = ["DSRunner", "Record", "Recording", "SpikeEvents", "check_dt", "explain_silence", "measure", "open_run"]
