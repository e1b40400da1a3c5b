"""Rate, irregularity and correlation of the spikes of one population, and how two simulators' statistics compare."""

import math
from dataclasses import dataclass

import numpy as np

MIN_INTERVALS = 3  # a neuron with fewer interspike intervals in the window has no CV
BIN = 5.0  # of the spike counts that are correlated, ms
MAX_NEURONS = 200  # in the correlation: a random subset of those that spike in the window
SUBSET_SEED = 123
EARLY = 1e-6  # of a bin, or ms: a grid time that rounding puts below its bin still falls into it

Statistics = dict[str, dict[str, list[float]]]  # by population, by statistic: one value a seed


def spike_statistics(times: np.ndarray, indices: np.ndarray, n: int, start: float, stop: float) -> dict[str, float]:
    """Return `rate` (Hz), `cv` and `correlation` of a population of n neurons from start to stop (ms).

    `times`, ms, and `indices`, 0 to n - 1, have one entry a spike, in any order; stop is excluded. A statistic that no
    neuron has is nan.
    """
    inside = (times >= start - EARLY) & (times < stop - EARLY)
    times, indices = np.asarray(times)[inside] - start, np.asarray(indices)[inside]
    return {
        "rate": 1e3 * len(times) / (n * (stop - start)),
        "cv": mean_cv(times, indices, n),
        "correlation": mean_correlation(times, indices, stop - start),
    }


def mean_cv(times: np.ndarray, indices: np.ndarray, n: int) -> float:
    """Return the mean over neurons with at least MIN_INTERVALS intervals of std / mean of their intervals.

    The standard deviation is the population's (ddof 0).
    """
    order = np.lexsort((times, indices))
    times, indices = times[order], indices[order]
    same = indices[1:] == indices[:-1]
    interval, owner = np.diff(times)[same], indices[1:][same]
    count = np.bincount(owner, minlength=n)
    enough = count >= MIN_INTERVALS
    if not enough.any():
        return math.nan
    total = np.bincount(owner, interval, minlength=n)
    mean = total / np.maximum(count, 1)
    variance = np.bincount(owner, (interval - mean[owner]) ** 2, minlength=n) / np.maximum(count, 1)
    return float((np.sqrt(variance[enough]) / mean[enough]).mean())


def mean_correlation(times: np.ndarray, indices: np.ndarray, duration: float) -> float:
    """Return the mean over pairs of Pearson's correlation of their spike counts in bins of BIN (ms).

    Times run from 0 to duration, ms. Neurons with the same count in all bins are left out.
    """
    neurons = np.unique(indices)
    if len(neurons) > MAX_NEURONS:
        neurons = np.sort(np.random.default_rng(SUBSET_SEED).choice(neurons, MAX_NEURONS, replace=False))
    chosen = np.isin(indices, neurons)
    row = np.searchsorted(neurons, indices[chosen])
    column = np.floor(times[chosen] / BIN + EARLY).astype(int)
    bins = round(duration / BIN)
    counts = np.bincount(row * bins + column, minlength=len(neurons) * bins).reshape(len(neurons), bins)
    counts = counts[np.ptp(counts, axis=1) > 0]
    if len(counts) < 2:
        return math.nan
    correlation = np.asarray(np.corrcoef(counts))
    return float(correlation[np.triu_indices(len(counts), 1)].mean())


@dataclass
class Row:
    """One statistic of one population: mean and standard deviation over seeds of both, Welch's p, and Holm's."""

    population: str
    statistic: str
    ours: tuple[float, float]
    theirs: tuple[float, float]
    p: float
    p_corrected: float


def compare(ours: Statistics, theirs: Statistics) -> list[Row]:
    """Return a row for each statistic that both have; Holm's correction is over all rows.

    Seeds whose value is nan are left out; a row with fewer than two seeds on a side has p nan and counts for nothing.
    """
    rows = []
    for population in ours:
        for statistic in ours[population]:
            if statistic not in theirs.get(population, {}):
                continue
            a, b = (np.asarray(side[population][statistic], float) for side in (ours, theirs))
            a, b = a[~np.isnan(a)], b[~np.isnan(b)]
            rows.append(Row(population, statistic, spread(a), spread(b), welch(a, b), math.nan))
    tested = sorted((row for row in rows if not math.isnan(row.p)), key=lambda row: row.p)
    floor = 0.0
    for i, row in enumerate(tested):
        floor = row.p_corrected = min(1.0, max(floor, (len(tested) - i) * row.p))
    return rows


def spread(x: np.ndarray) -> tuple[float, float]:
    """Return mean and sample standard deviation, nan where there are too few values."""
    mean = float(x.mean()) if len(x) else math.nan
    return mean, float(x.std(ddof=1)) if len(x) > 1 else math.nan


def welch(a: np.ndarray, b: np.ndarray) -> float:
    """Return the two-sided p of Welch's t-test (Welch 1947, Biometrika 34) that a and b have the same mean."""
    if min(len(a), len(b)) < 2:
        return math.nan
    va, vb = a.var(ddof=1) / len(a), b.var(ddof=1) / len(b)
    if va + vb == 0:
        return float(a.mean() == b.mean())
    t = abs(a.mean() - b.mean()) / math.sqrt(va + vb)
    freedom = (va + vb) ** 2 / (va**2 / (len(a) - 1) + vb**2 / (len(b) - 1))
    return student_tails(float(t), float(freedom))


def student_tails(t: float, freedom: float) -> float:
    """Return the probability that Student's t is beyond t or -t.

    With x = sqrt(freedom) tan(angle) the density is cos(angle)**(freedom - 1) up to a factor: smooth on a finite
    interval, so that Gauss and Legendre's rule is right to 1e-5 of the value, and far better beyond freedom 2.
    """
    node, weight = np.polynomial.legendre.leggauss(100)
    low = math.atan(t / math.sqrt(freedom))
    half = (math.pi / 2 - low) / 2
    integral = half * float(weight @ np.cos(low + half * (node + 1)) ** (freedom - 1))
    factor = math.exp(math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)) / math.sqrt(math.pi)
    return min(1.0, 2 * factor * integral)


def markdown(rows: list[Row]) -> str:
    """Return the rows as a markdown table."""
    lines = ["| population | statistic | ours | theirs | p | p, Holm |", "| --- | --- | ---: | ---: | ---: | ---: |"]
    for row in rows:
        ours, theirs = (f"{mean:.4g} ± {sd:.2g}" for mean, sd in (row.ours, row.theirs))
        lines.append(
            f"| {row.population} | {row.statistic} | {ours} | {theirs} | {row.p:.2g} | {row.p_corrected:.2g} |"
        )
    return "\n".join(lines)
