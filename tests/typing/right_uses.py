"""What a type checker must accept: read by mypy and pyright in `.ci/check_types.py`, and run by it too."""

import jax.numpy as jnp
import numpy as np

import simcore as sc
from simcore.models import channels as ch
from simcore.units import Hz, Mohm, mA, ms, mV, nS, pA

neuron = sc.models.LIF(10, tau=10 * ms, R="2 ohm", V_th=sc.init.Uniform(1 * mV, 2 * mV), name="cells")
neuron = sc.models.LIF((2, 5), 1 * Mohm, np.full((2, 5), 10.0) * ms, spk_reset="hard", method="exact")
neuron.tau = 2 * neuron.tau + 1 * ms
sc.models.LIF(2, tau=[10 * ms, 20 * ms], V_initializer=0 * mV)
sc.models.LIF((2, 5), tau=neuron.tau / 2, V_th=neuron.V_reset + 5 * mV, noise=None)
sc.models.AdExIF.preset("naud_tonic", 5).tau_w.m_as("ms")
sc.models.AdExIFRef(5, tau_ref=2 * ms, receptors={"exc": sc.models.Exponential(tau=5 * ms, reversal=0 * mV)})
sc.models.FitzHughNagumo(3, a=0.7, b=np.array([0.8, 0.7, 0.6]))
sc.models.AdExIF(2, noise={"V": 1 * mV / ms**0.5})
expif: sc.models.ExpIF = sc.models.AdExIF(1)
cell = sc.models.CondNeuron(
    1,
    channels={"na": ch.INa_TM1991(), "t": ch.ICaT_HP1992(), "leak": ch.IL(E=-65 * mV)},
    ions={"ca": ch.CalciumPool()},
)
cell.init_state()
cell.V.value = cell.V.value + 1 * mV

inputs = sc.models.PoissonGroup(5, rate=10 * Hz)
cells = sc.models.LIFRef(5, receptors={"exc": sc.models.Exponential()})
exc = sc.models.Projection(
    inputs, cells, connect=sc.models.AllToAll(), weight=1 * pA, delay=1 * ms, plasticity=sc.models.STDP(w_max=2 * pA)
)
gap = sc.models.GapJunction(cells[:2], cells[2:4], connect=sc.models.OneToOne(), weight=1 * nS)
net = sc.Network(inputs=inputs, cells=cells, exc=exc, seed=1)
runner = sc.DSRunner(net, monitors=["cells.V"], dt=0.1 * ms)
runner.run(5 * ms, inputs={"cells": 1.5 * mA})
sc.DSRunner(neuron, ["V"]).run(inputs=sc.inputs.ramp_input(0 * mA, 2 * mA, 5 * ms))


class Own(sc.Neuron):
    """A model of one's own takes what it declares."""

    tau = sc.Param(5.0, "ms", "membrane time constant", positive=True)
    V_th = sc.Param(1.0, "mV", "spike threshold", above="V_reset")
    V_reset = sc.Param(0.0, "mV", "membrane potential after a spike")
    V = sc.HiddenState("mV", "membrane potential")

    def derivative(self, V, I):
        return (I * sc.units.quantity(1.0, "ohm") - V) / self.tau

    def update(self, x):
        V = self.after_spike(jnp.minimum(self.V.value, self.V_th))
        self.V.value = self.integrate(self.derivative, V, x)
        return self.fire()


Own(3, tau=10 * ms, spk_reset="hard").update(x=1 * mA)


class Clipped(sc.models.LIF):
    """In a step a parameter is an array."""

    def derivative(self, V, I):
        return jnp.maximum(super().derivative(V, I), -jnp.abs(self.V_th) / self.tau)


Clipped(2, tau=8 * ms).update(1 * mA)
