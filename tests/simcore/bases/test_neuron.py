"""The base Neuron, neurons written by hand, resets with their gradients, the refractory period."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpy.testing import assert_allclose

import simcore as sc
from simcore.models import ALIF, LIF, Lif, LIFRef, Linear
from simcore.module.structure import bound
from simcore.units import mA, ms, mV


class SimpleNeuron(sc.Neuron):
    """The custom neuron of BrainPy's documentation, as printed there."""

    def __init__(self, in_size, V_th=1.0 * mV, **kwargs):
        super().__init__(in_size, **kwargs)
        self.V_th = V_th

    def init_state(self, batch_size=None, **kwargs):
        self.V = sc.HiddenState(sc.init.param(sc.init.Constant(0.0 * mV), self.varshape, batch_size))

    def reset_state(self, batch_size=None, **kwargs):
        self.V.value = sc.init.param(sc.init.Constant(0.0 * mV), self.varshape, batch_size)

    def get_spike(self, V=None):
        V = self.V.value if V is None else V
        return self.spk_fun((V - self.V_th) / self.V_th)

    def update(self, x):
        self.V.value += x
        return self.get_spike()


class SpikingNet(sc.Module):
    """The three layers of BrainPy's documentation, with a unit in the weights."""

    def __init__(self):
        super().__init__()
        self.layer1 = LIF(784, tau=5 * ms)
        self.fc1 = Linear(784, 256, unit="mA", weight=sc.init.KaimingNormal(50 * mA, seed=1))
        self.layer2 = ALIF(256, tau=10 * ms, tau_a=200 * ms)
        self.fc2 = Linear(256, 10, unit="mA", weight=sc.init.KaimingNormal(50 * mA, seed=2))
        self.layer3 = LIF(10, tau=8 * ms)

    def __call__(self, x):
        spikes1 = self.layer1.update(x)
        spikes2 = self.layer2.update(self.fc1(spikes1))
        return self.layer3.update(self.fc2(spikes2))


def test_a_neuron_written_by_hand_sums_and_fires():
    neuron = SimpleNeuron(3, V_th=0.5 * mV)
    spikes = [neuron.update(0.2 * mV) for _ in range(4)]
    assert_allclose(spikes, [[0] * 3, [0] * 3, [1] * 3, [1] * 3])  # 0.2, 0.4, 0.6, 0.8 against 0.5
    assert_allclose(neuron.V.value.m_as("mV"), 0.8)
    assert_allclose(neuron.get_spike(0.5 * mV), 1)  # fires at equality
    assert_allclose(neuron.get_spike(0.499 * mV), 0)
    neuron.reset_state()
    with pytest.warns(UserWarning, match="without reset spikes in successive steps"):
        mon = sc.DSRunner(neuron, monitors=["V", "spike"]).run(0.4 * ms, inputs=0.2 * mV)
    assert_allclose(mon.V.m_as("mV")[:, 0], [0.2, 0.4, 0.6, 0.8])
    assert mon.spike[:, 0].tolist() == [False, False, True, True]


def test_a_neuron_written_by_hand_is_checked_too():
    with pytest.raises(sc.DimensionalityError, match=r"test_neuron.py:\d+, in update: '\+' joins mV and pA"):
        SimpleNeuron(3).update(1 * mA)


def test_the_documents_calls_run():
    neuron = LIFRef(10, tau=10 * ms, tau_ref=5 * ms, V_th=0.8 * mV)
    neuron.init_state(batch_size=1)
    spikes = neuron.update(x=1.5 * mA)
    assert spikes.shape == (1, 10)
    assert_allclose(neuron.V.value.m_as("mV"), 1.5 * (1 - np.exp(-0.01)))
    layer = LIF(in_size=100, tau=10 * ms, V_th=1.0 * mV, spk_fun=sc.surrogate.ReluGrad(), spk_reset="soft")
    layer.init_state(batch_size=32)
    assert layer.update(2.0 * mA).shape == (32, 100)


