"""What cannot be traced is answered at the user's line, with the cure."""

import datetime
import math
import random
import secrets
import threading
import time
import uuid

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.stats
from numpy import tanh
from numpy.random import default_rng

import simcore as sc
from simcore.units import mA, ms, mV

memory = []


def lif(update):
    """Return three LIF neurons with this update(self, V), one line of code; V is in mV."""
    return type("Mine", (sc.models.LIF,), {"update": lambda self, x: update(self.V.value)})(3)


def line_of(update):
    return f"test_answers.py:{update.__code__.co_firstlineno}, in <lambda>: "


MISTAKES = [
    (lambda V: np.exp(V), "numpy's exp cannot take values of the step; use jnp.exp."),
    (lambda V: tanh(V), "numpy's tanh cannot take values of the step; use jnp.tanh."),
    (lambda V: np.maximum(V, 0), "numpy's maximum cannot take values of the step; use jnp.maximum."),
    (lambda V: np.where(V > 0, V, 0), "numpy's where cannot take values of the step; use jnp.where."),
    (lambda V: np.interp(V, [0, 1], [0, 1]), "numpy's interp cannot take values of the step; use jnp.interp."),
    (lambda V: np.array([V, V]), "numpy's array cannot take values of the step; use jnp.array."),
    (lambda V: np.random.poisson(V), "numpy's poisson cannot take values of the step; use functions of jax.numpy"),
    (lambda V: [0] @ np.asarray(V), "numpy's asarray cannot take values of the step; use jnp.asarray."),
    (lambda V: math.exp(V[0]), "math's exp cannot take values of the step; use jnp.exp."),
    (lambda V: max(V[0], V[1]), "Python's max cannot take values of the step; use jnp.maximum."),
    (lambda V: sorted(V), "Python's sorted cannot take values of the step; use jnp.sort."),
    (lambda V: float(V[0]), "Python's float cannot take values of the step; use functions of jax.numpy"),
    (lambda V: range(V[0].astype(int)), "Python's range cannot take values of the step; use jax.lax.fori_loop."),
    (lambda V: [1, 2][V[0].astype(int)], "a value of the step as an index of a list, a length or in range()"),
    (lambda V: V if V[0] > 0 else -V, "Python's if, while, float() or int() on a value of the step"),
    (lambda V: V[0] > 0 and V[1] > 0, "use jnp.where for a choice and jax.debug.print to see values."),
    (lambda V: V[V > 0], "a mask as an index takes as many elements as are True"),
    (lambda V: V.__setitem__(0, 1.0), "an array cannot be changed in place; write x = x.at[i].set(value)."),
    (lambda V: jnp.zeros(V[0].astype(int)), "a shape cannot depend on a value of the step"),
    (lambda V: memory.append(2 * V) or sum(memory), "a value of a step is kept in a variable of Python"),
]  # fmt: skip


@pytest.mark.parametrize(("update", "text"), MISTAKES)
def test_a_mistake_of_python_names_the_line_and_the_cure(update, text):
    memory.clear()
    with pytest.raises(TypeError) as caught:
        lif(update).update(1 * mA)
    assert str(caught.value).startswith(line_of(update))
    assert text in str(caught.value)


RUNS = {
    "runner": lambda model: sc.DSRunner(model).run(1 * ms, inputs=1 * mA),
    "sweep": lambda model: sc.Sweep(model, {"tau": [5, 9] * ms}, {"n": sc.measure.spike_count}, 1 * mA).run(1 * ms),
}


@pytest.mark.parametrize(("how", "mistake"), [("runner", 0), ("runner", -1), ("sweep", 0)])
def test_runner_and_sweep_give_the_same_answers(how, mistake):
    memory.clear()
    update, text = MISTAKES[mistake]
    with pytest.raises(TypeError) as caught:
        RUNS[how](lif(update))
    assert str(caught.value).startswith(line_of(update))
    assert text in str(caught.value)


def helper(V):
    noise = np.random.normal(size=3)
    return 2 * V + V * noise


def seeded(V):
    rng = np.random.default_rng(seed=0)
    return V * rng.normal(size=3)


