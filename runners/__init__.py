"""Runners: what drives a model through time."""

from .ds_runner import DSRunner
from .explain import explain_silence
from .monitors import Recording, SpikeEvents

__all__ = ["DSRunner", "Recording", "SpikeEvents", "explain_silence"]
