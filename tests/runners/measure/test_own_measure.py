"""Measures of a user's own: from the public base, among the monitors of a runner and in a sweep, without more."""

import dataclasses
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import simcore as sc
from simcore import DSRunner, measure, units
from simcore.models import LIF
from simcore.runners import loop
from simcore.units import mA, ms, mV


class Range(measure.Measure):
    """The largest value less the smallest."""

    def begin(self, value):
        return jnp.full(value.shape, jnp.inf), jnp.full(value.shape, -jnp.inf)

    def add(self, carry, value, k):
        low, high = carry
        return jnp.minimum(low, value), jnp.maximum(high, value)

    def result(self, carry, steps, dt, t0, unit):
        return units.from_kernel(carry[1] - carry[0], unit)


@dataclasses.dataclass(frozen=True)
class TimeAbove(measure.Measure):
    """How long a value is above each of some levels."""

    name = "time_above"
    trailing = ("level",)
    options = ("levels",)
    levels: Any = None  # a quantity (n,)
    kernel: tuple[float, ...] = ()

    def fit(self, steps, dt):
        levels = units.to_kernel(self.levels, "mV", "time_above: 'levels'")
        return dataclasses.replace(self, levels=None, kernel=tuple(levels.tolist()))

    def begin(self, value):
        return jnp.zeros((*value.shape, len(self.kernel)), jnp.int32)

    def add(self, carry, value, k):
        return carry + (value[..., None] > np.array(self.kernel))

    def result(self, carry, steps, dt, t0, unit):
        return units.from_kernel(carry * dt, "ms")

    def places(self, size, dt, t0):
        return units.from_kernel(np.array(self.kernel), "mV")


class Burst(measure.OfSpikes):
    """The number of steps in which at least two neurons spike; it keeps one number for all."""

    def begin(self, value):
        return jnp.zeros((), jnp.int32)

    def add(self, carry, value, k):
        return carry + (value.sum() > 1)

    def result(self, carry, steps, dt, t0, unit):
        return int(carry)


class Double(type(measure.spike_count)):
    """Twice the number of spikes, from a class that carries what others carry too."""

    def add(self, carry, value, k):
        return {"count": carry["count"] + 2 * value}


CURRENTS = np.array([0.5, 2.0, 2.0]) * mA
LEVELS = np.array([0.2, 0.6]) * mV


@pytest.fixture(params=[37, 10**5])
def chunks(request, monkeypatch):
    """Chunks of 37 steps, and one chunk."""
    monkeypatch.setattr(loop, "MAX_CHUNK", request.param)


def test_a_measure_of_ones_own_is_a_monitor_and_takes_its_classs_name(chunks):
    monitors = ["V", "spike", Range("V"), TimeAbove(("V", [2, 0]), levels=LEVELS), Burst()]
    mon = DSRunner(LIF(3), monitors).run(30 * ms, inputs=CURRENTS)
    V = mon.V.m_as("mV")
    assert_array_equal(mon.Range_V.m_as("mV"), np.ptp(V, axis=0))
    above = (V[:, [2, 0], None] > LEVELS.m).sum(0) * 0.1
    assert_allclose(mon.time_above_V.m_as("ms"), above, rtol=1e-12)
    assert mon.Burst == (mon.spike.sum(1) > 1).sum() > 0


def test_a_measure_with_an_add_of_its_own_is_not_mixed_up_with_what_it_derives_from():
    mon = DSRunner(LIF(3), {"n": measure.spike_count, "twice": Double(), "rate": measure.firing_rate}).run(
        30 * ms, inputs=CURRENTS
    )
    assert mon.n.sum() > 0
    assert_array_equal(mon.twice, 2 * mon.n)
    assert_allclose(mon.rate.m_as("Hz"), mon.n / 0.03, rtol=1e-6)


def test_a_measure_of_ones_own_has_its_axes_in_a_sweep():
    over = {"tau": np.array([5, 20]) * ms}
    measures = {"range": Range("V"), "above": TimeAbove("V", levels=LEVELS), "of": Range(lambda lif: lif.V.value**2)}
    result = sc.Sweep(LIF(3), over, measures, inputs=CURRENTS).run(30 * ms)
    assert result.above.dims == ("tau", "neuron", "level")
    assert_allclose(result.above.coord("level").m_as("mV"), LEVELS.m)
    for k, tau in enumerate(over["tau"]):
        V = DSRunner(LIF(3, tau=tau), ["V"]).run(30 * ms, inputs=CURRENTS).V.m_as("mV")
        assert_allclose(result.range.m_as("mV")[k], np.ptp(V, axis=0), rtol=1e-11)
        assert_allclose(result.of.m_as("mV**2")[k], np.ptp(V**2, axis=0), rtol=1e-11)
        assert_allclose(result.above.sel(tau=tau).m_as("ms"), (V[..., None] > LEVELS.m).sum(0) * 0.1, rtol=1e-12)
    with pytest.raises(ValueError, match="'level' is the name of an axis of measures"):
        sc.Sweep(LIF(3), {"level": sc.design.zipped(over)}, {"above": measures["above"]})


