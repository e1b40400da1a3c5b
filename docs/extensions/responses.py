"""What a model does, drawn by the library: V of a neuron and its f-I curve, the current of a channel in a clamp, ...

A picture is drawn again when its model, the bases of that, or this file have changed: its name has a hash of these.
"""

import hashlib
import inspect
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

import simcore as sc
from simcore import bases, models
from simcore.models import channels as ch
from simcore.units import Hz, Mohm, ms, mV, nS, pA

PICTURES = Path(__file__).parents[1] / "reference" / "pictures"
POINTS = 80  # currents that are tried at once


def neuron(cls: Any) -> Any:
    """Draw V under the least of some currents that makes a neuron spike a few times, and its rate over the current."""
    model = cls(1, **made_of(cls))
    try:
        step(model)
    except sc.DimensionalityError:
        unit, ladder = 1, np.geomspace(0.02, 20, POINTS)
    else:
        unit, ladder = pA, np.geomspace(3, 3e10, POINTS)
    with warnings.catch_warnings():  # of currents under which V runs away
        warnings.simplefilter("ignore")
        counts = sweep(model, ladder * unit)["count"].magnitude.reshape(POINTS)
        chosen = ladder[np.argmax(counts >= min(5, np.nanmax(counts)))]
        currents = np.linspace(0, 2 * chosen, POINTS + 1)[1:]
        found = sweep(model, currents * unit)
    at = POINTS // 2 - 1  # the chosen one
    trace = found["V"].isel(inputs=at)
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 2.6), width_ratios=(2, 1), layout="constrained")
    V = trace.values
    V = V.reshape(len(V), -1)[:, 0]
    sc.visualize.line_plot(trace.coord("time"), V, ax=left, lw=1, ylabel=f"V{'' if unit == 1 else ' (mV)'}")
    spiked = found["spikes"].isel(inputs=at).magnitude.reshape(len(V)) > 0
    times = trace.coord("time").m_as("ms")[spiked]
    left.plot(times, np.full(len(times), 1.04), "|", color="C3", transform=left.get_xaxis_transform(), clip_on=False)
    if "V_th" in cls.PARAMS:
        left.axhline(float(getattr(model.V_th, "magnitude", model.V_th)), color="gray", ls=":", lw=0.8)
    x = currents if unit == 1 else (currents * pA).to((float(np.max(currents)) * pA).to_compact().units)
    left.set_title(
        pad=9,
        label=f"under {chosen:.3g}" if unit == 1 else f"under {(chosen * pA).to_compact():.3g~P}",
        fontsize="medium",
    )
    right.plot(getattr(x, "magnitude", x), np.nan_to_num(1000 / found["interval"].m_as("ms").reshape(POINTS)))
    right.set(xlabel="input" if unit == 1 else f"current ({x.units:~P})", ylabel="firing rate (Hz)")
    return figure


def step(model: Any) -> None:
    """Take one step under a current."""
    sc.DSRunner(model, [], dt=0.05 * ms, progress_bar=False).run(0.05 * ms, inputs=0 * pA)
    model.reset_state()


def sweep(model: Any, inputs: Any) -> Any:
    """Return V, the spikes, their number and their mean interval under constant inputs."""
    measure = {
        "V": sc.measure.trace("V"),
        "spikes": sc.measure.trace(lambda model: 1.0 * model.spike),
        "count": sc.measure.spike_count,
        "interval": sc.measure.interval_mean,
    }
    return sc.Sweep(model, {"inputs": inputs}, measure, dt=0.05 * ms, progress_bar=False).run(300 * ms)


def made_of(cls: Any) -> dict[str, Any]:
    """Return what a neuron is put together from, if it has to be."""
    if cls is models.CondNeuron:
        return {"channels": {"na": ch.INa_TM1991(), "k": ch.IK_TM1991(), "leak": ch.IL()}}
    return {}