@pytest.mark.parametrize(
    ("update", "line", "function"),
    [
        (lambda V: V * np.random.rand(), 0, "<lambda>"),
        (lambda V: V * random.gauss(0.0, 1.0), 0, "<lambda>"),
        (lambda V: helper(V), helper.__code__.co_firstlineno + 1, "helper"),
        (lambda V: V * scipy.stats.norm.rvs(), 0, "<lambda>"),
        (lambda V: V * scipy.stats.norm.rvs(random_state=1), 0, "<lambda>"),
        (lambda V: V * np.random.default_rng(0).normal(size=3), 0, "<lambda>"),
        (lambda V: V * default_rng(np.random.SeedSequence(0)).normal(), 0, "<lambda>"),
        (lambda V: V * np.random.RandomState(0).rand(), 0, "<lambda>"),
        (lambda V: V * np.random.Generator(np.random.PCG64(1)).normal(), 0, "<lambda>"),
        (lambda V: V * random.Random(3).random(), 0, "<lambda>"),
        (lambda V: V + seeded(V), seeded.__code__.co_firstlineno + 1, "seeded"),
    ],
)
def test_a_random_number_that_is_drawn_once_for_all_steps_is_refused_at_its_line(update, line, function):
    with pytest.raises(ValueError, match=r"is drawn once, while the step is traced.*sc\.random\.normal") as caught:
        sc.DSRunner(lif(update)).run(1 * ms, inputs=1 * mA)
    line = line or update.__code__.co_firstlineno
    assert str(caught.value).startswith(f"test_answers.py:{line}, in {function}: ")


KEY = jax.random.key(0)
CONSTANT_KEYS = {
    "of a seed": lambda V: V * jax.random.normal(jax.random.key(0), (3,)),
    "old kind": lambda V: V * jax.random.uniform(jax.random.PRNGKey(0), (3,)),
    "made before": lambda V: V * jax.random.normal(KEY, V.shape),
    "folded": lambda V: V * jax.random.bernoulli(jax.random.fold_in(KEY, 3), 0.5),
    "split": lambda V: V * jax.random.choice(jax.random.split(KEY)[1], np.arange(3.0)),
    "of counts": lambda V: V * jax.random.poisson(KEY, jnp.exp(V / V[0])),
    "gamma": lambda V: V * jax.random.gamma(KEY, jnp.exp(V / V)),
    "jit": lambda V: V * jax.jit(lambda: jax.random.normal(KEY))(),
    "cond": lambda V: jax.lax.cond(V[0] > 0, lambda: V * jax.random.normal(KEY), lambda: V),
    "scan": lambda V: jax.lax.scan(lambda key, v: (jax.random.split(key)[0], v * jax.random.normal(key)), KEY, V)[1],
    "while": lambda V: jax.lax.fori_loop(0, V[0].astype(int), lambda i, v: v * jax.random.normal(KEY), V),
}


@pytest.mark.parametrize("name", CONSTANT_KEYS)
def test_a_key_that_is_the_same_in_all_steps_is_refused_at_its_line(name):
    update = CONSTANT_KEYS[name]
    with pytest.raises(ValueError, match=r"with a key that is the same in all steps.*sc\.random\.normal") as caught:
        sc.DSRunner(lif(update)).run(1 * ms, inputs=1 * mA)
    assert str(caught.value).startswith(f"test_answers.py:{update.__code__.co_firstlineno}, in ")


