"""Memory: the limits of container and process count, spike events too, and what waits for delays."""

import subprocess
import sys

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import simcore as sc
from simcore import DSRunner, memory
from simcore.models import LIF
from simcore.units import mA, ms, mV

MiB = 2**20
# Files as the kernel's documents have them: Documentation/admin-guide/cgroup-v1/memory.rst and cgroup-v2.rst,
# filesystems/proc.rst. Each leaves 5 MiB, but the last, without a limit.
V2 = "sys/fs/cgroup"
V1 = "sys/fs/cgroup/memory"
NONE = {f"{V2}/memory.max": "max\n", f"{V2}/memory.current": f"{90 * MiB}\n"}
IN_GROUP = {
    f"{V2}/a/b/memory.max": f"{100 * MiB}\n",
    f"{V2}/a/b/memory.current": f"{97 * MiB}\n",
    f"{V2}/a/b/memory.stat": f"anon 5\nfile 7\ninactive_file {MiB}\nactive_file {MiB}\n",
}
LIMITS = {
    "v2": ("0::/\n", {k.replace("/a/b", ""): v for k, v in IN_GROUP.items()}),
    "v2, of a group in a group": ("0::/a/b\n", IN_GROUP),
    "v2, of the group around it": ("0::/a/b/c\n", {f"{V2}/a/b/c/memory.max": "max\n"} | IN_GROUP),
    "v1, whose path is the host's": (
        "9:pids:/docker/1\n4:cpu,memory:/docker/1\n0::/docker/1\n",
        {
            f"{V1}/memory.limit_in_bytes": f"{100 * MiB}\n",
            f"{V1}/memory.usage_in_bytes": f"{97 * MiB}\n",
            f"{V1}/memory.stat": f"inactive_file 1\ntotal_inactive_file {MiB}\ntotal_active_file {MiB}\n",
        },
    ),
    "none": ("4:memory:/\n0::/\n", NONE | {f"{V1}/memory.limit_in_bytes": "9223372036854771712\n"}),
}


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """Return a function that writes the files of a machine with so many bytes free, and of its control groups."""

    def write(free=2**34, groups="0::/\n", files=NONE):
        about = {
            "proc/meminfo": f"MemTotal: 99999999 kB\nMemAvailable:   {free // 1024} kB\n",
            "proc/self/cgroup": groups,
        }
        for name, text in (about | files).items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        monkeypatch.setattr(memory, "ROOT", str(tmp_path))

    return write


@pytest.mark.parametrize("name", LIMITS)
def test_the_limit_of_a_container_is_what_a_run_must_fit_in(machine, name):
    machine(2**34, *LIMITS[name])
    runner = DSRunner(LIF(1000), ["V"], progress_bar=False)  # 8 kB a step
    runner.run(0.1 * 600 * ms)  # 4.6 MiB
    if name == "none":
        runner.run(0.1 * 700 * ms)
        return
    with pytest.raises(MemoryError, match=r"take 5.34 MiB, 5 MiB are free under the limit of this container; 'V'"):
        runner.run(0.1 * 700 * ms)


START = """
import resource
import simcore as sc
from simcore.units import mA, ms

def bytes_of(field):
    return 1024 * int(next(line.split()[1] for line in open("/proc/self/status") if line.startswith(field)))

runner = sc.DSRunner(sc.models.LIF(1000), ["spike_events"], progress_bar=False)
runner.run(100 * ms, inputs=20 * mA)
before, limit = bytes_of("VmRSS"), bytes_of("VmSize") + 200 * 2**20
"""
LIMITED = """
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
try:
    runner.run(1e6 * ms, inputs=20 * mA)
except MemoryError as err:
    print(err)
print((runner.t - runner.mon.spike_events.times[-1]).m_as("ms"))
"""
PEAK = """
mon = runner.run(1500 * ms, inputs=20 * mA)
print(bytes_of("VmHWM") - before, len(mon.spike_events.times))
"""


def run_alone(code):
    """Return what a process of its own prints."""
    command = [sys.executable, "-W", "ignore", "-c", START + code]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the limit is one of Linux")
def test_a_run_stops_before_its_spike_events_meet_the_limit_of_the_process():
    told, ended = run_alone(LIMITED)
    assert "MiB are free under the limit of this process (ulimit); mon and the states hold the run up to here" in told
    assert "store='folder'" in told
    assert 0 <= float(ended) < 5  # ms from the last spike to the end of what came before: all neurons spike faster


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_spike_events_take_little_more_than_they_are():
    peak, count = map(int, run_alone(PEAK)[0].split())
    assert count > 5e6
    # 16 bytes a spike, a time and a number, an eighth more as they grow, and 50 MiB at most for those of a chunk.
    assert peak < 16 * 9 / 8 * count + 50 * MiB