def membrane(cls: Any) -> Any:
    """Draw V of a neuron that does not spike, under a step of current."""
    steps = sc.inputs.section_input([0 * pA, 200 * pA, 0 * pA], [20, 60, 70] * ms)
    cell = cls(1, R=100 * Mohm)
    mon = sc.DSRunner(cell, ["V"], progress_bar=False).run(inputs=steps)
    _, ax = plt.subplots(figsize=(6, 2.4), layout="constrained")
    return sc.visualize.line_plot(mon.ts, mon.V, ax=ax).figure


def receptor(cls: Any) -> Any:
    """Draw what one spike does at a receptor."""
    made = cls() if cls is models.Delta or cls.PARAMS["reversal"].default is not None else cls(reversal=0 * mV)
    cell = models.LIF(
        1, R=100 * Mohm, tau=20 * ms, V_rest=-65 * mV, V_reset=-65 * mV, V_th=-20 * mV, receptors={"r": made}
    )
    weight = {"nS": 1 * nS, "mV": 1 * mV}.get(made.unit, 10)
    source = models.SpikeSource(1, [5.0] * ms, [0])
    link = models.Projection(source, cell, "r", connect=models.OneToOne(), weight=weight)
    net = sc.Network(source=source, cell=cell, link=link)
    states = [f"cell.r.{name}" for name, state in cls.STATES.items() if isinstance(state, sc.HiddenState)]
    mon = sc.DSRunner(net, ["cell.V", *states], progress_bar=False).run(duration_of(cls))
    figure, axes = plt.subplots(
        1, 1 + bool(states), figsize=(9 if states else 5, 2.4), layout="constrained", squeeze=False
    )
    sc.visualize.line_plot(mon.ts, mon["cell.V"], ax=axes[0, -1], ylabel="V (mV)")
    for name in states[:1]:
        sc.visualize.line_plot(mon.ts, mon[name], ax=axes[0, 0], ylabel=f"{name.rpartition('.')[2]} ({made.unit})")
    return figure


def duration_of(cls: Any) -> Any:
    """Return how long a receptor takes."""
    return 1000 * ms if cls is models.GABAb else 300 * ms if issubclass(cls, models.NMDA) else 60 * ms


def channel(cls: Any) -> Any:
    """Draw the current of a channel in a voltage clamp: steps from -90 mV, and its size at their ends and peaks."""
    ions = {"ca": ch.CalciumPool()} if "ca" in (cls.carries, cls.follows) else {}
    volts = np.arange(-100, 41, 20)
    needs = {"E": -65 * mV} if cls.PARAMS.get("E") and cls.PARAMS["E"].default is None and cls.carries != "ca" else {}
    clamp = models.VoltageClamp(len(volts), channels={"c": cls(**needs)}, ions=ions)
    command = sc.inputs.section_input([-90 * mV, volts * mV], [50 * ms, 100 * ms])
    mon = sc.DSRunner(clamp, ["c.I"], dt=0.05 * ms, progress_bar=False).run(inputs=command)
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 2.6), width_ratios=(2, 1), layout="constrained")
    I = -mon["c.I"].m_as("uA/cm**2")  # outward positive, as recordings have it
    colors = plt.get_cmap("viridis")(np.linspace(0, 0.9, len(volts)))
    for k, color in enumerate(colors):
        left.plot(mon.ts.m_as("ms"), I[:, k], color=color, lw=1, label=f"{volts[k]} mV" if k % 2 else None)
    left.set(xlabel="time (ms)", ylabel="outward current (uA/cm²)", xlim=(45, 150))
    left.legend(fontsize="x-small", frameon=False)
    late = I[mon.ts.m_as("ms") > 50.1]
    right.plot(volts, late[np.argmax(np.abs(late), axis=0), np.arange(len(volts))], "o-", label="largest")
    right.plot(volts, late[-1], "s--", label="last")
    right.set(xlabel="V (mV)")
    right.legend(fontsize="x-small", frameon=False)
    return figure


