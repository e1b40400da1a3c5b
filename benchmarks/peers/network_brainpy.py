"""The task of network.py in BrainPy, classic and brainpy.state; runs in an environment that has BrainPy.

The one argument is the task as JSON. Each line on standard input runs both networks on for the task's duration, from
where they are, and answers with a line of JSON: the seconds of the jitted loop of each, which returns the spikes of
all steps as (steps, n) truth values, and the mean rates in Hz. The first answer includes the compilation.

The event-driven products of spikes and synapses are those of brainevent: on a CPU numba's, where numba is installed
(`brainpy[cpu]` demands it), else plain JAX over all synapses. Conductances are in units of the leak's, currents as
the voltages they cause (classic), or in mS, mA and ohm with R = 1 ohm (brainpy.state).
"""

import importlib.metadata
import importlib.util
import json
import sys
import time

import brainevent
import brainpy as bp
import brainpy.math as bm
import brainpy.state
import brainstate
import braintools
import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np


def initial_V(task):
    """Return V at the start, (n,), mV."""
    return np.random.default_rng(0).uniform(task["V_first"], task["V_last"], task["n"]).astype(np.float32)


def sides(task):
    """Return for e and i: the slice of the neurons, how many they are, and the weight over the leak's (or in mV)."""
    first = round(task["excitatory"] * task["n"])
    scale = 1e-3 * task["R"]  # Mohm nS = 1e-3, Mohm pA = 1e-3 mV
    if task["model"] == "cobahh":
        scale = over_area(task)
    return {
        "e": (slice(0, first), first, scale * task["w_e"]),
        "i": (slice(first, task["n"]), task["n"] - first, scale * task["w_i"]),
    }


def over_area(task):
    """Return what makes mS/cm2 of nS."""
    return 100.0 / task["area"]


def synapses(n_pre, n_post, p, seed):
    """Return a random connection with the probability p as (indices, indptr): compressed rows.

    The number of synapses of each neuron is binomial. brainstate.nn.EventFixedProb gives all the same number, with
    which this network fires 10 % less.
    """
    rng = np.random.default_rng(seed)
    counts = rng.binomial(n_post, p, n_pre)
    indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    post = rng.integers(n_post, size=indptr[-1], dtype=np.int64)
    keys = np.sort(np.repeat(np.arange(n_pre), counts) * n_post + post)  # each row in ascending order
    return (keys % n_post).astype(np.int32), indptr


class Membrane(bp.dyn.CondNeuGroup):
    """The neurons of COBAHH: conductances in mS/cm2, currents in uA/cm2."""

    def __init__(self, task):
        n, V = task["n"], np.random.default_rng(0).normal(task["V_mean"], task["V_sd"], task["n"])
        super().__init__(n, V_th=-20.0, V_initializer=bm.asarray(V, bm.float32))
        (g_na, E_na), (g_k, E_k), (g_leak, E_leak) = task["na"], task["k"], task["leak"]
        self.na = bp.dyn.INa_TM1991(n, g_max=g_na, E=E_na, V_sh=task["V_T"])
        self.k = bp.dyn.IK_TM1991(n, g_max=g_k, E=E_k, V_sh=task["V_T"])
        self.leak = bp.dyn.IL(n, g_max=g_leak, E=E_leak)


class Classic(bp.DynSysGroup):
    """The network of `bp.dyn`: exponential synapses aligned with the neurons they reach."""

    def __init__(self, task):
        super().__init__()
        n = task["n"]
        self.neurons = Membrane(task) if task["model"] == "cobahh" else self.leaky(task)
        self.drive = 1e-3 * task["R"] * task["drive"]
        self.delay = bp.VarDelay(self.neurons.spike, entries={"all": task["delay"] or None})
        self.sides, self.parts = sides(task), {}
        for seed, (name, (_, n_pre, weight)) in enumerate(self.sides.items()):
            rows = bp.conn.CSRConn(*synapses(n_pre, n, task["synapses"] / n, seed))
            coba = task["model"] != "cuba"
            self.parts[name] = bp.dyn.HalfProjAlignPost(
                comm=bp.dnn.EventCSRLinear(rows(pre_size=n_pre, post_size=n), weight),
                syn=bp.dyn.Expon(size=n, tau=task[f"tau_{name}"]),
                out=bp.dyn.COBA(E=task[f"E_{name}"]) if coba else bp.dyn.CUBA(),
                post=self.neurons,
            )
            if task["model"] == "cobahh":
                g = np.random.default_rng(seed).uniform(0, task[f"first_{name}"] * over_area(task), n)
                self.parts[name].refs["syn"].g.value = bm.asarray(g, bm.float32)
        self.projections = bm.NodeDict(self.parts)

    @staticmethod
    def leaky(task):
        """Return the neurons of COBA and CUBA."""
        names = ("V_rest", "V_reset", "V_th", "tau", "tau_ref")
        start = bm.asarray(initial_V(task))
        return bp.dyn.LifRef(task["n"], **{name: task[name] for name in names}, V_initializer=start)

    def update(self):
        """Advance by one step and return the spikes."""
        spikes = self.delay.at("all")
        for name, (part, _, _) in self.sides.items():
            self.projections[name](spikes[part])
        self.delay(self.neurons(self.drive))
        return self.neurons.spike.value


