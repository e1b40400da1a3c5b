"""Sources: their statistics against the Poisson distribution, given spikes against themselves.

A bound of 4.5 standard deviations is missed by chance once in 150,000 cases; the seeds are fixed.
"""

import numpy as np
import pytest
import scipy.stats
from numpy.testing import assert_allclose, assert_array_equal

import simcore as sc
from simcore import DimensionalityError, DSRunner, inputs
from simcore.models import LIF, Delta, Exponential, PoissonGroup, PoissonInput, SpikeSource
from simcore.runners import loop
from simcore.step import noise
from simcore.units import Hz, Mohm, kHz, mA, ms, mV, nS, pA

Z = 4.5
pytestmark = pytest.mark.filterwarnings("ignore:.*less than two steps of dt")  # currents that last for one step


def spikes(source, duration, dt=0.1, seed=0, given=None):
    """Return the spikes (T, *shape) of a source alone."""
    return DSRunner(source, monitors=["spike"], dt=dt * ms, seed=seed).run(duration * ms, inputs=given).spike


def z_score(k, n, p):
    """Return how many standard deviations k of n trials are from n p."""
    return (k - n * p) / np.sqrt(n * p * (1 - p))


# ---------------------------------------------------------------- PoissonGroup


@pytest.mark.parametrize(
    ("rate", "dt"), [(5.0, 0.1), (100.0, 0.1), (100.0, 0.05), (5000.0, 0.1), (200.0, 1.0), (9000.0, 0.1)]
)
def test_the_mean_is_the_rate(rate, dt, precision):
    # As of NEST's poisson_generator and Brian2's PoissonGroup: rate dt spikes are expected in a step.
    found = spikes(PoissonGroup(1000, rate * Hz), 1000 * dt, dt)
    assert found.shape == (1000, 1000)
    assert abs(z_score(found.sum(), found.size, rate * dt / 1000)) < Z


def test_rates_may_differ_between_neurons_of_any_shape():
    rate = np.array([[0.0, 10.0, 200.0], [50.0, 1000.0, 4000.0]])
    found = spikes(PoissonGroup((2, 3), rate * Hz, seed=3), 5000)
    p = rate * 1e-4
    assert not found[:, 0, 0].any()
    z = z_score(found.sum(0), len(found), np.where(p, p, 0.5))
    assert (np.abs(z)[p > 0] < Z).all()


def test_a_rate_of_zero_is_silent_and_one_of_one_spike_a_step_spikes_in_every_step():
    assert not spikes(PoissonGroup(100, 0 * Hz), 10).any()
    assert spikes(PoissonGroup(100, 10 * kHz), 10).all()


def test_more_than_one_spike_a_step_is_refused_before_a_run_with_the_cure():
    text = r"'rate' = 20000.0 Hz is 2 spikes a step of dt = 0.1 ms, where one fits; .* smaller dt, or PoissonInput"
    with pytest.raises(ValueError, match=text):
        spikes(PoissonGroup(3, [0, 20, 1] * kHz), 1)
    with pytest.raises(ValueError, match=text):
        sc.Sweep(PoissonGroup(1, 1 * Hz), {"rate": [1, 20] * kHz}, {"n": sc.measure.spike_count}).run(1 * ms)
    assert spikes(PoissonGroup(3, 20 * kHz), 1, dt=0.05).all()


