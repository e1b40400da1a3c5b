"""`model.rates`: the derivatives of all integrated states, quantities in and out, on grids."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

import simcore as sc
from simcore import DimensionalityError, HiddenState, Neuron, Param
from simcore.models import (
    HH,
    LIF,
    AdExIF,
    AdExIFRef,
    Exponential,
    FitzHughNagumo,
    LIFRef,
    MorrisLecar,
    VoltageClamp,
    WilsonCowan,
)
from simcore.units import mA, ms, mV, nA, nS, pA


def test_rates_are_the_equations_on_a_grid(precision):
    V, w = np.linspace(-2, 2, 5)[:, None], np.linspace(-1, 1, 3)
    rates = FitzHughNagumo(1).rates({"V": V, "w": w}, inputs=0.5)
    assert list(rates) == ["V", "w"]
    # The equations of the docstring; float64 in either precision.
    assert_allclose(rates["V"].m_as("1/ms"), V - V**3 / 3 - w + 0.5, rtol=1e-14, atol=1e-15)
    assert_allclose(rates["w"].m_as("1/ms"), (V + 0.7 - 0.8 * w) / 12.5, rtol=1e-14, atol=1e-15)


def test_rates_have_the_unit_of_the_state_per_time():
    rates = AdExIF(1).rates({"V": -60 * mV, "w": 1 * mA})
    assert {name: f"{q.units:~P}" for name, q in rates.items()} == {"V": "mV/ms", "w": "mA/ms"}
    assert_allclose(rates["w"].m, (1.0 * 5 - 1) / 30)  # a (V - V_rest) - w, over tau_w


def test_parameters_of_each_neuron_and_a_grid_before_them():
    tau = np.array([5.0, 10.0, 20.0])
    cells = LIF(3, tau=tau * ms, V_th=50 * mV, V_reset=0 * mV, V_rest=0 * mV)
    I = np.array([0.0, 2.0])[:, None] * mA
    rates = cells.rates({"V": np.array([0.0, 1.0, 2.0, 4.0])[:, None, None] * mV}, inputs=I)
    want = (I.m - np.array([0.0, 1.0, 2.0, 4.0])[:, None, None]) / tau
    assert_allclose(rates["V"].m_as("mV/ms"), want, rtol=1e-14, atol=1e-16)  # rounding of I - V, where both are 2


def test_a_batch_of_states_comes_before_the_population():
    cells = LIFRef(2, tau=5 * ms, V_th=50 * mV, V_reset=0 * mV, V_rest=0 * mV)
    cells.init_state(batch_size=3)
    cells.V.value = np.arange(6.0).reshape(3, 2) * mV
    assert_allclose(cells.rates()["V"].m_as("mV/ms"), -np.arange(6.0).reshape(3, 2) / 5, rtol=1e-12)
    assert cells.rates({"V": np.zeros((4, 3, 2)) * mV})["V"].shape == (4, 3, 2)


def test_states_that_are_left_out_have_their_present_values():
    cell = HH(1)
    at_start = cell.rates({"V": -65 * mV})
    assert_allclose(at_start["m"].m, 0, atol=1e-15)  # at its steady state
    cell.n.value = 0.5
    assert cell.rates({"V": -65 * mV})["n"].m < -0.01


def test_neither_threshold_nor_reset_nor_refractory_period_is_seen():
    cell = LIFRef(1, R=1 * sc.units.unit("ohm"), tau=5 * ms, V_th=1 * mV, V_reset=0 * mV, V_rest=0 * mV)
    sc.DSRunner(cell, progress_bar=False).run(5 * ms, inputs=3 * mA)  # it has spiked
    assert_allclose(cell.rates({"V": [-3.0, 0.0, 7.0] * mV})["V"].m, [0.6, 0, -1.4])
    assert AdExIFRef(1).rates({"V": 0 * mV})["V"].m > 0


def test_parts_act_and_their_states_have_rates():
    g = Exponential(5 * ms, reversal=0 * mV)
    cell = LIF(1, V_th=-50 * mV, V_reset=-70 * mV, V_rest=-70 * mV, R=100 * sc.units.unit("Mohm"), tau=10 * ms,
               receptors={"exc": g})  # fmt: skip
    rates = cell.rates({"V": -60 * mV, "exc.g": [0.0, 3.0] * nS})
    # R g (E - V) = 0.1 Gohm * 3 nS * 60 mV = 18 mV.
    assert_allclose(rates["V"].m_as("mV/ms"), [-1.0, 0.8], rtol=1e-12)
    assert_allclose(rates["exc.g"].m_as("nS/ms"), [0, -0.6], rtol=1e-12)


def test_several_inputs_go_by_name():
    rates = WilsonCowan(1).rates({"E": 0.0, "I": 0.0}, inputs={"x": [0.0, 1.0], "y": 0.0})
    response = 1 / (1 + np.exp(-1.2 * (1 - 2.8))) - 1 / (1 + np.exp(1.2 * 2.8))  # S(1) of the docstring
    assert_allclose(rates["E"].m, [0, response], rtol=1e-12, atol=1e-15)


class Named(Neuron):
    """A derivative that calls its states otherwise."""

    tau = Param(10.0, "ms", "time constant")
    V = HiddenState("mV", "potential", init=1.0)
    u = HiddenState("mV", "another", init=3.0)

    def derivative(self, a, b, I):
        return (b - a) / self.tau, -b / self.tau

    def update(self, x=0.0):
        self.V.value, self.u.value = self.integrate(self.derivative, (self.V.value, self.u.value), x)


class Unnamed(Named):
    """One whose states cannot be told."""

    def update(self, x=0.0):
        new = self.integrate(self.derivative, (2 * self.V.value, 2 * self.u.value), x)
        self.V.value, self.u.value = new


def test_states_are_told_by_what_is_handed_over():
    rates = Named(1).rates()
    assert_allclose([rates["V"].m[0], rates["u"].m[0]], [0.2, -0.3])
    with pytest.raises(ValueError, match="Unnamed: which of its states, V, u, the derivative calls 'a' cannot be told"):
        Unnamed(1).rates()


class Driven(Neuron):
    """An equation that depends on the time."""

    slope = Param(1.0, "mV/ms**2", "of dV/dt")
    V = HiddenState("mV", "potential", init=0.0)

    def derivative(self, V, t):
        return self.slope * t

    def update(self):
        self.V.value = self.integrate(self.derivative, self.V.value, sc.environ.get("t"))


def test_equations_that_depend_on_the_time_are_those_of_the_present():
    cell = Driven(1)
    runner = sc.DSRunner(cell, dt=1 * ms, progress_bar=False)
    for t in (1, 2):
        runner.run(1 * ms)
        assert_allclose(cell.rates()["V"].m, t)


class Still(Neuron):
    """A model without an equation."""

    V = HiddenState("mV", "potential")

    def update(self, x=0.0):
        return self.V.value


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: HH(1).rates({"v": 1 * mV}), ValueError, "HH has no state 'v'; did you mean 'V'"),
        (lambda: HH(1).rates({"V": 1 * nA}), DimensionalityError, "HH: 'V' needs a quantity in mV, got 1 nA"),
        (lambda: HH(1).rates({"V": 1.0}), DimensionalityError, "got the bare number 1.0; write 1.0"),
        (lambda: HH(1).rates(inputs=1 * mV), DimensionalityError, "with one in mA .a current. the equations would fit"),
        (lambda: HH(1).rates(inputs=1.0), DimensionalityError, "the bare number 1.0"),
        (lambda: HH(3).rates({"V": [1, 2] * mV}), ValueError, r"\(2,\), \(3,\) do not broadcast"),
        (lambda: MorrisLecar((2, 1)).rates({"V": np.zeros((2, 3)) * mV}), ValueError, "do not end with"),
        (lambda: HH(1).rates(inputs={"y": 1 * pA}), TypeError, "HH has no input 'y'; its update.. takes x"),
        (
            lambda: HH(1).rates(inputs=sc.inputs.Waveform([1, 2] * nA)),
            TypeError,
            "HH: the input must be a quantity: .* got a Waveform",
        ),
        (lambda: VoltageClamp(1, channels={}).rates(), TypeError, "VoltageClamp: the input 'x' is missing"),
        (lambda: Still(1).rates(), TypeError, "Still integrates no state"),
    ],
)
def test_what_does_not_fit_is_refused(call, error, text):
    with pytest.raises(error, match=text):
        call()