def test_a_snapshot_gives_a_measure_of_ones_own_back(tmp_path):
    runner = DSRunner(LIF(3), {"r": Range("V"), "a": TimeAbove(("V", [1]), levels=LEVELS)})
    runner.run(3 * ms, inputs=CURRENTS)
    runner.save(tmp_path / "file")
    expected = runner.run(10 * ms, inputs=CURRENTS)
    mon = DSRunner.resume(tmp_path / "file", LIF(3)).run(10 * ms, inputs=CURRENTS)
    assert_array_equal(mon.r.magnitude, expected.r.magnitude)
    assert_array_equal(mon.a.magnitude, expected.a.magnitude)


def test_a_snapshot_asks_for_a_measure_whose_class_is_not_certain(tmp_path):
    def another():
        class Twin(Range):
            pass

        return Twin

    first, second = another(), another()
    DSRunner(LIF(3), [first("V")]).save(tmp_path / "file")
    with pytest.raises(ValueError, match="'Twin_V' is the measure 'Twin', of which there are 2 here; give all"):
        DSRunner.resume(tmp_path / "file", LIF(3))
    assert len(DSRunner.resume(tmp_path / "file", LIF(3), [second("V")]).run(1 * ms).Twin_V) == 3


def test_a_sweep_on_disk_knows_the_code_of_a_measure_of_ones_own(tmp_path):
    def run(cls):
        return sc.Sweep(LIF(1), {"tau": [5, 6] * ms}, {"r": cls("V")}, inputs=1 * mA).run(5 * ms, store=tmp_path)

    class Double(Range):
        def result(self, carry, steps, dt, t0, unit):
            return 2 * super().result(carry, steps, dt, t0, unit)

    once = run(Double)
    assert_array_equal(run(Double).r.magnitude, once.r.magnitude)

    class Double(Range):
        def result(self, carry, steps, dt, t0, unit):
            return super().result(carry, steps, dt, t0, unit)

    with pytest.raises(ValueError, match="its measures differ"):
        run(Double)


def test_a_class_in_the_place_of_a_measure_is_refused():
    with pytest.raises(TypeError, match=r"Range is a class; a measure is an instance: Range\('V'\)"):
        DSRunner(LIF(1), {"r": Range})
    with pytest.raises(TypeError, match=r"the measure 'r' must be one of sc.measure .*with brackets"):
        sc.Sweep(LIF(1), {"tau": [5, 6] * ms}, {"r": Range})
    with pytest.raises(TypeError, match=r"measure.time_above has no option 'kernel'; it has levels, start"):
        TimeAbove("V")(kernel=(1.0,))


@dataclasses.dataclass(frozen=True)
class Weighted(Burst):
    weights: Any = None


class WithInit(Burst):
    def __init__(self, factor):
        super().__init__()
        object.__setattr__(self, "factor", factor)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: Weighted(weights=np.ones(3)), r"measure.Weighted: unhashable type: 'numpy.ndarray'; its fit\(\) must"),
        (lambda: WithInit(2.0), "measure.WithInit: 'factor' is no field of it; a measure with options is a frozen"),
    ],
)
def test_options_that_a_program_cannot_be_told_by_are_refused_with_the_cure(make, text):
    with pytest.raises(TypeError, match=text):
        DSRunner(LIF(3), [make()]).run(1 * ms)
    with pytest.raises(TypeError, match=text):
        sc.Sweep(LIF(3), {"tau": [5, 6] * ms}, {"b": make()}).run(1 * ms)


class Branching(Burst):
    def add(self, carry, value, k):
        return carry + 1 if value.sum() > 1 else carry


def test_python_if_in_a_measure_is_answered_with_the_line():
    with pytest.raises(TypeError, match=r"test_own_measure.py:\d+, in add: Python's if"):
        DSRunner(LIF(3), [Branching()]).run(1 * ms)
