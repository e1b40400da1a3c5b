"""Channels and ions of a `CondNeuron`, and what channels of one's own are made of: ``from simcore.models import
channels``."""

from ..neurons.steady import STEADY
from .afterhyperpolarization import IAHP_De1994
from .base import Channel, GHKChannel
from .calcium_high import ICaL_Re1993
from .calcium_low import ICaT_De1996, ICaT_HM1992, ICaT_HP1992
from .gates import AlphaBeta, Gate, InfTau
from .hodgkin_huxley import IK_HH1952, INa_HH1952
from .hyperpolarization import Ih_HM1992
from .ions import CalciumPool, Ion
from .leak import IL
from .muscarinic import IM_Ya1989
from .persistent_sodium import INaP_Bu1999
from .potentials import ghk_current, nernst
from .rates import exp_rate, linoid_rate, sigmoid, sigmoid_rate
from .transient_potassium import IKA1_HM1992, IKA2_HM1992, IKK2A_HM1992, IKK2B_HM1992
from .traub_miles import IK_TM1991, IKDR_Ba2002, INa_Ba2002, INa_TM1991

__all__ = [
    "IKA1_HM1992",
    "IKA2_HM1992",
    "IKK2A_HM1992",
    "IKK2B_HM1992",
    "IK_HH1952",
    "IK_TM1991",
    "IL",
    "STEADY",
    "AlphaBeta",
    "CalciumPool",
    "Channel",
    "GHKChannel",
    "Gate",
    "IAHP_De1994",
    "ICaL_Re1993",
    "ICaT_De1996",
    "ICaT_HM1992",
    "ICaT_HP1992",
    "IKDR_Ba2002",
    "IM_Ya1989",
    "INaP_Bu1999",
    "INa_Ba2002",
    "INa_HH1952",
    "INa_TM1991",
    "Ih_HM1992",
    "InfTau",
    "Ion",
    "exp_rate",
    "ghk_current",
    "linoid_rate",
    "nernst",
    "sigmoid",
    "sigmoid_rate",
]
