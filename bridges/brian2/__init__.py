"""Equations of Brian2 become the source of a class: `neuron`."""

from .source import neuron

__all__ = ["neuron"]