def test_the_three_layers_fire():
    net = SpikingNet()
    net.init_state(batch_size=2)
    runner = sc.DSRunner(net, monitors=["layer1.spike_count", "layer2.spike_count", "layer3.spike_count"])
    mon = runner.run(50 * ms, inputs=20 * mA)
    assert mon["layer1.spike_count"].shape == (2, 784)
    assert all(counts.sum() > 0 for name, counts in mon.items() if name != "ts")
    assert net(10 * mA).shape == (2, 10)


def test_the_base_has_no_spike_of_its_own():
    base = sc.Neuron((2, 3))
    assert (base.varshape, base.in_size) == ((2, 3), (2, 3))
    assert isinstance(base.spk_fun, sc.surrogate.InvSquareGrad)
    with pytest.raises(NotImplementedError, match="Neuron defines no get_spike"):
        base.get_spike()
    with pytest.raises(NotImplementedError, match="Neuron defines no update"):
        base.update(1 * mA)


@pytest.mark.parametrize("shape", [4, (4,), (2, 3), (1,)])
def test_shapes_are_varshape_with_the_batch_first(shape):
    lif = LIF(shape)
    lif.init_state()
    assert lif.update(1 * mA).shape == lif.varshape
    lif.init_state(batch_size=5)
    assert lif.update(1 * mA).shape == (5, *lif.varshape)
    mon = sc.DSRunner(lif, monitors=["V", "spike"]).run(1 * ms, inputs=1 * mA)
    assert mon.V.shape == mon.spike.shape == (10, 5, *lif.varshape)


def test_direct_updates_equal_a_run():
    a, b = Lif(2), Lif(2)
    spikes = np.array([a.update(30 * mA) for _ in range(300)])
    mon = sc.DSRunner(b, monitors=["spike", "V"]).run(30 * ms, inputs=30 * mA)
    np.testing.assert_array_equal(spikes != 0, mon.spike)
    assert_allclose(a.V.value.m_as("mV"), mon.V.m_as("mV")[-1], rtol=1e-12)
    assert a.clock.i == b.clock.i == 300


# -------------------------------------------------------------------- resets


def after_two_steps(reset, V):
    """Return V of a Lif without leak that one step takes from 0 to V, and another one without input."""
    lif = Lif(1, tau=1e9 * ms, spk_reset=reset)
    lif.update(V * 1e10 * mA)  # dV = R I dt / tau
    lif.update(0 * mA)
    return lif.V.value.m_as("mV")[0]


def test_soft_reset_subtracts_and_hard_reset_sets():
    assert_allclose(after_two_steps("soft", 22.0), 22.0 - 25.0)  # V_th - V_reset = 25 mV
    assert_allclose(after_two_steps("hard", 22.0), -5.0)
    assert_allclose(after_two_steps("hard", 19.9), 19.9)


def test_a_hard_reset_is_exactly_V_reset(precision):
    lif = LIF(1, V_reset=-70.1 * mV, V_rest=-70.1 * mV, V_th=-50.3 * mV, spk_reset="hard", tau=1e9 * ms)
    lif.update(1e12 * mA)  # 100 mV in one step
    lif.update(0 * mA)
    dtype = np.dtype(precision)
    assert lif.V.raw.dtype == dtype
    assert lif.V.value.magnitude[0] == dtype.type(-70.1)


@pytest.mark.parametrize("V", [0.4, 0.9, 1.0, 1.6])
@pytest.mark.parametrize("reset", ["soft", "hard"])
@pytest.mark.parametrize("detach", [False, True])
def test_the_gradient_of_a_reset_is_the_written_one(V, reset, detach):
    # Documented in Neuron: soft 1 - g; hard (1 - s) - (V - V_reset) g / (V_th - V_reset); V_th 1, V_reset -1 mV.
    lif = LIF(1, V_reset=-1 * mV, V_rest=0 * mV, spk_reset=reset, detach_spk=detach)
    lif.init_state()

    def after(v):
        inside = bound(lif, lif.kernel_params(), {"V": v[None]})
        return inside.after_spike(inside.V.value)[0]

    g = 0.0 if detach else max(0.0, 0.3 * (1 - abs(V - 1.0) / 2))
    s = float(V >= 1.0)
    expected = 1 - g if reset == "soft" else (1 - s) - (V + 1) * g / 2
    assert_allclose(jax.grad(after)(V), expected)