def pairs(cls: Any) -> Any:
    """Draw by how much a pair of spikes changes a weight, over the time between them."""
    apart = np.concatenate([np.arange(-60, 0, 3), np.arange(3, 61, 3)]).astype(float)  # ms
    n, w = len(apart), 50.0
    needs = {"w_max": 100 * pA, "w_0": 50 * pA, "eta": 1 * pA}
    rule = cls(**{k: v for k, v in needs.items() if k in inspect.signature(cls).parameters})
    cells = models.LIF(
        n, V_th=10 * mV, spk_reset="hard", receptors={"command": models.Delta(), "w": models.Exponential()}
    )
    pre = models.SpikeSource(n, np.full(n, 100.0) * ms, np.arange(n))
    command = models.SpikeSource(n, (99.9 + apart) * ms, np.arange(n))
    one = {"connect": models.OneToOne()}
    net = sc.Network(
        pre=pre,
        command=command,
        cells=cells,
        force=models.Projection(command, cells, "command", weight=1e4 * mV, **one),
        link=models.Projection(pre, cells, "w", weight=w * pA, plasticity=rule, **one),
    )
    sc.DSRunner(net, [], progress_bar=False).run(200 * ms)
    figure, ax = plt.subplots(figsize=(5, 2.6), layout="constrained")
    ax.plot(apart, 100 * (net.link.weight.value.m_as("pA") / w - 1), "o", ms=3)
    ax.axhline(0, color="gray", lw=0.8)
    ax.set(xlabel="postsynaptic minus presynaptic spike (ms)", ylabel="change of the weight (%)")
    return figure


def short_term(cls: Any) -> Any:
    """Draw the current of a synapse under a train of spikes at 20 Hz."""
    source = models.SpikeSource(1, np.arange(20, 421, 50.0) * ms, np.zeros(9, int))
    cell = models.LIF(1, V_th=100 * mV, receptors={"r": models.Exponential(tau=5 * ms)})
    link = models.Projection(source, cell, "r", connect=models.OneToOne(), weight=100 * pA, short_term=cls())
    net = sc.Network(source=source, cell=cell, link=link)
    mon = sc.DSRunner(net, ["cell.r.g"], progress_bar=False).run(500 * ms)
    _, ax = plt.subplots(figsize=(6, 2.4), layout="constrained")
    return sc.visualize.line_plot(mon.ts, mon["cell.r.g"], ax=ax, ylabel="current (pA)").figure


def connections(cls: Any) -> Any:
    """Draw which of 50 neurons a rule connects."""
    degree = {"FixedInDegree": 5, "FixedOutDegree": 5, "FixedTotalNumber": 250, "FixedProbability": 0.1}
    rule = cls(degree[cls.__name__]) if cls.__name__ in degree else cls()
    cells = models.LIF(50, receptors={"r": models.Exponential()})
    pre, post = models.Projection(cells, cells, connect=rule, weight=1 * pA).synapses()
    figure, ax = plt.subplots(figsize=(3.2, 3.2), layout="constrained")
    ax.plot(post, pre, "s", ms=2.5)
    ax.set(xlabel="postsynaptic neuron", ylabel="presynaptic neuron", xlim=(-1, 50), ylim=(50, -1), aspect="equal")
    return figure


def raster(cls: Any) -> Any:
    """Draw the spikes of a source at 20 Hz."""
    mon = sc.DSRunner(cls(30, 20 * Hz), ["spike_events"], progress_bar=False).run(500 * ms)
    _, ax = plt.subplots(figsize=(6, 2.2), layout="constrained")
    return sc.visualize.raster_plot(mon.spike_events, ax=ax).figure


