"""What holds for every model of simcore.models, without naming one."""

import inspect
import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pint
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import simcore as sc
from simcore import DimensionalityError, models, units
from simcore.step import pure as step
from simcore.surrogate import SigmoidGrad
from simcore.units import mA, ms, mV, nA, pA, s

# All that spike: the voltage clamp is told where V is.
SILENT = {"LeakyIntegrator", "VoltageClamp"}
NEURONS = [n for n in models.__all__ if issubclass(getattr(models, n), sc.Neuron) and n not in SILENT]
RESETTING = [name for name in NEURONS if getattr(models, name).spk_reset != "none"]
# Others stand for these in a short run: the same equations with a refractory period, as LIFRef, with other rates, or
# with a quadratic upstroke where ExpIF has an exponential one; MorrisLecar for membranes, HindmarshRose for numbers.
ALIKE = {"LIF", "Lif", "ExpIFRef", "GIFRef", "AdExIFRef", "QuaIF", "QuaIFRef", "AdQuaIF", "AdQuaIFRef", "IzhikevichRef"}
ALIKE |= {
    "HH",
    "FitzHughNagumo",
    "TraubMilesHH",
    "WangBuzsakiHH",
    "CondNeuron",
    "GLIF1",
    "GLIF2",
    "GLIF3",
    "GLIF4",
    "MAT2",
    "AMAT2",
}
# For what is done around the equations, others stand for these, too: exact models, or models of exponential Euler.
IN_KIND = {"IF", "ALIF", "GIF", "ExpIF"}
RANDOM = {"StochasticGIF"}
METHODS = ("exp_euler", "heun", "rk4", "euler", "rk2")
# Above rheobase, so that each fires a few times in the time of a run.
DRIVE = {
    "Lif": 30 * mA,
    "ExpIF": 12 * mA,
    "ExpIFRef": 12 * mA,
    "AdExIF": 12 * mA,
    "AdExIFRef": 12 * mA,
    "QuaIF": 12 * mA,
    "QuaIFRef": 12 * mA,
    "AdQuaIF": 30 * mA,
    "AdQuaIFRef": 30 * mA,
    "Izhikevich": 20 * pA,
    "IzhikevichRef": 20 * pA,
    "GIF": 3 * mA,
    "GIFRef": 3 * mA,
    "IF": 2.9 * mA,
    "LIF": 2.9 * mA,
    "LIFRef": 2.9 * mA,
    "ALIF": 2.9 * mA,
    "GLIF1": 400 * pA,
    "GLIF2": 400 * pA,
    "GLIF3": 400 * pA,
    "GLIF4": 400 * pA,
    "GLIF5": 400 * pA,
    "MAT2": 600 * pA,
    "AMAT2": 300 * pA,
    "StochasticGIF": 300 * pA,
    "HH": 2 * nA,
    "TraubMilesHH": 2 * nA,
    "CondNeuron": 2 * nA,
    "WangBuzsakiHH": 0.5 * nA,
    "MorrisLecar": 15 * nA,
    "FitzHughNagumo": 0.7,
    "HindmarshRose": 4.0,
}
# How much slower than the others, in steps and spikes.
PACE = {
    "HH": 0.4,
    "TraubMilesHH": 0.4,
    "CondNeuron": 0.4,
    "WangBuzsakiHH": 0.4,
    "MorrisLecar": 4,
    "FitzHughNagumo": 3,
    "HindmarshRose": 0.3,
}
# Parameters that act only away from the defaults of the others (A1 = 0, a = 0, ...), or above the drive.
ACTIVE = {"A1": "0.5 mA", "A2": "0.2 mA", "R1": 0.3, "R2": 0.5, "a": "0.01 1/ms", "V_th_reset": "-49 mV"}
WITH = {"GIF": ACTIVE, "GIFRef": ACTIVE | {"tau_ref": "1 ms"}, "IzhikevichRef": {"tau_ref": "1 ms"}}
WITH |= {"MAT2": {"alpha1": "1 mV"}, "AMAT2": {"alpha1": "1 mV", "alpha2": "2 mV", "beta": "-0.1 1/ms"}}
WITH |= {f"GLIF{level}": {"tau_ref": "3.8 ms"} for level in (1, 2, 3, 4, 5)}  # whole steps


def each(names, alike=frozenset()):
    return pytest.mark.parametrize(
        "name", [pytest.param(n, marks=pytest.mark.slow) if n in ALIKE | alike else n for n in names]
    )


def make(name, size=3, **kwargs):
    more = {"channels": its_channels()} if name == "CondNeuron" else WITH.get(name, {})
    return getattr(models, name)(size, **(more | kwargs))


def its_channels():
    ch = models.channels
    return {"na": ch.INa_TM1991(Q10=2.0, T_ref="308 K"), "k": ch.IK_TM1991(Q10=2.0, T_ref="308 K"), "leak": ch.IL()}


def own_params(model):
    """Return its parameters without those of its parts, which no constructor takes."""
    return {name: value for name, value in model.params().items() if name in model.specs()}


