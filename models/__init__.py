"""Neurons, sources, receptors, projections, plasticity: what a user puts into a network."""

from . import channels as channels
from .connect.base import Ends, Rows, Rule
from .connect.degree import FixedInDegree, FixedOutDegree, FixedTotalNumber
from .connect.distance import DistanceBox, DistanceExponential, DistanceGaussian
from .connect.given import Matrix, Pairs
from .connect.pairwise import AllToAll, FixedProbability, OneToOne
from .connect.small_world import SmallWorld
from .escape import ExponentialRate, LinearRate
from .gates import AMPAGate, GABAaGate, Gate, NMDAGate
from .linear import Linear
from .neurons.adex import AdExIF, AdExIFRef
from .neurons.alif import ALIF
from .neurons.conductance import CondNeuron
from .neurons.expif import ExpIF, ExpIFRef
from .neurons.fitzhugh_nagumo import FitzHughNagumo
from .neurons.gif import GIF, GIFRef
from .neurons.glif import GLIF1, GLIF2, GLIF3, GLIF4, GLIF5
from .neurons.hindmarsh_rose import HindmarshRose
from .neurons.hodgkin_huxley import HH
from .neurons.integrate_and_fire import IF
from .neurons.izhikevich import Izhikevich, IzhikevichRef
from .neurons.leaky_integrator import LeakyIntegrator
from .neurons.lif import LIF, Lif, LIFRef
from .neurons.mat import AMAT2, MAT2
from .neurons.morris_lecar import MorrisLecar
from .neurons.quadratic import AdQuaIF, AdQuaIFRef, QuaIF, QuaIFRef
from .neurons.stochastic_gif import StochasticGIF
from .neurons.traub_miles import TraubMilesHH
from .neurons.voltage_clamp import VoltageClamp
from .neurons.wang_buzsaki import WangBuzsakiHH
from .plasticity.base import Plasticity
from .plasticity.clopath import ClopathSTDP
from .plasticity.dopamine import DopamineSTDP
from .plasticity.power_law import PowerLawSTDP
from .plasticity.scaling import SynapticScaling
from .plasticity.short_term import ShortTerm, TsodyksMarkram
from .plasticity.stdp import STDP
from .plasticity.traces import PostState, PostTrace, PreState, PreTrace, SynapseTrace
from .plasticity.triplet import TripletSTDP
from .plasticity.vogels import VogelsSTDP
from .rates.jansen_rit import JansenRit
from .rates.leaky_rate import LeakyRate
from .rates.mean_field import MontbrioPazoRoxin
from .rates.oscillators import Kuramoto, StuartLandau
from .rates.threshold_linear import ThresholdLinear
from .rates.wilson_cowan import WilsonCowan
from .receptors import NMDA, Alpha, Delta, DoubleExponential, Exponential, GABAb, Gated, GatedNMDA
from .sources.base import Source
from .sources.poisson_group import PoissonGroup
from .sources.poisson_input import PoissonInput
from .sources.spike_source import SpikeSource
from .spike_triggered import SpikeTriggeredConductance, SpikeTriggeredCurrent, SpikeTriggeredThreshold
from .synapses.gap_junction import GapJunction
from .synapses.gate_projection import GateProjection
from .synapses.graded import RateProjection
from .synapses.projection import Projection

__all__ = [
    "ALIF",
    "AMAT2",
    "GIF",
    "GLIF1",
    "GLIF2",
    "GLIF3",
    "GLIF4",
    "GLIF5",
    "HH",
    "IF",
    "LIF",
    "MAT2",
    "NMDA",
    "STDP",
    "AMPAGate",
    "AdExIF",
    "AdExIFRef",
    "AdQuaIF",
    "AdQuaIFRef",
    "AllToAll",
    "Alpha",
    "ClopathSTDP",
    "CondNeuron",
    "Delta",
    "DistanceBox",
    "DistanceExponential",
    "DistanceGaussian",
    "DopamineSTDP",
    "DoubleExponential",
    "Ends",
    "ExpIF",
    "ExpIFRef",
    "Exponential",
    "ExponentialRate",
    "FitzHughNagumo",
    "FixedInDegree",
    "FixedOutDegree",
    "FixedProbability",
    "FixedTotalNumber",
    "GABAaGate",
    "GABAb",
    "GIFRef",
    "GapJunction",
    "Gate",
    "GateProjection",
    "Gated",
    "GatedNMDA",
    "HindmarshRose",
    "Izhikevich",
    "IzhikevichRef",
    "JansenRit",
    "Kuramoto",
    "LIFRef",
    "LeakyIntegrator",
    "LeakyRate",
    "Lif",
    "Linear",
    "LinearRate",
    "Matrix",
    "MontbrioPazoRoxin",
    "MorrisLecar",
    "NMDAGate",
    "OneToOne",
    "Pairs",
    "Plasticity",
    "PoissonGroup",
    "PoissonInput",
    "PostState",
    "PostTrace",
    "PowerLawSTDP",
    "PreState",
    "PreTrace",
    "Projection",
    "QuaIF",
    "QuaIFRef",
    "RateProjection",
    "Rows",
    "Rule",
    "ShortTerm",
    "SmallWorld",
    "Source",
    "SpikeSource",
    "SpikeTriggeredConductance",
    "SpikeTriggeredCurrent",
    "SpikeTriggeredThreshold",
    "StochasticGIF",
    "StuartLandau",
    "SynapseTrace",
    "SynapticScaling",
    "ThresholdLinear",
    "TraubMilesHH",
    "TripletSTDP",
    "TsodyksMarkram",
    "VogelsSTDP",
    "VoltageClamp",
    "WangBuzsakiHH",
    "WilsonCowan",
]
