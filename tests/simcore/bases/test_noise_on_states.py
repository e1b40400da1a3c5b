"""White noise on any state, noise={"V": ..., "w": ...}.

An Ornstein-Uhlenbeck process, tau w' = -w + tau sigma xi, that starts at 0 has at t the variance
sigma^2 tau / 2 (1 - exp(-2 t / tau)) (Uhlenbeck and Ornstein 1930). The variance of N of them is within five standard
errors, sqrt(2 / N) of it, of that.
"""

import copy

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import simcore as sc
from simcore import DimensionalityError, DSRunner
from simcore.units import Mohm, ms, mV, nS, pA

N, TAU, SIGMA = 4000, 8.0, 3.0  # ms, pA/ms**0.5
ON_w = {"w": SIGMA * pA / ms**0.5}
BOUND = 5 * np.sqrt(2 / N)


class Driven(sc.Neuron):
    """V follows a current w of its own: tau V' = -V + R w, tau_w w' = -w + a V."""

    tau, R = sc.Param(10.0, "ms"), sc.Param(100.0, "Mohm")
    tau_w, a = sc.Param(TAU, "ms"), sc.Param(0.0, "nS")
    V_th, V_reset = sc.Param(1e6, "mV"), sc.Param(0.0, "mV")
    V = sc.HiddenState("mV")
    w = sc.HiddenState("pA")
    spk_reset = "hard"

    def derivative(self, w, V, x):
        return (-w + self.a * V) / self.tau_w, (-V + self.R * (w + x)) / self.tau

    def update(self, x=0.0):
        V = self.after_spike(self.V.value)
        self.w.value, self.V.value = self.integrate(self.derivative, (self.w.value, V), x)
        return self.fire()


def run(model, T=10, dt=0.1, monitors=("V", "w"), x=0 * pA, **kwargs):
    return DSRunner(model, list(monitors), dt=dt * ms, progress_bar=False, **kwargs).run(T * ms, inputs=x)


@pytest.mark.parametrize("method", ["exact", "exp_euler", "euler", "heun"])
@pytest.mark.parametrize("dt", [0.1, 2.0])
@pytest.mark.parametrize("precision", [pytest.param("float32", marks=pytest.mark.slow), "float64"], indirect=True)
def test_the_variance_is_that_of_an_Ornstein_Uhlenbeck_process(method, dt, precision):
    w = run(Driven(N, method=method, noise=ON_w), dt=dt).w.magnitude[-1]
    growth, kick = np.exp(-dt / TAU), TAU / 2 * (1 - np.exp(-2 * dt / TAU))  # of a step
    if method in ("euler", "heun"):
        z = dt / TAU
        growth, kick = 1 - z + (z * z / 2 if method == "heun" else 0), dt
    n = round(10 / dt)
    expected = SIGMA**2 * kick * (1 - growth ** (2 * n)) / (1 - growth**2)
    assert abs(w.var() / expected - 1) < BOUND
    if method.startswith("ex"):
        assert_allclose(expected, SIGMA**2 * TAU / 2 * (1 - np.exp(-20 / TAU)))


def test_noise_on_V_in_a_dict_is_that_of_a_value_alone():
    on_V = 2 * mV / ms**0.5
    alone, both = Driven(3, noise=on_V), Driven(3, R=0 * Mohm, noise={"V": on_V, **ON_w})
    assert_allclose(run(both).V.magnitude, run(alone).V.magnitude, rtol=1e-6)
    only = Driven(3, noise={"V": on_V})
    assert only.noisy == ()
    alone.reset_state()
    assert_array_equal(run(only).V.magnitude, run(alone).V.magnitude)


def test_the_noise_of_two_states_and_the_noise_in_time_are_independent():
    model = Driven(N, R=0 * Mohm, noise={"V": 2 * mV / ms**0.5, **ON_w})
    mon = run(model, T=0.2)
    rows = [
        mon.V.magnitude[0],
        np.diff(mon.V.magnitude, axis=0)[0],
        mon.w.magnitude[0],
        np.diff(mon.w.magnitude, axis=0)[0],
    ]
    assert np.abs(np.corrcoef(rows) - np.eye(4)).max() < 5 / np.sqrt(N) + 0.02  # increments are pulled back a little


def test_V_that_is_held_in_the_refractory_period_does_not_hold_the_noise_of_w():
    # V fires in the first step and is held for 10 ms; w follows it (a > 0), and has noise.
    held = Driven(N, V_th=1 * mV, tau_ref=10 * ms, a=1e-9 * nS, noise=ON_w)
    mon = run(held, T=8, x=1e6 * pA, monitors=("V", "w"))
    assert (mon.V.magnitude[1:] == 0).all()
    assert abs(mon.w.magnitude[-1].var() / (SIGMA**2 * TAU / 2 * (1 - np.exp(-16 / TAU))) - 1) < BOUND


