"""Neurons, sources, receptors, projections, plasticity: what a user puts into a network."""

from .alif import ALIF
from .connect import (
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
from .expif import ExpIF, ExpIFRef
from .gif import GIF, GIFRef
from .integrate_and_fire import IF
from .lif import LIF, Lif, LIFRef
from .linear import Linear
from .plasticity import STDP, TripletSTDP, TsodyksMarkram, VogelsSTDP
from .projection import Projection
from .receptors import NMDA, Alpha, Delta, DoubleExponential, Exponential
from .sources import PoissonGroup, PoissonInput, SpikeSource

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
