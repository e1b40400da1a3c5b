"""The Neuromorphic Intermediate Representation: `read` a graph as a network, `write` a network as a graph."""

from .nodes import Graph, Input, Integrate, IntegrateAndFire, Output
from .reading import read
from .receptors import Filtered, Impulse, Pulse
from .values import Values
from .writing import write

__all__ = [
    "Filtered",
    "Graph",
    "Impulse",
    "Input",
    "Integrate",
    "IntegrateAndFire",
    "Output",
    "Pulse",
    "Values",
    "read",
    "write",
]
