"""What cannot be traced is answered at the user's line, with the cure."""

import math
import random

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpy import tanh

import simcore as sc
from simcore.units import mA, ms

memory = []


def model(update):
    """Return a LIF with this update(self, x), one line of code."""
    return type("Mine", (sc.models.LIF,), {"update": update})(3)


def line_of(update):
    return f"test_answers.py:{update.__code__.co_firstlineno}, in <lambda>: "


MISTAKES = [
    (lambda self, x: np.exp(x / self.V_th), "numpy's exp cannot take values of the step; use jnp.exp."),
    (lambda self, x: tanh(x), "numpy's tanh cannot take values of the step; use jnp.tanh."),
    (lambda self, x: np.maximum(self.V.value, self.V_th), "numpy's maximum cannot take values of the step; use jnp.maxi"),
    (lambda self, x: np.where(x > 0, x, 0), "numpy's where cannot take values of the step; use jnp.where."),
    (lambda self, x: np.clip(x, 0, 1), "numpy's clip cannot take values of the step; use jnp.clip."),
    (lambda self, x: np.array([x, x]), "numpy's array cannot take values of the step; use jnp.array."),
    (lambda self, x: np.random.poisson(x), "numpy's poisson cannot take values of the step; use functions of jax.numpy"),
    (lambda self, x: np.arange(3) @ np.asarray(x), "numpy's asarray cannot take values of the step; use jnp.asarray."),
    (lambda self, x: math.exp(x[0]), "math's exp cannot take values of the step; use jnp.exp."),
    (lambda self, x: max(x[0], x[1]), "Python's max cannot take values of the step; use jnp.maximum."),
    (lambda self, x: sorted(x), "Python's sorted cannot take values of the step; use jnp.sort."),
    (lambda self, x: float(x[0]), "Python's float cannot take values of the step"),
    (lambda self, x: [0] * range(int(x[0])), "Python's int cannot take values of the step"),
    (lambda self, x: range(x[0].astype(int)), "Python's range cannot take values of the step; use jax.lax.fori_loop."),
    (lambda self, x: [1, 2][x[0].astype(int)], "a value of the step as an index of a list, a length or in range()"),
    (lambda self, x: x if x[0] > 0 else -x, "Python's if, while, float() or int() on a value of the step"),
    (lambda self, x: x[0] > 0 and x[1] > 0, "use jnp.where for a choice and jax.debug.print to see values."),
    (lambda self, x: x[x > 0], "a mask as an index takes as many elements as are True"),
    (lambda self, x: x.__setitem__(0, 1.0), "an array cannot be changed in place; write x = x.at[i].set(value)."),
    (lambda self, x: jnp.zeros(x[0].astype(int)), "a shape cannot depend on a value of the step"),
    (lambda self, x: memory.append(x) or sum(memory), "a value of an earlier step, kept in a variable of Python, is gone"),
]  # fmt: skip


@pytest.mark.parametrize(("update", "text"), MISTAKES)
@pytest.mark.parametrize("how", ["runner", "direct"])
def test_a_mistake_of_python_names_the_line_and_the_cure(update, text, how):
    memory.clear()
    x = np.ones(3) * mA
    with pytest.raises(TypeError) as caught:
        sc.DSRunner(model(update)).run(1 * ms, inputs=1 * mA) if how == "runner" else model(update).update(x)
    assert str(caught.value).startswith(line_of(update))
    assert text in str(caught.value)


def helper(V):
    scale = 2.0
    noise = np.random.normal(size=3)
    return V * scale + V * noise


@pytest.mark.parametrize(
    ("update", "line", "function"),
    [
        (lambda self, x: x * np.random.rand(), 0, "<lambda>"),
        (lambda self, x: x * random.gauss(0.0, 1.0), 0, "<lambda>"),
        (lambda self, x: helper(x), helper.__code__.co_firstlineno + 2, "helper"),
    ],
)
def test_a_random_number_that_is_drawn_once_for_all_steps_is_refused_at_its_line(update, line, function):
    with pytest.raises(ValueError, match=r"is drawn once, while the step is traced.*jax\.random with a key") as caught:
        sc.DSRunner(model(update)).run(1 * ms, inputs=1 * mA)
    line = line or update.__code__.co_firstlineno
    assert str(caught.value).startswith(f"test_answers.py:{line}, in {function}: ")


def test_a_random_number_of_the_step_by_jax_is_new_in_each_step():
    class Noisy(sc.models.LIF):
        def derivative(self, V, I):
            key = jax.random.fold_in(jax.random.key(1), sc.environ.get("i"))
            return (-(V - self.V_rest) + self.R * I * jax.random.normal(key, V.shape)) / self.tau

    V = sc.DSRunner(Noisy(1, V_th="100 mV"), ["V"]).run(10 * ms, inputs=1 * mA).V.m[:, 0]
    assert len(set(V)) == len(V)


def test_printing_and_callbacks_run_in_each_step(capfd):
    class Printing(sc.models.LIF):
        def update(self, x):
            jax.debug.print("V = {}", self.V.value)
            return super().update(x)

    sc.DSRunner(Printing(1)).run(0.3 * ms, inputs=0.5 * mA)
    jax.effects_barrier()
    assert capfd.readouterr().out.count("V = ") == 3


def test_a_tabulated_dependence_on_the_voltage_gives_the_spikes_of_the_formula():
    class Tabulated(sc.models.LIF):
        V_table = sc.Param([-100.0, 0.0, 100.0], "mV", "voltages of the table")

        def derivative(self, V, I):
            leak = jnp.interp(V, self.V_table, self.V_table)  # the identity, from a table
            return (-(leak - self.V_rest) + self.R * I) / self.tau

    def spikes(cls):
        runner = sc.DSRunner(cls(1, V_th="10 mV", tau="10 ms", spk_reset="hard"), ["spike_count"])
        return runner.run(50 * ms, inputs=15 * mA).spike_count

    # Closed form: 10 ms ln(15 / (15 - 10)) = 10.99 ms a spike.
    assert spikes(Tabulated) == spikes(sc.models.LIF) == 4
