"""Unsupervised learning of digits: neurons that compete by spikes learn to answer to one way of writing one each.

Pixels drive excitatory neurons through plastic synapses; each excitatory neuron has an inhibitory partner that silences
all others. Thresholds rise with each spike, so that all get their share, and weights are scaled between the samples.
Labels only serve to say, afterwards, which digit a neuron stands for. 40 neurons and 400 samples in place of hundreds
and tens of thousands, so that weights and thresholds change twice as fast; digits of two fonts at random slants, sizes
and shifts in place of MNIST. Of new ones, 80, 83 and 81 % are told, over three seeds.

Diehl and Cook (2015), Frontiers in Computational Neuroscience 9, 99, with the numbers and the dt of its published code,
but that theta starts at 0, not at 20 mV with as much taken off the threshold. With 100 neurons and the same spikes of
the pixels, the first sample of tests/examples/ has the 11 spikes that it has in Brian2 2.10.1, and the weights are the
same to 1e-11.
"""

import itertools
from typing import Any

import numpy as np
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D

import simcore as sc
from simcore.units import Gohm, Hz, ms, mV, nS

SIDE, N, TRAINING, TEST = 28, 40, 400, 100
SHOWN, PAUSE, DT = 350 * ms, 150 * ms, 0.5 * ms
BRIGHTEST, TOTAL = 63.75 * Hz, 78 * nS  # the rate of a black pixel; the sum of the weights onto a neuron
FONTS = ("DejaVu Sans", "DejaVu Serif")


def draw(digit: int, rng: np.random.Generator) -> np.ndarray:
    """Return the brightness of the pixels of a digit, (SIDE * SIDE,), from 0 to 1."""
    path = TextPath((0, 0), str(digit), size=30, prop=FontProperties(family=str(rng.choice(FONTS))))
    middle, shift = path.get_extents().get_points().mean(0), SIDE / 2 + rng.uniform(-1, 1, 2)
    slant = Affine2D().translate(*-middle).skew_deg(rng.normal(0, 5), 0).rotate_deg(rng.normal(0, 4))
    fine = (np.arange(3 * SIDE) + 0.5) / 3
    points = np.stack(np.meshgrid(fine, fine[::-1]), -1).reshape(-1, 2)
    lines = slant.scale(rng.uniform(0.95, 1.05)).translate(*shift).transform_path(path).to_polygons()
    inside = sum(Path(line).contains_points(points).astype(int) for line in lines) % 2  # without the holes
    return inside.reshape(SIDE, 3, SIDE, 3).mean((1, 3)).ravel()


def build(pixels: sc.models.Source, n: int, speed: float = 1.0, **synapses: Any) -> sc.Network:
    """Return n excitatory and n inhibitory neurons that see the spikes of pixels.

    Args:
        pixels: whose spikes they see.
        n: the number of each.
        speed: of all changes, 1 in the published code.
        synapses: `weight` and `delay` of those from the pixels, by default drawn.
    """
    synapses = {"weight": sc.init.Uniform(0.003 * nS, 0.303 * nS), "delay": sc.init.Uniform(0 * ms, 10 * ms)} | synapses

    def receptors(reversal: Any) -> dict[str, sc.bases.Receptor]:
        exc = sc.models.Exponential(tau=1 * ms, reversal=0 * mV)
        return {"exc": exc, "inh": sc.models.Exponential(tau=2 * ms, reversal=reversal)}

    E = sc.models.ALIF(
        n, R=1 * Gohm, tau=100 * ms, V_rest=-65 * mV, V_th=-52 * mV, V_reset=-65 * mV, tau_ref=5 * ms, tau_a=1e7 * ms,
        beta=0.05 * speed * mV, V_initializer=-105 * mV, spk_reset="hard", method="euler",
        receptors=receptors(-100 * mV),
    )  # fmt: skip
    I = sc.models.LIFRef(
        n, R=1 * Gohm, tau=10 * ms, V_rest=-60 * mV, V_th=-40 * mV, V_reset=-45 * mV, tau_ref=2 * ms,
        V_initializer=-100 * mV, spk_reset="hard", method="euler", receptors=receptors(-85 * mV),
    )  # fmt: skip
    # A spike counts with the last one of the other neuron; a postsynaptic one also with the one before it.
    rule = sc.models.TripletSTDP(
        A2_plus=0, A3_plus=0.01 * speed, A2_minus=1e-4 * speed, A3_minus=0, tau_plus=20 * ms, tau_minus=20 * ms,
        tau_y=40 * ms, w_max=1 * nS, pairs="symmetric",
    )  # fmt: skip
    connect, others = sc.models.Projection, 1 - np.eye(n)
    return sc.Network(
        seed=1,
        X=pixels,
        E=E,
        I=I,
        XE=connect(pixels, E, "exc", connect=sc.models.AllToAll(), plasticity=rule, **synapses),
        EI=connect(E, I, "exc", connect=sc.models.OneToOne(), weight=10.4 * nS),
        IE=connect(I, E, "inh", connect=others, weight=17 * nS),
    )


