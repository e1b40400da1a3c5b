"""Neurons and layers: what a user puts into a network."""

from .alif import ALIF
from .expif import ExpIF, ExpIFRef
from .gif import GIF, GIFRef
from .integrate_and_fire import IF
from .lif import LIF, Lif, LIFRef
from .linear import Linear

__all__ = ["ALIF", "GIF", "IF", "LIF", "ExpIF", "ExpIFRef", "GIFRef", "LIFRef", "Lif", "Linear"]
