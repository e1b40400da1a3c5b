"""What a type checker must report, each line that says `# wrong`: read by mypy and pyright in `.ci/check_types.py`."""

import numpy as np

import simcore as sc
from simcore.units import Hz, mA, ms, mV, pA

neuron = sc.models.LIF(10)
sc.models.LIF(10, tua=10 * ms)  # wrong: a misspelt parameter
sc.models.LIF(10, tau=10.0)  # wrong: a bare number for a unit
sc.models.LIF(10, tau=np.array([10.0, 20.0]))  # wrong: an array of them
sc.models.LIF(10, V_initializer=0)  # wrong: 0 too
sc.models.LIF(tau=10 * ms)  # wrong: no size
sc.models.LIF(10, spk_rest="hard")  # wrong: a misspelt option
sc.models.AdExIF(10, tau_W=100 * ms)  # wrong: another case
sc.models.AdExIF.presett("naud_tonic", 5)  # wrong: a misspelt method of the class
sc.models.channels.IL(g=0.1)  # wrong: a bare number in a channel
sc.models.STDP(W_max=1 * pA)  # wrong: a misspelt argument, and w_max is missing
sc.models.LIFF(10)  # wrong: no such model
neuron.updat(1 * mA)  # wrong: a misspelt method
neuron.reset_states()  # wrong: another name than it has
neuron.tua  # noqa: B018  # wrong: a misspelt attribute
neuron.V.valu  # noqa: B018  # wrong: of a state too
sc.models.ExpIF(1).init_stat()  # wrong: of any model
sc.Network(a=neuron).sumary()  # wrong: of a network
cells = sc.models.LIFRef(5, receptors={"exc": sc.models.Exponential()})
exc = sc.models.Projection(cells, cells, connect=sc.models.AllToAll(), weight=1 * pA, delai=1 * ms)  # wrong: misspelt
exc.wieghts()  # wrong: of a projection
sc.DSRunner(neuron, monitor=["V"])  # wrong: a misspelt argument of the runner
sc.DSRunner(neuron).runn(5 * ms)  # wrong: a misspelt method of the runner
sc.inputs.ramp_imput(0 * mA, 2 * mA, 5 * ms)  # wrong: a misspelt function

runner = sc.DSRunner(neuron)
runner.run(100)  # wrong: a bare number for a duration
runner.run(100.0, inputs=1 * mA)  # wrong: the same
runner.run([10 * ms, 20 * ms])  # wrong: a list for one time
runner.run(np.array([10.0]))  # wrong: an array of bare numbers
runner.run(10 * ms, input=1 * mA)  # wrong: a misspelt keyword
runner.run(10 * ms, inputs=lambda t: t)  # wrong: a function, which sc.inputs.function takes
runner.run(10 * ms, until=lambda model: True, every=1)  # wrong: a bare number for the time between calls
runner.step(input=1 * mA)  # wrong: a misspelt keyword
runner.estimate(100)  # wrong: a bare number
sc.DSRunner(neuron, dt=0.1)  # wrong: a bare number for dt
sc.DSRunner(neuron, t0=5)  # wrong: for a time
sc.DSRunner(neuron, monitors=3)  # wrong: nothing to record
sc.DSRunner(neuron, store=3)  # wrong: no path
sc.DSRunner(neuron, checkpoint="job.npz", checkpoint_every=60)  # wrong: a bare number
sc.DSRunner.resume("job.npz", neuron, seed=1)  # wrong: which the file has
sc.DSRunner.start_or_resume(neuron, checkpoint="job.npz", checkpoint_every=60)  # wrong: a bare number
sc.Record("V", every=1)  # wrong: a bare number
sc.Record("V", start=100)  # wrong: for each time of a window
sc.Record("V", evry=1 * ms)  # wrong: misspelt
sc.environ.set(dt=0.1)  # wrong: a bare number
sc.environ.set(Dt=0.1 * ms)  # wrong: misspelt
sc.environ.context(dt=0.1)  # wrong: a bare number
sc.check_dt(runner, 100)  # wrong: a bare number
sc.check_dt(neuron, 100 * ms)  # wrong: no runner
sc.explain_silence("E")  # wrong: a name
sc.unroll(neuron, 100)  # wrong: a bare number
sc.unroll(neuron, 100 * ms, dt=0.1)  # wrong: for dt
sc.unroll(neuron, 100 * ms, truncate=10)  # wrong: for a time
sc.unroll(neuron, 100 * ms, recrd=["V"])  # wrong: misspelt