def test_detach_spk_detaches_the_reset_and_not_the_output():
    lif = LIF(1, detach_spk=True)
    lif.init_state()

    def spike(v):
        return bound(lif, lif.kernel_params(), {"V": v[None]}).fire()[0]

    assert_allclose(jax.grad(spike)(0.9), 0.3 * 0.9)


def test_detach_spk_leaves_the_derivatives_of_an_adaptation():
    # Two steps without input: a grows by the spikes of both Vs before, and raises the threshold by 0.1 mV a spike. E
    # and A are the decays of a step; V_th 1, V_reset 0 mV.
    E, A = np.exp(-0.1 / 5), np.exp(-0.1 / 100)
    run = sc.unroll(sc.models.ALIF(1, spk_fun=sc.surrogate.ReluGrad(), detach_spk=True), 0.2 * ms, dt=0.1 * ms)

    def end(v, name):
        return run(states={"V": v[None]})[1][name][0]

    g, g_next = 0.3 * (1 - 0.05), 0.3 * (1 - abs(0.95 * E - 1))
    assert_allclose(jax.grad(end)(0.95, "a"), A * A * g + A * g_next * (E - 0.1 * A * g), rtol=1e-6)
    assert_allclose(jax.grad(end)(0.95, "V"), E * E, rtol=1e-6)


def test_spk_dtype_is_the_type_of_the_output():
    assert LIF(1, spk_dtype="int8").update(1 * mA).dtype == np.int8
    assert LIF(1).update(1 * mA).dtype == np.float64


def closed_form_gradient(reset, I, w, steps=20, tau=5.0, dt=0.1):
    """Return loss and d loss / d tau of sum_k w_k V_k + s_k by the chain rule, written out by hand.

    V_{k+1} = E r(V_k) + (1 - E) I with E = exp(-dt / tau), V_th = 1, V_reset = V_rest = 0, ReluGrad(0.3, 1).
    """
    E = np.exp(-dt / tau)
    dE = E * dt / tau**2
    V = dV = loss = dloss = 0.0
    for k in range(steps):
        s, g = float(V >= 1), max(0.0, 0.3 * (1 - abs(V - 1)))
        r, dr = (V - s, (1 - g) * dV) if reset == "soft" else (V * (1 - s), ((1 - s) - V * g) * dV)
        V, dV = E * r + (1 - E) * I, E * dr + dE * (r - I)
        loss += w[k] * V + float(V >= 1)
        dloss += (w[k] + max(0.0, 0.3 * (1 - abs(V - 1)))) * dV
    return loss, dloss


@pytest.mark.parametrize("reset", ["soft", "hard"])
@pytest.mark.parametrize("I", [pytest.param(0.5, marks=pytest.mark.slow), 8.0, 30.0])  # mA; below 1 it is silent
@pytest.mark.parametrize("precision", [pytest.param("float32", marks=pytest.mark.slow), "float64"], indirect=True)
def test_the_gradient_of_a_20_step_loss_is_the_closed_form(reset, I, precision):
    w = np.random.default_rng(0).normal(size=20)

    class Read(LIF):
        def update(self, x):
            s = super().update(x)
            return self.V.value, s

    lif = Read(1, spk_reset=reset)
    run = sc.unroll(lif, 2 * ms, inputs=I * mA)

    def loss(params):
        (V, s), _ = run(params)
        return jnp.sum(jnp.asarray(w, V.dtype) * V[:, 0]) + jnp.sum(s)

    value, grads = jax.jit(jax.value_and_grad(loss))(lif.float_params())
    expected, slope = closed_form_gradient(reset, I, w)
    rtol = 1e-4 if precision == "float32" else 1e-10  # sums of 20 terms of either sign
    assert_allclose(value, expected, rtol=rtol)
    assert_allclose(grads["tau"], slope, rtol=rtol)
    assert all(np.isfinite(g).all() for g in grads.values())


