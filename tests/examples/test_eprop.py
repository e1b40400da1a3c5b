"""The gradient by e-prop beside that of backpropagation through time (examples/eprop.py)."""

import eprop
import jax
import numpy as np
import pytest
from numpy.testing import assert_allclose

from simcore.units import mV

N_IN, N, N_OUT, T = 20, 12, 2, 300
ADAPTING = np.repeat([0.0, 0.1], N // 2) * mV


class Cut(eprop.Network):
    """The network in which no gradient goes from a neuron to another by way of its spikes."""

    def update(self, x):
        recurrent = jax.lax.stop_gradient(self.cells.spike)
        return self.readout(self.out(self.cells(self.into(x) + self.back(recurrent))))


def both(net, **changed):
    """Return the gradients by e-prop and by BPTT."""
    rng = np.random.default_rng(0)
    spikes, target = (rng.random((T, N_IN)) < 0.1).astype(float), rng.normal(size=(T, N_OUT))
    run, weights = eprop.runner(net, spikes), net.trainable("*.weight").start | changed
    out = run(weights)[0]
    assert (out["cells.spike"].sum(0) > 2).sum() > N / 2  # most of them take part
    return eprop.eprop(net, weights, out, spikes, target), eprop.bptt(run, weights, target)


def assert_equal_to_rounding(online, exact):
    # Sums of some hundred terms; in float64 they differ by 1e-15 of the largest entry.
    assert_allclose(online, exact, rtol=0, atol=1e-12 * np.abs(exact).max())


@pytest.mark.parametrize("beta", [0.0 * ADAPTING, ADAPTING], ids=["LIF", "LIF and ALIF"])
def test_without_recurrent_weights_it_is_that_of_bptt(beta):
    """Bellec et al. (2020): what e-prop leaves out goes from one neuron to another."""
    online, exact = both(eprop.Network(N_IN, N, N_OUT, beta), **{"back.weight": np.zeros((N, N))})
    for name in ("into.weight", "back.weight", "out.weight"):
        assert_equal_to_rounding(online[name], exact[name])


def test_it_is_that_of_bptt_that_does_not_go_through_recurrent_spikes():
    online, exact = both(Cut(N_IN, N, N_OUT, ADAPTING))
    for name in ("into.weight", "back.weight", "out.weight"):
        assert_equal_to_rounding(online[name], exact[name])


def test_with_recurrent_weights_it_points_into_a_like_direction_and_is_equal_for_the_readouts():
    online, exact = both(eprop.Network(N_IN, N, N_OUT, ADAPTING))
    assert_equal_to_rounding(online["out.weight"], exact["out.weight"])
    for name in ("into.weight", "back.weight"):
        assert 0.5 < eprop.cosine(online[name], exact[name]) < 1 - 1e-6


def test_training_by_it_lowers_the_loss(monkeypatch):
    monkeypatch.setattr(eprop, "UPDATES", 30)
    phase = 2 * np.pi * np.arange(T) / T
    target = np.stack([np.sin(phase), np.cos(phase)], axis=1)
    spikes = (np.random.default_rng(0).random((T, N_IN)) < 0.1).astype(float)
    losses, _, compared = eprop.train("e-prop", eprop.Network(N_IN, N, N_OUT, ADAPTING), spikes, target)
    assert losses[-1] < 0.8 * losses[0]
    assert list(compared) == [0]
