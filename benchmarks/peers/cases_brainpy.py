"""The tasks of cases.py in BrainPy; runs in an environment that has BrainPy.

The one argument is the task as JSON, `kind` and `how` among it: `bp.dyn` or `brainpy.state`. It runs the task once and
says so in a line. Each line on standard input runs it on from where it is and answers with a line of JSON: the seconds
of the jitted loop, those of the whole call (the counts of spikes as a numpy array too), and the mean rate in Hz.

`bp.dyn.OUProcess` and the noise of `bp.dyn.Lif` are BrainPy's. Neurons of `brainpy.state` have no noise: their equation
is written with `brainstate.nn.exp_euler_step`.
"""

import json
import sys
import time

import brainpy as bp
import brainpy.math as bm
import brainpy.state
import brainstate
import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np


class Coloured(bp.DynSysGroup):
    """Leaky neurons with a current of Ornstein and Uhlenbeck: 30 pA, 5 ms."""

    def __init__(self, n, leaky):
        super().__init__()
        self.neurons, self.current = bp.dyn.Lif(n, **leaky), bp.dyn.OUProcess(n, sigma=30 * 0.4**0.5, tau=5.0)

    def update(self, drive):
        """Advance by one step and return the spikes."""
        return self.neurons(drive + self.current())


def classic(task):
    """Return a function that runs neurons of `bp.dyn` on from step `first` and returns the counts; pA, Gohm."""
    n, drive = task["n"], task["drive"]
    leaky = {"R": 0.1, "tau": 20.0, "V_th": 10.0, "V_reset": 0.0, "spk_reset": "hard"}
    if task["kind"] == "noise":
        leaky |= {"noise": 1.0, "method": "exp_euler"}
    net = Coloured(n, leaky) if task["kind"] == "coloured" else bp.dyn.Lif(n, **leaky)
    count = bm.Variable(bm.zeros(n, dtype=bm.int32))

    @bm.jit
    def loop(first):
        count.value = bm.zeros(n, dtype=bm.int32)

        def step(i):
            bp.share.save(i=i, t=i * 0.1)
            count.value = count.value + (net(drive) != 0)

        bm.for_loop(step, first + bm.arange(task["steps"]))
        return count.value

    return loop


class Leaky(brainpy.state.LIF):
    """Leaky neurons with white noise on V, or a current of Ornstein and Uhlenbeck."""

    def __init__(self, n, kind):
        super().__init__(n, R=100e6 * u.ohm, tau=20 * u.ms, V_th=10 * u.mV, V_reset=0 * u.mV, spk_reset="hard")
        self.kind = kind

    def init_state(self, *args, **kwargs):
        """Make V and the current."""
        super().init_state(*args, **kwargs)
        self.J = brainstate.HiddenState(jnp.zeros(self.varshape) * u.pA)

    def update(self, x):
        """Advance by one step and return the spikes."""
        V = u.math.where(self.V.value >= self.V_th, self.V_reset, self.V.value)
        noise = ()
        if self.kind == "coloured":
            amplitude = 30 * 0.4**0.5 * u.pA / u.ms**0.5
            x = x + self.J.value
            decay = lambda J: -J / (5 * u.ms)  # noqa: E731
            self.J.value = brainstate.nn.exp_euler_step(decay, lambda J: amplitude, self.J.value)
        elif self.kind == "noise":
            noise = (lambda V: 1 * u.mV / u.ms**0.5,)
        drift = lambda V: (self.V_rest - V + self.R * x) / self.tau  # noqa: E731
        self.V.value = brainstate.nn.exp_euler_step(drift, *noise, V)
        return self.V.value >= self.V_th


def state_based(task):
    """Return a function that runs neurons of `brainpy.state` on from step `first` and returns the counts."""
    neurons = Leaky(task["n"], task["kind"])
    brainstate.nn.init_all_states(neurons)
    count = brainstate.ShortTermState(jnp.zeros(task["n"], jnp.int32))
    dt, drive = 0.1 * u.ms, task["drive"] * u.pA

    @brainstate.transform.jit
    def loop(first):
        count.value = jnp.zeros(task["n"], jnp.int32)

        def step(i):
            with brainstate.environ.context(i=i, t=i * dt, dt=dt):
                count.value = count.value + neurons(drive)

        brainstate.transform.for_loop(step, first + jnp.arange(task["steps"]))
        return count.value

    return loop


def main():
    task = json.loads(sys.argv[1])
    bm.set_dt(0.1)
    brainstate.environ.set(dt=0.1 * u.ms)
    loop = {"bp.dyn": classic, "brainpy.state": state_based}[task["how"]](task)
    jax.block_until_ready(loop(0))
    print(0, flush=True)
    first = task["steps"]
    for _ in sys.stdin:
        start = time.perf_counter()
        counts = jax.block_until_ready(loop(first))
        seconds = time.perf_counter() - start
        rate = 1e4 * float(np.asarray(counts).mean()) / task["steps"]
        answer = {"loop": seconds, "whole": time.perf_counter() - start, "rate": rate}
        print(json.dumps(answer | {"versions": {"BrainPy": bp.__version__, "its jax": jax.__version__}}), flush=True)
        first += task["steps"]


if __name__ == "__main__":
    main()
