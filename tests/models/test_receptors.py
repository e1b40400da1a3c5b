"""Receptors against the closed forms of their kinetics, and the voltage that they drive."""

import inspect

import jax.numpy as jnp
import numpy as np
import pytest
import scipy.integrate
import scipy.linalg
from numpy.testing import assert_allclose, assert_array_equal

import simcore as sc
from simcore import DimensionalityError, DSRunner, models
from simcore.bases.receptor import Receptor
from simcore.models import LIF, NMDA, Alpha, Delta, DoubleExponential, Exponential
from simcore.units import Mohm, mA, mM, ms, mV, nS, pA

# Those of a membrane have tests of their own.
NEURONS = [
    n
    for n in models.__all__
    if issubclass(getattr(models, n), sc.Neuron) and n not in ("CondNeuron", "LeakyIntegrator", "VoltageClamp")
]


def difference(t, rise, decay):
    """Return the difference of two exponentials with the peak 1; its peak is where its derivative vanishes."""
    t_peak = np.log(decay / rise) * rise * decay / (decay - rise)
    return (np.exp(-t / decay) - np.exp(-t / rise)) / (np.exp(-t_peak / decay) - np.exp(-t_peak / rise))


# The answer to one spike of weight 1 at t = 0, in ms.
SHAPES = {
    "Exponential": (lambda **k: Exponential(tau=3 * ms, **k), lambda t: np.exp(-t / 3)),
    "Alpha": (lambda **k: Alpha(tau=3 * ms, **k), lambda t: t / 3 * np.exp(1 - t / 3)),
    "DoubleExponential": (
        lambda **k: DoubleExponential(tau_rise=0.5 * ms, tau_decay=4 * ms, **k),
        lambda t: difference(t, 0.5, 4.0),
    ),
    "NMDA": (lambda **k: NMDA(tau_rise=2 * ms, tau_decay=30 * ms, **k), lambda t: difference(t, 2.0, 30.0)),
}


def neuron(receptors, n=1, **kwargs):
    """Return neurons of 100 MOhm that never spike: pA and nS move them by mV."""
    return LIF(n, **({"R": 100 * Mohm, "tau": 10 * ms, "V_th": 1e6 * mV} | kwargs), receptors=receptors)


def driven(post, times, weight, receptor="exc", delay=0 * ms):
    """Return a network in which a source that spikes at `times` (ms) reaches all of post with one weight."""
    source = models.SpikeSource(1, np.asarray(times) * ms, np.zeros(len(times), int))
    to_post = models.Projection(source, post, receptor, connect=models.AllToAll(), weight=weight, delay=delay)
    return sc.Network(source=source, post=post, to_post=to_post)


# ---------------------------------------------------------------- kinetics


@pytest.mark.parametrize(("kind", "precision"), [
    ("current", "float64"), ("conductance", "float32"),  # each kind and each precision with each kinetics
    pytest.param("current", "float32", marks=pytest.mark.slow),
    pytest.param("conductance", "float64", marks=pytest.mark.slow),
], indirect=["precision"])  # fmt: skip
@pytest.mark.parametrize("name", SHAPES)
def test_g_follows_the_closed_form_after_a_spike(name, kind, precision):
    make, shape = SHAPES[name]
    reversal = {"reversal": 0 * mV} if kind == "conductance" else {}
    unit = "pA" if kind == "current" and name != "NMDA" else "nS"
    net = driven(neuron({"exc": make(**reversal)}), [1.0], f"2.5 {unit}")
    mon = DSRunner(net, monitors=["post.exc.g"], dt=0.1 * ms).run(40 * ms)
    g, t = mon["post.exc.g"], mon.ts.m_as("ms") - 1.0
    assert g.units == sc.units.unit(unit)
    assert g.dtype == precision
    after = t > -0.05
    assert not g.magnitude[~after].any()  # nothing comes before the spike
    # 390 steps of the exact propagator: each adds some rounding, to g and through h, which is at most 8 times g's peak.
    tolerance = 1000 * np.finfo(precision).eps
    expected = 2.5 * shape(np.maximum(t[after], 0))
    assert_allclose(g.magnitude[after, 0], expected, rtol=tolerance, atol=8 * 2.5 * np.finfo(precision).eps)


