"""Networks that test_devices.py runs on one device and on several, in a process that has several."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import simcore as sc
from simcore import measure
from simcore.models import STDP, FixedProbability, LIFRef, PoissonGroup, PoissonInput, Projection, TsodyksMarkram
from simcore.units import Hz, Mohm, ms, mV, nS, pA

SOME = [5, 120, 7]
N = 203  # in blocks of 112 and 91, or 56, 56, 56 and 35
RUNS = (3.0, 0.7, 8.3)  # ms: shorter than the shortest delay, and no multiple of it
MONITORS = {
    "events": "cells.spike_events",
    "count": "cells.spike_count",
    "g": "cells.e.g",
    "some": ("cells.V", [0, 111, 112, N - 1]),
    "initial": sc.Record("cells.V", initial=True),
    "seldom": sc.Record("cells.e.g", [N - 1, 0], every=0.5 * ms, start=0.2 * ms, initial=True),
    "mean": measure.mean("cells.V"),
    "rate": measure.firing_rate("cells", over="neurons"),
}


def cells(**options):
    receptors = {
        "e": sc.models.Exponential(tau=5 * ms, reversal=0 * mV),
        "i": sc.models.Exponential(tau=10 * ms, reversal=-80 * mV),
    }
    V = sc.init.Uniform(-65 * mV, -50 * mV, seed=0)
    return LIFRef(
        N,
        R=100 * Mohm,
        tau=20 * ms,
        V_rest=-60 * mV,
        V_th=-50 * mV,
        V_reset=-60 * mV,
        tau_ref=2 * ms,
        spk_reset="hard",
        receptors=receptors,
        V_initializer=V,
        **options,
    )


def network(*, e=None, i=None, population=None, **parts):
    population = population or {}
    made, rule = cells(**population), FixedProbability(0.1)
    link = {"connect": rule, "weight": 4 * nS, "delay": 1.5 * ms} | (e or {})
    back = {"connect": rule, "weight": 20 * nS, "delay": 0.8 * ms} | (i or {})
    return sc.Network(
        seed=3,
        cells=made,
        e=Projection(made[:160], made, "e", **link),
        i=Projection(made[160:], made, "i", **back),
        **{name: make(made) for name, make in parts.items()},
    )


SPREAD = {"delay": sc.init.Uniform(1 * ms, 3 * ms)}
DRAWN = {"weight": sc.init.Uniform(2 * nS, 6 * nS)}
NETWORKS = {
    "one delay each": network,
    "delays that differ": lambda: network(e=SPREAD | DRAWN, i=SPREAD),
    "both kinds of delays": lambda: network(e=SPREAD),
    "plastic": lambda: network(e={"plasticity": STDP(w_max=8 * nS, A_plus=0.05, A_minus=0.06)} | DRAWN),
    "random": lambda: network(
        population={"noise": 2 * mV / ms**0.5, "escape": sc.models.ExponentialRate(rate=100 * Hz, delta=2 * mV)},
        all=lambda cells: PoissonInput(cells, "e", n=20, rate=30 * Hz, weight=3 * nS),
        some=lambda cells: PoissonInput(cells[SOME], "e", n=np.array([9, 4, 6]), rate=30 * Hz, weight=5 * nS),
    ),
}


def sourced():
    """Return a network that a source drives, which each device has as a whole: at once, and with delays that differ."""
    source, net = PoissonGroup(30, 100 * Hz), network(e=SPREAD, i={"short_term": TsodyksMarkram()})
    net.source, drawn = source, {"connect": FixedProbability(0.2), "weight": 8 * nS}
    net.at_once = Projection(source, net.cells[50:], "e", short_term=TsodyksMarkram(), **drawn)
    net.later = Projection(source, net.cells, "e", **drawn, **SPREAD)
    return net


NETWORKS["source and depression"] = sourced


def ruled():
    """Return a network with a projection of each rule that draws, and weights and delays in each form."""
    x = np.random.default_rng(1).uniform(0, 100, (N, 2))
    net, models = network(e=DRAWN, population={"positions": x * sc.units.um}), sc.models
    mixed = np.random.default_rng(0).permutation(N)[:90]
    in_degree = models.FixedInDegree(3, multiple=False, self_connections=False)
    of_distance = sc.init.OfDistance(lambda d: d / (100 * sc.units.um) * nS)
    more = {
        "in_degree": (net.cells[mixed], in_degree, np.linspace(1, 5, 3 * N) * nS, 1.5 * ms),
        "out_degree": (net.cells[mixed], models.FixedOutDegree(4), 5 * nS, np.linspace(1, 3, 360).round(1) * ms),
        "total": (net.cells, models.FixedTotalNumber(500, multiple=False), DRAWN["weight"], SPREAD["delay"]),
        "near": (net.cells, models.DistanceGaussian(20 * sc.units.um, 0.3), of_distance, 1.5 * ms),
        "ring": (net.cells, models.SmallWorld(4, 0.3), np.full((N, N), 2.0) * nS, 1.5 * ms),
        "by_distance": (net.cells, FixedProbability(0.01), 3 * nS, sc.init.OfDistance(lambda d: (1 + d.m // 40) * ms)),
        "all": (net.cells[:3], models.AllToAll(), 1 * nS, 1.5 * ms),
        "as_good_as_all": (net.cells[:3], FixedProbability(1.0), DRAWN["weight"], 1.5 * ms),
    }
    for name, (pre, rule, weight, delay) in more.items():
        setattr(net, name, Projection(pre, net.cells, "e", connect=rule, weight=weight, delay=delay))
    return net


NETWORKS["rules"] = ruled


def neurons(devices):
    cell = sc.models.AdExIF.preset(
        "brette_gerstner", (5, 41), method="heun", V_initializer=sc.init.Uniform(-75 * mV, -56 * mV, seed=1)
    )
    monitors = {"V": ("V", [0, 7, 40]), "isi": measure.interval_mean, "events": "spike_events", "w": "w"}
    runner = sc.DSRunner(cell, monitors, progress_bar=False, devices=devices)
    drive = np.linspace(500, 1500, 205).reshape(5, 41)
    recording = runner.run(
        60 * ms, inputs=sc.inputs.function(lambda t, I, T: I * jnp.sin(t / T) ** 2, "pA", I=drive * pA, T=20 * ms)
    )
    return {"V": recording.V.m, "isi": recording.isi.m, "w": recording.w.m, "events": recording.events.indices}


def initial(devices):
    """Return what a store has of two runs that record the initial values too, and these."""
    net = network(e=SPREAD)
    runner = sc.DSRunner(net, MONITORS, progress_bar=False, devices=devices, store=f"initial on {devices}")
    start = net.cells.V.value.m
    runner.run(1.3 * ms, inputs={"cells": 200 * pA})
    mon = runner.run(2 * ms, inputs={"cells": 200 * pA})
    return {"start": start} | {f"{name} {what}": v.m for name in ("initial", "seldom")
                               for what, v in (("values", mon[name]), ("times", mon.times(name)))}  # fmt: skip


def changed(runner, step, net):
    """Change a network at a step; end nothing."""
    if runner.i == step:
        net.cells.V_th, net.i.weight = -49 * mV, 25 * nS
        net.cells.V.value = net.cells.V.value - 1 * mV


def job(several):
    """Run on, from one file of `save` to the next, with parameters that change on the way."""
    net, found = network(e=SPREAD), []
    runner = sc.DSRunner(net, MONITORS, progress_bar=False, devices=several[0])
    for k, devices in enumerate(several):
        if k:
            runner = sc.DSRunner.resume("job.npz", net, MONITORS, progress_bar=False, devices=devices)
        until = functools.partial(changed, runner, runner.i + 20)
        recording = runner.run(4.3 * ms, inputs={"cells": 200 * pA}, until=until, every=2 * ms)
        found.append(np.stack([recording.events.times.m, recording.events.indices]))
        runner.save("job.npz")
    return np.concatenate(found, 1)


def of_links(net):
    return {f"synapses of {k}": synapses(p) for k, p in net.links().items() if isinstance(p, Projection)}


def synapses(projection):
    """Return the synapses, with their weights and delays, one to a row."""
    weight = projection.weight.value if projection.plasticity else projection.weight
    pre, post = projection.synapses()
    each = [pre, post, weight.m, projection.delay_steps(0.1) if projection.spread else 15]
    return np.stack(np.broadcast_arrays(*each), 1)


def one_run(net):
    """Return V after some steps on one device, with the spikes that are on their way."""
    sc.DSRunner(net, progress_bar=False).run(4 * ms, inputs={"cells": 160 * pA})
    return np.asarray(net.cells.V.raw)


def results(net, devices):
    runner = sc.DSRunner(net, MONITORS, seed=5, progress_bar=False, devices=devices)
    arrays = {}
    for k, duration in enumerate(RUNS):
        recording = runner.run(duration * ms, inputs={"cells": 160 * pA})
        for name in MONITORS:
            item = recording[name]
            parts = {"times": item.times, "indices": item.indices} if name == "events" else {"": item}
            arrays |= {f"{k}/{name}/{key}": np.asarray(getattr(v, "magnitude", v)) for key, v in parts.items()}
    return arrays | {path: np.asarray(state.raw) for path, state in net.states().items()}


def write():
    """Write the results of all, in the working directory."""
    for name, devices in (("several", 4), ("one", None)):
        np.savez(f"neurons {name}.npz", **neurons(devices))
    for name, devices in (("several", 4), ("one", None)):
        np.savez(f"initial {name}.npz", **initial(devices))
    runner = sc.DSRunner(network(e=SPREAD), MONITORS, progress_bar=False)
    recording = runner.run(7 * ms, inputs={"cells": 200 * pA})
    events = recording.events
    np.savez("stored.npz", events=np.stack([events.times.m, events.indices]), V=recording.some.m)
    for name, devices in (("several", (4, None, 2)), ("one", (None, None, None))):
        np.savez(f"job {name}.npz", events=job(devices))
    for name, make in NETWORKS.items():
        for devices in (None, 4) if name != "one delay each" else (None, 1, 2, 4):
            net = make()
            np.savez(f"{name} {devices}.npz", **results(net, devices), **of_links(net), after=one_run(net))


def stored(process):
    """Record into a store that both processes read, in two runs, the second of which ends by what it has recorded."""
    net = network(e=SPREAD)
    runner = sc.DSRunner(net, MONITORS, progress_bar=False, devices=jax.devices(), store="store")
    first = runner.run(3 * ms, inputs={"cells": 200 * pA})
    assert len(first.ts) == 30
    counted = []
    runner.run(6 * ms, inputs={"cells": 200 * pA}, every=1 * ms,
               until=lambda net: counted.append(len(runner.mon.ts)) or len(counted) == 4)  # fmt: skip
    assert counted == [40, 50, 60, 70]
    events = sc.open_run("store").events
    np.savez(f"stored {process}.npz", events=np.stack([events.times.m, events.indices]), V=runner.mon.some.m)
    with pytest.raises(FileExistsError, match="is there already"):
        sc.DSRunner(net, devices=jax.devices(), store="store")


def write_of_processes(address, process):
    """Write the results of one network that two processes run."""
    sc.distributed.initialize(address, 2, process)
    with pytest.raises(ValueError, match="of several each has some of the synapses alone"):
        sc.DSRunner(cells(), devices=jax.devices(), checkpoint="job", checkpoint_every=1 * ms)
    stored(process)
    one_of_each = [next(d for d in jax.devices() if d.process_index == k) for k in range(2)]
    for name, make in NETWORKS.items():
        for count, devices in (2, one_of_each), (4, jax.devices()):
            net = make()
            arrays = results(net, devices) | of_links(net)
            if name == "rules" and process == 1:  # it has the rest again for itself, without the other process
                arrays["after"] = one_run(net)
                arrays |= {f"whole {key}": rows for key, rows in of_links(net).items()}
            np.savez(f"{name} {count} {process}.npz", **arrays)