def classic(task):
    """Return a function that runs the network on by some steps from step `first` and returns the spikes."""
    net = Classic(task)
    steps, dt = task["steps"], task["dt"]

    @bm.jit
    def loop(first):
        def step(i):
            bp.share.save(i=i, t=i * dt)
            return net.update()

        return bm.for_loop(step, first + bm.arange(steps))

    return loop


class EventCSR(brainstate.nn.Module):
    """Spikes through compressed rows of synapses of one weight."""

    def __init__(self, rows, weight, shape):
        super().__init__()
        self.in_size, self.out_size = shape
        self.rows = brainevent.CSR((weight, *rows), shape=shape)

    def update(self, spikes):
        """Return what arrives at each neuron."""
        return brainevent.BinaryArray(spikes) @ self.rows


class StateBased(brainstate.nn.Module):
    """The network of `brainpy.state`."""

    def __init__(self, task):
        super().__init__()
        n = task["n"]
        self.neurons = brainpy.state.LIFRef(
            n,
            R=1.0 * u.ohm,
            tau=task["tau"] * u.ms,
            tau_ref=task["tau_ref"] * u.ms,
            V_th=task["V_th"] * u.mV,
            V_reset=task["V_reset"] * u.mV,
            V_rest=task["V_rest"] * u.mV,
            V_initializer=braintools.init.Constant(0.0 * u.mV),
            spk_reset="hard",
        )
        self.drive = 1e-3 * task["R"] * task["drive"] * u.mA
        coba, delay = task["model"] == "coba", task["delay"] * u.ms if task["delay"] else None
        unit = u.siemens if coba else u.mA
        self.sides, self.projections = sides(task), {}
        for seed, (name, (_, n_pre, weight)) in enumerate(self.sides.items()):
            out = brainpy.state.COBA.desc(E=task[f"E_{name}"] * u.mV) if coba else brainpy.state.CUBA.desc(scale=1.0)
            self.projections[name] = brainpy.state.AlignPostProj(
                comm=EventCSR(synapses(n_pre, n, task["synapses"] / n, seed), weight * unit, (n_pre, n)),
                syn=brainpy.state.Expon.desc(
                    n, tau=task[f"tau_{name}"] * u.ms, g_initializer=braintools.init.Constant(0.0 * unit)
                ),
                out=out,
                post=self.neurons,
                delay=delay,
                label=name,
            )

    def update(self):
        """Advance by one step and return the spikes."""
        spikes = self.neurons.get_spike()
        for name, (part, _, _) in self.sides.items():
            self.projections[name](spikes[part])
        return self.neurons(self.drive)


def state_based(task):
    """Return a function that runs the network on by some steps from step `first` and returns the spikes."""
    net = StateBased(task)
    brainstate.nn.init_all_states(net)
    net.neurons.V.value = initial_V(task) * u.mV
    steps, dt = task["steps"], task["dt"] * u.ms

    @brainstate.transform.jit
    def loop(first):
        def step(i):
            with brainstate.environ.context(i=i, t=i * dt, dt=dt):
                return net.update() != 0

        return brainstate.transform.for_loop(step, first + jnp.arange(steps))

    return loop


def versions():
    """Return the versions of what computes."""
    found = {"BrainPy": bp.__version__, "its jax": jax.__version__, "its brainevent": brainevent.__version__}
    numba = importlib.metadata.version("numba") if importlib.util.find_spec("numba") else "missing"
    return found | {"its numba": numba}


def main():
    task = json.loads(sys.argv[1])
    bm.set_dt(task["dt"])
    brainstate.environ.set(dt=task["dt"] * u.ms)
    loops = {"BrainPy bp.dyn": classic(task)}
    if task["model"] != "cobahh":
        loops["BrainPy brainpy.state"] = state_based(task)
    first = 0
    for _ in sys.stdin:
        answer = {"seconds": {}, "rates": {}, "versions": versions()}
        for name, loop in loops.items():
            start = time.perf_counter()
            spikes = jax.block_until_ready(loop(first))
            answer["seconds"][name] = time.perf_counter() - start
            answer["rates"][name] = 1e3 * int(np.count_nonzero(spikes)) / (task["n"] * task["duration"])
        first += task["steps"]
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