def test_the_peak_is_the_weight_at_the_time_that_the_docstring_gives():
    rise, decay = 0.5, 4.0
    peak = np.log(decay / rise) / (1 / rise - 1 / decay)
    receptors = {"a": Alpha(tau=3 * ms), "d": DoubleExponential(tau_rise=rise * ms, tau_decay=decay * ms)}
    post = neuron(receptors)
    post.ensure_state()
    post.a.h.value = post.d.h.value = [7.0] * pA
    for name, t in (("a", 3.0), ("d", peak)):
        mon = DSRunner(post, monitors=["a.g", "d.g"], dt=t / 100 * ms).run(2 * t * ms)
        g = mon[f"{name}.g"].m_as("pA")[:, 0]
        assert np.argmax(g) == 99  # the value that step 99 ends with is that at t
        assert g[99] == pytest.approx(7.0, rel=1e-12)
        post.reset_state()
        post.a.h.value = post.d.h.value = [7.0] * pA


def test_tau_decay_must_exceed_tau_rise():
    for cls in (DoubleExponential, NMDA):
        with pytest.raises(ValueError, match=r"'tau_decay' .*above 'tau_rise'|'tau_decay' must be above"):
            cls(tau_rise=5 * ms, tau_decay=5 * ms)


def test_spikes_and_projections_onto_one_receptor_add_to_one_state():
    post = neuron({"exc": Exponential(tau=3 * ms), "inh": Exponential(tau=3 * ms)}, 2)
    a, b = (models.SpikeSource(1, t * ms, np.zeros(t.size, int)) for t in (np.array([1.0, 4.0]), np.array([2.5])))
    every = models.AllToAll()
    net = sc.Network(
        a=a,
        b=b,
        post=post,
        one=models.Projection(a, post, "exc", connect=every, weight=2 * pA),
        two=models.Projection(b, post, "exc", connect=every, weight=np.array([3.0, 5.0]) * pA),
    )
    net.ensure_state()
    assert [p for p in net.states() if p.endswith(".g")] == ["post.exc.g", "post.inh.g"]
    mon = DSRunner(net, monitors=["post.exc.g", "post.inh.g"], dt=0.1 * ms).run(10 * ms)
    t = mon.ts.m_as("ms")[:, None]

    def decay(t0):
        return np.where(t > t0 - 0.05, np.exp(-(t - t0) / 3), 0.0)

    expected = 2 * decay(1.0) + 2 * decay(4.0) + np.array([3.0, 5.0]) * decay(2.5)
    assert_allclose(mon["post.exc.g"].m_as("pA"), expected, rtol=1e-12)
    assert not mon["post.inh.g"].magnitude.any()


def test_each_neuron_has_its_own_time_constant():
    taus = np.array([2.0, 5.0, 11.0])
    drawn = sc.init.Uniform(2 * ms, 8 * ms, seed=4)
    for tau in (taus * ms, drawn):
        post = neuron({"exc": Exponential(tau=tau, g_initializer=1.0 * pA)}, 3)
        expected = post.exc.tau.m_as("ms")
        assert len(set(expected)) == 3
        assert (expected >= 2).all()
        assert tau is drawn or (expected == taus).all()
        mon = DSRunner(post, monitors=["exc.g"], dt=0.1 * ms).run(5 * ms, inputs=0 * mA)
        assert_allclose(mon["exc.g"].m_as("pA")[-1], np.exp(-5 / expected), rtol=1e-12)


def test_a_batch_axis_goes_through_receptors():
    def run(g=None):
        post = neuron({"exc": DoubleExponential(), "kick": Delta()}, 2)
        net = driven(post, [1.0, 2.0], 20 * pA)
        if g is not None:
            net.reset_state(batch_size=len(g))
            post.exc.g.value = np.repeat(np.reshape(g, (-1, 1)), 2, axis=1) * pA
        else:
            net.reset_state()
        mon = DSRunner(net, monitors=["post.exc.g", "post.V"]).run(5 * ms)
        return mon["post.exc.g"].m_as("pA"), mon["post.V"].m_as("mV")

    g, V = run()
    many_g, many_V = run([0.0, 6.0, 0.0])
    assert many_g.shape == many_V.shape == (50, 3, 2)
    for item in (0, 2):
        assert_allclose(many_g[:, item], g, rtol=1e-13)
        assert_allclose(many_V[:, item], V, rtol=1e-13)
    t = 0.1 * np.arange(1, 51)[:, None]
    assert_allclose(many_g[:, 1] - g, np.broadcast_to(6 * np.exp(-t / 5), (50, 2)), rtol=1e-12)  # decays with tau_decay


