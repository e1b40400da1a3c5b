"""What a type checker must accept: read by mypy and pyright in `.ci/check_types.py`, and run by it too."""

import tempfile
from pathlib import Path

import jax.numpy as jnp
import numpy as np
import pint

import simcore as sc
from simcore.models import channels as ch
from simcore.units import Hz, Mohm, mA, ms, mV, nS, pA

neuron = sc.models.LIF(10, tau=10 * ms, R="2 ohm", V_th=sc.init.Uniform(1 * mV, 2 * mV), name="cells")
neuron = sc.models.LIF((2, 5), 1 * Mohm, np.full((2, 5), 10.0) * ms, spk_reset="hard", method="exact")
neuron.tau = 2 * neuron.tau + 1 * ms
sc.models.LIF(2, tau=[10 * ms, 20 * ms], V_initializer=0 * mV)
sc.models.LIF(2, tau=[10, 20] * ms, V_th=(1, 2) * mV, R="2 ohm")
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


# ---------------------------------------------------------------- what runs

dt, amplitudes = pint.Quantity(0.1, "ms"), {"V": pint.Quantity(0.1, "mV/ms**0.5")}
lif = sc.models.LIF(2, noise=amplitudes)
monitors = ["V", ("V", [0]), sc.Record("V", every="1 ms", start=2 * dt), sc.measure.mean("V", start=2 * dt)]
named = {"first": ("V", slice(0, 1)), "mean": sc.measure.mean("V"), "square": lambda model: model.V.value**2}
for what in (monitors[:1], named):
    runner = sc.DSRunner(lif, what, dt=dt, t0="1 ms", progress_bar=False)
runner.run("5 ms", inputs="1 mA")
runner.run(50 * dt, inputs=[1 * mA, 2 * mA])
runner.run(runner.t, inputs=np.array([1.0, 2.0]) * mA, until=lambda model: True, every=2 * dt)
runner.run(inputs=sc.inputs.Waveform(np.ones(20) * mA, dt) + 1 * mA)
runner.run(5 * ms, inputs=sc.inputs.function(lambda t, A, k: A * jnp.sin(k * t), "mA", A=1 * mA, k="1/ms"))
runner.step(inputs=None)
runner.estimate(5 * ms, 1 * mA)
sc.DSRunner(sc.models.FitzHughNagumo(1), dt="0.1 ms").run(1 * ms, inputs=0.5)
sc.DSRunner(net).run(1 * ms, inputs={"cells": sc.inputs.constant_input(1 * pA, 1 * ms)})
with tempfile.TemporaryDirectory() as folder:
    file = Path(folder) / "run.npz"
    runner.save(file)
    sc.DSRunner.resume(file, lif, ["V"], progress_bar=False)
    runner.mon.save(f"{folder}/recording.npz")
    sc.load(f"{folder}/recording.npz")
sc.environ.set(dt="0.1 ms")
with sc.environ.context(dt=0.1 * ms, t=5 * ms, i=50):
    sc.environ.get("dt")
sc.check_dt(sc.DSRunner(lif, dt=dt, progress_bar=False), 5 * ms, inputs=1 * mA)
sc.explain_silence(runner)
sc.explain_silence(lif)
sc.unroll(neuron, 1 * ms, dt=dt, inputs=1 * mA, record=["V"], measure={"rate": "spike"}, truncate="0.5 ms")(key=1)
sc.unroll(neuron, inputs=sc.inputs.ramp_input(0 * mA, 2 * mA, 1 * ms))(inputs=np.zeros(10))
neuron.trainable("tau", bounds={"R": (0.5, 4) * Mohm})

# ---------------------------------------------------------------- inputs

sc.inputs.constant_input([1, 2] * mA, "10 ms")
sc.inputs.section_input([0, 1] * mA, [5, 5] * ms)
sc.inputs.section_input([0 * mA, "1 mA"], ["5 ms", 50 * dt], dt=dt)
sc.inputs.step_input([1 * mA, 2 * mA], (0, 5) * ms, 10 * ms)
sc.inputs.spike_input([1, 5] * ms, 1 * ms, "1 mA", 10 * ms)
sc.inputs.ramp_input(np.zeros(3) * mA, np.ones(3) * mA, 10 * ms, t_start=1 * ms, t_end=None)
sc.inputs.sinusoidal_input(1 * mA, 10 * Hz, 10 * ms, dt="0.1 ms", bias=True)
sc.inputs.wiener_process("0.1 mA*ms**0.5", 10 * ms, n=2, seed=1)
sc.inputs.ou_process(0 * mA, 1 * mA, tau=5 * ms, duration=10 * ms, seed=1).resample(2 * dt)
sc.init.Normal(0, 1)(3)
sc.init.TruncatedNormal(1 * mV, "1 mV", 0 * mV, 2 * mV)((2, 3))
sc.init.param([1, 2] * mV, 2)

# ---------------------------------------------------------------- measures, analysis, losses

options = {"rate": sc.measure.firing_rate(start=2 * ms), "last": lambda model: model.V.value}
sweep = sc.Sweep(neuron, {"tau": [5, 10] * ms, "seed": range(2)}, options, inputs=1.5 * mA, dt=dt, progress_bar=False)
sweep.run(5 * ms)
sc.Sweep(lambda n: sc.models.LIF(n), {"n": [2, 3]}, {"v": sc.measure.mean("V", over="neurons", reduce=[0.1, 0.9])})
sc.design.random({"tau": (5, 30) * ms, "R": sc.design.log("1 ohm", 2 * Mohm)}, 4)
sc.measure.interval_cv(("cells", slice(0, 2)), min_spikes=3)
recorded = sc.DSRunner(cells, ["spike", "spike_events"], dt=dt, progress_bar=False).run(20 * ms, inputs=2000 * pA)
sc.analysis.cv(recorded.spike_events, start=1 * ms, stop="20 ms")
sc.analysis.psth(recorded.ts, recorded.spike, bin=5 * ms, axis=0)
sc.analysis.intervals([1.0 * ms, 2.0 * ms], [0, 0])
sc.analysis.rate(recorded.spike_events, kernel=sc.analysis.Gaussian("5 ms"), every=10 * dt)
sc.analysis.spectrum(recorded.ts, np.ones(200), window=10 * ms)
sc.analysis.fi_curve(sc.models.LIF(1), np.linspace(0, 2, 3) * mA, 50 * ms)
sc.analysis.fixed_points(sc.models.FitzHughNagumo(1), {"V": (-2, 2), "w": np.array([-1, 2])}, inputs=0.5)
sc.analysis.nullclines(sc.models.MorrisLecar(1), {"V": (-80, 40) * mV, "W": (0, 1)}, inputs="0 mA")
trace = jnp.zeros((10, 1))
sc.losses.mean_square(trace * mV, -1 * mV, scale="2 mV", start=5 * dt, dt=dt)
sc.losses.mean_square_rate(jnp.zeros((10, 2)), [5, 10] * Hz, scale=5 * Hz, dt=dt)
sc.losses.van_rossum(trace, np.zeros((10, 1), bool), tau=5 * ms, dt="0.1 ms")
sc.losses.raster([1 * ms], [0], 1, duration=5 * ms, dt=dt)
sc.Fit(lif, {"tau": (5, 50) * ms}, target={"V": np.zeros((10, 2)) * mV}, loss=lambda run, wanted: 0.0, duration="1 ms")