def test_spike_events_that_outgrow_the_memory_stop_a_run_that_keeps_what_came_before(machine):
    def fresh():
        return DSRunner(LIF(1000), ["spike_events", "spike_count"], progress_bar=False)

    runner = fresh()
    machine(52 * MiB)  # 50 of them are for the events of one chunk
    stops = pytest.raises(MemoryError, match=r"at .* ms: the next spike events, after .* would take .* hold the run")
    with pytest.warns(RuntimeWarning, match="at their present pace the spike events take"), stops:
        runner.run(1e4 * ms, inputs=20 * mA)
    kept, steps = runner.mon, runner.i
    assert 0 < steps < 10**5
    assert (kept.spike_events.times.m_as("ms") <= steps * 0.1 + 0.01).all()
    machine()
    again = fresh()
    whole = again.run(steps * 0.1 * ms, inputs=20 * mA)
    assert_array_equal(kept.spike_events.times.m_as("ms"), whole.spike_events.times.m_as("ms"))
    assert_array_equal(kept.spike_count, whole.spike_count)
    parts = [r.run(5 * ms, inputs=20 * mA).spike_events.indices for r in (runner, again)]  # it goes on
    assert_array_equal(*parts)


def test_an_estimate_counts_spike_events():
    runner = DSRunner(LIF(100), ["spike_events", "spike_count"], progress_bar=False)
    estimate = runner.estimate(200 * ms, inputs=3 * mA)
    events = runner.run(200 * ms, inputs=3 * mA).spike_events
    # Regular spikes, 16 bytes each; the first steps, which it tries, hold a period more or less.
    assert estimate.bytes == pytest.approx(events.times.magnitude.nbytes + events.indices.nbytes, rel=0.1)


def delayed(delay, n=10):
    cells = sc.models.LIFRef(n, receptors={"jump": sc.models.Delta()})
    pairs = (np.arange(2), np.arange(1, 3))
    link = sc.models.Projection(cells, cells, "jump", connect=pairs, weight=0.1 * mV, delay=delay)
    return DSRunner(sc.Network(cells=cells, link=link), ["cells.V"], progress_bar=False)


@pytest.mark.parametrize("spread", [False, True])
@pytest.mark.parametrize(("hours", "steps"), [(1, 36_000_000), (1e6, 36_000_000_000_000)])
def test_a_delay_of_hours_is_a_slip_of_units_and_refused_before_anything_is_allocated(spread, hours, steps):
    delay = hours * 3.6e6 * ms
    with pytest.raises(ValueError, match=f"link: 'delay', .* ms, is {steps} steps of dt = 0.1 ms; at most 16777216"):
        delayed([1.0, delay.m_as("ms")] * ms if spread else delay).run(1 * ms)


@pytest.mark.parametrize(("spread", "each"), [(False, 3 * 4), (True, 4 * 8 * 10)])
def test_what_waits_for_a_delay_must_fit_in_memory(machine, spread, each):
    # A word for 32 neurons, or a number for each, in each step; three or four times while a chunk runs.
    machine(MiB)
    fits = int(MiB / each) - 2
    who = "ring_mV: arrivals at 10" if spread else "cells.sent: the spikes of 10"
    for steps in (fits // 2, 2 * fits):
        runner = delayed([0.1, steps * 0.1] * ms if spread else steps * 0.1 * ms)
        if steps < fits:
            runner.run(0.1 * ms)
            continue
        with pytest.raises(MemoryError, match=f"{who} neurons in {steps + 1} steps, .* 1 MiB are free on this machine"):
            runner.run(0.1 * ms)


def test_what_draws_synapses_must_fit_in_memory(machine):
    # Measured, 7 million synapses: 8 bytes for a target, 22 more for a weight, 32 for a delay; float64, with what a run
    # takes besides.
    machine(25 * MiB)
    cells = LIF(1000, receptors={"jump": sc.models.Delta()})
    some, weight, delay = (
        sc.models.FixedProbability(0.5),
        sc.init.Uniform(0 * mV, 1 * mV),
        sc.init.Uniform(1 * ms, 2 * ms),
    )
    for each in ({"weight": 1 * mV, "delay": 1 * ms}, {"weight": weight, "delay": 1 * ms}):
        assert sc.models.Projection(cells, cells, "jump", connect=some, **each).n_synapses > 0
    link = sc.models.Projection(cells, cells, "jump", connect=some, weight=weight, delay=delay, name="link")
    with pytest.raises(MemoryError, match=r"link: 5e\+05 synapses of 64 bytes would take 30.5 MiB, 25 MiB are free"):
        _ = link.n_synapses


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("ramp_input", lambda duration: sc.inputs.ramp_input(0 * mA, 1 * mA, duration)),
        ("section_input", lambda duration: sc.inputs.constant_input(1 * mA, duration)),
        ("ou_process", lambda duration: sc.inputs.ou_process(0 * mA, 1 * mA, 5 * ms, duration / 10, n=10, seed=1)),
    ],
)
def test_samples_that_do_not_fit_are_refused_with_the_cure(machine, name, make):
    machine(MiB)
    make(1000 * ms)
    with pytest.raises(MemoryError, match=f"{name}: 200000 samples would take 1.53 MiB, 1 MiB .*; a larger dt"):
        make(20_000 * ms)