@pytest.mark.parametrize("how", ["constructor", "runner", "network", "function"])
def test_more_than_one_spike_a_step_of_a_varying_rate_is_reported_with_its_neuron_and_time(how):
    # 1 kHz but for the step from 3 to 3.1 ms, in which neuron 1 asks for 1.2 spikes, or for less than none.
    for wrong in (12e3, -1.0):
        samples = np.full((50, 2), 1e3)
        samples[30, 1] = wrong
        rate = inputs.Waveform(samples * Hz, dt=0.1 * ms)
        if how == "function":
            rate = inputs.function(
                lambda t, r, w, a, b: r + (w - r) * ((t > a) & (t < b)), "Hz",
                r=1 * kHz, w=[1e3, wrong] * Hz, a=2.95 * ms, b=3.05 * ms,
            )  # fmt: skip
        group = PoissonGroup(2, rate if how in ("constructor", "function") else 0 * Hz)
        target, given = (sc.Network(p=group), {"p": rate}) if how == "network" else (group, rate)
        text = (
            r"refused' became inf in neuron 1 at t = 3.1 ms .* negative, or more than one spike a step: .* PoissonInput"
        )
        runner = DSRunner(target, progress_bar=False)
        with pytest.raises(FloatingPointError, match=text):
            runner.run(5 * ms, inputs=given if how in ("runner", "network") else None)
        assert runner.i == 30


STAIRS = np.array([0.0, 20.0, 400.0, 5000.0])


@pytest.mark.parametrize("how", ["constructor", "function", "runner", "network"])
def test_the_rate_may_vary_in_time(how):
    wave = inputs.Waveform(np.repeat(STAIRS, 100) * Hz, dt=0.1 * ms)
    start = wave if how == "constructor" else 7 * Hz
    if how == "function":
        start = inputs.function(lambda t, step, r0, r: r0 + r * (t >= step), "Hz", step=20 * ms, r0=20 * Hz, r=380 * Hz)
    group = PoissonGroup(2000, start, seed=1)
    if how == "network":
        runner = DSRunner(sc.Network(p=group), monitors=["p.spike"])
        found = runner.run(inputs={"p": wave})["p.spike"]
    else:
        found = spikes(group, 40, given=wave if how == "runner" else None)
    rates = [20.0, 20.0, 400.0, 400.0] if how == "function" else STAIRS
    assert found.shape == (400, 2000)
    for k, rate in enumerate(rates):
        counts, p = found[100 * k : 100 * k + 100].sum(), rate * 1e-4
        assert (counts == 0) if rate == 0 else abs(z_score(counts, 200_000, p)) < Z


def test_a_waveform_may_give_each_neuron_its_rate():
    samples = np.stack([np.repeat([0.0, 3000.0], 200), np.repeat([1000.0, 0.0], 200)], 1)
    found = spikes(PoissonGroup(2, inputs.Waveform(samples * Hz, dt=0.1 * ms), seed=2), 40)
    assert not found[:200, 0].any()
    assert not found[200:, 1].any()
    assert abs(z_score(found[200:, 0].sum(), 200, 0.3)) < Z
    assert abs(z_score(found[:200, 1].sum(), 200, 0.1)) < Z


def test_neurons_steps_and_groups_are_independent():
    net = sc.Network(a=PoissonGroup(400, 500 * Hz), b=PoissonGroup(400, 500 * Hz))
    mon = DSRunner(net, monitors=["a.spike", "b.spike"]).run(200 * ms)
    a, b = mon["a.spike"], mon["b.spike"]
    p = 0.05
    pairs = {"groups": a & b, "neurons": a & np.roll(a, 1, 1), "steps": a[1:] & a[:-1], "both": a[1:] & b[:-1]}
    for name, both in pairs.items():
        assert abs(z_score(both.sum(), both.size, p * p)) < Z, name
    # The number of spikes of a neuron is binomial: its variance, not the mean alone.
    counts = np.concatenate([a, b], 1).sum(0)
    ratio = counts.var() / (2000 * p * (1 - p))
    assert abs(ratio - 1) < Z * np.sqrt(2 / 800)


def test_groups_are_independent_also_with_one_seed_and_the_runners_seed_changes_all():
    def run(seed):
        groups = {"a": 5, "b": 5, "c": 6, "d": None}
        net = sc.Network(**{k: PoissonGroup(50, 500 * Hz, seed=s) for k, s in groups.items()})
        mon = DSRunner(net, monitors=[f"{k}.spike" for k in groups], seed=seed).run(20 * ms)
        return [mon[f"{k}.spike"] for k in groups]

    a, b, c, d = run(0)
    for other in (b, c, d, *run(1)):
        assert (a & other).sum() < 0.2 * a.sum()  # 5 % by chance
    for again, before in zip(run(0), (a, b, c, d), strict=True):
        assert_array_equal(again, before)


