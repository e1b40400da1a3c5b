"""Random numbers of a step, 10^8 uniform and 10^8 normal ones: are they uniform, normal and independent?

    python benchmarks/statistics/random_numbers.py [--seeds 20] [--out benchmarks/results/random_numbers.md]
    python benchmarks/statistics/random_numbers.py --words steps | dieharder -a -g 200

Independence is looked at over neurons, over steps, over parts of a model and over seeds of the runner, which the points
of a sweep have: chi-square of pairs of numbers, of their highest bits and of their lowest, and sums of many normal
ones. With --words it writes random words without an end, of a neuron after the other, or of a step after the other.
"""

import argparse
import contextlib
import sys
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from scipy import stats

import simcore as sc
from simcore.step import generator
from simcore.units import ms

STEPS, NEURONS = 500, 10_000
CELLS = 64  # of each number of a pair
BINS = 2**16
DISTANCES = (1, 2, 32, 1024)  # between neurons


class Draws(sc.Module):
    """Uniform and normal numbers, new ones in each step."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size

    def init_state(self, batch_size: int | None = None) -> None:
        """Have room for them."""
        self.u, self.z = (sc.HiddenState(np.zeros(self.size), "dimensionless") for _ in range(2))

    def update(self) -> None:
        """Draw them."""
        self.u.value = sc.random.uniform(self, (self.size,))
        self.z.value = sc.random.normal(self, (self.size,))


class Two(sc.Module):
    """Two parts, with the same seed."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.other = Draws(NEURONS), Draws(NEURONS)

    def update(self) -> None:
        """Draw the numbers of both."""
        self.one.update()
        self.other.update()


def drawn(seed: int) -> dict[str, np.ndarray]:
    """Return the numbers of a run by name, (steps, neurons)."""
    names = ["one.u", "one.z", "other.u", "other.z"]
    mon = sc.DSRunner(Two(), names, seed=seed, progress_bar=False).run(STEPS * 0.1 * ms)
    return {name: np.asarray(getattr(mon[name], "magnitude", mon[name])) for name in names}


class Table:
    """Counts of so many equally likely cells."""

    def __init__(self, cells: int) -> None:
        self.counts = np.zeros(cells, np.int64)

    def add(self, cells: np.ndarray) -> None:
        """Count the numbers of cells."""
        self.counts += np.bincount(cells.ravel(), minlength=self.counts.size)

    def p_value(self) -> float:
        """Return p of chi-square."""
        return float(stats.chisquare(self.counts).pvalue)

    def p_value_of_distance(self) -> float:
        """Return p of the largest distance of the distribution function from a straight line, at the cells' edges."""
        n, cells = self.counts.sum(), self.counts.size
        distance = np.abs(np.cumsum(self.counts) / n - np.arange(1, cells + 1) / cells).max()
        return float(stats.kstwobign.sf(distance * np.sqrt(n)))


class Tests:
    """Everything that is counted, by name."""

    def __init__(self) -> None:
        self.tables: dict[str, Table] = {}
        self.pairs: dict[str, Table] = {}
        self.sums: dict[str, list[np.ndarray]] = {}  # standard normal each

    def add(self, run: dict[str, np.ndarray], before: dict[str, np.ndarray] | None) -> None:
        """Count the numbers of a run, and their pairs with those of the run with the seed before."""
        u, z = run["one.u"], run["one.z"]
        probability = stats.norm.cdf(z.astype(float))
        word = (u * 2.0**24).astype(np.int64)
        self._count("uniform, highest 16 bits", word >> 8)
        self._count("uniform, lowest 16 bits", word & 0xFFFF)
        self._count("normal", np.minimum((probability * BINS).astype(np.int64), BINS - 1))
        for d in DISTANCES:
            self._pair(f"neurons, {d} apart", u[:, :-d], u[:, d:])
        self._pair("steps", u[:-1], u[1:])
        self._pair("a step and a neuron", u[:-1, :-1], u[1:, 1:])
        self._pair("parts of a model", u, run["other.u"])
        self._pair("uniform and normal", u, probability)
        if before is not None:
            self._pair("seeds", u, before["one.u"])
        for name, axis in (("neurons", 1), ("steps", 0)):
            self.sums.setdefault(f"sums over {name}", []).append(z.sum(axis) / np.sqrt(z.shape[axis]))
            product = z * run["other.z"]
            self.sums.setdefault(f"sums of products over {name}", []).append(product.sum(axis) / np.sqrt(z.shape[axis]))

    def _count(self, name: str, cells: np.ndarray) -> None:
        self.tables.setdefault(name, Table(BINS)).add(cells)

    def _pair(self, name: str, one: np.ndarray, other: np.ndarray) -> None:
        for bits, scale in (("highest", CELLS), ("lowest", 2**24)):
            a, b = ((x * scale).astype(np.int64) % CELLS for x in (one, other))
            if "normal" not in name or bits == "highest":
                self.pairs.setdefault(f"pairs over {name}, {bits} 6 bits", Table(CELLS**2)).add(a * CELLS + b)

    def p_values(self) -> dict[str, float]:
        """Return the p value of each test."""
        result = {}
        for name, table in self.tables.items():
            result[f"{name}: chi-square of {BINS} cells"] = table.p_value()
            result[f"{name}: Kolmogorov-Smirnov"] = table.p_value_of_distance()
        result |= {f"{name}: chi-square": table.p_value() for name, table in self.pairs.items()}
        for name, parts in self.sums.items():
            x = np.concatenate(parts)
            result[f"{name}: their variance is 1"] = 2 * min(tail(float((x**2).sum()), x.size) for tail in TAILS)
        return result


