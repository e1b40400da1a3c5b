"""Parameters as free numbers: whatever an optimizer makes of them, the model may have the values."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpy.testing import assert_allclose

import simcore as sc
from simcore.models import AllToAll, LIFRef, Projection
from simcore.units import DimensionalityError, Gohm, mA, ms, mV, nS


def net():
    cells = LIFRef(4, R=0.1 * Gohm, tau=[5, 10, 20, 40] * ms, V_rest=-60 * mV, V_reset=-65 * mV, V_th=-50 * mV,
                   receptors={"e": sc.models.Exponential(tau=5 * ms, reversal=0 * mV)})  # fmt: skip
    weights = np.linspace(0, 3, 16) * nS  # one of them on its bound
    return sc.Network(cells=cells, link=Projection(cells, cells, "e", connect=AllToAll(), weight=weights))


def test_the_start_gives_the_values_that_the_model_has():
    model = net()
    free = model.trainable("*.weight", "cells.*", bounds={"cells.V_rest": (-80, -40) * mV})
    assert {"link.weight", "cells.R", "cells.tau", "cells.V_th", "cells.V_rest", "cells.e.tau"} <= set(free.start)
    assert "cells.tau_ref" not in free.start
    params, values = free.params(free.start), model.float_params()
    values["link.weight"] = np.maximum(values["link.weight"], 1e-3 * 1.5)  # of the mean
    for path, value in params.items():
        assert_allclose(value, values[path], rtol=1e-9)


@pytest.mark.parametrize("precision", [np.float32, np.float64])
def test_no_numbers_lead_out_of_what_is_allowed(precision):
    model = net()
    free = model.trainable("*", bounds={"cells.V_rest": (-80, -40) * mV, "cells.tau": (1, 1000) * ms})
    for size in (1.0, 30.0, 1e3, 1e6):
        rng = np.random.default_rng(0)
        far = {path: jnp.asarray(rng.normal(size=np.shape(x)) * size, precision) for path, x in free.start.items()}
        params = free.params(far)
        model.load_float_params(params)  # it checks all of them
        assert np.min(params["cells.tau"]) >= 1
        assert -80 <= np.min(params["cells.V_rest"]) <= np.max(params["cells.V_rest"]) <= -40
        assert np.all(np.asarray(params["cells.V_th"]) > np.asarray(params["cells.V_reset"]))


def test_an_optimizer_finds_a_time_constant_by_its_derivatives():
    lif = sc.models.LIF(1, tau=5 * ms, detach_spk=True)
    run = sc.unroll(lif, 10 * ms, inputs=0.5 * mA, record="V")
    target = 0.5 * (1 - np.exp(-np.arange(0.1, 10.05, 0.1) / 12))
    free = lif.trainable(bounds={"tau": (1, 50) * ms})

    @jax.jit
    def step(x):
        slope = jax.grad(lambda x: jnp.sum((run(free.params(x))[0]["V"][:, 0] - target) ** 2))(x)
        return jax.tree.map(lambda x, s: x - 0.3 * s, x, slope)

    x = free.start
    for _ in range(100):
        x = step(x)
    assert_allclose(free.params(x)["tau"], 12, rtol=1e-5)


def test_durations_in_whole_steps_are_left_out_or_refused():
    assert "tau_ref" not in LIFRef(1).trainable("*").start
    with pytest.raises(ValueError, match="'tau_ref' is rounded to whole steps"):
        LIFRef(1).trainable("tau_ref")


@pytest.mark.parametrize(
    ("names", "bounds", "error", "text"),
    [
        (["taw"], {}, ValueError, "LIFRef has no parameter 'taw'; it has R, tau"),
        ([], {"tau": (1, 50) * mV}, DimensionalityError, "bounds of 'tau'"),
        ([], {"tau": (50, 1) * ms}, ValueError, "a lower and a higher one"),
        ([], {"tau": (-1, 50) * ms}, ValueError, "must be above 0"),
        ([], {"tau": (6, 50) * ms}, ValueError, "begins outside of them"),
        ([], {"V_th": (-5, 5) * mV}, ValueError, "must be above 'V_reset'"),
    ],
)
def test_what_cannot_be_trained_is_refused(names, bounds, error, text):
    with pytest.raises(error, match=text):
        LIFRef(1, tau=5 * ms, V_reset=-2 * mV).trainable(*names, bounds=bounds)


def test_numbers_of_what_is_not_trained_are_refused():
    with pytest.raises(KeyError, match="'R' is not trained; these are: tau"):
        LIFRef(1).trainable("tau").params({"R": 1.0})