def rates(cls: Any) -> Any:
    """Draw what a population sends: by itself, or under an input from 100 to 200 ms where it would rest."""
    inputs = {"LeakyRate": 1.0, "ThresholdLinear": 300 * pA, "WilsonCowan": 1.25, "MontbrioPazoRoxin": 3.0}
    cell = cls(1)
    runner = sc.DSRunner(cell, {"output": lambda model: model.output()}, progress_bar=False)
    x = inputs.get(cls.__name__)
    runs = [(600 * ms, None)] if x is None else [(100 * ms, 0 * x), (100 * ms, x), (100 * ms, 0 * x)]
    _, ax = plt.subplots(figsize=(6, 2.4), layout="constrained")
    for duration, value in runs:
        mon = runner.run(duration, inputs=value)
        output = mon.output if cell.output_unit == "dimensionless" else mon.output.to(cell.output_unit)
        sc.visualize.line_plot(mon.ts, output, ax=ax, color="C0", lw=1)
    ax.set_ylabel(f"output ({cell.output_unit})".replace(" (dimensionless)", ""))
    return ax.figure


CONNECTED = ("AllToAll", "OneToOne", "FixedProbability", "FixedInDegree", "FixedOutDegree", "FixedTotalNumber")
# In voltage clamp without calcium, alone, or without a population that drives them, these show nothing.
UNDRAWN = (models.VoltageClamp, models.Gated, models.GatedNMDA, models.Kuramoto, ch.IAHP_De1994)
PAIRS = ("STDP", "PowerLawSTDP", "TripletSTDP", "VogelsSTDP")


def drawing(obj: Any) -> Callable[[Any], Any] | None:
    """Return what draws the response of a model; None where no one picture tells it."""
    if not inspect.isclass(obj) or obj in UNDRAWN:
        return None
    if obj is models.LeakyIntegrator:
        return membrane
    name = obj.__name__
    by_name = dict.fromkeys(CONNECTED, connections) | dict.fromkeys(PAIRS, pairs) | {"PoissonGroup": raster}
    by_name["TsodyksMarkram"] = short_term
    by_base = ((sc.Neuron, neuron), (bases.Receptor, receptor), (ch.Channel, channel), (bases.Dynamics, rates))
    of_base = next((draw for base, draw in by_base if issubclass(obj, base) and not name.endswith("Channel")), None)
    return by_name.get(name, of_base)


def caption(obj: Any) -> str:
    """Return what a picture shows."""
    draw = drawing(obj)
    texts = {
        neuron: "V under a constant current from 0 ms on, with its spikes (red) and the threshold (dotted) where "
        "it is fixed; right, one over the mean interval in 300 ms; all parameters have their defaults.",
        membrane: "V under 200 pA from 20 to 80 ms; R is 100 Mohm, all else has its default.",
        receptor: "A spike arrives at 5 ms: the receptor, and V of a neuron with R 100 Mohm, tau 20 ms that rests at "
        "-65 mV.",
        channel: "In a voltage clamp, V steps from -90 mV to the values of the legend at 50 ms (every other one is "
        "named); right: the largest and the last current of each step.",
        pairs: "One pair of spikes; the weight begins at 50 pA, and w_max, where there is one, is 100 pA.",
        short_term: "Spikes at 20 Hz arrive at an exponential receptor; the weight is 100 pA.",
        connections: "The synapses among 50 neurons.",
        rates: "What the population sends; where it needs an input, that comes from 100 to 200 ms.",
        raster: "30 neurons at 20 Hz.",
    }
    return texts[draw] if draw else ""


def picture(obj: Any) -> str | None:
    """Return the name of the picture of a model, drawn if it is not there; None if it has none."""
    draw = drawing(obj)
    if draw is None:
        return None
    sources = {inspect.getsourcefile(c) for c in obj.__mro__ if c.__module__.startswith("simcore")} | {__file__}
    key = hashlib.sha256(b"".join(Path(f).read_bytes() for f in sorted(sources))).hexdigest()[:12]
    path = PICTURES / f"{obj.__name__}-{key}.png"
    if not path.exists():
        PICTURES.mkdir(parents=True, exist_ok=True)
        for old in PICTURES.glob(f"{obj.__name__}-*.png"):
            old.unlink()
        figure = draw(obj)
        figure.savefig(path, dpi=130)
        plt.close(figure)
    return path.name
