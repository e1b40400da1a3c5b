"""Channels: their gates and currents under voltage clamp, against the equations as the papers print them."""

import jax
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import simcore as sc
from simcore import DimensionalityError, units
from simcore.models import CondNeuron, VoltageClamp, channels
from simcore.units import mA, ms, mV, pA

CHANNELS = sorted(n for n in channels.__all__ if n.startswith("I") and n not in ("InfTau", "Ion"))
CALCIUM = {name for name in CHANNELS if name.startswith("ICa")}
SLOW = pytest.mark.slow
C = 0.01  # mM, of calcium inside


def make(name, **values):
    more = {"E": 120 * mV} if name in CALCIUM else {"C_i": f"{C} mM"} if name == "IAHP_De1994" else {}
    return getattr(channels, name)(**(more | values))


# ---------------------------------------------------------------- equations, as they are printed

exp, cosh = np.exp, np.cosh


def sodium(v):
    """Traub and Miles, with v = V - V_T: alpha, beta of m, h."""
    m = 0.32 * (13 - v) / (exp((13 - v) / 4) - 1), 0.28 * (v - 40) / (exp((v - 40) / 5) - 1)
    return {"m": m, "h": (0.128 * exp((17 - v) / 18), 4 / (1 + exp((40 - v) / 5)))}


def potassium(v):
    return {"n": (0.032 * (15 - v) / (exp((15 - v) / 5) - 1), 0.5 * exp((10 - v) / 40))}