def test_GABAb_follows_the_closed_form_after_a_pulse_and_the_current_its_fourth_power(precision):
    post = neuron({"inh": models.GABAb(g_max=1000 * nS)}, V_th=1 * mV, V_reset=0 * mV, V_rest=0 * mV)
    mon = DSRunner(driven(post, [1.0], 3, "inh"), ["post.inh.r", "post.inh.s", "post.V"], dt=0.1 * ms).run(300 * ms)
    t = mon.ts.m_as("ms") - 1.0
    after = np.flatnonzero(t > -0.05)
    t = t[after]
    # Three pulses at once; K1 T 0.3 ms = 0.078.
    bound = 1 - np.exp(-3 * 0.078)
    r, s = bound * np.exp(-0.0013 * t), 0.098 * bound * (np.exp(-0.0013 * t) - np.exp(-0.033 * t)) / (0.033 - 0.0013)
    # 2990 exact steps, each of which may round by half a unit.
    rounding = 2000 * np.finfo(precision).eps
    assert_allclose(mon["post.inh.r"].magnitude[after, 0], r, rtol=rounding)
    assert_allclose(mon["post.inh.s"].m_as("uM")[after, 0], s, rtol=rounding, atol=s.max() * rounding)

    def rate(time, V):
        x = np.interp(time, t, s) ** 4
        return (-V + 0.1 * 1000 * x / (x + 100) * (-95 - V)) / 10  # 0.1 GOhm, 1000 nS

    V = scipy.integrate.solve_ivp(rate, (0, t[-1]), [0.0], t_eval=t, rtol=1e-8, atol=1e-10, max_step=1.0).y[0]
    assert V.min() < -1  # a few mV
    # Second order in dt: s changes by less than 0.3 % in a step.
    assert_allclose(mon["post.V"].m_as("mV")[after, 0], V, atol=2e-3 * abs(V.min()))


# ---------------------------------------------------------------- units


def test_the_unit_of_the_weights_follows_the_reversal_potential():
    for cls in (Exponential, Alpha, DoubleExponential):
        assert cls().unit == "pA"
        assert cls(reversal=-80 * mV).unit == "nS"
    assert NMDA().unit == "nS"
    assert Delta().unit == "mV"


@pytest.mark.parametrize(("made", "set_to", "cure"), [
    ({}, 0 * mV, r"made as a current.* make another receptor, Exponential\(reversal=E\)"),
    ({"reversal": 0 * mV}, None, "made as a conductance.* make another receptor, without reversal"),
])  # fmt: skip
def test_a_receptor_stays_a_current_or_a_conductance(made, set_to, cure):
    cells = LIF(1, receptors={"e": Exponential(**made)})
    with pytest.raises(ValueError, match=rf"e \(Exponential\): 'reversal' cannot be set: it was {cure}"):
        cells.e.reversal = set_to


def test_a_sweep_makes_no_conductance_of_a_current_and_may_change_its_reversal():
    def swept(**made):
        cells = LIF(1, receptors={"e": Exponential(**made)})
        return sc.Sweep(cells, {"e.reversal": [-80, 0] * mV}, {"V": sc.measure.mean("V")}, progress_bar=False)

    with pytest.raises(ValueError, match=r"Sweep: 'e\.reversal': it was made as a current"):
        swept()
    assert swept(reversal=0 * mV).design.n_points == 2
    cells = LIF(1, receptors={"e": Exponential(reversal=0 * mV)})
    cells.e.reversal = -70 * mV
    assert cells.e.reversal == -70 * mV


@pytest.mark.parametrize(
    ("receptor", "right", "wrong"),
    [
        (Exponential, "1 pA", "1 nS"),
        (lambda: Alpha(reversal=0 * mV), "1 nS", "1 pA"),
        (NMDA, "1 nS", "1 mV"),
        (Delta, "1 mV", "1 pA"),
    ],
)
def test_a_weight_in_another_unit_is_refused(receptor, right, wrong):
    driven(neuron({"exc": receptor()}), [1.0], right)
    for weight in (wrong, 1.0, 0):
        with pytest.raises(DimensionalityError, match=f"'weight' needs a quantity in {right[2:]}"):
            driven(neuron({"exc": receptor()}), [1.0], weight)