TAILS = (stats.chi2.sf, stats.chi2.cdf)


def avalanche(blocks: int = 64) -> dict[str, float]:
    """Return p of how often each bit of a word changes with each bit of the number of its neuron, or of its step."""
    bits = jnp.arange(32, dtype=jnp.uint32)

    @jax.jit
    def changes(block: Any) -> Any:
        step = jnp.arange(2**16, dtype=jnp.uint32) + block * jnp.uint32(2**16)
        neuron = step % jnp.uint32(997)

        def word(step: Any, neuron: Any) -> Any:
            return generator.folded(generator.folded(generator.ROOT, step), neuron)[0]

        def of_bit(bit: Any) -> Any:
            changed = jnp.uint32(1) << bit
            others = word(step, neuron ^ changed), word(step ^ changed, neuron)
            return jnp.stack([((word(step, neuron) ^ other)[:, None] >> bits & 1).sum(0) for other in others])

        return jax.vmap(of_bit)(bits)

    total, n = sum(np.asarray(changes(np.uint32(block)), float) for block in range(blocks)), blocks * 2**16
    squares = ((total - n / 2) ** 2 / (n / 4)).sum((0, 2))
    names = ("neuron", "step")
    p_values = (float(stats.chi2.sf(square, 1024)) for square in squares)
    return {f"avalanche of the {name}, 32 x 32 bits": p for name, p in zip(names, p_values, strict=True)}


def write_words(order: str) -> None:
    """Write words of 32 bits of one node to standard output, until nobody reads them."""

    @jax.jit
    def block(i: int) -> jax.Array:
        steps = i * 1000 + np.arange(1000, dtype=np.uint32)
        words = jax.vmap(lambda step: generator.words(generator.folded(generator.ROOT, step), (1000,))[0])(steps)
        return words if order == "neurons" else words.T

    i = 0
    while True:
        sys.stdout.buffer.write(np.asarray(block(np.uint32(i))).tobytes())
        i += 1


def main() -> None:
    """Test and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--words", choices=["neurons", "steps"])
    args = parser.parse_args()
    if args.words:
        with contextlib.suppress(BrokenPipeError):
            write_words(args.words)
        return
    tests, before = Tests(), None
    for seed in range(args.seeds):
        run = drawn(seed)
        tests.add(run, before)
        before = run
        print(f"{seed + 1} of {args.seeds}", file=sys.stderr, flush=True)
    values = tests.p_values() | avalanche()
    n = args.seeds * STEPS * NEURONS
    lines = [f"# Random numbers: {n:.1e} uniform and {n:.1e} normal ones", "",
             f"{args.seeds} seeds, {STEPS} steps, {NEURONS} neurons. Smallest of {len(values)} p values: "
             f"{min(values.values()):.2g}, Bonferroni {min(1, len(values) * min(values.values())):.2g}.", "",
             "| test | p |", "| --- | ---: |", *(f"| {name} | {p:.2g} |" for name, p in values.items())]  # fmt: skip
    text = "\n".join(lines) + "\n"
    print(text)
    if args.out:
        args.out.write_text(text)


if __name__ == "__main__":
    main()
