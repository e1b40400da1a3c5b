"""
5. Gradients and training
=========================

``sc.unroll`` makes a function of a model, of its parameters, which JAX can differentiate; spikes have surrogate
derivatives. With it, a loss and an optimizer a network learns.
"""

import jax
import jax.numpy as jnp
import numpy as np
import optax

import simcore as sc
from simcore.units import Hz, mA, ms, mV

# %%
# A derivative
# ------------
# How does the number of spikes depend on the parameters of a neuron? ``run`` takes the parameters as floats, in the
# units in which they are declared, by their dotted paths.

neuron = sc.models.LIF(1, tau=10 * ms, V_th=15 * mV, spk_fun=sc.surrogate.ReluGrad(width=1.0))
run = sc.unroll(neuron, 100 * ms, inputs=20 * mA)
params = neuron.float_params()


def spikes(params: dict) -> jax.Array:
    """Return the number of spikes."""
    out, _ = run(params)
    return out.sum()


print(spikes(params))
for name, slope in jax.grad(spikes)(params).items():
    print(f"{name:8} {slope:.3g}")

# %%
# The forward pass is the model itself, with spikes of 0 and 1. The derivative of a spike is that of its surrogate:
# what a small change does on average, not what it does to this very run. ``sc.check_gradients`` sets both side by
# side.
#
# A network that learns
# ---------------------
# Four patterns of currents; the output neuron of each is to fire at 60 Hz, the others not at all. Weights carry
# units, since they drive neurons.


class Net(sc.Module):
    """Forty hidden neurons, four outputs."""

    def __init__(self) -> None:
        super().__init__()
        cell = {"tau": 10 * ms, "V_th": 1 * mV, "spk_fun": sc.surrogate.ReluGrad(width=3.0)}
        self.first = sc.models.Linear(20, 40, unit="mA", seed=1)
        self.hidden = sc.models.LIF(40, **cell)
        self.second = sc.models.Linear(40, 4, unit="mA", seed=2)
        self.out = sc.models.LIF(4, **cell)

    def update(self, x: jax.Array) -> jax.Array:
        """Return the spikes of the output layer."""
        return self.out(self.second(self.hidden(self.first(x))))


rng = np.random.default_rng(0)
patterns = jnp.asarray(rng.uniform(0, 1, (4, 20)))
target = 60 * jnp.eye(4)

net = Net()
net.init_state(batch_size=4)
run = sc.unroll(net, 100 * ms, inputs=patterns)


def loss(params: dict) -> jax.Array:
    """Return how far the rates are from the target."""
    out, _ = run(params)  # (steps, batch, neurons)
    return sc.losses.mean_square_rate(out, target * Hz, scale=20 * Hz, dt=0.1 * ms)


params = net.float_params()
free = {name: value for name, value in params.items() if name.endswith("weight")}
optimizer = optax.adam(0.03)
state = optimizer.init(free)


@jax.jit
def step(free: dict, state: tuple) -> tuple:
    """Take one step of Adam."""
    value, grads = jax.value_and_grad(lambda free: loss(params | free))(free)
    updates, state = optimizer.update(grads, state)
    return optax.apply_updates(free, updates), state, value


history = []
for _ in range(200):
    free, state, value = step(free, state)
    history.append(float(value))
print(f"loss {history[0]:.2f} before, {history[-1]:.3f} after")
ax = sc.visualize.line_plot(np.arange(200), np.array(history), xlabel="step", ylabel="loss")

# %%
# The rates of the four outputs (columns) under the four patterns (rows), in Hz:

out, _ = run(params | free)
print(np.round(out.mean(0) / 1e-4))

# %%
# Put into the model, the weights are quantities again, and all else works with them: runs, monitors, files.

net.load_float_params(params | free)
print(net.params()["second.weight"][0, :2])

# %%
# Memory and time: ``checkpoint=True`` keeps the states of some steps alone, ``truncate=`` cuts the derivatives.
# ``model.trainable("tau", bounds=...)`` keeps parameters within bounds. Larger ones: :ref:`digits
# <sphx_glr_gallery_train_mnist_like.py>`, :ref:`a task with a memory <sphx_glr_gallery_train_delay_task.py>`,
# :ref:`e-prop <sphx_glr_gallery_eprop.py>`.