def test_the_batch_has_spikes_of_its_own():
    group = PoissonGroup(200, 1000 * Hz)
    runner = DSRunner(group, monitors=["spike"])
    runner.reset_state(batch_size=2)
    found = runner.run(20 * ms).spike
    assert found.shape == (200, 2, 200)
    p = 0.1
    assert abs(z_score((found[:, 0] & found[:, 1]).sum(), 40_000, p * p)) < Z


def recorded(monitors, *durations):
    """Return what is recorded of a group and an input, in that order of monitors."""
    post = LIF(20, R=100 * Mohm, V_th=1e3 * mV, receptors={"exc": Exponential()})
    x = PoissonInput(post, n=10, rate=300 * Hz, weight=1 * pA)
    net = sc.Network(post=post, x=x, p=PoissonGroup(30, 500 * Hz))
    runner = DSRunner(net, monitors=monitors)
    mons = [runner.run(d * ms) for d in durations]
    return [np.concatenate([getattr(m[k], "magnitude", m[k]) for m in mons]) for k in ("p.spike", "post.exc.g")]


@pytest.mark.parametrize("how", ["chunks", "runs", "monitors"])
def test_the_spikes_do_not_depend_on_how_the_run_is_cut(how, monkeypatch):
    monitors, durations = ["p.spike", "post.exc.g"], (30.0,)
    whole = recorded(monitors, *durations)
    if how == "chunks":
        monkeypatch.setattr(loop, "CHUNK_BYTES", 0)  # 16 steps each
    elif how == "runs":
        durations = (0.7, 12.3, 17.0)
    else:
        monitors = ["post.V", "post.exc.g", "p.spike_count", "p.spike"]
    for one, other in zip(whole, recorded(monitors, *durations), strict=True):
        assert one.any()
        assert_array_equal(other, one)


def test_a_rate_in_a_wrong_unit_or_below_zero_is_refused():
    wave = inputs.Waveform(np.ones(5) * mA, dt=0.1 * ms)
    post = LIF(2, receptors={"exc": Exponential()})
    for make in (lambda rate: PoissonGroup(2, rate), lambda rate: PoissonInput(post, n=1, rate=rate, weight=1 * pA)):
        for wrong in (5 * ms, 5.0, 0):
            with pytest.raises(DimensionalityError, match="'rate' needs a quantity in Hz"):
                make(wrong)
        with pytest.raises(DimensionalityError, match="'rate' needs a waveform in Hz"):
            make(wave)
        with pytest.raises(ValueError, match="'rate' must be >= 0"):
            make(-1 * Hz)


# ---------------------------------------------------------------- SpikeSource

# Unsorted; three spikes at 2 ms; the first step and the last.
TIMES = np.array([7.3, 2.0, 0.1, 2.0, 20.0, 4.1, 2.0, 7.4])
WHO = np.array([1, 4, 0, 2, 3, 0, 1, 1])


@pytest.mark.parametrize("dt", [0.1, 0.025])
def test_given_spikes_come_back_at_their_times(dt, precision):
    source = SpikeSource(5, TIMES * ms, WHO)
    mon = DSRunner(source, monitors=["spike_events", "spike"], dt=dt * ms).run(20 * ms)
    order = np.lexsort((WHO, TIMES))
    assert_allclose(mon.spike_events.times.m_as("ms"), TIMES[order], rtol=1e-12)
    assert_array_equal(mon.spike_events.indices, WHO[order])
    dense = np.zeros((round(20 / dt), 5), bool)
    dense[np.round(TIMES / dt).astype(int) - 1, WHO] = True
    assert_array_equal(mon.spike, dense)


