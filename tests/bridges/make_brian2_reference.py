"""Make brian2_reference.json: `python make_brian2_reference.py` here, where brian2 is.

Models of Brian2's examples, each with constants of its own choice, and the traces and spikes that Brian2 makes of them.
A trace is of the end of each step, before the reset, every 20th step; spikes are the numbers of their steps.
"""

import json
from pathlib import Path

import brian2 as b2
import numpy as np

b2.prefs.codegen.target = "numpy"
TRAUB_MILES = """
dv/dt = (gl*(El-v) - g_na*(m*m*m)*h*(v-ENa)
         - g_kd*(n*n*n*n)*(v-EK) + I)/Cm : volt
dm/dt = alpha_m*(1-m)-beta_m*m : 1
dn/dt = alpha_n*(1-n)-beta_n*n : 1
dh/dt = alpha_h*(1-h)-beta_h*h : 1
alpha_m = 0.32*(mV**-1)*4*mV/exprel((13*mV-v+VT)/(4*mV))/ms : Hz
beta_m = 0.28*(mV**-1)*5*mV/exprel((v-VT-40*mV)/(5*mV))/ms : Hz
alpha_h = 0.128*exp((17*mV-v+VT)/(18*mV))/ms : Hz
beta_h = 4./(1+exp((40*mV-v+VT)/(5*mV)))/ms : Hz
alpha_n = 0.032*(mV**-1)*5*mV/exprel((15*mV-v+VT)/(5*mV))/ms : Hz
beta_n = .5*exp((10*mV-v+VT)/(40*mV))/ms : Hz
I : amp
"""
WANG_BUZSAKI = """
dv/dt = (-gNa*m**3*h*(v-ENa)-gK*n**4*(v-EK)-gL*(v-EL)+Iapp)/Cm : volt
m = alpha_m/(alpha_m+beta_m) : 1
alpha_m = 0.1/mV*10*mV/exprel(-(v+35*mV)/(10*mV))/ms : Hz
beta_m = 4*exp(-(v+60*mV)/(18*mV))/ms : Hz
dh/dt = 5*(alpha_h*(1-h)-beta_h*h) : 1
alpha_h = 0.07*exp(-(v+58*mV)/(20*mV))/ms : Hz
beta_h = 1./(exp(-0.1/mV*(v+28*mV))+1)/ms : Hz
dn/dt = 5*(alpha_n*(1-n)-beta_n*n) : 1
alpha_n = 0.01/mV*10*mV/exprel(-(v+34*mV)/(10*mV))/ms : Hz
beta_n = 0.125*exp(-(v+44*mV)/(80*mV))/ms : Hz
Iapp : amp/meter**2
"""
# The arguments of neuron(), and of the run: a number for each neuron as the input, initial values, ms.
CASES = {
    "IF_curve_LIF": {
        "equations": "dv/dt = (I - v)/tau : volt (unless refractory)\nI : volt  # the drive",
        "threshold": "v > 10*mV", "reset": "v = 0*mV", "refractory": "5*ms", "method": "euler",
        "namespace": {"tau": "10*ms"}, "input": [9.0, 11.0, 14.0, 20.0], "unit": "mV", "duration": 200,
    },
    "CUBA": {
        "equations": """
            dv/dt  = (ge+gi-(v-El))/taum : volt (unless refractory)
            dge/dt = -ge/taue : volt
            dgi/dt = -gi/taui : volt
            """,
        "threshold": "v>Vt", "reset": "v = Vr\nge += 2*mV", "refractory": "5*ms", "method": "rk4",
        "namespace": {"taum": "20*ms", "taue": "5*ms", "taui": "10*ms", "Vt": "-50*mV", "Vr": "-60*mV", "El": "-49*mV"},
        "initial": {"v": "-60 mV", "ge": "3 mV", "gi": "-20 mV"}, "duration": 300,
    },
    "COBA": {
        "equations": """
            dv/dt = (ge*(Ee-v) + gi*(Ei-v) + gl*(El-v) + I) / Cm : volt (unless refractory)
            dge/dt = -ge*(1./taue) : siemens   # excitation
            dgi/dt = -gi*(1./taui) : siemens   # inhibition
            I : amp
            """,
        "threshold": "v>-50*mV", "reset": "v = El; gi += w", "refractory": "5*ms", "method": "rk4",
        "namespace": {"Cm": "200*pF", "gl": "10*nS", "El": "-60*mV", "Ee": "0*mV", "Ei": "-80*mV", "taue": "5*ms",
                      "taui": "10*ms", "w": "20*nS"},
        "initial": {"v": "-60 mV", "ge": "6 nS", "gi": "67 nS"}, "input": [0.0, 150.0, 400.0], "unit": "pA",
        "duration": 200,
    },
    "COBAHH": {
        "equations": TRAUB_MILES, "threshold": "v > -40*mV", "refractory": "v > -40*mV", "method": "rk4",
        "namespace": {"area": "20000*umetre**2", "Cm": "(1*ufarad*cm**-2)*area", "gl": "(5e-5*siemens*cm**-2)*area",
                      "El": "-60*mV", "EK": "-90*mV", "ENa": "50*mV", "g_na": "(100*msiemens*cm**-2)*area",
                      "g_kd": "(30*msiemens*cm**-2)*area", "VT": "-63*mV"},
        "initial": {"v": "-65 mV"}, "input": [0.0, 0.1, 0.4], "unit": "nA", "duration": 100, "dt": 0.02,
    },
    "Wang_Buzsaki_1996": {
        "equations": WANG_BUZSAKI, "threshold": "v > 0*mV", "refractory": "v > -20*mV", "method": "rk4",
        "namespace": {"Cm": "1*uF/cm**2", "gL": "0.1*msiemens/cm**2", "EL": "-65*mV", "ENa": "55*mV", "EK": "-90*mV",
                      "gNa": "35*msiemens/cm**2", "gK": "9*msiemens/cm**2"},
        "initial": {"v": "-65 mV", "h": "0.8 dimensionless", "n": "0.1 dimensionless"}, "input": [0.1, 0.5, 1.0],
        "unit": "uA/cm**2", "duration": 100, "dt": 0.02,
    },
    "Brette_Gerstner_2005": {
        "equations": """
            dvm/dt = (gL*(EL - vm) + gL*DeltaT*exp((vm - VT)/DeltaT) + I - w)/C : volt
            dw/dt = (a*(vm - EL) - w)/tauw : amp
            I : amp
            """,
        "threshold": "vm>Vcut", "reset": "vm=Vr; w+=b", "method": "rk4",
        "namespace": {"C": "281 * pF", "gL": "30 * nS", "EL": "-70.6 * mV", "VT": "-50.4 * mV", "DeltaT": "2 * mV",
                      "Vcut": "VT + 5 * DeltaT", "tauw": "144*ms", "a": "4*nS", "b": "0.0805*nA", "Vr": "-70.6*mV"},
        "initial": {"vm": "-70.6 mV"}, "input": [0.5, 1.0, 1.5], "unit": "nA", "duration": 200,
    },
    "Izhikevich": {
        "equations": """
            dvm/dt = (0.04/ms/mV)*vm**2+(5/ms)*vm+140*mV/ms-u+I : volt
            du/dt = a*(b*vm-u) : volt/second
            I : volt/second
            """,
        "threshold": "vm > 30*mV", "reset": "vm = c\nu = u + d", "method": "euler",
        "namespace": {"a": "0.02/ms", "b": "0.2/ms", "c": "-50*mV", "d": "2*mV/ms"},
        "initial": {"vm": "-65 mV", "u": "-13 mV/ms"}, "input": [3.0, 10.0], "unit": "mV/ms", "duration": 200,
    },
    "exponential": {
        "equations": "dv/dt = (El - v + DeltaT*exp((v-VT)/DeltaT) + R*I_ext)/tau : volt\nR : ohm\nI_ext : amp",
        "threshold": "v >= VT + 5*DeltaT", "reset": "v = El - 5*mV", "refractory": "2*ms", "method": "rk4",
        "namespace": {"El": "-65*mV", "DeltaT": "3.5*mV", "VT": "-60*mV", "R": "50*Mohm", "tau": "10*ms"},
        "initial": {"v": "-65 mV"}, "input": [0.05, 0.2, 0.4], "unit": "nA", "duration": 200,
    },
    "adaptive_threshold": {
        "equations": "dv/dt = (I - v)/(10*ms) : volt\ndvt/dt = (10*mV-vt)/(15*ms) : volt\nI : volt",
        "threshold": "v>vt", "reset": "v = 0*mV\nvt += 3*mV", "method": "rk4", "initial": {"vt": "10 mV"},
        "input": [9.0, 15.0, 25.0], "unit": "mV", "duration": 200,
    },
    "threshold_that_grows": {
        "equations": """
            dv/dt = (I - v)/(10*ms) : volt
            theta = 2*half : volt
            dhalf/dt = -half/(50*ms) : volt
            I : volt
            """,
        "threshold": "v > Vt + theta", "reset": "v -= Vt\nhalf += 0.5*mV*(1 + theta/(theta + Vt))", "method": "rk4",
        "namespace": {"Vt": "10*mV"},
        "input": [9.0, 15.0, 25.0], "unit": "mV", "duration": 200,
    },
    "phase_locking": {
        "equations": "dv/dt = (-v + a*sin(2*pi*freq*t) + b)/tau : 1\na : 1\nb : 1",
        "threshold": "v > 1", "reset": "v -= 1", "method": "rk4",
        "namespace": {"a": 0.5, "b": 1.1, "freq": "50*Hz", "tau": "20*ms"}, "duration": 200,
    },
    "adaptation_by_a_parameter": {  # what a reset changes without an equation; int(), clip(), and
        "equations": """
            dv/dt = (v_in - v - 2*mV*int(v > 5*mV and v < 8*mV)*clip(n_spikes, 0, 3))/tau : volt
            v_in = R*I(t) : volt
            n_spikes : 1
            """,
        "threshold": "v > 10*mV", "reset": "v = 0*mV; n_spikes += 1", "refractory": "3*ms", "method": "euler",
        "namespace": {"tau": "10*ms", "R": "100*Mohm"}, "waveform": [50.0, 150.0, 200.0, 120.0], "unit": "pA",
        "duration": 100,
    },
    "Wilson_Cowan": {
        "equations": """
            dE/dt = (-E + (1 - E)*f_E)/tau_E : 1
            dI/dt = (-I + (1 - I)/(1 + exp(-2*(9*E - 3*I - 3.7))))/tau_I : 1
            f_E = 1/(1 + exp(-1.3*(16*E - 12*I + 1.25 - 4))) : 1
            """,
        "method": "rk4", "namespace": {"tau_E": "8*ms", "tau_I": "8*ms"}, "initial": {"E": "0.3 dimensionless"},
        "duration": 200,
    },
}  # fmt: skip
NOISY = {
    "equations": "dv/dt = (mu - v)/tau + sigma*sqrt(2/tau)*xi : volt",
    "threshold": "v > 15*mV", "reset": "v = 0*mV", "method": "euler",
    "namespace": {"mu": "12*mV", "sigma": "3*mV", "tau": "10*ms"}, "n": 2000, "duration": 500,
}  # fmt: skip


