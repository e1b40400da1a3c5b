"""A spike is decided once: jumps, refractory periods, moving thresholds, crossings and values set from outside."""

import jax.numpy as jnp
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import simcore as sc
from simcore.models import GIF, LIF, ExpIF
from simcore.runners import loop
from simcore.step import noise
from simcore.units import Hz, mA, ms, mV


class Cell(sc.Neuron):
    """A leaky neuron as one writes it, with a choice of the line that ends its update."""

    R = sc.Param(1.0, "ohm")
    tau = sc.Param(10.0, "ms", positive=True)
    V_th = sc.Param(10.0, "mV", above="V_reset")
    V_reset = sc.Param(0.0, "mV")
    V = sc.HiddenState("mV")
    spk_reset = "hard"

    def derivative(self, V, I):
        return (-V + self.R * I) / self.tau

    def update(self, x):
        V = self.after_spike(self.V.value)
        self.V.value = self.integrate(self.derivative, V, x)
        return self.fire()


class AsInTheDocuments(Cell):
    def update(self, x):
        V = self.after_spike(self.V.value)
        self.V.value = self.integrate(self.derivative, V, x)
        return self.get_spike()


class SaysNothing(Cell):
    def update(self, x):
        V = self.after_spike(self.V.value)
        self.V.value = self.integrate(self.derivative, V, x)
        return x


def spikes_of(model, duration, inputs, **options):
    runner = sc.DSRunner(model, ["V", "spike"], progress_bar=False, **options)
    mon = runner.run(duration * ms, inputs=inputs)
    return np.flatnonzero(mon.spike[:, 0]), mon.V.m_as("mV")[:, 0]


@pytest.mark.parametrize("cls", [Cell, AsInTheDocuments, SaysNothing])
@pytest.mark.parametrize("tau_ref", [None, 2.0])
def test_intervals_are_those_of_the_closed_form_however_the_update_ends(cls, tau_ref):
    # tau ln(RI / (RI - V_th)) = 10 ln 3 = 10.986 ms: 110 steps; tau_ref = 2 ms adds 20.
    cell = cls(1) if tau_ref is None else cls(1, tau_ref=tau_ref * ms)
    steps, V = spikes_of(cell, 100, 15 * mA)
    assert steps[0] == 109
    assert set(np.diff(steps)) == {110 if tau_ref is None else 130}
    assert V.max() < 10.05


def test_the_order_of_bases_and_of_declarations_does_not_matter():
    class Mixin(sc.Neuron):
        tau_ref = sc.Param(2.0, "ms", steps=True, nonnegative=True)

    first = type("First", (Mixin, Cell), {})
    last = type("Last", (Cell, Mixin), {})
    in_class = type("InClass", (Cell,), {"tau_ref": sc.Param(2.0, "ms", steps=True)})
    for cls in (first, last, in_class):
        steps, _ = spikes_of(cls(1), 100, 15 * mA)
        assert len(steps) == 7, cls
        assert set(np.diff(steps)) == {130}, cls


def as_in_Cell(self, x):
    V = reset_by_a_helper(self)
    self.V.value = self.integrate(self.derivative, V, x)
    return self.fire()


def reset_by_a_helper(neuron):
    return neuron.after_spike(neuron.V.value)


class PlainStep:
    """No neuron: a step that several of them share."""

    update = as_in_Cell


class PlainTest:
    def get_spike(self, V):
        return 1.0 * (V - 0.5 * self.V_th >= 0)


class CountsSpikes(sc.bases.Part):
    n = sc.ShortTermState("dimensionless", "spikes that it has answered")

    def on_spike(self, spike):
        self.n.value = self.n.value + spike


class NoUpdate(Cell):
    """Cell, whose update is not its own."""

    update = sc.Module.update


def patched_after_a_run():
    cls = type("Patched", (Cell,), {"update": lambda self, x: 1 / 0})
    with pytest.raises(ZeroDivisionError):
        spikes_of(cls(1), 1, 15 * mA)
    cls.update = as_in_Cell
    return cls


