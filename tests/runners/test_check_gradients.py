"""check_gradients: derivatives beside the slope of the loss where there is one; what it says where there is none."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpy.testing import assert_allclose

import simcore as sc
from simcore.units import mA, ms, mV


def test_derivatives_of_a_smooth_loss_are_its_slope():
    lif = sc.models.LIF(3, V_th=1e3 * mV, detach_spk=True)
    run = sc.unroll(lif, 5 * ms, inputs=[0.2, 0.5, 0.8] * mA, record="V")
    report = sc.check_gradients(lambda p: (run(p)[0]["V"] ** 2).mean(), {"tau": np.array(5.0), "R": np.array(1.0)})
    for name in ("tau", "R"):
        assert_allclose(report.by_name[name].along, report.by_name[name].difference, rtol=1e-3)
        assert report.by_name[name].zeros == 0
    assert str(report).count("slope of the loss: the same") == 2
    assert repr(report) == str(report)


def test_a_wrong_derivative_is_seen():
    def loss(p):  # its derivative is taken through half of it alone
        return jnp.sum(p["x"] ** 2) + jnp.sum(jax.lax.stop_gradient(p["x"]) ** 2)

    report = sc.check_gradients(loss, {"x": np.array([1.0, 2.0])})
    assert_allclose(report.by_name["x"].difference, 2 * report.by_name["x"].along, rtol=1e-3)
    assert "by derivatives" in report


def test_spikes_have_the_derivatives_of_surrogates():
    lif = sc.models.LIF(1, spk_fun=sc.surrogate.SigmoidGrad(2.0))
    run = sc.unroll(lif, 20 * ms, inputs=1.5 * mA)
    report = sc.check_gradients(lambda p: run(p)[0].sum(), {"tau": np.array(5.0)})
    assert np.isnan(report.by_name["tau"].difference)
    assert report.by_name["tau"].size > 0
    assert "surrogate" in report


def test_what_nothing_follows_from_vanishes_or_overflows_is_named():
    def loss(p):
        return jnp.sum(p["seen"]) + 0 * jnp.sum(p["unseen"]) + 1e-7 * jnp.sum(p["faint"]) + p["some"][0] ** 2

    report = sc.check_gradients(loss, {k: np.ones(4) for k in ("seen", "unseen", "faint", "some")})
    lines = str(report).splitlines()
    note = {name: lines[k + 1] for k, line in enumerate(lines[:-1]) for name in ("unseen", "faint", "some")
            if line.startswith(f"{name} ")}  # fmt: skip
    assert "NO DERIVATIVE" in note["unseen"]
    assert "VANISHES: 1e+07 times smaller" in note["faint"]
    assert "most are 0" in note["some"]
    report = sc.check_gradients(lambda p: jnp.sum(jnp.exp(1e4 * p["x"])), {"x": np.ones(2)})
    assert "NOT FINITE" in report
    assert "The loss itself is not finite." in report


def test_a_loss_of_several_numbers_is_refused():
    with pytest.raises(ValueError, match=r"must be one number, it is an array of the shape \(2,\)"):
        sc.check_gradients(lambda p: p["x"], {"x": np.ones(2)})