def test_it_is_a_parameter_that_can_be_read_set_swept_copied_and_saved(tmp_path):
    model = Driven(N, noise=ON_w)
    assert model.noise_w == SIGMA * pA / ms**0.5
    model.noise_w = 1 * pA / ms**0.5
    assert abs(run(model).w.magnitude[-1].var() / run(Driven(N, noise=ON_w)).w.magnitude[-1].var() * 9 - 1) < 1e-9
    sweep = sc.Sweep(Driven(N, noise=ON_w), over={"noise_w": [1, 3] * pA / ms**0.5},
                     measure={"w": sc.measure.final("w")}, progress_bar=False)  # fmt: skip
    w = sweep.run(10 * ms)["w"].values.magnitude
    assert_allclose(w[1], 3 * w[0], rtol=1e-9)
    again = copy.deepcopy(model)
    model.save_states(tmp_path / "a.npz")
    again.noise_w = 5 * pA / ms**0.5
    again.load_states(tmp_path / "a.npz")
    assert again.noise_w == 1 * pA / ms**0.5
    for take_away in (
        lambda: setattr(model, "noise_w", None),
        lambda: setattr(model, "noise", {"V": 1 * mV / ms**0.5}),
    ):
        model.noise = ON_w
        take_away()
        assert "noise_w" not in model.params()
        model.reset_state()
        assert run(model, T=1).w.magnitude.max() == 0


def test_check_dt_refines_it_as_it_does_on_V():
    report = sc.check_dt(DSRunner(Driven(50, noise=ON_w), ["w"], dt=0.4 * ms, progress_bar=False), 8 * ms)
    # The exact process at twice as many steps has the same law, and with Levy's cuts nearly the same path.
    assert (report.traces["w"].rms.m_as("pA") < 0.05 * SIGMA * np.sqrt(TAU / 2)).all()


def test_numbers_without_unit_and_states_without_V_have_it_too():
    class Rate(sc.Neuron):
        r = sc.HiddenState("dimensionless")
        s = sc.HiddenState("Hz")

        def derivative(self, r, s):
            return 0 * r / sc.environ.get("dt"), 0 * s / sc.environ.get("dt")

        def update(self):
            self.r.value, self.s.value = self.integrate(self.derivative, (self.r.value, self.s.value))
            return self.r.value

    model = Rate(N, noise={"r": 1 / ms**0.5, "s": 2 * sc.units.Hz / ms**0.5})
    mon = DSRunner(model, ["r", "s"], progress_bar=False).run(1 * ms)
    assert abs(mon.r.magnitude[-1].var() - 1) < BOUND
    assert abs(mon.s.m_as("Hz")[-1].var() / 4 - 1) < BOUND


@pytest.mark.parametrize(
    ("noise", "error", "text"),
    [
        ({"v": 1 * mV / ms**0.5}, ValueError, "noise goes to states by name; there is no 'v'; did you mean 'V'"),
        ({"w": 1 * mV / ms**0.5}, DimensionalityError, r"'noise_w' needs a quantity in pA/ms\*\*0.5, got 1.0 mV/ms"),
        ({"w": 1.0}, DimensionalityError, "'noise_w' needs a quantity in"),
        ({"w": -1 * pA / ms**0.5}, ValueError, "'noise_w' must be >= 0, got -1"),
        ({"w": np.ones(4) * pA / ms**0.5}, ValueError, r"noise on 'w' has the shape \(4,\), which does not broadcast"),
    ],
)
def test_what_noise_is_given_to_states_is_checked(noise, error, text):
    with pytest.raises(error, match=text):
        Driven(3, noise=noise)
    model = Driven(3, noise=ON_w)
    with pytest.raises(error, match=text):
        model.noise = noise
    assert model.noise_w == SIGMA * pA / ms**0.5  # nothing has changed


def test_noise_that_would_go_nowhere_or_come_twice_is_refused():
    class Unnamed(Driven):
        def update(self, x=0.0):
            states = (self.w.value, self.V.value)
            self.w.value, self.V.value = self.integrate(lambda c, V, x: self.derivative(c, V, x), states, x)
            return self.fire()

    with pytest.raises(ValueError, match=r"noise on 'w' goes nowhere: no derivative given to integrate\(\) has"):
        run(Unnamed(1, noise=ON_w))

    class Twice(Driven):
        def update(self, x=0.0):
            for _ in range(2):
                self.w.value = self.integrate(lambda w: -w / self.tau_w, self.w.value)
            self.V.value = self.V.value + 0 * self.R * x
            return self.fire()

    with pytest.raises(ValueError, match="'w' is integrated twice in an update, and its noise would act in each call"):
        run(Twice(1, noise=ON_w))

    class Taken(Driven):
        noise_w = sc.Param(1.0, "pA")

    with pytest.raises(ValueError, match="noise on 'w' is the parameter 'noise_w', a name that it has already"):
        Taken(1, noise=ON_w)