def run(model, name, duration=60, drive=(1.0, 1.0, 1.0), **kwargs):
    """Return V and spike of three neurons, each under its part of the drive."""
    pace = PACE.get(name, 1)
    runner = sc.DSRunner(model, monitors=["V", "spike"], dt=0.1 * pace * ms, **kwargs)
    mon = runner.run(duration * pace * ms, inputs=DRIVE[name] * np.array(drive))
    return getattr(mon.V, "magnitude", mon.V), mon.spike  # mV, or numbers


@pytest.mark.parametrize("name", NEURONS)
def test_it_passes_the_equation_check_and_fires(name):
    V, spike = run(make(name), name)
    assert np.isfinite(V).all()
    assert 2 <= spike[:, 0].sum() <= 200


@pytest.mark.parametrize("name", [*NEURONS, "Linear"])
def test_its_docstring_names_a_reference(name):
    doc = getattr(models, name).__doc__
    assert "Reference:" in doc
    assert "Input:" in doc
    assert "Output:" in doc


@pytest.mark.parametrize("name", NEURONS)
def test_every_parameter_of_a_wrong_dimension_is_refused_by_name(name):
    cls = getattr(models, name)
    for key, param in cls.PARAMS.items():
        wrong = 1 * mV if units.dimension(param.unit) != units.dimension("mV") else 1 * mA
        bare = [] if param.unit == "dimensionless" else [1.0, 0, np.ones(3)]
        for value in [wrong, *bare]:
            with pytest.raises(DimensionalityError, match=f"{name}: '{key}' needs a quantity in"):
                cls(3, **{key: value})


@pytest.mark.parametrize("name", NEURONS)
def test_every_state_of_a_wrong_dimension_is_refused_by_name(name):
    cls = getattr(models, name)
    for state in cls.STATES.values():
        if state.keyword:
            with pytest.raises(DimensionalityError, match=f"'{state.keyword}' needs a quantity in"):
                cls(3, **{state.keyword: 1 * s**2 * mV}).init_state()


@pytest.mark.parametrize("name", NEURONS)
def test_the_signature_is_real(name):
    cls = getattr(models, name)
    signature = inspect.signature(cls)
    assert next(iter(signature.parameters)) == "in_size"
    for key, param in cls.PARAMS.items():
        if param.default is not None:
            assert signature.parameters[key].default == f"{param.default} {param.unit}"
    by_position = cls(2, *(signature.parameters[k].default for k, p in cls.PARAMS.items() if p.default is not None))
    assert {k: f"{v}" for k, v in by_position.params().items()} == {k: f"{v}" for k, v in cls(2).params().items()}


@each(NEURONS)
def test_the_trace_is_the_same_in_other_units_and_registries(name):
    other = pint.UnitRegistry()
    model = make(name)
    params = {k: other.Quantity(q.magnitude, f"{q.units}").to_base_units() for k, q in own_params(model).items()}
    V, spike = run(model, name)
    V2, spike2 = run(make(name, **params), name)
    assert_array_equal(spike, spike2)
    assert_allclose(V2, V, rtol=1e-9)  # rounding of the units, grown along the trace


@each(NEURONS)
def test_every_parameter_changes_something(name):
    base = make(name)
    V, spike = run(base, name, 100)
    for key, value in own_params(base).items():
        if name not in RESETTING and key in ("V_th", "V_rearm"):  # which tell spikes, and act on nothing
            continue
        shift = 1.05 if np.any(value.magnitude != 0) else None
        changed = value * shift if shift else value + 0.4 * units.unit(base.specs()[key].unit)
        if key in ("V_reset", "V_th_inf", "V_th_reset"):
            changed = value - 0.5 * mV
        if key == "V_th_reset":  # above the threshold that there is at a spike
            changed = value + 3 * mV
        if key == "tau_ref":
            changed = value + 1 * ms
        W, other = run(make(name, **{key: changed}), name, 100)
        assert not (np.allclose(V, W, rtol=1e-6) and np.array_equal(spike, other)), key


@each(NEURONS, alike=IN_KIND)
def test_jit_equals_python_step_by_step(name):
    a, b = run(make(name), name, 0.4), run(make(name), name, 0.4, jit=False)
    assert_allclose(a[0], b[0], rtol=1e-9)
    assert_array_equal(a[1], b[1])


# By default the others integrate by exp_euler, which would be compared with itself.
EXACT = {"ALIF", "GIF", "GLIF5", "IF", "LIFRef", "StochasticGIF"}


def their_methods():
    """Return models and methods. In a short run exp_euler and rk4, whose stages run ahead as those of heun."""
    for name, method in itertools.product(NEURONS, METHODS):
        short = name in EXACT | {"HindmarshRose"} if method == "exp_euler" else method == "rk4"
        yield pytest.param(name, method, marks=() if short and name not in ALIKE else pytest.mark.slow)