RATES = {  # alpha, beta in 1/ms
    "INa_HH1952": lambda V: {
        "m": (0.1 * (V + 40) / (1 - exp(-(V + 40) / 10)), 4 * exp(-(V + 65) / 18)),
        "h": (0.07 * exp(-(V + 65) / 20), 1 / (1 + exp(-(V + 35) / 10))),
    },
    "IK_HH1952": lambda V: {"n": (0.01 * (V + 55) / (1 - exp(-(V + 55) / 10)), 0.125 * exp(-(V + 65) / 80))},
    "INa_TM1991": lambda V: sodium(V + 63),
    "IK_TM1991": lambda V: potassium(V + 63),
    "INa_Ba2002": lambda V: sodium(V + 50),
    "IKDR_Ba2002": lambda V: potassium(V + 50),
    "ICaL_Re1993": lambda V: {
        "m": (0.055 * (-27 - V) / (exp((-27 - V) / 3.8) - 1), 0.94 * exp((-75 - V) / 17)),
        "h": (0.000457 * exp((-13 - V) / 50), 0.0065 / (exp((-15 - V) / 28) + 1)),
    },
    "IAHP_De1994": lambda V: {"m": (48 * C**2 + 0 * V, 0.03 + 0 * V)},
}
TARGETS = {  # where a gate goes, and its time constant in ms
    "IM_Ya1989": lambda V: {
        "p": (1 / (1 + exp(-(V + 35) / 10)), 4000 / (3.3 * exp((V + 35) / 20) + exp(-(V + 35) / 20)))
    },
    "IKA1_HM1992": lambda V: {
        "m": (1 / (1 + exp(-(V + 60) / 8.5)), 0.37 + 1 / (exp((V + 35.8) / 19.7) + exp(-(V + 79.7) / 12.7))),
        "h": (
            1 / (1 + exp((V + 78) / 6)),
            np.where(V < -63, 1 / (exp((V + 46) / 5) + exp(-(V + 238) / 37.5)), 19),
        ),
    },
    "IKA2_HM1992": lambda V: (
        TARGETS["IKA1_HM1992"](V) | {"m": (1 / (1 + exp(-(V + 36) / 20)), TARGETS["IKA1_HM1992"](V)["m"][1])}
    ),
    "IKK2A_HM1992": lambda V: {
        "m": (1 / (1 + exp(-(V + 43) / 17)), 9.9 + 1 / (exp((V - 81) / 25.6) + exp(-(V + 132) / 18))),
        "h": (1 / (1 + exp((V + 58) / 10.6)), 1 / (exp((V - 1329) / 200) + exp(-(V + 130) / 7.1))),
    },
    "IKK2B_HM1992": lambda V: (
        TARGETS["IKK2A_HM1992"](V)
        | {"h": (1 / (1 + exp((V + 58) / 10.6)), np.where(V < -70, TARGETS["IKK2A_HM1992"](V)["h"][1], 8.9))}
    ),
    "ICaT_HM1992": lambda V: {
        "m": (1 / (1 + exp(-(V + 62) / 6.2)), 0.612 + 1 / (exp(-(V + 135) / 16.7) + exp((V + 19.8) / 18.2))),
        "h": (
            1 / (1 + exp((V + 86) / 4)),
            np.where(V + 3 < -80, exp((V + 470) / 66.6), 28 + exp(-(V + 25) / 10.5)),
        ),
    },
    "ICaT_HP1992": lambda V: {
        "m": (1 / (1 + exp(-(V + 55) / 7.4)), 3 + 1 / (exp((V + 30) / 10) + exp(-(V + 105) / 15))),
        "h": (1 / (1 + exp((V + 83) / 5)), 85 + 1 / (exp((V + 51) / 4) + exp(-(V + 410) / 50))),
    },
    "ICaT_De1996": lambda V: {
        "u": (
            1 / (1 + exp((V + 83) / 4)),
            (30.8 + (211.4 + exp((V + 115.2) / 5)) / (1 + exp((V + 86) / 3.2))) / 3.7,
        )
    },
    "Ih_HM1992": lambda V: {
        "r": (1 / (1 + exp((V + 75) / 5.5)), 1 / (exp(-0.086 * V - 14.59) + exp(0.0701 * V - 1.87)))
    },
    "INaP_Bu1999": lambda V: {"h": (1 / (1 + exp((V + 48) / 6)), 1e4 / cosh((V + 48) / 12))},
    "IL": lambda V: {},
}
# By how much the rates are faster at 309.15 K.
WARM = {"ICaT_HM1992": {"m": 3.55**1.2, "h": 3**1.2}, "ICaT_HP1992": {"m": 5**1.2, "h": 3**1.2}}
WARM |= {"ICaL_Re1993": {"m": 2.3**1.3, "h": 2.3**1.3}, "IAHP_De1994": {"m": 3**1.4}}
# g (mS/cm2), E (mV) and what of g is open.
OPEN = {
    "INa_HH1952": (120, 50, lambda V, m, h: m**3 * h),
    "IK_HH1952": (36, -77, lambda V, n: n**4),
    "INa_TM1991": (120, 50, lambda V, m, h: m**3 * h),
    "IK_TM1991": (10, -90, lambda V, n: n**4),
    "INa_Ba2002": (90, 50, lambda V, m, h: m**3 * h),
    "IKDR_Ba2002": (10, -90, lambda V, n: n**4),
    "ICaL_Re1993": (1, 120, lambda V, m, h: m**2 * h),
    "IAHP_De1994": (10, -90, lambda V, m: m**2),
    "IM_Ya1989": (0.004, -90, lambda V, p: p),
    "IKA1_HM1992": (30, -90, lambda V, m, h: m**4 * h),
    "IKA2_HM1992": (20, -90, lambda V, m, h: m**4 * h),
    "IKK2A_HM1992": (10, -90, lambda V, m, h: m * h),
    "IKK2B_HM1992": (10, -90, lambda V, m, h: m * h),
    "ICaT_HM1992": (2, 120, lambda V, m, h: m**2 * h),
    "ICaT_HP1992": (1.75, 120, lambda V, m, h: m**2 * h),
    "ICaT_De1996": (0.4, 120, lambda V, u: u / (1 + exp(-(V + 59) / 6.2)) ** 2),
    "Ih_HM1992": (0.02, -43, lambda V, r: r),
    "INaP_Bu1999": (0.1333, 50, lambda V, h: h / (1 + exp(-(V + 40) / 6))),
    "IL": (0.1, -70, lambda V: 1 + 0 * V),
}


