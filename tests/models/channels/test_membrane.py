"""CondNeuron, VoltageClamp and ions: neurons of other classes to the bit, closed forms, an adaptive solver."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import simcore as sc
from simcore import DimensionalityError
from simcore.models import HH, CondNeuron, TraubMilesHH, VoltageClamp, channels
from simcore.units import Mohm, kelvin, mM, ms, mV, nS, pA, um

REFERENCE = json.loads(Path(__file__).with_name("thalamic_reference.json").read_text())  # of make_thalamic_reference.py
R, F = 8.314462618, 96485.33212  # CODATA 2018


def hodgkin_huxley(size=2, **more):
    leak = channels.IL(g="0.3 mS/cm**2", E=-54.387 * mV)
    each = {"na": channels.INa_HH1952(), "k": channels.IK_HH1952(), "leak": leak}
    return CondNeuron(size, channels=each, **more)


def run(model, duration, I, monitors, dt=0.025):
    return sc.DSRunner(model, monitors, dt=dt * ms, progress_bar=False).run(duration * ms, inputs=I)


def values(mon, names):
    return [np.asarray(getattr(mon[name], "magnitude", mon[name])) for name in names]


# ---------------------------------------------------------------- neurons


@pytest.mark.parametrize("precision", ["float32", pytest.param("float64", marks=pytest.mark.slow)], indirect=True)
def test_from_channels_it_is_HH_to_the_bit(precision):
    I = [1000.0, 2000.0] * pA
    names = {"V": "V", "na.m": "m", "na.h": "h", "k.n": "n", "spike": "spike"}
    of_channels = values(run(hodgkin_huxley(V_th=20 * mV), 20, I, [*names, "na.I"]), names)
    of_class = values(run(HH(2), 20, I, [*names.values()]), names.values())
    assert of_class[-1].sum() >= 3
    for one, other in zip(of_channels, of_class, strict=True):
        assert_array_equal(one, other)


def test_from_channels_it_is_the_cell_of_NEST():
    # TraubMilesHH, which is tested against hh_cond_exp_traub.
    each = {
        "na": channels.INa_TM1991(g="100 mS/cm**2"),
        "k": channels.IK_TM1991(g="30 mS/cm**2"),
        "leak": channels.IL(g="0.05 mS/cm**2", E=-60 * mV),
    }
    cell = TraubMilesHH(1)
    same = {name: cell.params()[name] for name in ("C", "area", "V_th", "V_rearm")}
    V, spike = values(run(CondNeuron(1, channels=each, **same), 20, 300 * pA, ["V", "spike"]), ["V", "spike"])
    of_class = values(run(cell, 20, 300 * pA, ["V", "spike"]), ["V", "spike"])
    assert spike.sum() >= 1
    assert_array_equal(V, of_class[0])


def test_at_rest_gates_are_those_of_the_equations():
    cell = hodgkin_huxley(1)
    cell.init_state()
    alpha = np.array([2.5 / np.expm1(2.5), 0.07, 0.1 / np.expm1(1.0)])  # m, h, n at -65 mV
    beta = np.array([4.0, 1 / (np.exp(3.0) + 1), 0.125])
    gates = [cell.na.m, cell.na.h, cell.k.n]
    assert_allclose([gate.value.m[0] for gate in gates], alpha / (alpha + beta), rtol=1e-12)


def test_a_leak_is_a_leaky_membrane_and_receptors_spread_over_the_area():
    # g area = 10 nS, C / g = 10 ms; 5 nS of a receptor that never decays.
    constant = sc.models.Exponential(tau=1e12 * ms, reversal=0 * mV, g_initializer=5 * nS)
    cell = CondNeuron(1, channels={"leak": channels.IL()}, receptors={"constant": constant})
    mon = run(cell, 30, 100 * pA, ["V", "leak.I"], dt=0.1)
    V_inf, tau = (10 * -70 + 100) / 15, 10 * 10 / 15
    V = V_inf + (-65 - V_inf) * np.exp(-mon.ts.m_as("ms") / tau)
    assert_allclose(mon.V.m_as("mV")[:, 0], V, rtol=1e-6)
    assert_allclose(mon["leak.I"].m_as("uA/cm**2")[:, 0], 0.1 * (-70 - V), atol=1e-5)


def test_currents_are_monitored_by_path_in_a_network():
    E = CondNeuron(2, channels={"leak": channels.IL()}, V_initializer=[-60.0, -80.0] * mV)
    mon = run(sc.Network(E=E), 0.1, None, ["E.leak.I", "E.V"], dt=0.1)
    assert_allclose(mon["E.leak.I"].m_as("uA/cm**2"), 0.1 * (-70 - mon["E.V"].m_as("mV")), rtol=1e-12)
    with pytest.raises(ValueError, match=r"Network has no 'E.leak.i'; did you mean 'E.leak.I'"):
        run(sc.Network(E=CondNeuron(1, channels={"leak": channels.IL()})), 1, None, ["E.leak.i"])


def test_without_channels_it_is_a_capacitance():
    mon = run(CondNeuron(1), 2, 50 * pA, ["V"], dt=0.1)  # 100 pF
    assert_allclose(mon.V.m_as("mV")[:, 0], -65 + 0.5 * mon.ts.m_as("ms"), rtol=1e-12)


def test_a_thalamic_neuron_bursts_as_by_an_adaptive_solver():
    # A rebound burst after hyperpolarization, by T, with an h-current, calcium and its Nernst potential.
    each = {
        "na": channels.INa_Ba2002(V_T=-40 * mV),
        "k": channels.IKDR_Ba2002(V_T=-40 * mV),
        "t": channels.ICaT_HM1992(),
        "h": channels.Ih_HM1992(),
        "leak": channels.IL(g="0.02 mS/cm**2", E=-75 * mV),
    }
    I = sc.inputs.section_input([0, -60, 0] * pA, [100, 300, 100] * ms)
    cell = CondNeuron(1, channels=each, ions={"ca": channels.CalciumPool()})
    mon = run(cell, 500, I, ["spike_events", "V", "ca.C", "h.r"], dt=0.01)
    spikes = mon.spike_events.times.m_as("ms")
    assert len(spikes) == len(REFERENCE["spikes (ms)"])
    # The grid, and the error of second order in dt.
    assert_allclose(spikes, REFERENCE["spikes (ms)"], atol=0.05)
    for name, unit in (("V", "mV"), ("ca.C", "mM"), ("h.r", "")):
        got = mon[name].m_as(unit)[[int(t / 0.01) - 1 for t in REFERENCE["t (ms)"]], 0]
        assert_allclose(got[:2], REFERENCE[name][:2], rtol=2e-5)
        assert_allclose(got[2], REFERENCE[name][2], rtol=5e-3)  # soon after the burst, some us late


def test_parameters_of_channels_are_axes_and_gates_start_anew():
    measure = {"m": sc.measure.trace("na.m"), "I": sc.measure.mean("k.I")}
    over = {"na.shift": [0, 5] * mV}
    sweep = sc.Sweep(hodgkin_huxley(1), over, measure=measure, inputs=0 * pA, dt=0.025 * ms, progress_bar=False)
    result = sweep.run(0.025 * ms)
    for shift, m in zip((0.0, 5.0), result.m.values.magnitude.ravel(), strict=True):
        cell = hodgkin_huxley(1)
        cell.na.shift = shift * mV
        assert_allclose(m, run(cell, 0.025, 0 * pA, ["na.m"])["na.m"].magnitude[0, 0], rtol=1e-12)
    assert result.I.values.check("[current] / [length] ** 2")


# ---------------------------------------------------------------- ions


class Constant(channels.Channel):
    """A current density that follows nothing."""

    carries = "ca"
    J = sc.Param(1.0, "uA/cm**2", "current density")

    def current(self, V, *gates):
        return self.J + 0 * self.J * V / self.E


def test_calcium_goes_where_influx_and_removal_agree_and_makes_the_reversal_potential():
    J = np.array([0.5, 1.0, 2.0])
    pool = channels.CalciumPool(tau=5 * ms, depth=0.5 * um, gamma=0.4)
    clamp = VoltageClamp(3, channels={"in": Constant(J=J * sc.units.unit("uA/cm**2"))}, ions={"ca": pool})
    mon = run(clamp, 60, -65 * mV, ["ca.C", "ca.E", "in.I"], dt=0.5)
    # 1 uA/cm2 into 1 um: 1e-2 / (2 F) mol/(m3 s) per um: 5.182e-5 mM/ms.
    rise = 0.4 * J * 1e-2 / (2 * F * 0.5e-6) * 1e-3
    assert_allclose(0.4 * J * 5.182e-5 / 0.5, rise, rtol=1e-4)
    C = 2.4e-4 + 5 * rise * (1 - np.exp(-mon.ts.m_as("ms")[:, None] / 5))
    assert_allclose(mon["ca.C"].m_as("mM"), C, rtol=1e-9)
    assert_allclose(mon["ca.E"].m_as("mV"), 1e3 * R * 309.15 / (2 * F) * np.log(2 / C), rtol=1e-8)


def test_the_nernst_potential_of_a_tenfold_ratio():
    assert_allclose(channels.nernst(1 * mM, 10 * mM, 309.15 * kelvin, 1).m_as("mV"), 61.34, atol=0.005)
    assert_allclose(channels.nernst("10 mM", "1 mM", "279.45 K", 2).m_as("mV"), -27.72, atol=0.01)


class Open(channels.GHKChannel):
    """A permeability for calcium that is always there."""

    valence = 2
    P = sc.Param(0.01, "um/ms", "permeability")

    def permeability(self, V, *gates):
        return self.P


def test_the_current_of_goldman_hodgkin_and_katz_has_its_limits(precision):
    inside, outside, P = 0.01, 2.0, 1e-5  # mM, mM, m/s
    E = 1e3 * R * 309.15 / (2 * F) * np.log(outside / inside)
    V = np.array([0.0, 1e-6, E, -400.0, 400.0, -65.0])
    channel = Open(C_i=inside * mM, C_o=outside * mM)
    got = run(VoltageClamp(6, channels={"ca": channel}), 0.1, V * mV, ["ca.I"], dt=0.1)["ca.I"].m_as("uA/cm**2")[0]
    unit = P * 2 * F * 100  # A/m2 = 100 uA/cm2, for each mM
    xi = 2 * F * V * 1e-3 / (R * 309.15)
    rtol = 2e-6 if precision == "float32" else 1e-9
    assert_allclose(got[:2], unit * (outside - inside), rtol=1e-6)
    assert abs(got[2]) < 2e-6 * unit * outside  # none at the Nernst potential
    assert_allclose(got[3:5], unit * np.array([-xi[3] * outside, -xi[4] * inside]), rtol=rtol)  # linear far away
    assert_allclose(got[5], unit * xi[5] * (outside * np.exp(-xi[5]) - inside) / (1 - np.exp(-xi[5])), rtol=rtol)


def test_calcium_opens_the_AHP_current():
    each = {"in": Constant(E=0.1 * mV), "ahp": channels.IAHP_De1994()}
    clamp = VoltageClamp(1, channels=each, ions={"ca": channels.CalciumPool(C_rest=0.025 * mM)})
    clamp.init_state()
    assert_allclose(clamp.ahp.m.value.m, 0.5, rtol=1e-12)  # half-open at 25 uM
    mon = run(clamp, 400, -65 * mV, ["ahp.m", "ca.C"], dt=0.5)
    C = mon["ca.C"].m_as("mM")[-1]
    assert_allclose(mon["ahp.m"].m[-1], 48 * C**2 / (48 * C**2 + 0.03), rtol=1e-6)
    assert C > 0.0252


# ---------------------------------------------------------------- voltage clamp


def test_the_clamp_holds_V_and_gives_what_the_channels_take():
    leak = {"leak": channels.IL()}  # 10 nS, 100 pF
    mon = run(VoltageClamp(1, channels=leak, V_initializer=-70 * mV), 2, -20 * mV, ["V", "I"], dt=0.1)
    assert_array_equal(mon.V.m_as("mV"), -20.0)
    I = mon.I.m_as("pA")[:, 0]
    assert_allclose(I[1:], 10 * 50, rtol=1e-12)
    assert_allclose(I[0] - 500, 100 * 50 / 0.1, rtol=1e-12)  # the charge of the capacitance, within one step


def test_through_a_series_resistance_V_follows_late_and_not_all_the_way():
    clamp = VoltageClamp(1, R_s=20 * Mohm, channels={"leak": channels.IL()}, V_initializer=-70 * mV)
    mon = run(clamp, 10, -20 * mV, ["V", "I"], dt=0.1)
    G = 10 + 1e3 / 20  # nS
    V = -70 + 50 * (1e3 / 20) / G * (1 - np.exp(-mon.ts.m_as("ms") * G / 100))
    assert_allclose(mon.V.m_as("mV")[:, 0], V, rtol=1e-9)
    assert_allclose(mon.I.m_as("pA")[:, 0], (-20 - V) * 1e3 / 20, rtol=1e-9)


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(("build", "error", "message"), [
    (lambda: CondNeuron(1, channels={"t": channels.ICaT_HM1992()}), ValueError,
     r"the channel t \(ICaT_HM1992\) has no 'E'; write ICaT_HM1992\(E=... \* mV\), or give the neuron ions={'ca'"),
    (lambda: CondNeuron(1, channels={"ahp": channels.IAHP_De1994()}), ValueError, "has no 'C_i'"),
    (lambda: CondNeuron(1, channels=[channels.IL()]), TypeError, "channels go by name"),
    (lambda: CondNeuron(1, channels={"ca": channels.CalciumPool()}), TypeError, "'ca' among channels must be a sc"),
    (lambda: CondNeuron(1, ions={"ca": channels.IL()}), TypeError, "'ca' among ions must be a sc"),
    (lambda: CondNeuron(1, channels={"l": channels.ICaL_Re1993(E=120 * mV)}, ions={"Ca": channels.CalciumPool()}),
     ValueError, "none of its channels carries or follows the ion 'Ca'; those that they know are ca"),
    (lambda: CondNeuron(1, channels={"V": channels.IL()}), ValueError, "'V' cannot name a part"),
    (lambda: sc.models.LIF(1, parts={"na": channels.INa_HH1952()}), TypeError, "put it into a sc.models.CondNeuron"),
    (lambda: channels.IKA1_HM1992(Q10=2.8), ValueError, "IKA1_HM1992: Q10 needs the temperature at which"),
    (lambda: channels.nernst(1 * mM, 2 * mM, 300, 1), DimensionalityError, "nernst: 'temperature' needs a quantity"),
])  # fmt: skip
def test_what_does_not_go_together_is_refused_when_it_is_built(build, error, message):
    with pytest.raises(error, match=message):
        build()


def test_a_current_is_refused_as_the_command_of_a_clamp():
    with pytest.raises(DimensionalityError, match="joins mV and pA"):
        run(VoltageClamp(1, channels={"leak": channels.IL()}), 1, 10 * pA, ["V"])