def test_no_given_spike_is_lost_over_many_steps_and_runs():
    rng = np.random.default_rng(8)
    steps, who = np.divmod(rng.choice(5000 * 7, 3000, replace=False), 7)
    runner = DSRunner(SpikeSource((7,), (steps + 1) * 0.1 * ms, who), monitors=["spike"])
    found = np.concatenate([runner.run(d * ms).spike for d in (100, 0.1, 399.9)])
    dense = np.zeros((5000, 7), bool)
    dense[steps, who] = True
    assert_array_equal(found, dense)


def test_times_are_rounded_to_the_nearest_step_and_to_the_first_at_least():
    found = spikes(SpikeSource(4, [0.26, 0.34, 0.01, 0.04] * ms, [0, 1, 2, 3]), 0.6)
    assert_array_equal(np.argwhere(found), [[0, 2], [0, 3], [2, 0], [2, 1]])


def test_indices_count_the_flattened_population():
    found = spikes(SpikeSource((2, 3), [0.1, 0.2] * ms, [4, 2]), 0.3)
    assert_array_equal(np.argwhere(found), [[0, 1, 1], [1, 0, 2]])


def test_a_source_without_spikes_is_silent():
    assert not spikes(SpikeSource(3, np.zeros(0) * ms, []), 1).any()
    assert not spikes(SpikeSource(3, [1e12] * ms, [1]), 1).any()  # far beyond 2**31 steps


def test_times_are_those_of_the_runners_clock():
    runner = DSRunner(SpikeSource(1, [105.0, 107.5] * ms, [0, 0]), monitors=["spike_events"], t0=100 * ms)
    assert_allclose(runner.run(10 * ms).spike_events.times.m_as("ms"), [105.0, 107.5], rtol=1e-12)


@pytest.mark.parametrize(
    ("times", "indices", "message"),
    [
        ([1.0, 2.0] * ms, [0], r"'times' \(2,\) and 'indices' \(1,\) must be lists of one length"),
        ([[1.0, 2.0]] * ms, [[0, 1]], "must be lists of one length"),
        ([1.0] * ms, [3], "'indices' must be whole numbers from 0 to 2"),
        ([1.0] * ms, [-1], "'indices' must be whole numbers from 0 to 2"),
        ([1.0] * ms, [0.5], "'indices' must be whole numbers from 0 to 2"),
        ([0.0] * ms, [0], "'times' must be > 0 ms"),
        ([-1.0] * ms, [0], "'times' must be > 0 ms"),
    ],
)
def test_what_is_no_list_of_spikes_is_refused(times, indices, message):
    with pytest.raises(ValueError, match=message):
        SpikeSource(3, times, indices)


def test_times_and_indices_can_be_set_again():
    source = SpikeSource(3, [3.0, 1.0] * ms, [2, 0])
    assert_allclose(source.times.m_as("ms"), [3.0, 1.0])  # in the order in which they were given
    assert source.indices.tolist() == [2, 0]
    runner = DSRunner(source, monitors=["spike_events"])

    def events():
        runner.reset_state()
        found = runner.run(5 * ms).spike_events
        return list(zip(found.times.m_as("ms").round(3).tolist(), found.indices.tolist(), strict=True))

    assert events() == [(1.0, 0), (3.0, 2)]
    source.times = [0.5, 2.0] * ms  # of the same neurons
    assert events() == [(0.5, 2), (2.0, 0)]
    source.set_spikes([1, 2, 3] * ms, [1, 1, 1])
    assert events() == [(1.0, 1), (2.0, 1), (3.0, 1)]
    with pytest.raises(ValueError, match=r"lists of one length; set_spikes\(times, indices\) sets both"):
        source.times = [1] * ms
    with pytest.raises(ValueError, match="'times' must be > 0"):
        source.times = [-1, 1, 2] * ms
    with pytest.raises(AttributeError, match="'indices' cannot be set"):
        source.indices = [0, 0, 0]
    assert events() == [(1.0, 1), (2.0, 1), (3.0, 1)]


