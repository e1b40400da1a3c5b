"""Voltage clamp: the membrane of a neuron at a potential that is given, and the current that this takes."""

from typing import Any

import jax.numpy as jnp

from simcore import HiddenState, Param, environ

from .membrane import Membrane

Array = Any


class VoltageClamp(Membrane):
    r"""The membrane of a `CondNeuron` with a potential as its input: an amplifier holds V there by the current I.

    .. math::
        V = V_c(t), \quad I = area \, (C \, dV/dt - \sum_k I_k)

    With a series resistance R_s, between the amplifier and the membrane, V follows instead:

    .. math::
        C \, dV/dt = \sum_k I_k + I / area, \quad I = (V_c(t) - V) / R_s

    I is the current from the amplifier into the neuron, so that outward currents of channels make it positive, as in
    recordings. Without R_s a step of V_c takes its charge within one time step: I is as high as dt is short. It takes
    channels, ions and parts as `CondNeuron` does::

        clamp = sc.models.VoltageClamp(1, channels={"na": ch.INa_HH1952()})
        command = sc.inputs.section_input([-80, 0, -80] * mV, [10, 20, 10] * ms)
        mon = sc.DSRunner(clamp, ["I", "na.I", "na.m"]).run(40 * ms, inputs=command)

    Input: V_c, potential, `varshape`. Output: spikes, crossings of V_th by V, `varshape`.

    Reference: Hodgkin, Huxley and Katz (1952), Measurement of current-voltage relations in the membrane of the giant
    axon of Loligo, Journal of Physiology 116(4), 424-448.
    """

    R_s = Param(None, "Mohm", "series resistance; without one V is V_c", positive=True)

    I = HiddenState("pA", "current from the amplifier")

    def derivative(self, V: Array, density: Array, V_c: Array) -> Array:
        """Return dV/dt under a current density and the current through R_s; 0 without R_s."""
        if self.R_s is None:
            return 0 * density / self.C
        return (density + (V_c - V) / self.R_s / self.area) / self.C

    def update(self, x: Any) -> Any:
        """Advance by one step under the command x and return the spikes."""
        V = self.V.value
        V_c = jnp.broadcast_to(x, V.shape)
        none = 0 * self.I.value
        if self.R_s is None:
            self.V.value = V_c
        self.V.value = self.integrate(self.derivative, self.V.value, none, V_c)
        if self.R_s is None:
            density, _ = self.drive(V_c, none, self.part_states())
            self.I.value = self.area * (self.C * (V_c - V) / environ.get("dt") - density)
        else:
            self.I.value = (V_c - self.V.value) / self.R_s
        return self.fire()