@pytest.mark.parametrize(
    ("cls", "wrong"),
    [
        (Exponential, {"tau": 5 * mV}),
        (Exponential, {"tau": 5.0}),
        (Exponential, {"reversal": 0}),
        (Alpha, {"tau": 5 * nS}),
        (DoubleExponential, {"tau_rise": 1 * mV}),
        (NMDA, {"Mg": 1 * mV}),
        (NMDA, {"Mg": 1.0}),
    ],
)
def test_a_parameter_in_a_wrong_unit_is_refused_by_name(cls, wrong):
    with pytest.raises(DimensionalityError, match=f"'{next(iter(wrong))}' needs a quantity in"):
        cls(**wrong)


def test_an_initial_value_is_in_the_unit_of_the_weights():
    for receptor in (Exponential(g_initializer=3.0 * pA), Exponential(reversal=0 * mV, g_initializer=3.0 * nS)):
        post = neuron({"exc": receptor})
        post.ensure_state()
        assert post.exc.g.value == [3.0] * sc.units.unit(receptor.unit)
    for receptor in (Exponential(g_initializer=3.0 * nS), Exponential(reversal=0 * mV, g_initializer=3.0 * pA)):
        with pytest.raises(DimensionalityError, match="'g_initializer' needs a quantity in"):
            neuron({"exc": receptor}).ensure_state()


def test_an_initial_value_may_be_a_whole_number():
    post = neuron({"exc": Exponential(g_initializer=3 * pA)}, V_initializer=-2 * mV)
    mon = DSRunner(post, monitors=["V", "exc.g"], dt=0.1 * ms).run(0.1 * ms, inputs=0 * mA)
    assert mon.V.m_as("mV")[0, 0] == pytest.approx(-2 * np.exp(-0.01) + solution(0.1, 3, 5), rel=1e-12)
    assert mon["exc.g"].m_as("pA")[0, 0] == pytest.approx(3 * np.exp(-0.02), rel=1e-12)


class SquaredDecay(Receptor):
    """A receptor with a fault of unit."""

    tau = sc.Param(5.0, "ms", "decay", positive=True)
    g = sc.HiddenState("nS", "conductance")

    def derivative(self, V, g):
        return -g * self.tau  # seeded


class CurrentPlusTime(SquaredDecay):
    """Another one."""

    def derivative(self, V, g):
        return -(g + self.tau) / self.tau  # seeded


@pytest.mark.parametrize("method", ["exp_euler", "rk4", "exact"])
@pytest.mark.parametrize("cls", [SquaredDecay, CurrentPlusTime])
def test_a_fault_of_unit_in_a_users_receptor_is_found_at_the_users_line(cls, method):
    lines, start = inspect.getsourcelines(cls.derivative)
    line = start + next(k for k, text in enumerate(lines) if "seeded" in text)
    with pytest.raises(DimensionalityError, match=rf"test_receptors\.py:{line}, in derivative"):
        DSRunner(neuron({"exc": cls()}, method=method), monitors=["V"]).run(1 * ms, inputs=0 * mA)


# ---------------------------------------------------------------- what they drive


def solution(t, w, tau_s, tau_m=10.0, R=0.1):
    """Return V (mV) of a LIF that a current w (pA) exp(-t/tau_s) drives from t = 0; R in GOhm."""
    return np.where(t > 0, R * w * tau_s / (tau_s - tau_m) * (np.exp(-t / tau_s) - np.exp(-t / tau_m)), 0.0)


@pytest.mark.parametrize("dt", [5.0, 0.1])
@pytest.mark.filterwarnings("ignore:.*less than two steps of dt")
def test_exact_integration_of_a_current_has_no_error_of_dt(dt):
    net = driven(neuron({"exc": Exponential(tau=3 * ms)}, method="exact"), [5.0, 20.0], 40 * pA)
    mon = DSRunner(net, monitors=["post.V"], dt=dt * ms).run(50 * ms)
    t, V = mon.ts.m_as("ms"), mon["post.V"].m_as("mV")[:, 0]
    # Spikes on the grid, linear between them: only rounding is left, of terms as large as the largest V.
    expected = solution(t - 5, 40, 3) + solution(t - 20, 40, 3)
    assert_allclose(V, expected, rtol=1e-12, atol=1e-13 * expected.max())