def test_below_threshold_the_gradient_is_the_finite_difference():
    def sum_of_V(tau):
        other = LIF(1, tau=tau * ms)
        return sc.DSRunner(other, monitors=["V"]).run(2 * ms, inputs=0.5 * mA).V.m_as("mV").sum()

    class Read(LIF):
        def update(self, x):
            super().update(x)
            return self.V.value

    # No spike, and a surrogate without a gradient: what is left is the derivative of V itself.
    lif = Read(1, spk_fun=sc.surrogate.LeakyRelu(alpha=0.0, beta=0.0))
    run = sc.unroll(lif, 2 * ms, inputs=0.5 * mA)
    grad = jax.jit(jax.grad(lambda p: run(p)[0].sum()))(lif.float_params())["tau"]
    assert_allclose(grad, (sum_of_V(5.001) - sum_of_V(4.999)) / 0.002, rtol=1e-6)


# -------------------------------------------------------------------- the refractory period


def intervals(dt, tau_ref, t0, I=3.0, tau=10.0, duration=60.0):
    neuron = LIFRef(1, tau=tau * ms, tau_ref=tau_ref * ms, spk_reset="hard")
    n = round(duration / dt) * dt
    mon = sc.DSRunner(neuron, monitors=["spike"], dt=dt * ms, t0=t0 * ms).run(n * ms, inputs=I * mA)
    return np.diff(np.flatnonzero(mon.spike[:, 0]))


@pytest.mark.parametrize("dt", [0.05, 0.1, 0.2, 0.25, 1.0])
@pytest.mark.parametrize("periods", ["0", "dt", "2 dt", "2", "5"])
@pytest.mark.parametrize("t0", [0.0, 1e6])
def test_intervals_are_m_plus_n_steps(dt, periods, t0, precision):
    # V reaches I (1 - exp(-m dt / tau)) >= V_th = 1 first at m = ceil(tau / dt ln(I / (I - 1))).
    tau_ref = {"0": 0.0, "dt": dt, "2 dt": 2 * dt}.get(periods) if "dt" in periods or periods == "0" else float(periods)
    m = np.ceil(10.0 / dt * np.log(3.0 / 2.0))
    assert set(intervals(dt, tau_ref, t0)) == {m + round(tau_ref / dt)}


@pytest.mark.parametrize("reset", ["soft", "hard"])
def test_no_spike_and_no_change_while_refractory(reset):
    neuron = LIFRef(1, tau_ref=2 * ms, spk_reset=reset)
    mon = sc.DSRunner(neuron, monitors=["spike", "V"]).run(20 * ms, inputs=500 * mA)
    spikes = np.flatnonzero(mon.spike[:, 0])
    assert np.diff(spikes).min() == 21  # 20 held steps, then one to the threshold, whatever the overshoot
    V = mon.V.m_as("mV")[:, 0]
    held = V[spikes[0] + 1 : spikes[0] + 21]
    assert_allclose(held, V[spikes[0]] - 1.0 if reset == "soft" else 0.0)


@pytest.mark.parametrize(("tau_ref", "interval"), [(20.0, 201), (5.0, 110)])
def test_spikes_that_are_blocked_leave_V_as_it_would_be_without(tau_ref, interval, precision):
    # tau = 10 ms, R I = 15 mV, V_th = 10 mV: over the threshold after ceil(100 ln 3) = 110 steps. Where the period is
    # longer, the spike comes in the first step after it, else as if there were none. Brian2, `refractory=20*ms` without
    # `(unless refractory)`: 25 spikes in 500 ms.
    options = {"tau": 10 * ms, "V_th": 10 * mV, "spk_reset": "hard"}
    blocked = LIFRef(1, tau_ref=tau_ref * ms, refractory="block", **options)
    mon = sc.DSRunner(blocked, ["spike", "V"], progress_bar=False).run(500 * ms, inputs=15 * mA)
    spikes = np.flatnonzero(mon.spike[:, 0])
    assert set(np.diff(spikes)) == {interval}
    assert spikes.size == (25 if tau_ref == 20 else 45)
    n = np.arange(1, interval + 1)
    V = mon.V.m_as("mV")[spikes[0] + 1 : spikes[1] + 1, 0]
    assert_allclose(V, 15 * (1 - np.exp(-n / 100)), rtol=1e-12 if precision == "float64" else 1e-5)