def kinetics(name, V):
    """Return (inf, tau in ms) of each gate at 309.15 K."""
    gates = TARGETS[name](V) if name in TARGETS else {
        gate: (alpha / (alpha + beta), 1 / (alpha + beta)) for gate, (alpha, beta) in RATES[name](V).items()
    }  # fmt: skip
    return {gate: (inf, tau / WARM.get(name, {}).get(gate, 1)) for gate, (inf, tau) in gates.items()}


@pytest.fixture(scope="module")
def steps():
    """A run of all channels: from rest at the potential `before`, held at `after` for 2 ms in steps of 0.5."""
    before, after = np.array([-70.3, -95.2, -55.1, -30.7]), np.array([-42.1, -60.4, -96.3, 12.6])
    monitors = [f"{name}.{gate}" for name in CHANNELS for gate in kinetics(name, before)]
    clamp = VoltageClamp(4, channels={name: make(name) for name in CHANNELS}, V_initializer=before * mV)
    monitors += [f"{name}.I" for name in CHANNELS]
    runner = sc.DSRunner(clamp, monitors, dt=0.5 * ms, progress_bar=False)
    return before, after, runner.run(2 * ms, inputs=after * mV)


@pytest.mark.parametrize("name", CHANNELS)
def test_gates_relax_exponentially_from_rest_and_drive_the_current(name, steps):
    before, after, mon = steps
    t = mon.ts.m_as("ms")[:, None]
    gates = []
    for gate, (inf, tau) in kinetics(name, after).items():
        start = kinetics(name, before)[gate][0]
        gates.append(inf + (start - inf) * exp(-t / tau))
        # Exact at any dt, as V is constant.
        assert_allclose(mon[f"{name}.{gate}"].magnitude, gates[-1], rtol=1e-10)
    g, E, is_open = OPEN[name]
    I = np.broadcast_to(g * is_open(after, *gates) * (E - after), (4, 4))
    assert_allclose(mon[f"{name}.I"].m_as("uA/cm**2"), I, rtol=1e-9)


def test_of_three_bracketings_of_a_time_constant_it_is_that_of_the_authors():
    # tau_u of the T-current at -40 mV, V_x = 2 mV, in ms: IT.mod; the others in circulation give 31.3 and 0.52.
    assert_allclose(kinetics("ICaT_De1996", np.array(-40.0))["u"][1], 8.85, atol=0.005)


# Where rates are 0 / 0 as printed: of HH1952, of TM1991 with V_T -63 and -50 mV, of Re1993.
SINGULAR = [-40.0, -55.0, -35.0, -34.0, -50.0, -23.0, -48.0, -37.0, -10.0, -27.0]


# Those that stand for others in a short run: TM1991 for Ba2002; those of HH1952 are tested with its neuron.
FEW = ["IK_TM1991", "ICaL_Re1993"]


@pytest.mark.parametrize(("precision", "names"), [
    ("float32", FEW), pytest.param("float32", CHANNELS, marks=SLOW), pytest.param("float64", CHANNELS, marks=SLOW),
], indirect=["precision"])  # fmt: skip
def test_values_and_gradients_are_smooth_where_rates_are_0_over_0(precision, names):
    class Read(VoltageClamp):
        def update(self, x):
            super().update(x)
            return {path: state.value for path, state in self.states().items() if "." in path}

    eps = 0.05
    V = np.add.outer(np.array(SINGULAR), [-eps, 0.0, eps]).ravel()
    each = {name: make(name) for name in names}
    clamp = Read(V.size, channels=each, V_initializer=-65 * mV)
    run = sc.unroll(clamp, 0.5 * ms, inputs=V * mV, dt=0.5 * ms)

    def squares(params):
        states, _ = run(params)
        return sum((value**2).sum() for value in states.values()), states

    (_, states), grads = jax.jit(jax.value_and_grad(squares, has_aux=True))(clamp.float_params())
    assert len(states) == sum(len(kinetics(name, np.zeros(1))) for name in names)
    for name, values in states.items():
        low, mid, high = np.asarray(values[-1]).reshape(-1, 3).T
        assert_allclose(mid, (low + high) / 2, atol=0.02 * eps**2 + 1e-6, err_msg=name)
    shifts = [name for name in grads if name.endswith((".shift", ".V_T", ".V_x"))]
    assert len(shifts) >= min(len(names), 14)
    assert all(np.isfinite(grad).all() for grad in grads.values())
    assert all(np.any(grads[name] != 0) for name in shifts)