def value(text):
    """Return the quantity that a text is."""
    return eval(text.replace(" ", "*", 1).replace("dimensionless", "1"), {}, vars(b2))


def group(case, n, dt):
    """Return a NeuronGroup of a case."""
    namespace, given = {}, case.get("namespace", {})
    for name, text in given.items():
        namespace[name] = eval(str(text), {}, vars(b2) | namespace)
    if "waveform" in case:
        samples = np.array(case["waveform"]) * value(f"1 {case['unit']}")
        namespace["I"] = b2.TimedArray(samples, dt=case["duration"] * b2.ms / len(samples))
    declared = {line.split(":")[0].strip() for line in case["equations"].splitlines() if "=" not in line}
    options = {k: case[k] for k in ("threshold", "reset", "refractory", "method") if k in case}
    if "refractory" in options and ">" not in options["refractory"]:
        options["refractory"] = eval(options["refractory"], {}, vars(b2))
    options["reset"] = options.get("reset", "").replace("; ", "\n") or None
    outer = {k: v for k, v in namespace.items() if k not in declared}
    neurons = b2.NeuronGroup(n, case["equations"], namespace=outer, dt=dt * b2.ms, **options)
    for name, v in namespace.items():
        if name in declared:
            setattr(neurons, name, v)
    for name, text in case.get("initial", {}).items():
        setattr(neurons, name, value(text))
    if "input" in case:
        name = next(d for d in declared if d.startswith("I"))
        setattr(neurons, name, np.array(case["input"]) * value(f"1 {case['unit']}"))
    return neurons