def test_setting_one_time_or_index_of_a_source_says_how_to_change_it():
    source = SpikeSource(2, [1, 2] * ms, [0, 1])
    with pytest.raises(ValueError, match=r"times = source\.times\.copy\(\); times\[0\] = .*; source\.times = times"):
        source.times[0] = 3 * ms
    with pytest.raises(ValueError, match=r"source\.set_spikes\(source\.times, indices\)"):
        source.indices[0] = 1
    times, indices = source.times.copy(), source.indices.copy()
    times[0], indices[0] = 3 * ms, 1
    source.set_spikes(times, indices)
    assert_array_equal(source.times.m_as("ms"), [3, 2])
    assert_array_equal(source.indices, [1, 1])


def test_given_spikes_take_no_input():
    source = SpikeSource(1, [1.0] * ms, [0])
    for model, given in ((source, 1 * mA), (sc.Network(s=SpikeSource(1, [1.0] * ms, [0])), {"s": 1 * mA})):
        with pytest.raises(TypeError, match=r"takes no input.* a current is given to a population of neurons"):
            DSRunner(model).run(1 * ms, inputs=given)
    with pytest.raises(TypeError, match="SpikeSource takes no input"):
        source.update(1 * mA)


def test_times_need_a_unit():
    for wrong in ([1.0, 2.0], [1.0, 2.0] * mV):
        with pytest.raises(DimensionalityError, match="'times' needs a quantity in ms"):
            SpikeSource(3, wrong, [0, 1])


def test_two_spikes_of_one_neuron_in_a_step_are_refused():
    source = SpikeSource(3, [0.3, 1.0, 1.04, 2.0] * ms, [1, 2, 2, 2])
    with pytest.raises(ValueError, match=r"neuron 2 spikes more than once in the step of dt = 0.1 ms .* at 1 ms"):
        spikes(source, 3)
    assert spikes(source, 3, dt=0.02).sum() == 4


# ---------------------------------------------------------------- PoissonInput


def counted(n_post, view=slice(None), duration=50.0, seed=0, monitor="post.exc.g", parts=None, **kwargs):
    """Return how many spikes (times their weight) reach each neuron in each step, (T, n_post)."""
    # In one step the conductance decays by e^-100: what is recorded arrived at its end.
    post = LIF(n_post, V_th=1e30 * mV, receptors={"exc": Exponential(tau=1e-3 * ms)})
    given = {"weight": 1 * pA} | kwargs
    net = sc.Network(post=post, x=PoissonInput(post[view], "exc", **given))
    g = DSRunner(net, monitors=["post.exc.g"], dt=0.1 * ms, seed=seed).run(duration * ms)["post.exc.g"]
    counts = np.round(g.m_as("pA"))
    assert_allclose(g.m_as("pA"), counts, atol=1e-3)
    return counts


@pytest.mark.parametrize(("mean", "precision"), [
    (0.1, "float64"), (1.3, "float32"), (20.0, "float32"),
    *(pytest.param(*case, marks=pytest.mark.slow) for case in ((0.1, "float32"), (1.3, "float64"), (20.0, "float64"))),
], indirect=["precision"])  # fmt: skip
def test_the_number_of_spikes_in_a_step_follows_the_Poisson_distribution(mean, precision):
    # mean = n rate dt with n = 50, dt = 0.1 ms
    counts = counted(1000, n=50, rate=mean / 50 / 0.1 * kHz).ravel()
    distribution = scipy.stats.poisson(mean)
    k = np.arange(int(counts.max()) + 2)
    expected = counts.size * distribution.pmf(k)
    expected[-1] = counts.size * distribution.sf(k[-2])
    found = np.bincount(counts.astype(int), minlength=k.size).astype(float)
    low, high = np.flatnonzero(expected >= 5)[[0, -1]]  # rare values go together

    def pooled(x):
        return np.concatenate([[x[: low + 1].sum()], x[low + 1 : high], [x[high:].sum()]])

    assert scipy.stats.chisquare(pooled(found), pooled(expected)).pvalue > 1e-4
    assert abs(counts.mean() - mean) / np.sqrt(mean / counts.size) < Z