@pytest.mark.parametrize(("name", "method"), [*their_methods()])
def test_every_method_gives_the_same_spikes_but_for_its_error(name, method):
    V, spike = run(make(name, method=method), name)
    assert np.isfinite(V).all()
    _, reference = run(make(name), name)
    assert_allclose(spike.sum(0), reference.sum(0), atol=1)


@each(RESETTING)
@pytest.mark.parametrize("spk_reset", ["soft", "hard"])
def test_after_a_spike_V_is_below_the_threshold(name, spk_reset):
    options = {} if getattr(models, name).spk_reset == spk_reset else {"spk_reset": spk_reset}
    V, spike = run(make(name, **options), name)
    assert np.isfinite(V).all()
    at = np.nonzero(spike[:-1])
    assert len(at[0]) >= 2 * spike.shape[1]
    assert (V[1:][at] < V[at]).all()


@each(NEURONS, alike=IN_KIND)
def test_noise_changes_the_trace_by_the_seed(name):
    noisy = {"noise": 0.05 * units.unit(getattr(models, name).V.unit) / ms**0.5}
    V = [run(make(name, **noisy), name, 5, seed=k)[0] for k in (1, 1, 2)]
    assert_array_equal(V[0], V[1])
    assert not np.allclose(V[0], V[2])
    assert not np.allclose(V[0][:, 0], V[0][:, 1])


@each([name for name in NEURONS if name not in RANDOM])  # each neuron of a population has its own chance
def test_vmap_over_the_drive_equals_a_population(name):
    model = make(name, 1)
    model.init_state()
    parts = np.array([0.5, 1.0, 1.5])
    drives = DRIVE[name] * parts
    dt = 0.1 * PACE.get(name, 1)
    params = model.kernel_params()

    def spikes(drive):
        env = step.context_at(step.clock_arrays(0, dt, 0.0, 0), {})
        prepared = step.prepare(model, lambda m, x: m(x), params, step.raw_states(model), drive, env)

        def body(states, k):
            env = step.context_at(step.clock_arrays(0, dt, 0.0, 0), prepared, k)
            return step.pure_step(model, lambda m, x: m(x), params, states, drive, env)

        return jax.lax.scan(body, step.raw_states(model), jnp.arange(300))[1].sum(0)[0]

    floats = units.to_kernel(drives, "pA" if isinstance(drives, pint.Quantity) else "dimensionless", name)
    together = jax.jit(jax.vmap(spikes))(jnp.asarray(floats))
    _, spike = run(make(name), name, 30, parts)  # 300 steps
    assert_array_equal(together, spike.sum(0))


@each(NEURONS)
def test_gradients_are_finite_and_reach_every_parameter(name):
    # A wide surrogate, so that no parameter is out of its reach; spikes and resets included.
    model = make(name, 1, spk_fun=SigmoidGrad(0.5))
    pace = PACE.get(name, 1)
    run = sc.unroll(model, 40 * pace * ms, inputs=DRIVE[name], dt=0.1 * pace * ms)

    def weighted(params):
        spikes = run(params)[0][:, 0]
        return (spikes * jnp.linspace(0.5, 1.5, 400)).sum(), spikes.sum()

    grads, spikes = jax.jit(jax.grad(weighted, has_aux=True))(model.float_params())
    assert spikes >= 1
    for key, grad in grads.items():
        assert np.isfinite(grad).all(), key
        if key not in ("tau_ref", "V_rearm"):  # a whole number of steps, a choice: they have no derivative
            assert np.any(grad != 0), key


@each(NEURONS)
def test_saved_and_loaded_it_goes_on_identically(name, tmp_path):
    a, b = make(name), make(name)
    run(a, name, 20)
    a.save_states(tmp_path / "a.npz")
    b.load_states(tmp_path / "a.npz")
    assert_array_equal(run(a, name, 20)[0], run(b, name, 20)[0])


@pytest.mark.parametrize("name", NEURONS)
def test_the_initial_voltage_is_the_resting_one(name):
    model = make(name)
    model.init_state(batch_size=2)
    start = type(model).STATES["V"].init
    rest = model.params()[start].magnitude if isinstance(start, str) else start
    assert_allclose(model.V.value.magnitude, rest)
    assert model.V.value.shape == (2, 3)


@each(NEURONS)
def test_rates_are_what_a_step_of_eulers_adds_over_dt(name):
    model, drive, dt = make(name, method="euler"), DRIVE[name] * 0.3, 0.01 * ms
    sc.DSRunner(model, dt=dt, progress_bar=False).run(3 * ms, inputs=drive)
    assert not model.spike.any()
    rates, before = model.rates(inputs=drive), {path: state.value for path, state in model.states().items()}
    sc.DSRunner(model, dt=dt, progress_bar=False).run(dt, inputs=drive)
    assert {"V"} <= set(rates) <= set(before)
    for path, rate in rates.items():
        added = (model.states()[path].value - before[path]) / dt
        size = np.abs(before[path].magnitude).max() / dt.m
        assert_allclose(rate.m_as(added.units), added.m, rtol=1e-9, atol=1e-12 * size, err_msg=path)
