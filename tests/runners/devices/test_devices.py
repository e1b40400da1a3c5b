"""One network on several devices: the same to the bit as on one."""

import socket
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import simcore as sc
from simcore.models import LIF
from simcore.units import Mohm, ms, mV

NETWORKS = (
    "one delay each",
    "delays that differ",
    "both kinds of delays",
    "plastic",
    "random",
    "source and depression",
    "rules",
)

# As users get it but for the time: the older way of jax 0.10 rounds arrays of other lengths in another way.
BEGIN = """
import os, sys
os.environ["XLA_FLAGS"] = "--xla_backend_optimization_level=0"
os.chdir(folder)
sys.path.insert(0, here)
import simcore as sc, networks
"""


@pytest.fixture(scope="module")
def of_devices(other_process, tmp_path_factory):
    """Return the results by name of networks.py, from another process, where there are four devices."""
    folder = tmp_path_factory.mktemp("devices")
    names = {"folder": str(folder), "here": str(Path(__file__).parent)}
    process = other_process(BEGIN + "sc.distributed.use_cpu_devices(4)\nnetworks.write()\n", **names)
    process.join(600)
    assert process.exitcode == 0
    return lambda name: dict(np.load(folder / f"{name}.npz"))


@pytest.mark.parametrize("name", NETWORKS)
def test_four_devices_give_what_one_does_to_the_bit(name, of_devices):
    one = of_devices(f"{name} None")
    assert sum(one[f"{k}/count/"].sum() for k in range(3)) > 20
    for devices in (1, 2, 4) if name == "one delay each" else (4,):
        several = of_devices(f"{name} {devices}")
        assert several.keys() == one.keys()
        for key, array in one.items():
            if "/mean/" in key:  # a sum over steps, which XLA may round in another way
                assert_allclose(several[key], array, rtol=1e-12)
            else:
                assert_array_equal(several[key], array, err_msg=f"{key} on {devices} devices")


def test_initial_values_are_the_first_rows_in_a_store_too(of_devices):
    one, several = of_devices("initial one"), of_devices("initial several")
    assert_array_equal(one["initial values"][0], one["start"])
    assert_allclose(one["initial times"], np.arange(34) * 0.1)
    assert_allclose(one["seldom times"], np.arange(0.2, 3.3, 0.5))
    for name, array in one.items():
        assert_array_equal(several[name], array)


def test_neurons_of_two_axes_with_inputs_of_their_own_do_too(of_devices):
    one, several = of_devices("neurons one"), of_devices("neurons several")
    assert one["events"].shape[1] == 2
    assert len(one["events"]) > 100
    for name in one:
        assert_array_equal(several[name], one[name])


def test_a_job_goes_on_on_another_number_of_devices_with_its_spikes_on_their_way(of_devices):
    one = of_devices("job one")["events"]
    assert one.shape[1] > 100
    assert_array_equal(of_devices("job several")["events"], one)


@pytest.fixture(scope="module")
def of_processes(other_process, tmp_path_factory):
    """Return by name what two processes give, with two devices each."""
    folder = tmp_path_factory.mktemp("processes")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    names = {"folder": str(folder), "here": str(Path(__file__).parent), "address": address}
    run = BEGIN + "sc.distributed.use_cpu_devices(2)\nnetworks.write_of_processes(address, process)"
    processes = [other_process(run, process=k, **names) for k in range(2)]
    for process in processes:
        process.join(600)
    assert [process.exitcode for process in processes] == [0, 0]
    return lambda name: [dict(np.load(folder / f"{name} {k}.npz")) for k in range(2)]