@pytest.mark.parametrize("mean", [63.0, 70.0, 1000.0])
def test_large_numbers_of_spikes_have_the_mean_and_variance_of_the_Poisson_distribution(mean):
    counts = counted(1000, n=1000, rate=mean / 1000 / 0.1 * kHz)
    assert abs(counts.mean() - mean) / np.sqrt(mean / counts.size) < Z
    assert abs(counts.var() / mean - 1) < Z * np.sqrt((2 + 1 / mean) / counts.size)
    assert counts.min() >= 0


def test_n_and_weight_may_differ_between_neurons():
    n, weight = np.array([0, 1, 40, 3000]), np.array([1.0, 2.0, 5.0, 3.0])
    counts = counted(4, n=n, rate=500 * Hz, weight=weight * pA, duration=500) / weight
    assert_array_equal(counts, np.round(counts))
    mean = n * 0.05
    assert not counts[:, 0].any()
    for k in (1, 2, 3):
        assert abs(counts[:, k].mean() - mean[k]) / np.sqrt(mean[k] / len(counts)) < Z
        assert abs(counts[:, k].var() / mean[k] - 1) < Z * np.sqrt((2 + 1 / mean[k]) / len(counts))


@pytest.mark.parametrize("view", [slice(2, 5), [5, 1, 3]])
def test_only_the_neurons_of_a_view_receive_in_its_order(view):
    weight = np.array([1.0, 100.0, 10_000.0])
    counts = counted(6, view, n=10, rate=500 * Hz, weight=weight * pA)
    chosen = np.arange(6)[view]
    assert not np.delete(counts, chosen, 1).any()
    for k, w in zip(chosen, weight, strict=True):
        assert (counts[:, k] % w == 0).all()
        assert counts[:, k].mean() == pytest.approx(0.5 * w, rel=Z / np.sqrt(0.5 * 500))


def test_the_rate_of_an_input_may_vary_in_time():
    wave = inputs.Waveform(np.repeat([0.0, 1000.0, 20_000.0], 100) * Hz, dt=0.1 * ms)
    counts = counted(500, n=100, rate=wave, duration=30.0)
    assert not counts[:100].any()
    for part, mean in ((counts[100:200], 10.0), (counts[200:], 200.0)):
        assert abs(part.mean() - mean) / np.sqrt(mean / part.size) < Z
        assert abs(part.var() / mean - 1) < Z * np.sqrt((2 + 1 / mean) / part.size)


@pytest.mark.parametrize("mean", [7.0, 50.0, 300.0])
def test_the_runners_inputs_give_the_rate_of_an_input_whatever_its_own(mean):
    post = LIF(300, V_th=1e30 * mV, receptors={"exc": Exponential(tau=1e-3 * ms)})
    net = sc.Network(post=post, x=PoissonInput(post, n=100, rate=1 * Hz, weight=1 * pA))
    rate = mean / 100 / 0.1 * kHz
    g = DSRunner(net, monitors=["post.exc.g"]).run(10 * ms, inputs={"x": rate})["post.exc.g"].m_as("pA")
    assert abs(g.mean() - mean) / np.sqrt(mean / g.size) < Z
    assert abs(g.var() / mean - 1) < Z * np.sqrt((2 + 1 / mean) / g.size)


def test_the_rate_of_an_input_may_be_changed_in_an_unrolled_run():
    post = LIF(20, V_th=150 * mV, spk_reset="hard", receptors={"exc": Delta()})
    net = sc.Network(post=post, x=PoissonInput(post, n=100, rate=1 * Hz, weight=1 * mV))
    spike = sc.unroll(net, 2 * ms)({"x.rate": 20_000.0})[0]["post"]
    # 200 spikes in a step on average: V jumps over the threshold. A jump that meets a spike goes with its reset.
    assert spike.shape == (20, 20)
    assert np.asarray(spike)[1::2].all()
    assert not np.asarray(spike)[::2].any()


def test_a_rate_of_zero_gives_nothing():
    assert not counted(1000, n=1000, rate=0 * Hz).any()


