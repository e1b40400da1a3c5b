"""sc.brian2: the classes that equations of Brian2 become, against what Brian2 makes of the equations itself."""

import importlib.util
import json
import re
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

import simcore as sc
from simcore import DimensionalityError
from simcore.units import Mohm, attach, ms, mV

REFERENCE = json.loads(Path(__file__).with_name("brian2_reference.json").read_text())
CASES = REFERENCE["cases"]
ARGUMENTS = ("threshold", "reset", "refractory", "method", "namespace")
LIF = "dv/dt = (El - v + R*I)/tau : volt (unless refractory)\nI : amp"
CONSTANTS = {"El": "-60*mV", "R": "100*Mohm", "tau": "10*ms"}
SPIKES = {"threshold": "v > -50*mV", "reset": "v = El"}


def class_of(source, folder, name="Model"):
    """Return the class that a source has, imported from a file as a user's is."""
    file = folder / f"{name.lower()}.py"
    file.write_text(source)
    spec = importlib.util.spec_from_file_location(file.stem, file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, name)


def made(folder, equations, **kwargs):
    return class_of(sc.brian2.neuron(equations, **kwargs, name="Model"), folder)


def case_source(case, **changes):
    kwargs = {key: case[key] for key in ARGUMENTS if key in case}
    return sc.brian2.neuron(case["equations"], **kwargs | changes, name="Model")


# ---------------------------------------------------------------- against Brian2


def build(case, folder, result):
    """Return the model of a case, as the case starts, and its main state."""
    state = "V" if result["state"] in ("v", "vm") else result["state"]
    renamed = {result["state"]: state, "vt": "V_th"}
    # Brian2's V starts at 0.
    initial = {"V": f"0 {'dimensionless' if ': 1' in case['equations'].split(chr(10))[0] else 'mV'}"} | {
        renamed.get(k, k): v for k, v in case.get("initial", {}).items()
    }
    initial = initial if state == "V" else case["initial"]
    kwargs = {f"{name}_initializer": text for name, text in initial.items()}
    if "ms" in case.get("refractory", ""):  # Brian2 counts the step of the spike
        kwargs["tau_ref"] = (float(case["refractory"].split("*")[0]) - case["dt"]) * ms
    return class_of(case_source(case), folder)(len(case.get("input", [0])), **kwargs), state


def inputs_of(case):
    if "waveform" in case:
        samples = attach(np.array(case["waveform"]), case["unit"])
        return {"inputs": sc.inputs.Waveform(samples, dt=case["duration"] / len(samples) * ms)}
    return {"inputs": attach(np.array(case["input"]), case["unit"])} if "input" in case else {}


@pytest.mark.parametrize("name", CASES)
def test_a_class_follows_brian2(name, tmp_path):
    case, result = CASES[name], REFERENCE["results"][name]
    model, state = build(case, tmp_path, result)
    monitors = [state, "spike"] if "threshold" in case else [state]
    runner = sc.DSRunner(model, monitors, dt=case["dt"] * ms, progress_bar=False)
    mon = runner.run(case["duration"] * ms, **inputs_of(case))
    # The same method at the same steps: rounding is left, which grows along the upstrokes of spikes.
    trace = mon[state].to_base_units().magnitude  # SI
    expected = np.array(result["trace"]).T
    assert_allclose(trace[19::20], expected, rtol=1e-6, atol=1e-6 * np.abs(expected).max())
    if "threshold" in case:
        assert [np.flatnonzero(row).tolist() for row in np.asarray(mon.spike).T] == result["spikes"]
        assert sum(map(len, result["spikes"])) > 3


def test_noise_is_that_of_brian2(tmp_path):
    case = REFERENCE["noisy"]
    Model = class_of(case_source(case), tmp_path)
    amplitude = 3 * np.sqrt(2 / 10)  # sigma sqrt(2 / tau)
    assert_allclose(Model(1).noise.m_as("mV/ms**0.5"), amplitude, rtol=1e-11)
    runner = sc.DSRunner(Model(case["n"]), ["V", "spike_count"], dt=0.1 * ms, seed=3, progress_bar=False)
    mon = runner.run(case["duration"] * ms)
    rate = mon.spike_count.sum() / case["n"] / case["duration"] * 1e3
    # 22 000 spikes in each of the two: their number has a relative standard error below 1/150, the difference 1 %.
    assert_allclose(rate, case["rate"], rtol=0.03)
    # V over neurons, 2000 at each of about 40 independent times: 1 % of the standard deviation is 3 standard errors.
    late = mon.V.m_as("mV")[999::50]
    assert_allclose(late.mean(), 1e3 * case["mean"], atol=0.05)
    assert_allclose(late.std(), 1e3 * case["std"], rtol=0.02)