UPDATES = {
    "in the body": lambda: type("Own", (NoUpdate,), {"update": as_in_Cell}),
    "of a plain class": lambda: type("Mixed", (PlainStep, NoUpdate), {}),
    "of a plain class, below": lambda: type("Below", (type("Mixed", (PlainStep, NoUpdate), {}),), {}),
    "patched": patched_after_a_run,
}


@pytest.mark.parametrize("place", UPDATES)
def test_an_update_counts_wherever_it_stands(place):
    # As in the closed form above: 110 steps to the threshold, 20 of the refractory period.
    cell = UPDATES[place]()(1, tau_ref=2 * ms, parts={"count": CountsSpikes()})
    steps, _ = spikes_of(cell, 100, 15 * mA)
    assert steps[0] == 109
    assert set(np.diff(steps)) == {130}
    assert cell.count.n.value[0] == len(steps)
    if place != "patched":
        assert_array_equal(UPDATES[place]()(1).update(0.1 * mA), [0])


def test_a_helper_that_resets_makes_a_neuron_with_a_reset():
    # R I = 3 V: a step takes V up by some 30 mV, a spike takes it down by 10 mV. Without a reset it crosses once.
    steps, _ = spikes_of(type("Soft", (NoUpdate,), {"update": as_in_Cell, "spk_reset": "soft"})(1), 5, 3000 * mA)
    assert len(steps) == 50


def test_a_test_of_spikes_in_a_plain_class_is_that_of_the_class():
    own = type("Own", (Cell,), {"get_spike": PlainTest.get_spike})
    # At half of V_th: tau ln(15 / (15 - 5)) = 4.05 ms.
    for cls in (own, type("Mixed", (PlainTest, Cell), {})):
        assert set(np.diff(spikes_of(cls(1), 50, 15 * mA)[0])) == {41}
        assert_array_equal(cls(3).get_spike([4.0, 5.0, 6.0] * mV), [0, 1, 1])


@pytest.mark.parametrize("model", [LIF, pytest.param(GIF, marks=pytest.mark.slow), ExpIF])
def test_a_refractory_period_set_after_construction_holds(model):
    drive = {LIF: 3, GIF: 2, ExpIF: 20}[model] * mA
    free, _ = spikes_of(model(1), 60, drive)
    neuron = model(1, spk_reset="hard")
    neuron.init_state()
    neuron.tau_ref = 4 * ms
    held, _ = spikes_of(neuron, 60, drive)
    assert len(free) > len(held) > 1
    assert np.diff(held).min() > 40


@pytest.mark.parametrize("name", ["LIF", "LIFRef", "ExpIF", "ExpIFRef", "GIF", "GIFRef", "ALIF", "IF"])
def test_get_spike_of_a_voltage_is_the_pure_test(name):
    neuron = getattr(sc.models, name)(3)
    neuron.init_state()
    threshold = neuron.V_th.value[0] if isinstance(neuron.V_th, sc.State) else neuron.V_th
    V = threshold + np.array([-1.0, 0.0, 1.0]) * mV
    assert_array_equal(neuron.get_spike(V), [0, 1, 1])


@pytest.mark.parametrize(("V", "got"), [(5, "the bare number 5"), (5 * ms, "5 ms")])
def test_get_spike_of_what_is_no_voltage_is_refused(V, got):
    with pytest.raises(sc.DimensionalityError, match=f"LIF: 'V' needs a quantity in mV, got {got}"):
        LIF(1).get_spike(V)


def test_a_threshold_may_be_any_function_of_states():
    class Adapting(LIF):
        a = sc.HiddenState("dimensionless", "adaptation of the threshold")

        def threshold(self):
            return self.V_th * (1 + jnp.tanh(self.a.value))

    # a = 0: V_th = 10 mV; tau ln 3 = 10.986 ms, 9 spikes in 100 ms.
    steps, _ = spikes_of(Adapting(1, tau=10 * ms, V_th=10 * mV, spk_reset="hard"), 100, 15 * mA)
    assert len(steps) == 9
    assert set(np.diff(steps)) == {110}