def test_neurons_and_steps_of_an_input_are_independent():
    counts = counted(60, n=10, rate=2000 * Hz, duration=500.0)
    pairs = np.corrcoef(counts.T)[np.triu_indices(60, 1)] * np.sqrt(len(counts))
    assert np.abs(pairs).max() < 5  # 1770 pairs
    lag = [np.corrcoef(c[1:], c[:-1])[0, 1] * np.sqrt(len(counts)) for c in counts.T]
    assert np.abs(lag).max() < Z


def test_inputs_are_independent_also_with_one_seed():
    def run(seed=0):
        post = LIF(20, V_th=1e30 * mV, receptors={k: Exponential(tau=1e-3 * ms) for k in "abcd"})
        seeds = {"a": 3, "b": 3, "c": None, "d": None}
        links = {f"to_{k}": PoissonInput(post, k, n=10, rate=2 * kHz, weight=1 * pA, seed=s) for k, s in seeds.items()}
        net = sc.Network(post=post, **links)
        mon = DSRunner(net, monitors=[f"post.{k}.g" for k in seeds], seed=seed).run(100 * ms)
        return [mon[f"post.{k}.g"].m_as("pA").ravel() for k in seeds]

    a, b, c, d = run()
    others = run(1)
    for x, y in ((a, b), (a, c), (a, d), (c, d), (a, others[0]), (c, others[2])):
        assert abs(np.corrcoef(x, y)[0, 1]) * np.sqrt(x.size) < Z
    assert_array_equal(run()[2], c)


def test_an_input_of_jumps_moves_V():
    post = LIF(500, tau=20 * ms, V_th=1e30 * mV, receptors={"exc": Delta()})
    net = sc.Network(post=post, x=PoissonInput(post, n=100, rate=50 * Hz, weight=0.2 * mV))
    V = DSRunner(net, monitors=["post.V"]).run(200 * ms)["post.V"].m_as("mV")[-1]
    # Campbell's theorem, with V after the jump on a grid: sums of geometric series of r = exp(-dt/tau).
    r, mean = np.exp(-0.1 / 20), 100 * 0.05 * 0.1
    expected, variance = 0.2 * mean / (1 - r), 0.04 * mean / (1 - r * r)
    assert abs(V.mean() - expected * (1 - np.exp(-10))) < Z * np.sqrt(variance / 500)
    assert abs(V.var() / variance - 1) < Z * np.sqrt(2 / 500)


def test_what_does_not_fit_the_population_is_refused():
    post = LIF(3, receptors={"exc": Exponential()})
    for wrong in ({"n": [1, 2]}, {"weight": [1.0, 2.0] * pA}):
        with pytest.raises(ValueError, match=r"must be a scalar or \(3,\)"):
            PoissonInput(post, **({"n": 1, "rate": 1 * Hz, "weight": 1 * pA} | wrong))
    for n in (1.5, [1, 2.5, 0], sc.init.Uniform(1, 9, seed=0)):  # as Brian2's PoissonInput
        with pytest.raises(ValueError, match=r"'n' must be a whole number of sources, got .*\.\d+"):
            PoissonInput(post, n=n, rate=1 * Hz, weight=1 * pA)
    net = sc.Network(post=post, x=PoissonInput(post, n=1, rate=1 * Hz, weight=1 * pA))
    with pytest.raises(ValueError, match=r"'x.n' must be a whole number of sources, got 0.5"):
        sc.Sweep(net, {"x.n": [1.0, 0.5]}, {"n": sc.measure.spike_count("post")})
    with pytest.raises(ValueError, match="'n' must be >= 0"):
        PoissonInput(post, n=[1, -1, 0], rate=1 * Hz, weight=1 * pA)
    with pytest.raises(DimensionalityError, match="PoissonInput: 'n'"):
        PoissonInput(post, n=5 * ms, rate=1 * Hz, weight=1 * pA)
    with pytest.raises(DimensionalityError, match="'weight' needs a quantity in pA"):
        PoissonInput(post, n=1, rate=1 * Hz, weight=1 * nS)
    with pytest.raises(ValueError, match="has no receptor 'inh'"):
        PoissonInput(post, "inh", n=1, rate=1 * Hz, weight=1 * pA)