# ---------------------------------------------------------------- what a class is


def test_the_source_is_a_file_as_a_model_of_simcore_is_written():
    source = sc.brian2.neuron(LIF, **SPIKES, refractory="5*ms", namespace=CONSTANTS, name="Leaky")
    for line in (
        "from simcore import HiddenState, Neuron, Param",
        "class Leaky(Neuron):",
        '    tau = Param(10.0, "ms", "constant tau")',
        '    V = HiddenState("mV", "membrane potential", init="El")',
        "        return (self.El - V + self.R * I) / self.tau",
        "        V = self.after_spike(self.V.value)  # for the spike at the end of the previous step",
    ):
        assert line in source.splitlines(), line


@pytest.mark.parametrize("name", CASES)
def test_no_line_of_a_source_is_too_long(name):
    lines = case_source(CASES[name]).splitlines()
    assert max(map(len, lines)) <= 120
    assert lines[-1] == "        return " + ("self.fire()" if "threshold" in CASES[name] else "self.E.value")


def test_values_are_texts_quantities_numbers_and_of_one_another(tmp_path):
    values = [
        {"R": "100*Mohm", "C": "100*pF", "tau": "R*C"},
        {"R": 100 * Mohm, "tau": 10 * ms},
        {"R": "100 Mohm", "tau": "1e-2 s"},
    ]
    for given in values:
        neuron = made(tmp_path, LIF, **SPIKES, namespace=CONSTANTS | given)(1)
        assert_allclose([neuron.tau.m_as("ms"), neuron.R.m_as("Mohm")], [10.0, 100.0], rtol=1e-12)
        assert f"{neuron.R:~P}" == "100.0 MΩ"


@pytest.mark.parametrize(
    ("value", "number", "unit"),
    [("0.0805*nA", 80.5, "pA"), ("2000*pA", 2.0, "nA"), ("-0.05*volt", -50.0, "mV"), ("1e-8*siemens", 10.0, "nS"),
     ("0.02/ms", 0.02, "1/ms"), ("(1*ufarad*cm**-2)*(20000*umetre**2)", 200.0, "pF"), ("0*amp", 0.0, "pA"),
     ("3*msiemens/cm2", 3.0, "mS/cm**2"), ("2", 2.0, "dimensionless"), ("5*ms/second", 0.005, "dimensionless")],
)  # fmt: skip
def test_constants_come_in_the_units_of_the_field(value, number, unit):
    source = sc.brian2.neuron("dx/dt = -k*x/ms : 1", namespace={"k": value})
    assert f'k = Param({number}, "{unit}", "constant k")' in source


def test_names_that_simcore_has_get_an_underscore(tmp_path):
    equations = "dv/dt = (size*mV - v)/name : volt\nrates = 2*size : 1"
    neuron = made(tmp_path, equations, threshold="v > 10*mV", reset="v = 0*mV", namespace={"size": 3, "name": "5*ms"})(
        1
    )
    assert_allclose([neuron.size_.m_as("dimensionless"), neuron.name_.m_as("ms")], [3, 5])
    mon = sc.DSRunner(neuron, ["V"], dt=0.1 * ms, progress_bar=False).run(5 * ms)
    assert_allclose(mon.V.m_as("mV")[-1, 0], 3 * (1 - np.exp(-1)), rtol=1e-6)  # the default method is exact here


def test_the_refractory_period_holds_what_is_marked_alone(tmp_path):
    """Without (unless refractory) V goes on, and 5 ms later it is far above the threshold: it spikes at once."""
    spikes = {}
    for flag in (" (unless refractory)", ""):
        Model = made(tmp_path, f"dv/dt = (20*mV - v)/(10*ms) : volt{flag}", threshold="v > 10*mV", reset="v = 0*mV",
                     refractory=10 * ms)  # fmt: skip
        mon = sc.DSRunner(Model(1), ["spike"], dt=0.1 * ms, progress_bar=False).run(100 * ms)
        spikes[flag] = np.diff(np.flatnonzero(mon.spike))
    to_threshold = int(np.ceil(10 * np.log(2) / 0.1))
    assert set(spikes[" (unless refractory)"]) == {100 + to_threshold}
    assert set(spikes[""]) == {101}