def test_a_threshold_that_is_a_function_of_time_resets_at_each_spike_and_only_there():
    class Falling(LIF):
        def threshold(self):
            early = sc.environ.get("t") < sc.units.quantity(1.0, "ms")
            return jnp.where(early, 2.0, 0.5) * self.V_th

    # R I = 1 mV, tau = 5 ms, V_th = 1 mV: V(1.0 ms) = 0.181 mV, below 0.5 mV. It spikes at 0.5 mV: 5 ln 2 = 3.466 ms.
    steps, V = spikes_of(Falling(1, spk_reset="hard"), 10, 1 * mA)
    assert steps[0] == 34
    assert set(np.diff(steps)) == {35}
    assert_allclose(V[steps + 1], 1 - np.exp(-0.1 / 5))  # the step after a spike begins at V_reset = 0


def test_random_spikes_are_decided_once():
    class Escape(sc.Neuron):
        """Spikes with a constant rate, whatever V; V counts the resets."""

        V = sc.HiddenState("mV")
        rate = sc.Param(50.0, "Hz")

        def get_spike(self, V=None):
            p = -jnp.expm1(-self.rate * sc.environ.get("dt"))
            z = noise.normal(self, self.V.value.shape)
            return (z > jnp.sqrt(2.0) * jax_erfinv(1 - 2 * p)).astype(z.dtype)

        def update(self, x=None):
            self.V.value = self.V.value + self.reset_spike() * sc.units.quantity(1.0, "mV")
            return self.fire()

    mon = sc.DSRunner(Escape(2000), ["V", "spike", "spike_count"], progress_bar=False).run(20 * ms)
    counts = mon.spike.sum(0)
    assert_array_equal(mon.spike_count, counts)
    # V counts the spikes before the last step: each reset answers one spike.
    assert_array_equal(mon.V.m_as("mV")[-1], mon.spike[:-1].sum(0))
    p = 1 - np.exp(-0.005)
    n = counts.size * 200
    assert abs(counts.sum() / n - p) < 5 * np.sqrt(p * (1 - p) / n)  # five standard errors


def jax_erfinv(x):
    from jax.scipy.special import erfinv

    return erfinv(x)


class Oscillator(sc.Neuron):
    """V = sin(2 pi f t), driven by its own clock, without any reset."""

    f = sc.Param(100.0, "Hz")
    V_th = sc.Param(0.5, "mV")
    V_reset = sc.Param(0.0, "mV")
    V = sc.HiddenState("mV", init=-1e-9)

    def update(self, x=None):
        t = sc.environ.get("t") + sc.environ.get("dt")
        self.V.value = self.V.value * 0 + jnp.sin(2 * jnp.pi * self.f * t) * sc.units.quantity(1.0, "mV")
        return self.get_spike()


def test_a_neuron_without_reset_spikes_where_V_crosses_the_threshold_upwards():
    steps, V = spikes_of(Oscillator(1), 100, None)
    crossings = np.flatnonzero((V[1:] >= 0.5) & (V[:-1] < 0.5)) + 1
    assert len(crossings) == 10
    assert_array_equal(steps, crossings)
    # Direct calls and runs that end in the middle of an action potential say the same.
    cell = Oscillator(1)
    assert_array_equal(np.flatnonzero([cell.update()[0] for _ in range(200)]), crossings[:2])
    runner, parts = sc.DSRunner(Oscillator(1), ["spike"], progress_bar=False), []
    for duration in (1.3, 0.9, 17.8):  # the first crossing is after 0.83 ms
        parts.append(runner.run(duration * ms).spike[:, 0])
    assert_array_equal(np.flatnonzero(np.concatenate(parts)), crossings[:2])


