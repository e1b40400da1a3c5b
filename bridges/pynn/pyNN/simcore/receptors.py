"""Postsynaptic responses for `PointNeuron`, and the receptor of simcore that each is."""

from __future__ import annotations

from typing import Any, ClassVar

from pyNN.standardmodels import receptors

import simcore as sc

# Of each parameter: its name in simcore, and its unit in PyNN.
_Names = dict[str, tuple[str, str]]
_REVERSAL: _Names = {"e_syn": ("reversal", "mV")}
_TAU: _Names = {"tau_syn": ("tau", "ms")}


class CurrExpPostSynapticResponse(receptors.CurrExpPostSynapticResponse):
    __doc__ = receptors.CurrExpPostSynapticResponse.__doc__
    recordable = ["isyn"]
    kind: ClassVar[Any] = sc.models.Exponential
    names: ClassVar[_Names] = _TAU


class CondExpPostSynapticResponse(receptors.CondExpPostSynapticResponse):
    __doc__ = receptors.CondExpPostSynapticResponse.__doc__
    recordable = ["gsyn"]
    kind: ClassVar[Any] = sc.models.Exponential
    names: ClassVar[_Names] = _TAU | _REVERSAL


class CondAlphaPostSynapticResponse(receptors.CondAlphaPostSynapticResponse):
    __doc__ = receptors.CondAlphaPostSynapticResponse.__doc__
    recordable = ["gsyn"]
    kind: ClassVar[Any] = sc.models.Alpha
    names: ClassVar[_Names] = _TAU | _REVERSAL


class CondBetaPostSynapticResponse(receptors.CondBetaPostSynapticResponse):
    __doc__ = receptors.CondBetaPostSynapticResponse.__doc__
    recordable = ["gsyn"]
    kind: ClassVar[Any] = sc.models.DoubleExponential
    names: ClassVar[_Names] = {"tau_rise": ("tau_rise", "ms"), "tau_decay": ("tau_decay", "ms")} | _REVERSAL


# PyNN's short names.
AlphaPSR, BetaPSR, ExpPSR = CondAlphaPostSynapticResponse, CondBetaPostSynapticResponse, CondExpPostSynapticResponse