@pytest.mark.slow
@pytest.mark.parametrize("devices", [2, 4])
@pytest.mark.parametrize("name", NETWORKS)
def test_two_processes_give_what_one_device_does_to_the_bit(name, devices, of_devices, of_processes):
    one, each = of_devices(f"{name} None"), of_processes(f"{name} {devices}")
    for key, array in one.items():
        if key.startswith("synapses of "):  # each has those onto its neurons: of one that draws and does not learn
            rows = [part[key] for part in each]
            assert_array_equal(rows[0][rows[0][:, 1] < 112] if len(rows[0]) == len(array) else rows[0],
                               array[array[:, 1] < 112])  # fmt: skip
            assert_array_equal(rows[1][rows[1][:, 1] >= 112], array[array[:, 1] >= 112])
        elif "/mean/" in key:
            assert_allclose([part[key] for part in each], [array, array], rtol=1e-12)
        elif key != "after":
            assert_array_equal(each[0][key], array)
            assert_array_equal(each[1][key], array)


@pytest.mark.slow
def test_two_processes_record_into_one_store(of_devices, of_processes):
    one = of_devices("stored")
    for found in of_processes("stored"):
        for name, array in one.items():
            assert_array_equal(found[name], array)


@pytest.mark.slow
def test_a_process_draws_what_it_needs_and_the_rest_where_it_runs_all(of_devices, of_processes):
    one, (first, second) = of_devices("rules None"), of_processes("rules 2")
    for name in ("e", "i", "in_degree", "out_degree", "total", "near", "ring"):
        key = f"synapses of {name}"
        assert len(first[key]) + len(second[key]) == len(one[key])
        assert_array_equal(second[f"whole {key}"], one[key])
    assert_array_equal(second["after"], one["after"])


# ------------------------------------------------------------------ what is refused: a part of one will do


def connected(**options):
    cells = LIF(40, R=100 * Mohm, V_th=10 * mV, receptors={"e": sc.models.Delta()})
    link = sc.models.Projection(cells, cells, connect=sc.models.FixedProbability(0.1), weight=1 * mV, **options)
    return sc.Network(cells=cells, link=link)


class Mean(LIF):
    """Neurons that are drawn to their mean."""

    def update(self, x=0.0):
        V = self.after_spike(self.V.value)
        self.V.value = self.integrate(self.derivative, V, x) + 0.1 * (V.mean() - V)
        return self.fire()


class MeanOfInputs(LIF):
    """Neurons whose inputs are balanced."""

    def update(self, x=0.0):
        V = self.after_spike(self.V.value)
        self.V.value = self.integrate(self.derivative, V, x - jnp.mean(x))
        return self.fire()


class MeanOfParameters(LIF):
    """Neurons with a time constant that all have."""

    def derivative(self, V, I):
        return (-(V - self.V_rest) + self.R * I) / jnp.mean(self.tau)


class Common(LIF):
    """Neurons with a state of all of them."""

    def init_state(self, batch_size=None):
        super().init_state(batch_size)
        self.mean = sc.HiddenState(0.0 * mV)

    def update(self, x=0.0):
        V = self.after_spike(self.V.value)
        self.mean.value = V.mean()
        self.V.value = self.integrate(self.derivative, V, x)
        return self.fire()


class Shared(LIF):
    """Neurons that share their input."""

    def update(self, x=0.0):
        V = self.after_spike(self.V.value)
        self.V.value = self.integrate(self.derivative, V, x / self.size)
        return self.fire()