def test_a_neuron_without_reset_that_starts_above_its_threshold_has_not_crossed_it():
    high = Oscillator(2, V_initializer=[0.9, 0.0] * mV)
    high.V_th = 0.05 * mV  # V(0.1 ms) = sin(2 pi 0.01) = 0.063 mV: above it, from above and from below
    assert_array_equal(high.update(), [0, 1])


class Level(Oscillator):
    """A spike is what its own test says, in each step."""

    def get_spike(self, V=None):
        V = self.V.value if V is None else V
        return self.spk_fun((V - self.V_th) / self.V_th)


def test_a_class_with_its_own_get_spike_decides_for_itself():
    class Decided(Level):
        spk_reset = "soft"

    steps, V = spikes_of(Decided(1), 20, None)
    assert_array_equal(steps, np.flatnonzero(V >= 0.5))
    crossings = np.flatnonzero((V[1:] >= 0.5) & (V[:-1] < 0.5)) + 1
    assert_array_equal(spikes_of(Level(1, spk_reset="none"), 20, None)[0], crossings)


@pytest.mark.parametrize("chunk", [1, 3, 1000])
def test_a_spike_that_lasts_without_a_reset_warns_until_the_class_says_how_it_counts(chunk, monkeypatch):
    monkeypatch.setattr(loop, "MAX_CHUNK", chunk)
    runner = sc.DSRunner(sc.Network(quiet=Level(2, V_th=2 * mV), cell=Level(2)), progress_bar=False)
    text = "^cell: a neuron without reset spikes in successive steps: .* spk_reset = 'none' counts its begin alone"
    runner.run(0.8 * ms)  # the first spike begins at 0.9 ms: sin(2 pi 0.09) = 0.54
    runner.run(0.1 * ms)
    with pytest.warns(UserWarning, match=text) as told:
        runner.run(1 * ms)
    assert [w.filename for w in told] == [__file__]


def test_a_voltage_set_above_the_threshold_fires_in_the_next_step():
    lif = LIF(2, spk_reset="hard")
    lif.update(0 * mA)
    lif.V.value = [5.0, 0.5] * mV
    assert_array_equal(lif.update(0 * mA), [1, 0])  # V decays and is tested: a spike, and no reset before it
    assert_allclose(lif.V.value.m_as("mV"), np.array([5.0, 0.5]) * np.exp(-0.1 / 5))
    assert_array_equal(lif.update(0 * mA), [0, 0])
    assert_allclose(lif.V.value.m_as("mV"), [0.0, 0.5 * np.exp(-0.2 / 5)])  # the reset of that spike


def test_a_threshold_set_below_V_makes_no_reset_without_a_spike():
    lif = LIF(1, spk_reset="hard")
    runner = sc.DSRunner(lif, ["V", "spike"], progress_bar=False)
    before = runner.run(5 * ms, inputs=1 * mA).V.m_as("mV")[-1, 0]
    lif.V_th = 0.3 * mV
    mon = runner.run(0.3 * ms, inputs=1 * mA)
    assert_array_equal(mon.spike[:, 0], [True, False, False])
    assert_allclose(mon.V.m_as("mV")[:2, 0], [1 - (1 - before) * np.exp(-0.1 / 5), 1 - np.exp(-0.1 / 5)])


def test_a_spike_whose_voltage_is_set_from_outside_is_answered_all_the_same():
    alif = sc.models.ALIF(1)
    while not alif.update(3 * mA)[0]:
        pass
    alif.V.value = 0 * mV
    alif.update(0 * mA)
    assert_allclose(alif.a.value.magnitude, np.exp(-0.1 / 100))  # a rose by 1 for that spike


ADDED = {
    "nothing": lambda lif: None,
    "noise": lambda lif: setattr(lif, "noise", 0 * mV / ms**0.5),
    "a refractory period": lambda lif: setattr(lif, "tau_ref", 0.5 * ms),
    "a part": lambda lif: setattr(lif, "count", CountsSpikes()),
    "a receptor that moves V": lambda lif: setattr(lif, "jump", sc.models.Delta()),
    "a part, and V set": lambda lif: (setattr(lif, "count", CountsSpikes()), setattr(lif.V, "value", 0.3 * mV)),
    "a refractory period, and V set": lambda lif: (setattr(lif, "tau_ref", 0.5 * ms), setattr(lif.V, "value", 0 * mV)),
}