# ---------------------------------------------------------------- refined, for check_dt


def halved(model, times, monitor, duration=40.0, **kwargs):
    """Return what is recorded at dt = 0.1 ms / 2**times, with the random spikes of 0.1 ms, (steps, 2**times, ...)."""
    noise.refine(model, times)
    mon = DSRunner(model, monitors=[monitor], dt=0.1 / 2**times * ms).run(duration * ms, **kwargs)[monitor]
    found = np.round(getattr(mon, "magnitude", mon).astype(float), 3)
    return found.reshape(-1, 2**times, *found.shape[1:])


def in_short(*values):
    """Return the values in both precisions: a short run has only "varies", with rates of all sizes, in float32."""
    return [
        pytest.param(value, p, marks=() if (value, p) == ("varies", "float32") else pytest.mark.slow)
        for value in values
        for p in ("float32", "float64")
    ]


@pytest.mark.parametrize("times", [pytest.param(1, marks=pytest.mark.slow), 2])  # to halve twice is to halve once too
@pytest.mark.parametrize(("rate", "precision"), in_short(200.0, 9000.0, "varies"), indirect=["precision"])
def test_a_refined_group_sends_each_spike_in_one_part_of_its_step(times, rate, precision):
    def group():
        wave = inputs.Waveform(np.repeat(STAIRS, 100) * Hz, dt=0.1 * ms)
        return PoissonGroup(300, wave if rate == "varies" else rate * Hz, seed=4)

    whole, parts = (halved(group(), k, "spike") for k in (0, times))
    assert whole.any()
    assert_array_equal(parts.sum(1), whole[:, 0])
    z = z_score(parts.sum((0, 2)), whole.sum(), 1 / 2**times)
    assert np.abs(z).max() < Z
    assert_array_equal(halved(group(), times - 1, "spike").sum(1), whole[:, 0])


@pytest.mark.parametrize("times", [pytest.param(1, marks=pytest.mark.slow), 2])
@pytest.mark.parametrize(("mean", "precision"), in_short(0.5, 20.0, 300.0, "varies"), indirect=["precision"])
def test_a_refined_input_divides_the_spikes_of_a_step_among_its_parts(times, mean, precision):
    def count(times):
        # In the finest step the current decays by e^-250: what is recorded arrived at its end.
        post = LIF(100, V_th=1e30 * mV, receptors={"exc": Exponential(tau=1e-4 * ms)})
        rate = inputs.Waveform(np.repeat([0.0, 5.0, 90.0], 100) * kHz, dt=0.1 * ms)
        rate = rate if mean == "varies" else mean / 10 / 0.1 * kHz
        net = sc.Network(post=post, x=PoissonInput(post, n=10, rate=rate, weight=1 * pA))
        return halved(net, times, "post.exc.g", 30.0)

    whole, parts = count(0), count(times)
    assert whole.any()
    assert_array_equal(parts.sum(1), whole[:, 0])
    z = z_score(parts.sum((0, 2)), whole.sum(), 1 / 2**times)
    assert np.abs(z).max() < Z


@pytest.mark.parametrize("rate", [-1 * pA, 1 * pA])
def test_an_input_of_a_poisson_group_names_the_unit_that_it_needs(rate):
    with pytest.raises(sc.DimensionalityError, match="the input of PoissonGroup, a rate, needs kHz, got pA"):
        sc.DSRunner(PoissonGroup(1, 1 * Hz), progress_bar=False).run(1 * ms, inputs=rate)
    cells = LIF(1, receptors={"e": Exponential()})
    net = sc.Network(cells=cells, p=PoissonInput(cells, n=3, rate=1 * Hz, weight=1 * pA))
    with pytest.raises(sc.DimensionalityError, match="the input of p, a rate, needs kHz, got pA"):
        sc.DSRunner(net, progress_bar=False).run(1 * ms, inputs={"p": rate})
