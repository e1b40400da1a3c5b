"""Neurons, sources, receptors, projections, plasticity: what a user puts into a network."""

from .connect.rules import (
    AllToAll,
    DistanceBox,
    DistanceExponential,
    DistanceGaussian,
    FixedInDegree,
    FixedOutDegree,
    FixedProbability,
    FixedTotalNumber,
    Matrix,
    OneToOne,
    Pairs,
    SmallWorld,
)
from .linear import Linear
from .neurons.alif import ALIF
from .neurons.expif import ExpIF, ExpIFRef
from .neurons.gif import GIF, GIFRef
from .neurons.integrate_and_fire import IF
from .neurons.lif import LIF, Lif, LIFRef
from .plasticity.rules import STDP, TripletSTDP, TsodyksMarkram, VogelsSTDP
from .receptors import NMDA, Alpha, Delta, DoubleExponential, Exponential
from .sources.sources import PoissonGroup, PoissonInput, SpikeSource
from .synapses.projection import Projection

__all__ = [
    "ALIF",
    "GIF",
    "IF",
    "LIF",
    "NMDA",
    "STDP",
    "AllToAll",
    "Alpha",
    "Delta",
    "DistanceBox",
    "DistanceExponential",
    "DistanceGaussian",
    "DoubleExponential",
    "ExpIF",
    "ExpIFRef",
    "Exponential",
    "FixedInDegree",
    "FixedOutDegree",
    "FixedProbability",
    "FixedTotalNumber",
    "GIFRef",
    "LIFRef",
    "Lif",
    "Linear",
    "Matrix",
    "OneToOne",
    "Pairs",
    "PoissonGroup",
    "PoissonInput",
    "Projection",
    "SmallWorld",
    "SpikeSource",
    "TripletSTDP",
    "TsodyksMarkram",
    "VogelsSTDP",
]
