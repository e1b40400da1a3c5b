"""Points that fail, or need more room than they have: named, and nothing is lost of the others."""

import warnings

import jax.numpy as jnp
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import simcore as sc
from simcore import measure
from simcore.models import LIF
from simcore.runners.sweep import batches
from simcore.units import Hz, mA, ms, mV


class Root(LIF):
    """A neuron whose V is nan from the time on at which its input is negative."""

    gain = sc.Param(1.0, "dimensionless")

    def derivative(self, V, I):
        return super().derivative(V, I) * jnp.sqrt(self.gain * I / jnp.abs(I))


MEASURES = {"n": measure.spike_count, "rate": measure.firing_rate(over="neurons"), "V": measure.mean("V")}
LATE = sc.inputs.section_input([2, 2, 2] * mA, [10, 20, 20] * ms)


def sweep(gains, **options):
    model = Root(2, tau=10 * ms, spk_reset="hard", method="euler")
    return sc.Sweep(model, {"gain": gains}, MEASURES, inputs=LATE, progress_bar=False, **options)


def test_a_point_that_fails_is_nan_in_all_measures_and_the_others_are_as_they_were(precision):
    alone = sweep([1.0, 0.5]).run(50 * ms)
    with pytest.warns(
        RuntimeWarning, match=r"Sweep: 2 of 4 points failed and are nan in all measures\. At gain = -1"
    ) as w:
        result = sweep([1.0, -1.0, 0.5, -2.0]).run(50 * ms)
    assert len(w) == 1
    assert "At gain = -1.0: Root: the state 'V' became nan in neuron 0 at t = 0.1 ms (step 0)." in str(w[0].message)
    assert str(w[0].message).endswith("Also at gain = -2.0 ('V').")
    assert w[0].filename == __file__
    for name, values in result.items():
        assert np.isnan(values.magnitude[[1, 3]]).all(), name
        assert_array_equal(values.magnitude[[0, 2]], alone[name].magnitude)
    assert alone.n.values.dtype.kind == "i"  # only where a point failed, counts are floats
    assert result.n.values.dtype.kind == "f"


@pytest.mark.parametrize("begin", [0.0, 12.3, 49.9])
def test_the_time_at_which_a_point_fails_is_that_of_the_runner(begin):
    steps = np.arange(500)
    wave = sc.inputs.Waveform(np.where(steps * 0.1 < begin - 1e-9, 2.0, -2.0) * mA)
    model = Root(2, method="euler")
    one = sc.DSRunner(model, on_error="stop", progress_bar=False)
    with pytest.warns(RuntimeWarning, match="became nan") as of_runner:
        one.run(inputs=wave)
    with pytest.warns(RuntimeWarning, match="points failed") as of_sweep:
        sc.Sweep(model, {"tau": [5, 6] * ms}, MEASURES, inputs=wave, progress_bar=False).run(50 * ms)
    text = str(of_runner[0].message).partition(" mon and")[0]
    assert f"At tau = 5 ms: {text}" in str(of_sweep[0].message)


def test_a_voltage_that_runs_away_fails_too_and_finding_out_compiles_nothing():
    model = LIF(1, V_th=1e300 * mV, method="euler")  # Euler with dt = 10 tau: each step multiplies by -9

    def run(taus):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of tau < 2 dt
            return sc.Sweep(model, {"tau": taus * ms}, {"V": measure.final("V")}, inputs=1 * mA).run(0.8 * ms)

    run([5, 6])
    before = batches.advance_points._cache_size()
    # V_n = 1 - (-9)^n: beyond 1e6 mV after 7 steps.
    with pytest.warns(RuntimeWarning, match=r"ran away to 4.783e\+06 mV, .* at t = 0.7 ms \(step 6\)"):
        result = run([5, 0.01])
    assert_array_equal(np.isnan(result.V.magnitude), [False, True])
    assert batches.advance_points._cache_size() == before


def test_a_store_keeps_what_failed_and_tells_it_again(tmp_path):
    gains = np.where(np.arange(70) == 50, -1.0, 1.0)
    texts = []
    for _ in range(2):
        with pytest.warns(RuntimeWarning, match="1 of 70 points failed") as told:
            result = sweep(gains, batch_size=32).run(50 * ms, store=tmp_path)
        texts.append(str(told[0].message))
        assert_array_equal(np.isnan(result.V.magnitude).all(1), gains < 0)
        assert_array_equal(np.isnan(result.n.values).all(1), gains < 0)
    assert texts[0] == texts[1]
    assert "at t = 0.1 ms" in texts[0]


def test_of_many_points_that_fail_the_first_are_named():
    with pytest.warns(RuntimeWarning, match=r"8 of 9 points failed .* -6.0 \('V'\) and 2 more\.$"):
        sweep([1.0, *(-1.0 * np.arange(1, 9))]).run(1 * ms)


def test_a_rate_that_is_too_high_in_a_sweep_names_the_cure():
    group = sc.models.PoissonGroup(2, sc.inputs.function(lambda t, A: A + 0 * t, "Hz", A=20000 * Hz))
    over = sc.Sweep(group, {"seed": [1, 2]}, {"n": measure.spike_count}, progress_bar=False)
    with pytest.warns(
        RuntimeWarning, match=r"2 of 2 .* 'refused' became inf .* step: choose a smaller dt, .* seed = 2"
    ):
        assert np.isnan(over.run(1 * ms).n.values).all()


def test_a_point_with_more_spikes_than_room_is_named_and_costs_nothing():
    over = {"inputs": [1.5, 5, 3] * mA}
    one = LIF(1, spk_reset="hard")
    whole = sc.Sweep(one, over, {"t": measure.spike_times}, progress_bar=False).run(30 * ms).t
    spikes = np.isfinite(whole.magnitude).sum(1)
    with pytest.warns(RuntimeWarning, match="'t', measure.spike_times: at 2 of 3 points there is more") as told:
        few = sc.Sweep(one, over, {"t": measure.spike_times(room=6)}, progress_bar=False).run(30 * ms).t
    assert few.shape == (3, 6)
    assert_allclose(few.m_as("ms"), whole.m_as("ms")[:, :6])
    assert f"{spikes[1]} at inputs = 5.0 mA, {spikes[2]} at inputs = 3.0 mA. Take room={spikes[1]}." in str(
        told[0].message
    )
