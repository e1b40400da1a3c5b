"""Neurons without a reset: a spike is a crossing of V_th."""

from typing import Any

from simcore.surrogate import ReluGrad

from .steady import SteadyStart


class Crossing(SteadyStart):
    """Base of neurons whose V comes back by itself: they spike where V crosses V_th upwards, once for each time.

    Another crossing counts when V has been below V_rearm, so that neither noise nor rounding at V_th makes two spikes
    of one. The gradient of a spike is that of `spk_fun` at (V - V_th) / (V_th - V_rearm), where a crossing would count.
    With a refractory period V goes on, and crossings within it do not count.
    """

    spk_fun = ReluGrad()
    spk_reset = "none"
    refractory = "block"

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "spk_reset" and value != "none":
            raise ValueError(f"{self.name}: 'spk_reset' must be 'none', got {value!r}: its V comes back by itself.")
        super().__setattr__(name, value)