def test_noise_on_other_states_goes_to_the_constructor(tmp_path):
    equations = "dv/dt = (x - v)/tau + 1*mV/ms**0.5*xi_1 : volt\ndx/dt = -x/tau - xi_2*2*mV*sqrt(2/tau) : volt"
    Model = made(tmp_path, equations, threshold="v > 1*volt", reset="v = 0*mV", namespace={"tau": "5*ms"})
    neuron = Model(2000)
    assert neuron.noise.m_as("mV/ms**0.5") == 1
    assert_allclose(neuron.noise_x.m_as("mV/ms**0.5"), 2 * np.sqrt(2 / 5), rtol=1e-11)
    mon = sc.DSRunner(neuron, ["x"], dt=0.1 * ms, seed=1, progress_bar=False).run(30 * ms)
    # An Ornstein-Uhlenbeck process of standard deviation 2 mV; its estimate from 2000 has an error of 1.6 %.
    assert_allclose(mon.x.m_as("mV")[-1].std(), 2.0, rtol=0.06)
    assert Model(1, noise={"V": "3 mV/ms**0.5"}).noise.m_as("mV/ms**0.5") == 3


def test_a_wrong_dimension_in_the_equations_is_found_when_the_class_runs(tmp_path):
    Model = made(tmp_path, "dv/dt = (g - v)/tau : volt", threshold="v > 10*mV", reset="v = 0*mV",
                 namespace={"g": "3*nS", "tau": "5*ms"})  # fmt: skip
    with pytest.raises(DimensionalityError, match="in derivative: '-' joins nS and mV"):
        sc.DSRunner(Model(1), ["V"], progress_bar=False).run(1 * ms)


# ---------------------------------------------------------------- what is refused