def show(runner: sc.DSRunner, image: np.ndarray) -> np.ndarray:
    """Return the spike counts of the excitatory neurons at an image, shown brighter until there are five."""
    pixels = runner.target.X
    for brightness in itertools.count(1, 0.5):
        pixels.rate = brightness * BRIGHTEST * image
        counts = runner.run(SHOWN).counts
        pixels.rate = 0 * Hz
        runner.run(PAUSE)
        if counts.sum() >= 5:
            return counts


def normalize(net: sc.Network) -> None:
    """Scale the weights onto each neuron to their sum."""
    weight = net.XE.weight.value.reshape(SIDE * SIDE, -1)
    net.XE.weight.value = (weight / weight.sum(0) * TOTAL).ravel()


def mosaic(images: np.ndarray, rows: int) -> np.ndarray:
    """Return images (n, SIDE * SIDE) side by side."""
    return images.reshape(rows, -1, SIDE, SIDE).transpose(0, 2, 1, 3).reshape(rows * SIDE, -1)


if __name__ == "__main__":
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 10, TRAINING + TEST)
    images = np.stack([draw(digit, rng) for digit in labels])
    net = build(sc.models.PoissonGroup(SIDE * SIDE, 0 * Hz), N, speed=2)
    net.init_state()
    runner = sc.DSRunner(net, {"counts": "E.spike_count"}, dt=DT, progress_bar=False)
    counts = np.zeros((TRAINING + TEST, N))
    for k, image in enumerate(images):
        net.XE.learning = k < TRAINING
        if net.XE.learning:
            normalize(net)
        counts[k] = show(runner, image)
    # A neuron stands for the digit that it answered to most in the second half of the training; such neurons vote.
    late = np.arange(TRAINING // 2, TRAINING)
    stands_for = np.argmax([counts[late][labels[late] == digit].mean(0) for digit in range(10)], 0)
    votes = counts[TRAINING:] @ np.eye(10)[stands_for] / np.maximum(1, np.bincount(stands_for, minlength=10))
    right = (votes.argmax(1) == labels[TRAINING:]).mean()
    title = f"{right:.0%} of {TEST} new digits are told; by chance 10 %"
    print(title)
    figure, grid = sc.visualize.get_figure(2, 1, row_length=3, column_length=7)
    weights = net.XE.weight.value.m_as("nS").reshape(-1, N)[:, np.argsort(stands_for)]
    for row, (name, shown) in enumerate({"samples": images[:N], f"weights; {title}": weights.T}.items()):
        axes = figure.add_subplot(grid[row])
        axes.imshow(mosaic(shown, 4), cmap="gray_r")
        axes.set(title=name, xticks=[], yticks=[])
    figure.savefig("digits.png", dpi=150)