class Keyed(sc.models.LIF):
    """Its key is an array of its own, or a state."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.key = jax.random.PRNGKey(3)

    def init_state(self, batch_size=None, **kwargs):
        super().init_state(batch_size, **kwargs)
        self.number = sc.State(jnp.zeros(()), "dimensionless")


KEYS_OF_THE_STEP = {
    "step": lambda self: jax.random.fold_in(KEY, sc.environ.get("i")),
    "own key": lambda self: jax.random.fold_in(self.key, sc.environ.get("i")),
    "seed": lambda self: jax.random.key(sc.environ.get("i")),
    "split": lambda self: jax.random.split(jax.random.fold_in(KEY, sc.environ.get("i")))[0],
    "state": lambda self: jax.random.fold_in(KEY, self.number.value.astype(int)),
}
DRAWS = {
    "normal": jax.random.normal,
    "poisson": lambda key: jax.random.poisson(key, 1e6),
    "jit": jax.jit(lambda key: jax.random.normal(key)),
    "scan": lambda key: jax.lax.scan(lambda c, k: (c + jax.random.normal(k), None), 0.0, jax.random.split(key, 3))[0],
    "while": lambda key: jax.lax.fori_loop(0, 2, lambda i, v: v + jax.random.normal(jax.random.fold_in(key, i)), 0.0),
    "cond": lambda key: jax.lax.cond(True, lambda: jax.random.normal(key), lambda: 0.0),
}


@pytest.mark.parametrize(
    ("key", "draw"), [*((key, "normal") for key in KEYS_OF_THE_STEP), *(("step", draw) for draw in DRAWS)]
)
def test_a_key_of_the_step_is_accepted_and_gives_new_numbers(key, draw):
    def update(self, x):
        self.number.value = self.number.value + 1.0
        number = DRAWS[draw](KEYS_OF_THE_STEP[key](self))
        self.V.value = self.V_th * jnp.tanh(number / 1e7) * jnp.ones(1)

    model = type("Mine", (Keyed,), {"update": update})(1, noise="0.1 mV/ms**0.5")
    V = sc.DSRunner(model, ["V"]).run(1 * ms, inputs=1 * mA).V.m[:, 0]
    assert len(set(V)) == len(V)


def test_another_thread_may_draw_while_a_step_is_traced():
    done = threading.Event()

    def draw():
        while not done.is_set():
            random.random()

    thread = threading.Thread(target=draw)
    thread.start()
    try:
        assert lif(lambda V: V).update(1 * mA).shape == (3,)
    finally:
        done.set()
        thread.join()


GENERATOR = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("factor", "text"),
    [
        (lambda: GENERATOR.normal(), "a value differs each time the step is traced"),
        (lambda: np.random.default_rng().normal(), "a random number of numpy or Python is drawn once"),
        (lambda: random.Random().random(), "a random number of numpy or Python is drawn once"),
        (lambda: secrets.randbelow(10**6), "a value differs each time the step is traced"),
        (lambda: uuid.uuid4().int % 10**6, "a value differs each time the step is traced"),
        (lambda: jax.random.normal(jax.random.key(secrets.randbelow(10**6))), "a value differs each time"),
        (lambda: time.time(), "the clock is read once"),
        (lambda: time.perf_counter(), "the clock is read once"),
        (lambda: datetime.datetime.now().microsecond, "the clock is read once"),
        (lambda: datetime.date.today().day, "the clock is read once"),
    ],
)
@pytest.mark.parametrize("place", ["a model", "a monitor"])
def test_randomness_and_time_of_the_host_are_refused_at_their_line(place, factor, text, precision):
    def run():
        if place == "a model":
            lif(lambda V: V * factor()).update(1 * mA)
        else:
            sc.DSRunner(sc.models.LIF(1), {"x": lambda m: m.V.value * factor()}, progress_bar=False).run(1 * ms)

    for _ in range(2):  # the same model again
        with pytest.raises(ValueError, match=rf"test_answers.py:\d+, in .*: {text}"):
            run()


def test_a_random_number_of_the_step_by_jax_is_new_in_each_step():
    class Noisy(sc.models.LIF):
        def derivative(self, V, I):
            key = jax.random.fold_in(jax.random.key(1), sc.environ.get("i"))
            return (-(V - self.V_rest) + self.R * I * jax.random.normal(key, V.shape)) / self.tau

    V = sc.DSRunner(Noisy(1, V_th="100 mV"), ["V"]).run(10 * ms, inputs=1 * mA).V.m[:, 0]
    assert len(set(V)) == len(V)


def test_printing_runs_in_each_step(capfd):
    class Printing(sc.models.LIF):
        def update(self, x):
            jax.debug.print("V = {}", self.V.value)
            return super().update(x)

    sc.DSRunner(Printing(1)).run(0.3 * ms, inputs=0.5 * mA)
    jax.effects_barrier()
    V = 0.5 * (1 - np.exp(-0.1 * np.arange(3) / 5.0))  # at the start of each step; the first is printed twice
    printed = dict.fromkeys(line[5:-1] for line in capfd.readouterr().out.splitlines())
    np.testing.assert_allclose([float(v) for v in printed], V, atol=1e-8)


def test_a_tabulated_dependence_on_the_voltage_gives_the_spikes_of_the_formula():
    class Tabulated(sc.models.LIF):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.table = [-100.0, 0.0, 100.0] * mV

        def derivative(self, V, I):
            leak = jnp.interp(V, self.table, self.table) - self.V_rest  # V, from a table
            return (-leak + self.R * I) / self.tau

    runner = sc.DSRunner(Tabulated(1, V_th="10 mV", tau="10 ms", spk_reset="hard"), ["spike_count"])
    # Closed form: 10 ms ln(15 / (15 - 10)) = 10.99 ms, 11 ms on the grid.
    assert runner.run(50 * ms, inputs=15 * mA).spike_count == 4