sc.inputs.constant_input(1, 100 * ms)  # wrong: a bare number for a current
sc.inputs.constant_input(1 * mA, 100)  # wrong: for a duration
sc.inputs.constant_input(1 * mA, 100 * ms, dt=0.1)  # wrong: for dt
sc.inputs.section_input(np.array([0.0, 1.0]), [50, 50] * ms)  # wrong: an array of bare numbers
sc.inputs.step_input([0, 1] * mA, [0, 50] * ms, 100)  # wrong: for a duration
sc.inputs.spike_input([10, 20] * ms, 1, 1 * mA, 100 * ms)  # wrong: for a length
sc.inputs.ramp_input(0, 1 * mA, 100 * ms)  # wrong: 0 too
sc.inputs.sinusoidal_input(1 * mA, 10, 100 * ms)  # wrong: for a frequency
sc.inputs.sinusoidal_input(1 * mA, [10 * Hz], 100 * ms)  # wrong: a list for one frequency
sc.inputs.square_input(1 * mA, 10 * Hz, 100 * ms, t_start=10)  # wrong: for a time
sc.inputs.wiener_process(0.1, 100 * ms, seed=1)  # wrong: for an amplitude
sc.inputs.ou_process(0 * mA, 1 * mA, 5, 100 * ms, seed=1)  # wrong: for a time constant
sc.inputs.Waveform(np.zeros(10))  # wrong: samples without a unit
sc.inputs.Waveform(np.zeros(10) * mA, dt=1).resample(0.1 * ms)  # wrong: a bare number for dt
sc.inputs.Waveform(np.zeros(10) * mA).resample(0.1)  # wrong: the same
sc.init.Uniform(np.zeros(3), 1 * mV)  # wrong: an array for one bound

sc.measure.firing_rate("E", start=200)  # wrong: a bare number
sc.measure.firing_rate("E", strat=200 * ms)  # wrong: misspelt
sc.measure.mean("V", every=1)  # wrong: a bare number
sc.measure.fano_factor("E", window=100)  # wrong: for a window
events = runner.mon["spike_events"]
sc.analysis.cv(events, start=100)  # wrong: a bare number
sc.analysis.psth(events, bin=1)  # wrong: for a bin
sc.analysis.fano_factor(events, windw=100 * ms)  # wrong: misspelt
sc.analysis.rate(events, kernel=sc.analysis.Gaussian(10))  # wrong: for the width of a kernel
sc.analysis.spectrum(np.arange(10.0), np.arange(10.0), window=5 * ms)  # wrong: times without a unit
sc.analysis.fi_curve(neuron, [0, 1] * mA, 500)  # wrong: for a duration
sc.analysis.fixed_points(neuron, {"V": 1})  # wrong: one number for a range
sc.losses.van_rossum(np.zeros((10, 1)), np.zeros((10, 1)), tau=5, dt=0.1 * ms)  # wrong: for a time constant
sc.losses.mean_square([1 * mV], [2 * mV], scale=2)  # wrong: for a scale
sc.losses.voltage_band(np.zeros(10), low=-80 * mV, high=-40 * mV, scale=1 * mV)  # wrong: V without a unit
sc.visualize.rate_plot(events, bin=1)  # wrong: for a bin

sc.Sweep(neuron, {"tau": [5, 10] * ms}, {"rate": sc.measure.firing_rate}, dt=0.1)  # wrong: for dt
sc.Sweep(neuron, ["tau"], {"rate": sc.measure.firing_rate})  # wrong: names without values
sweep = sc.Sweep(neuron, {"tau": [5, 10] * ms}, {"rate": sc.measure.firing_rate}, inputs=1.5 * mA)
sweep.run(100)  # wrong: a bare number
sweep.run(duratoin=100 * ms)  # wrong: misspelt
sc.design.random({"tau": 5}, 10)  # wrong: one number for bounds
fit = sc.Fit(neuron, {"tau": (5, 50) * ms}, target={"V": np.zeros(10) * mV}, loss=sc.losses.mean_square, dt=1)  # wrong
sc.Fit(neuron, {"tau": 5}, target={"V": np.zeros(10) * mV}, loss=sc.losses.mean_square)  # wrong: one number for bounds
