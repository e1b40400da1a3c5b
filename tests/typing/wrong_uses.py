"""What a type checker must report, each line that says `# wrong`: read by mypy and pyright in `.ci/check_types.py`."""

import numpy as np

import simcore as sc
from simcore.units import mA, ms, pA

neuron = sc.models.LIF(10)
sc.models.LIF(10, tua=10 * ms)  # wrong: a misspelt parameter
sc.models.LIF(10, tau=10.0)  # wrong: a bare number for a unit
sc.models.LIF(10, tau=np.array([10.0, 20.0]))  # wrong: an array of them
sc.models.LIF(10, tau=[10.0, 20.0])  # wrong: a list of them
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