@pytest.mark.parametrize("what", ADDED)
def test_a_spike_is_answered_whatever_is_added_after_it(what):
    lif = LIF(1, spk_reset="hard")
    while not lif.update(1.5 * mA)[0]:
        pass
    ADDED[what](lif)
    assert_array_equal(lif.update(1.5 * mA), [0])
    held = "tau_ref" in lif.params()
    assert_allclose(lif.V.value.m_as("mV"), 0 if held else 1.5 * (1 - np.exp(-0.1 / 5)), atol=1e-15)
    if "part" in what:
        assert lif.count.n.value[0] == 1
    if held:  # 0.5 ms are 5 steps
        assert [lif.update(1.5 * mA)[0] for _ in range(4)] == [0] * 4
        assert lif.V.value.m_as("mV")[0] == 0
        lif.update(1.5 * mA)
        assert lif.V.value.m_as("mV")[0] > 0


@pytest.mark.parametrize("V", [0.5, 2.5])
@pytest.mark.parametrize(("first", "then"), [("hard", "none"), ("none", "hard"), ("none", "none"), ("soft", "hard")])
def test_a_reset_changed_after_a_run_holds_from_then_on(first, then, V):
    lif = LIF(1, spk_reset=first, tau=1e9 * ms)  # no leak: V moves by R I dt / tau
    spikes_of(lif, 0.1, V * 1e10 * mA)
    lif.spk_reset = then
    steps, after = spikes_of(lif, 1, 0.4e10 * mA)
    if then == "none":  # from 0.5 mV to 0.9, 1.3 mV; or above the threshold of 1 mV already
        assert steps.tolist() == ([1] if V < 1 else [])
    elif V < 1:
        assert steps.tolist() == [1, 4, 7]
    else:  # the spike at 2.5 mV is answered by a reset
        assert after[0] == pytest.approx(0.4)
        assert steps.tolist() == [2, 5, 8]


def test_a_refractory_period_taken_away_makes_no_reset_without_a_spike():
    lif = LIF(1, tau=1e9 * ms, tau_ref=1 * ms)
    spikes_of(lif, 0.1, 2.5e10 * mA)  # one step to 2.5 mV, whose soft reset leaves it at 1.5 mV, held
    assert_allclose(spikes_of(lif, 0.2, 0 * mA)[1], 1.5)
    lif.tau_ref = None
    steps, V = spikes_of(lif, 0.2, 0 * mA)
    assert_allclose(V, [1.5, 0.5])
    assert steps.tolist() == [0]


def test_a_saved_spike_is_answered_after_loading():
    a, b = LIF(1, spk_reset="hard"), LIF(1, spk_reset="hard")
    while not a.update(3 * mA)[0]:
        pass
    b.load_state_dict(a.state_dict())
    assert_allclose([m.update(0 * mA)[0] for m in (a, b)], 0)
    assert_allclose([m.V.value.m_as("mV")[0] for m in (a, b)], 0)


def test_fire_twice_in_an_update_is_refused():
    class Twice(LIF):
        def update(self, x=0.0):
            super().update(x)
            return self.get_spike()

    with pytest.raises(RuntimeError, match=r"fire\(\), or get_spike\(\) without V, is called twice.*self\.spike"):
        Twice(1).update(1 * mA)


def test_fire_outside_of_a_step_is_refused():
    with pytest.raises(RuntimeError, match=r"LIF: fire\(\) ends an update.*the last step are \.spike"):
        LIF(1).fire()


