"""Neurons without a reset: a spike is a crossing of V_th."""

from simcore.surrogate import ReluGrad

from .steady import SteadyStart


class Crossing(SteadyStart):
    """Base of neurons whose V comes back by itself: they spike where V crosses V_th upwards, once for each time.

    Another crossing counts when V has been below V_rearm, so that neither noise nor rounding at V_th makes two spikes
    of one. With a refractory period V goes on, and crossings within it do not count.
    """

    spk_fun = ReluGrad()
    spk_reset = "none"
    refractory = "block"

    def check_params(self) -> None:
        """Refuse a reset.

        Raises:
            ValueError: spk_reset is another than "none".
        """
        super().check_params()
        if self.spk_reset != "none":
            raise ValueError(
                f"{self.name}: 'spk_reset' must be 'none', got {self.spk_reset!r}: its V comes back by itself."
            )