DV = "dv/dt = (El - v)/tau : volt"
REFUSED = [
    (ValueError, "'v' is declared in 'vlt', and 'vlt' is no unit of Brian2; did you mean 'volt'?",
     {"equations": "dv/dt = -v/tau : vlt"}),
    (ValueError, "'dv/dt = -v/tau' is no equation; write", {"equations": "dv/dt = -v/tau"}),
    (ValueError, "the right-hand side of 'v' is no expression", {"equations": "dv/dt = -v/tau +* 2 : volt"}),
    (ValueError, "the right-hand side of 'v' has what Brian2's expressions have not: 'x[0]'",
     {"equations": "dv/dt = -v/tau*x[0] : volt"}),
    (ValueError, "no differential equation", {"equations": "v : volt"}),
    (ValueError, "'v' is defined twice", {"equations": f"{DV}\ndv/dt = 1*mV/ms : volt"}),
    (ValueError, "'v' has the flag (unless refractry); a state takes unless refractory",
     {"equations": f"{DV} (unless refractry)"}),
    (NotImplementedError, "'g' is (event-driven): it belongs to synapses",
     {"equations": f"{DV}\ndg/dt = -g/tau : siemens (event-driven)"}),
    (NotImplementedError, "'g' is (summed): it belongs to synapses", {"equations": f"{DV}\ng : siemens (summed)"}),
    (NotImplementedError, "'b' is boolean", {"equations": f"{DV}\nb : boolean"}),
    (TypeError, "the equations are text", {"equations": 3}),
    (ValueError, "the equation of 'v' has 'Elk', which neither the equations nor namespace define; did you mean 'El'?",
     {"equations": "dv/dt = (Elk - v)/tau : volt"}),
    (NotImplementedError, "there is no function 'expp' here; did you mean 'exp'?",
     {"equations": "dv/dt = (El - v)*expp(v/mV)/tau : volt"}),
    (ValueError, "the parameter 'g' has no value: namespace={'g': ...}", {"equations": f"{DV}\ng : siemens"}),
    (ValueError, "the parameter 'I2' has no value",
     {"equations": "dv/dt = (I + I2 - v)/tau : volt\nI : volt\nI2 : volt"}),
    (NotImplementedError, "has rand(): in an equation it would depend on dt; white noise is xi",
     {"equations": "dv/dt = (El - v)/tau + rand()*mV/ms : volt"}),
    (NotImplementedError, "the membrane potential after a spike, 'El - rand() * mV', is no constant",
     {"reset": "v = El - rand()*mV"}),
    (NotImplementedError, "the equation of 'v' has 'i': a parameter of a population takes an array",
     {"equations": "dv/dt = (El - v*i)/tau : volt"}),
    (NotImplementedError, "namespace has 'I', which the equations call as I(t); leave it out",
     {"equations": "dv/dt = (I(t) - v)/tau : volt", "namespace": {"I": "1*mV"}}),
    (NotImplementedError, "the noise on 'v', 'v / tau ** 0.5', is no constant",
     {"equations": "dv/dt = (El - v)/tau + v*xi/tau**0.5 : volt"}),
    (NotImplementedError, "is no sum with a term of white noise",
     {"equations": "dv/dt = (El - v)/tau + exp(xi)*mV/ms : volt"}),
    (NotImplementedError, "'v' and 'x' share the noise xi",
     {"equations": f"{DV[:-7]} + xi*mV/ms**0.5 : volt\ndx/dt = xi/ms**0.5 : 1"}),
    (DimensionalityError, "the noise on 'v' needs a quantity in mV/ms**0.5",
     {"equations": f"{DV[:-7]} + xi*mV/ms : volt"}),
    (ValueError, "'a' needs itself: a -> b -> a",
     {"equations": "dv/dt = (a - v)/tau : volt\na = b : volt\nb = a : volt"}),
    (ValueError, "'v' and 'V' would both be 'V'; rename one of them",
     {"equations": "dv/dt = (El - v + V)/tau : volt\nV : volt", "namespace": {"V": "1*mV"}}),
    (ValueError, "a reset or a refractory period needs a threshold, such as threshold='v > -50*mV'",
     {"threshold": None}),
    (NotImplementedError, "a spike at random is an escape rate", {"threshold": "rand() < 10*Hz*dt"}),
    (NotImplementedError, "the threshold 'v' is not 'state > value'", {"threshold": "v"}),
    (ValueError, "the threshold has 'Vt', which neither", {"threshold": "v > Vt"}),
    (TypeError, "'threshold' is text", {"threshold": -50 * mV}),
    (NotImplementedError, "the reset of 'v' is neither one 'v = value' nor one 'v -= value'",
     {"reset": "v = El + 0.1*v"}),
    (ValueError, "the reset changes 'w', which is no state or parameter", {"reset": "w += 1"}),
    (NotImplementedError, "'v' is reset, and the refractory period is the condition 'v > -40*mV'",
     {"refractory": "v > -40*mV"}),
    (DimensionalityError, "'refractory' needs a quantity in ms", {"refractory": "5*mV"}),
    (NotImplementedError, "the method 'milstein' is none of exact", {"method": "milstein"}),
    (ValueError, "namespace['tau'] needs a quantity; '10*mss' cannot be read as one", {"namespace": {"tau": "10*mss"}}),
    (ValueError, "namespace['El'] needs itself: El -> tau -> El", {"namespace": {"tau": "El", "El": "tau"}}),
    (DimensionalityError, "'10 * ms + 3 * mV' joins 10.0 ms and 3.0 mV", {"namespace": {"tau": "10*ms + 3*mV"}}),
    (TypeError, "Values for each neuron go to the constructor", {"namespace": {"tau": [1, 2] * ms}}),
    (DimensionalityError, "namespace['tau'] needs a quantity in s",
     {"equations": f"{DV}\ntau : second", "namespace": {"tau": "3*mV"}}),
    (ValueError, "'name' is the name of a class", {"name": "my neuron"}),
]  # fmt: skip


@pytest.mark.parametrize(("error", "message", "changes"), REFUSED, ids=[message[:40] for _, message, _ in REFUSED])
def test_what_cannot_be_moved_is_refused_by_name(error, message, changes):
    given = {"equations": DV, "threshold": "v > -50*mV", "reset": "v = El"} | changes
    given["namespace"] = {"El": "-60*mV", "tau": "10*ms"} | changes.get("namespace", {})
    with pytest.raises(error, match=re.escape(message)):
        sc.brian2.neuron(**given)