def test_get_spike_before_V_changes_is_that_of_the_step_before():
    class ByHand(Cell):
        def update(self, x=0.0):
            V = jnp.where(self.get_spike() != 0, self.V_reset, self.V.value)
            self.V.value = self.integrate(self.derivative, V, x)
            return self.get_spike()

    for one, other in zip(spikes_of(ByHand(1), 100, 15 * mA), spikes_of(Cell(1), 100, 15 * mA), strict=True):
        assert_array_equal(one, other)


def test_jumps_and_refractory_periods_keep_one_record():
    net = sc.Network(
        S=sc.models.PoissonGroup(40, 100 * Hz, seed=1),
        E=LIF(10, tau=10 * ms, V_th=3 * mV, spk_reset="hard", tau_ref=1 * ms, receptors={"jump": sc.models.Delta()}),
    )
    connect = sc.models.AllToAll()
    net.S2E = sc.models.Projection(net.S, net.E, connect=connect, weight=1 * mV, delay=0.5 * ms)
    mon = sc.DSRunner(net, ["E.V", "E.spike", "E.spike_events"], progress_bar=False).run(50 * ms)
    spike, V = mon["E.spike"], mon["E.V"].m_as("mV")
    assert spike.sum() > 20
    assert len(mon["E.spike_events"].times) == spike.sum()
    step, neuron = np.nonzero(spike[:-11])
    for k in range(1, 11):  # V_reset = 0 mV for 1 ms after each spike; jumps are dropped there, but not at its end
        assert not spike[step + k, neuron].any()
        assert k == 10 or not V[step + k, neuron].any()


class ResetsInItsStep(Cell):
    """As in a textbook's loop: advance, test, reset, return the test."""

    def update(self, x):
        V = self.integrate(self.derivative, self.V.value, x)
        spike = self.get_spike(V)
        self.V.value = V - spike * (V - self.V_reset)
        return spike


class ByHandInItsStep(ResetsInItsStep):
    def integrate(self, derivative, V, x):
        return V + derivative(V, x) * sc.environ.get("dt")


@pytest.mark.parametrize("cls", [ResetsInItsStep, ByHandInItsStep])
@pytest.mark.parametrize("I", [15, 1e4])  # the second one spikes in each step
def test_what_an_update_returns_that_resets_in_its_step_is_the_record(cls, I):
    single = cls(1)
    returned = np.flatnonzero([single.update(I * mA)[0] for _ in range(500)])
    assert len(returned) == (500 if I > 100 else 4)  # every 10 ln 3 = 10.986 ms, as above
    assert_array_equal(spikes_of(cls(1), 50, I * mA)[0], returned)


def own_test(self, V=None):
    V = self.V.value if V is None else V
    return self.spk_fun((V - self.V_th) / self.V_th)


class OwnTest(ResetsInItsStep):
    get_spike = own_test


class FiresFirst(Cell):
    get_spike = own_test

    def update(self, x):
        self.V.value = self.integrate(self.derivative, self.V.value, x)
        spike = self.fire()
        self.V.value = self.V.value - spike * (self.V.value - self.V_reset)
        return spike


class Compares(Cell):
    """Resets by a comparison of its own, and returns it."""

    def update(self, x):
        V = self.integrate(self.derivative, self.V.value, x)
        spike = self.V_th <= V
        self.V.value = jnp.where(spike, self.V_reset, V)
        return spike


def test_a_comparison_that_is_returned_and_on_no_record_is_refused():
    with pytest.raises(TypeError, match=r"update\(\) of Compares returns a test of its own.* return self\.fire"):
        spikes_of(Compares(1), 1, 15 * mA)


@pytest.mark.parametrize("cls", [OwnTest, FiresFirst])
def test_a_reset_that_hides_the_spikes_of_a_test_of_ones_own_is_refused(cls):
    text = rf"{cls.__name__}: update\(\) of {cls.__name__} changes V after .* self\.after_spike.* return self\.fire"
    with pytest.raises(TypeError, match=text):
        spikes_of(cls(1), 1, 15 * mA)
    with pytest.raises(TypeError, match=text):
        cls(1).update(15 * mA)
