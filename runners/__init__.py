"""Runners: what drives a model through time."""

from .ds_runner import DSRunner
from .monitors import Recording, SpikeEvents

__all__ = ["DSRunner", "Recording", "SpikeEvents"]