def test_a_jump_in_the_refractory_period_is_dropped_by_a_V_that_is_held_and_taken_by_one_that_goes_on():
    def V_after(refractory):
        n = LIFRef(1, tau=10 * ms, V_th=10 * mV, tau_ref=5 * ms, spk_reset="hard", refractory=refractory,
                   receptors={"j": sc.models.Delta()})  # fmt: skip
        source = sc.models.SpikeSource(1, indices=[0, 0], times=[1.0, 3.0] * ms)
        jump = sc.models.Projection(source, n, "j", connect=sc.models.AllToAll(), weight=20 * mV)
        net = sc.Network(source=source, n=n, jump=jump)
        mon = sc.DSRunner(net, {"V": "n.V", "s": "n.spike"}, progress_bar=False).run(3.1 * ms)
        assert mon.s.sum() <= 1
        return mon.V.m_as("mV")[-1, 0]

    assert V_after("hold") == 0
    assert_allclose(V_after("block"), 20 * np.exp(-0.1 / 10), rtol=0.02)


def test_the_refractory_kind_is_hold_or_block():
    with pytest.raises(ValueError, match="LIFRef: 'refractory' must be one of hold, block, got 'free'"):
        LIFRef(1, refractory="free")
    assert LIFRef(1).refractory == "hold"


def test_last_spike_time():
    neuron = LIFRef(2, tau_ref=2 * ms, spk_reset="hard")
    neuron.init_state()
    assert (neuron.last_spike_time.magnitude == -np.inf).all()
    mon = sc.DSRunner(neuron, monitors=["spike_events"], t0=5 * ms).run(20 * ms, inputs=np.array([0.0, 3.0]) * mA)
    assert_allclose(neuron.last_spike_time.m_as("ms"), [-np.inf, mon.spike_events.times.m_as("ms")[-1]])


def test_a_tau_ref_off_the_grid_is_rounded_with_one_warning():
    with pytest.warns(UserWarning, match="'tau_ref' = 1.23 ms is not a whole number of steps of dt = 0.1 ms; 1.2 ms"):
        mon = sc.DSRunner(LIFRef(1, tau_ref=1.23 * ms, spk_reset="hard"), ["spike"]).run(20 * ms, inputs=3 * mA)
    m = np.ceil(50 * np.log(1.5))
    assert set(np.diff(np.flatnonzero(mon.spike[:, 0]))) == {m + 12}


def test_tau_ref_may_differ_from_neuron_to_neuron():
    neuron = LIFRef(3, tau_ref=np.array([0, 1, 2]) * ms, spk_reset="hard")
    mon = sc.DSRunner(neuron, monitors=["spike"]).run(50 * ms, inputs=3 * mA)
    m = int(np.ceil(50 * np.log(1.5)))
    assert [np.diff(np.flatnonzero(s))[0] for s in mon.spike.T] == [m, m + 10, m + 20]


def test_a_held_gif_goes_on_with_its_currents_and_threshold():
    gif = sc.models.GIFRef(1, tau_ref=5 * ms, A1=3 * mA, a="0.005 1/ms")
    mon = sc.DSRunner(gif, monitors=["V", "I1", "V_th", "spike"]).run(60 * ms, inputs=2 * mA)
    s = np.flatnonzero(mon.spike[:, 0])[0]
    V, I1, V_th = (mon[k].magnitude[:, 0] for k in ("V", "I1", "V_th"))
    t = 0.1 * np.arange(1, 51)
    assert_allclose(V[s + 1 : s + 51], -70)
    assert_allclose(I1[s + 1 : s + 51], 3 * np.exp(-0.2 * t), rtol=1e-10)
    after = max(-60.0, V_th[s])  # V held at V_rest: V_th relaxes to V_th_inf = -50 at the rate b
    assert_allclose(V_th[s + 1 : s + 51], -50 + (after + 50) * np.exp(-0.01 * t), rtol=1e-10)
