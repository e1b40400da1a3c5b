"""The standard models of PyNN that simcore has not: to make one says what is missing."""

from __future__ import annotations

from typing import Any, ClassVar

from pyNN.standardmodels import ModelNotAvailable


class Missing(ModelNotAvailable):
    """What is there in PyNN, and not here."""

    lacks: ClassVar[str]  # in simcore

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise NotImplementedError(f"{type(self).__name__} is not there in pyNN.simcore: simcore has no {self.lacks}.")


class MultiCompartmentNeuron(Missing):
    """Neurons with a morphology."""

    lacks = "neurons of several compartments"


class _Channel(Missing):
    lacks = f"{MultiCompartmentNeuron.lacks}, which alone have channels in PyNN (HH_cond_exp has some built in)"


class NaChannel(_Channel):
    """Sodium channels."""


class KdrChannel(_Channel):
    """Potassium channels."""


class PassiveLeak(_Channel):
    """A leak."""


class PassiveLeakHH(_Channel):
    """The leak of Hodgkin and Huxley."""


class _Random(Missing):
    lacks = "synapses that transmit at random, each by itself"


class SimpleStochasticSynapse(_Random):
    """Synapses that transmit a spike with a probability."""


class StochasticTsodyksMarkramSynapse(_Random):
    """Synapses that transmit a spike with a probability that depends on the spikes before."""


class MultiQuantalSynapse(_Random):
    """Synapses with several places that release at random."""