reference = {"made by": f"Brian2 {b2.__version__}", "cases": CASES, "results": {}}
for key, case in CASES.items():
    b2.start_scope()
    dt = case.setdefault("dt", 0.1)
    b2.defaultclock.dt = dt * b2.ms
    neurons = group(case, len(case.get("input", [0])), dt)
    state = case["equations"].split("/dt")[0].split("d")[-1]
    values = b2.StateMonitor(neurons, state, record=True, when="after_groups", dt=dt * b2.ms)
    net = b2.Network(neurons, values)
    if "threshold" in case:
        spikes = b2.SpikeMonitor(neurons)
        net.add(spikes)
    net.run(case["duration"] * b2.ms)
    trace = np.asarray(getattr(values, state))  # SI
    steps = [np.round(np.asarray(t) / (dt * 1e-3)).astype(int).tolist() for t in spikes.spike_trains().values()]
    steps = steps if "threshold" in case else []
    print(key, state, [len(s) for s in steps])
    rows = [[float(f"{x:.12g}") for x in row[19::20]] for row in trace]
    reference["results"][key] = {"state": state, "trace": rows, "spikes": steps}

b2.start_scope()
b2.seed(1)
neurons = group(NOISY, NOISY["n"], 0.1)
spikes, values = (
    b2.SpikeMonitor(neurons, record=False),
    b2.StateMonitor(neurons, "v", record=True, dt=5 * b2.ms, when="after_groups"),
)
b2.Network(neurons, spikes, values).run(NOISY["duration"] * b2.ms)
late = np.asarray(values.v)[:, 20:]
reference["noisy"] = NOISY | {"rate": spikes.num_spikes / NOISY["n"] / NOISY["duration"] * 1e3,
                              "mean": float(late.mean()), "std": float(late.std())}  # fmt: skip
print(reference["noisy"])
Path(__file__).with_name("brian2_reference.json").write_text(json.dumps(reference, indent=None) + "\n")
