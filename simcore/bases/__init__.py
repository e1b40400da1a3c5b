"""What models derive from: populations, neurons, parts, links, networks. ``import simcore as sc; sc.bases.Neuron``."""

from ..module.node import Node
from .dynamics import Dynamics
from .escape import Escape
from .history import History
from .link import Delivery, JointDelivery, Link, References, words_of
from .module import Module
from .network import Network
from .neuron import Neuron
from .population import Population, View, as_view
from .receptor import Jump, Part, Receptor
from .reset import reset_to

__all__ = [
    "Delivery",
    "Dynamics",
    "Escape",
    "History",
    "JointDelivery",
    "Jump",
    "Link",
    "Module",
    "Network",
    "Neuron",
    "Node",
    "Part",
    "Population",
    "Receptor",
    "References",
    "View",
    "as_view",
    "reset_to",
    "words_of",
]