@pytest.mark.parametrize("name", ["Alpha", "DoubleExponential"])
@pytest.mark.filterwarnings("ignore:.*less than two steps of dt")
def test_exact_integration_equals_the_matrix_exponential(name):
    make, _ = SHAPES[name]
    post = neuron({"exc": make()}, method="exact")
    post.ensure_state()
    post.exc.h.value = [30.0] * pA
    post.exc.g.value = [4.0] * pA
    mon = DSRunner(post, monitors=["V", "exc.g", "exc.h"], dt=2.5 * ms).run(25 * ms, inputs=20 * pA)
    V, g, h = (mon[k].magnitude[:, 0] for k in ("V", "exc.g", "exc.h"))
    if name == "Alpha":
        synapse = np.array([[-1 / 3, np.e / 3], [0, -1 / 3]])
    else:
        t_peak = np.log(4 / 0.5) * 0.5 * 4 / 3.5
        peak = (np.exp(-t_peak / 4) - np.exp(-t_peak / 0.5)) * 4 / 3.5  # of g for N = 1
        synapse = np.array([[-1 / 4, 1 / 0.5 / peak], [0, -1 / 0.5]])
    A = np.zeros((4, 4))  # V, g, h, and 1
    A[0] = [-1 / 10, 0.1 / 10, 0, 0.1 * 20 / 10]
    A[1:3, 1:3] = synapse
    expected = np.array([scipy.linalg.expm(A * t) @ [0, 4, 30, 1] for t in mon.ts.m_as("ms")])
    assert_allclose(np.stack([V, g, h], 1), expected[:, :3], rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize(
    "receptor", [lambda: Exponential(reversal=0 * mV), lambda: Alpha(reversal=0 * mV), lambda: NMDA()]
)
def test_a_conductance_is_refused_by_exact_integration(receptor):
    with pytest.raises(ValueError, match=r"method='exact' needs a derivative that is linear.*use 'exp_euler'"):
        DSRunner(neuron({"exc": receptor()}, method="exact")).run(1 * ms, inputs=0 * mA)


@pytest.mark.parametrize(("method", "p", "dts"), [("exp_euler", 2, (0.1, 0.05)), ("rk4", 4, (0.4, 0.2))])
def test_order_of_convergence_with_a_conductance(method, p, dts):
    # V' = (-(V + 70) + R g (0 - V)) / tau, g = 20 nS exp(-t/3): driven by g; R = 0.1 GOhm, tau = 10 ms.
    def rate(t, V):
        return (-(V + 70) - 0.1 * 20 * np.exp(-t / 3) * V) / 10

    reference = scipy.integrate.solve_ivp(rate, (0, 4), [-70.0], method="DOP853", rtol=1e-13, atol=1e-13).y[0, -1]
    errors = []
    for dt in dts:
        receptor = Exponential(tau=3 * ms, reversal=0 * mV, g_initializer=20.0 * nS)
        post = neuron({"exc": receptor}, method=method, V_rest=-70 * mV, V_reset=-80 * mV)
        mon = DSRunner(post, monitors=["V"], dt=dt * ms).run(4 * ms, inputs=0 * mA)
        errors.append(abs(mon.V.m_as("mV")[-1, 0] - reference))
    assert np.log2(errors[0] / errors[1]) == pytest.approx(p, abs=0.1)


@pytest.mark.parametrize("Mg", [1.0, 0.0, 2.5])
def test_magnesium_blocks_the_NMDA_current_at_low_V(Mg):
    V0 = np.array([-80.0, -60.0, -20.0, 0.0, 40.0])
    receptor = NMDA(Mg=Mg * mM, reversal=5 * mV, g_initializer=3.0 * nS)
    post = neuron({"exc": receptor}, 5, V_rest=V0 * mV, V_reset=-100 * mV, method="euler")
    mon = DSRunner(post, monitors=["V"], dt=0.1 * ms).run(0.1 * ms, inputs=0 * mA)
    # One step of Euler's method from V_rest shows the current: dV = dt R I / tau.
    current = (mon.V.m_as("mV")[0] - V0) / (0.1 * 0.1 / 10)
    unblocked = 1 / (1 + Mg / 3.57 * np.exp(-0.062 * V0))
    if Mg == 0.0:
        assert_array_equal(unblocked, 1)
    # dV is 1e-3 of V or less: the difference keeps 12 digits or so.
    assert_allclose(current, 3 * unblocked * (5 - V0), rtol=1e-9)


def test_the_currents_of_two_receptors_and_the_input_add():
    def run(receptors, I=0 * pA):
        post = neuron(receptors, method="exact")
        return DSRunner(post, monitors=["V"]).run(20 * ms, inputs=I).V.m_as("mV")

    def exc():
        return {"exc": Exponential(tau=3 * ms, g_initializer=40.0 * pA)}

    def inh():
        return {"inh": Exponential(tau=7 * ms, g_initializer=-25.0 * pA)}

    together = run(exc() | inh(), 10 * pA)
    # V starts at V_rest = 0 and is linear in what drives it.
    assert_allclose(together, run(exc()) + run(inh()) + run({}, 10 * pA), rtol=1e-11, atol=1e-13)


# Above rheobase, mA. The input of FitzHughNagumo and HindmarshRose is no current.
DRIVE = dict.fromkeys(NEURONS, 2.9)
DRIVE |= {"Lif": 30.0, "AdQuaIF": 30.0, "AdQuaIFRef": 30.0, "Izhikevich": 20e-9, "IzhikevichRef": 20e-9}
DRIVE |= dict.fromkeys(["ExpIF", "ExpIFRef", "AdExIF", "AdExIFRef", "QuaIF", "QuaIFRef"], 12.0)
DRIVE |= {"HH": 2e-6, "TraubMilesHH": 2e-6, "WangBuzsakiHH": 0.5e-6, "MorrisLecar": 15e-6}
DRIVE |= {f"GLIF{level}": 4e-7 for level in (1, 2, 3, 4, 5)} | {"MAT2": 6e-7, "AMAT2": 3e-7, "StochasticGIF": 3e-7}
# As in test_all_models.py, whose programs of the first run are those here.
ALIKE = {"GLIF1", "GLIF2", "GLIF3", "GLIF4", "AMAT2", "TraubMilesHH", "WangBuzsakiHH", "LIF", "Lif", "QuaIF", "AdQuaIF"}
WITH = {f"GLIF{level}": {"tau_ref": 3.8 * ms} for level in (1, 2, 3, 4, 5)}  # whole steps


@pytest.mark.parametrize("name", [
    pytest.param(name, marks=pytest.mark.slow if (name.endswith("Ref") and name != "LIFRef") or name in ALIKE else ())
    for name in NEURONS if name not in ("FitzHughNagumo", "HindmarshRose", "CondNeuron", "VoltageClamp")
])  # fmt: skip
def test_every_neuron_takes_a_current_through_a_receptor_as_through_its_input(name):
    drive = DRIVE[name]
    dt = 0.025 if name in ("HH", "TraubMilesHH", "WangBuzsakiHH") else 0.1
    steps = 1800 if name == "MorrisLecar" else 1000 if dt < 0.1 else 600

    def run(I, **kwargs):
        model = getattr(models, name)(3, **(WITH.get(name, {}) | kwargs))
        mon = DSRunner(model, monitors=["V", "spike"], dt=dt * ms).run(steps * dt * ms, inputs=np.full(3, I) * mA)
        return mon.V.m_as("mV"), mon.spike

    V, spike = run(drive)
    assert spike.sum() >= 6
    # In 60 ms a current of this time constant loses 6e-16 of itself.
    steady = Exponential(tau=1e17 * ms, g_initializer=0.75 * drive * mA)
    V2, spike2 = run(0.25 * drive, receptors={"exc": steady})
    assert_array_equal(spike2, spike)
    assert_allclose(V2, V, rtol=1e-9, atol=1e-9)  # rounding, grown along the trace


def test_refractory_neurons_hold_V_while_g_goes_on():
    post = models.LIFRef(
        1, R=100 * Mohm, V_th=10 * mV, V_reset=-3 * mV, tau_ref=4 * ms, spk_reset="hard",
        receptors={"exc": Exponential(tau=6 * ms)},
    )  # fmt: skip
    net = driven(post, [1.0, 4.0], 400 * pA)
    mon = DSRunner(net, monitors=["post.V", "post.exc.g", "post.spike"]).run(12 * ms)
    t, V, g = mon.ts.m_as("ms"), mon["post.V"].m_as("mV")[:, 0], mon["post.exc.g"].m_as("pA")[:, 0]
    first = np.flatnonzero(mon["post.spike"][:, 0])[0]
    assert t[first] < 4.0  # so that the second spike arrives in the refractory period
    assert_array_equal(V[first + 1 : first + 41], -3.0)
    assert V[first + 41] > -3.0
    expected = 400 * np.exp(-(t - 1) / 6) * (t > 0.95) + 400 * np.exp(-(t - 4) / 6) * (t > 3.95)
    assert_allclose(g, expected, rtol=1e-12)


# ---------------------------------------------------------------- jumps


def test_a_delta_receptor_makes_V_jump_by_the_weight_when_the_spike_arrives():
    net = driven(neuron({"exc": Delta()}), [1.0, 3.0], 4 * mV, delay=0.5 * ms)
    mon = DSRunner(net, monitors=["post.V"], dt=0.1 * ms).run(10 * ms)
    t = mon.ts.m_as("ms")
    expected = sum(np.where(t > at - 0.05, 4 * np.exp(-(t - at) / 10), 0.0) for at in (1.5, 3.5))
    assert_allclose(mon["post.V"].m_as("mV")[:, 0], expected, rtol=1e-12)


def test_a_jump_over_the_threshold_is_seen_in_the_next_step():
    post = LIF(1, V_th=10 * mV, receptors={"exc": Delta()}, spk_reset="hard")
    mon = DSRunner(driven(post, [1.0], 30 * mV), monitors=["post.V", "post.spike_events"]).run(3 * ms)
    assert mon["post.V"].m_as("mV")[9, 0] == 30.0
    assert_allclose(mon["post.spike_events"].times.m_as("ms"), [1.1], rtol=1e-12)


def test_a_jump_that_reaches_a_refractory_neuron_is_dropped():
    post = models.LIFRef(1, V_th=10 * mV, tau_ref=2 * ms, receptors={"exc": Delta()}, spk_reset="hard")
    # The jump at 1 ms makes a spike at 1.1 ms: V is held in the steps that end at 1.2 to 3.1 ms.
    mon = DSRunner(driven(post, [1.0, 1.5, 3.0, 3.2], 30 * mV), monitors=["post.V", "post.spike_events"]).run(6 * ms)
    assert_allclose(mon["post.spike_events"].times.m_as("ms"), [1.1, 3.3], rtol=1e-12)
    assert not mon["post.V"].magnitude[11:31].any()


# ---------------------------------------------------------------- building


def test_a_receptor_belongs_to_one_neuron():
    receptor = Exponential()
    neuron({"exc": receptor})
    with pytest.raises(ValueError, match="belongs to a model already"):
        neuron({"exc": receptor})


def test_names_and_types_of_receptors_are_checked():
    with pytest.raises(ValueError, match="'V' cannot name a receptor"):
        neuron({"V": Exponential()})
    with pytest.raises(TypeError, match=r"the receptor 'exc' must be one of sc\.models"):
        neuron({"exc": "Exponential"})
    with pytest.raises(ValueError, match="has no receptor 'ampa'; it has exc, inh"):
        driven(neuron({"exc": Exponential(), "inh": Exponential()}), [1.0], 1 * pA, receptor="ampa")


@pytest.mark.slow
def test_receptors_work_without_jit_as_with():
    V = []
    for jit in (True, False):
        post = neuron({k: make(**({"reversal": 5 * mV} if k == "NMDA" else {})) for k, (make, _) in SHAPES.items()})
        post.ensure_state()
        for receptor in post.receptors.values():
            receptor.target().value = f"5 {receptor.unit}"
        V.append(DSRunner(post, monitors=["V"], jit=jit).run(0.3 * ms, inputs=0 * mA).V.magnitude)
    assert V[0].all()
    assert_allclose(V[1], V[0], rtol=1e-12)


def test_a_users_receptor_of_two_states_works_like_the_ones_that_come_along():
    class Rising(Receptor):
        """g' = h / tau_rise, cut by its own decay: an alpha function by other names."""

        receives = "b"
        tau = sc.Param(3.0, "ms", "time constant", positive=True)
        g = sc.HiddenState("nS", "conductance")
        b = sc.HiddenState("nS", "source")

        def derivative(self, V, g, b):
            return (jnp.e * b - g) / self.tau, -b / self.tau

    mon = DSRunner(driven(neuron({"exc": Rising()}), [1.0], 5 * pA), monitors=["post.exc.g"]).run(10 * ms)
    t = np.maximum(mon.ts.m_as("ms") - 1, 0)
    assert_allclose(mon["post.exc.g"].m_as("pA")[:, 0], 5 * SHAPES["Alpha"][1](t), rtol=1e-12, atol=1e-14)