class Table(LIF):
    """A neuron with an array that may be anything."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.table = np.arange(40.0)


def joined():
    cells = LIF(40, R=100 * Mohm)
    rule = sc.models.FixedProbability(0.1)
    return sc.Network(cells=cells, gap=sc.models.GapJunction(cells, cells, connect=rule, weight=1 * sc.units.nS))


def rewarded():
    net = connected(delay=1 * ms)
    rule = sc.models.DopamineSTDP(modulator=net.cells[:3], w_max=2 * mV)
    net.learns = sc.models.Projection(net.cells, net.cells, connect=sc.models.OneToOne(), weight=1 * mV, delay=1 * ms,
                                      plasticity=rule)  # fmt: skip
    return net


@pytest.mark.parametrize(
    ("make", "monitors", "error", "text"),
    [
        (connected, (), ValueError, "link: spikes without a delay cannot reach another device in time; give"),
        (lambda: Mean(40), (), NotImplementedError, r"a neuron acts on others within a step \(reduce_sum, .*test_dev"),
        (lambda: MeanOfInputs(40), (), NotImplementedError, r"a neuron acts on others within a step \(reduce_sum"),
        (lambda: MeanOfParameters(40, tau=np.linspace(5, 9, 40) * ms), (), NotImplementedError, "a neuron acts on oth"),
        (lambda: Common(40), (), NotImplementedError, r"a neuron acts on others within a step \(reduce_sum"),
        (lambda: Shared(40), (), NotImplementedError, r"Shared.update\(\) asks for 'size', which is another one in a"),
        (lambda: Table(40), (), NotImplementedError, "the array 'table' may be of its neurons or not; make it a Param"),
        (joined, (), NotImplementedError, "gap: a network with a GapJunction runs on one device; leave 'devices' out"),
        (
            rewarded,
            (),
            NotImplementedError,
            "learns: plasticity.modulator is .*, whose spikes each device would need at once",
        ),
        (lambda: LIF(40), {"m": lambda cell: cell.V.value.mean()}, NotImplementedError, "record the states that it is"),
        (lambda: LIF(40), [sc.measure.synchrony("V")], NotImplementedError, "synchrony is one number of all neurons"),
        (
            lambda: connected(delay=sc.init.Uniform(1 * ms, 2 * ms), plasticity=sc.models.STDP(w_max=2 * mV)),
            (),
            NotImplementedError,
            "link: plastic synapses with delays of their own run on one device",
        ),
    ],
)
def test_what_needs_one_device_says_so_before_it_runs(make, monitors, error, text):
    runner = sc.DSRunner(make(), monitors, progress_bar=False, devices=1)
    with pytest.raises(error, match=text):
        runner.run(1 * ms)


class ByHand(sc.Neuron):
    """A neuron without declarations."""

    def __init__(self, size):
        super().__init__(size)
        self.V_th, self.V_reset, self.tau = 10 * mV, 0 * mV, 10 * ms

    def init_state(self, batch_size=None):
        self.V = sc.HiddenState(np.zeros(self.varshape) * mV)

    def update(self, x=0 * mV):
        V = self.after_spike(self.V.value)
        self.V.value = self.integrate(lambda V: (x - V) / self.tau, V)
        return self.fire()


def test_a_model_may_ask_for_its_size_where_its_states_are_made():
    recorded = [sc.DSRunner(ByHand(40), ["V"], progress_bar=False, devices=d).run(5 * ms, inputs=20 * mV).V
                for d in (None, 1)]  # fmt: skip
    assert_array_equal(*(V.m for V in recorded))
    assert recorded[0].m.max() > 1


def test_devices_that_are_not_there_are_refused():
    with pytest.raises(ValueError, match=r"'devices' = 2, and JAX sees 1; on CPUs, call .*use_cpu_devices\(2\)"):
        sc.DSRunner(LIF(4), devices=2)
    with pytest.raises(ValueError, match="with jit=False, leave them out"):
        sc.DSRunner(LIF(4), devices=1, jit=False)
    with pytest.raises(ValueError, match="must be 1, 2, 4, 8, 16 or 32 of them, a number or a list"):
        sc.DSRunner(LIF(4), devices=jax.devices() * 3)


def test_a_state_that_fails_is_named_with_its_neuron_in_the_whole():
    cells = LIF(40, V_th=1e9 * mV, V_initializer=np.append(np.zeros(39), 2e6) * mV)
    runner = sc.DSRunner(cells, progress_bar=False, devices=1)
    with pytest.raises(FloatingPointError, match=r"the state 'V' ran away to .* in neuron 39"):
        runner.run(1 * ms)
