"""The standard models of PyNN that are not there: to make one says why."""

from __future__ import annotations

from typing import Any, ClassVar

from pyNN.standardmodels import ModelNotAvailable


class Missing(ModelNotAvailable):
    """What is there in PyNN, and not here."""

    why: ClassVar[str]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise NotImplementedError(f"{type(self).__name__} is not there in pyNN.simcore: {self.why}.")


class MultiCompartmentNeuron(Missing):
    """Neurons with a morphology."""

    why = "simcore has no neurons of several compartments"


class _Channel(Missing):
    why = f"{MultiCompartmentNeuron.why}, which alone have channels in PyNN (HH_cond_exp has some built in)"


class NaChannel(_Channel):
    """Sodium channels."""


class KdrChannel(_Channel):
    """Potassium channels."""


class PassiveLeak(_Channel):
    """A leak."""


class PassiveLeakHH(_Channel):
    """The leak of Hodgkin and Huxley."""


class _Random(Missing):
    why = "simcore has no synapses that transmit at random, each by itself"


class SimpleStochasticSynapse(_Random):
    """Synapses that transmit a spike with a probability."""


class StochasticTsodyksMarkramSynapse(_Random):
    """Synapses that transmit a spike with a probability that depends on the spikes before."""


class MultiQuantalSynapse(_Random):
    """Synapses with several places that release at random."""


class SmallWorldConnector(Missing):
    """Neighbours, some of which are replaced by others at random."""

    why = "PyNN 0.13 has its arguments, but connects nothing by them; FromListConnector takes pairs made elsewhere"