@pytest.mark.parametrize("name", [*CHANNELS, "CalciumPool"])
def test_every_parameter_of_a_wrong_dimension_is_refused_by_name(name):
    cls = getattr(channels, name)
    for key, param in cls.PARAMS.items():
        wrong = 1 * mV if units.dimension(param.unit) != units.dimension("mV") else 1 * mA
        for value in [wrong, *([] if param.unit == "dimensionless" else [1.0, 0])]:
            with pytest.raises(DimensionalityError, match=f"{name}: '{key}' needs a quantity in"):
                cls(**{key: value})


@pytest.mark.parametrize("name", [n for n in CHANNELS if n != "IL"])
def test_its_docstring_names_a_reference(name):
    assert "Reference:" in getattr(channels, name).__doc__


def test_time_courses_are_three_times_faster_at_10_K_more():
    both = {"na": channels.INa_Ba2002(), "fixed": channels.INa_TM1991(V_T=-50 * mV)}
    T = [309.15, 319.15] * units.unit("K")
    clamp = VoltageClamp(2, temperature=T, V_initializer=sc.init.Constant(-70 * mV), channels=both)
    runner = sc.DSRunner(clamp, ["na.m", "na.h", "fixed.h"], dt=0.1 * ms, progress_bar=False)
    mon = runner.run(1.5 * ms, inputs=-45 * mV)
    for gate in ("na.m", "na.h"):
        values = mon[gate].magnitude
        assert_allclose(values[2::3, 0], values[:5, 1], rtol=1e-12)  # Q10 is 3
    fixed = mon["fixed.h"].magnitude
    assert_array_equal(fixed[:, 0], fixed[:, 1])  # without Q10
    assert_allclose(fixed[:, 0], mon["na.h"].magnitude[:, 0], rtol=1e-12)  # at T_ref


def test_a_channel_of_ones_own_needs_gates_and_a_conductance():
    class IK(channels.Channel):
        g = sc.Param(36.0, "mS/cm**2", "maximal conductance")
        E = sc.Param(-77.0, "mV", "reversal potential")
        n = sc.HiddenState("dimensionless", "activation", init=channels.STEADY)

        def gates(self, V):
            rates = channels.linoid_rate(V, 0.1, -55.0, 10.0), channels.exp_rate(V, 0.125, -65.0, -80.0)
            return (channels.AlphaBeta(*rates),)

        def conductance(self, V, n):
            return self.g * n**4

    both = VoltageClamp(1, channels={"own": IK(), "k": channels.IK_HH1952()})
    mon = sc.DSRunner(both, ["own.I", "k.I"], progress_bar=False).run(2 * ms, inputs=-20 * mV)
    assert_array_equal(mon["own.I"].magnitude, mon["k.I"].magnitude)


def test_a_rate_of_a_wrong_unit_is_refused_at_its_line():
    class Wrong(channels.Channel):
        E = sc.Param(0.0, "mV", "reversal potential")
        g = sc.Param(1.0, "mS/cm**2", "conductance")
        x = sc.HiddenState("dimensionless", "gate", init=channels.STEADY)

        def gates(self, V):
            return (channels.InfTau(channels.sigmoid(V, -40.0, 5.0), channels.exp_rate(V, 1.0, 0.0, 10.0)),)

        def conductance(self, V, x):
            return self.g * x

    runner = sc.DSRunner(CondNeuron(1, channels={"x": Wrong()}), progress_bar=False)
    with pytest.raises(DimensionalityError, match=r"x\.x"):
        runner.run(1 * ms, inputs=0 * pA)
