"""DtReport: what halving dt changes of traces and spikes, as numbers, a table and a verdict."""

from __future__ import annotations

import dataclasses

import numpy as np
import pint

from simcore import units

# Changes that fall with less than this order do not tend to 0 yet.
LEAST_ORDER = 0.3


@dataclasses.dataclass(frozen=True)
class Change:
    """How far apart are the runs at dt and dt / 2, [0], and those at dt / 2 and dt / 4, [1]; nan without values."""

    largest: pint.Quantity  # (2,)
    rms: pint.Quantity  # (2,)
    rounding: float  # what is below, in the same unit, is rounding

    @property
    def order(self) -> float:
        """The p with which it falls as dt**p; nan for rounding."""
        first, second = self.rms.magnitude
        return float(np.log2(first / second)) if min(first, second) > self.rounding else float("nan")

    @property
    def error(self) -> pint.Quantity:
        """The error at dt, rms, that follows from the order (Richardson); nan where the change does not fall."""
        p = self.order
        return self.rms[0] / (1 - 2**-p) if p > LEAST_ORDER else self.rms[0] * float("nan")

    def describe(self) -> str:
        """Return what halving dt changes, in a few words."""
        return f"by {_short(self.rms[0])} rms, {_short(self.largest[0])} at most"

    def fall(self) -> str:
        """Return the sentence about what halving dt again does."""
        if np.isnan(self.order):
            return ""
        if self.order > LEAST_ORDER:
            return f" This falls as dt**{self.order:.1f}: the error at dt is about {_short(self.error)} rms."
        return " Halving it again changes as much: dt is far too long, or something jumps."


@dataclasses.dataclass(frozen=True)
class Spikes:
    """The spikes of a population at dt, dt / 2 and dt / 4."""

    neurons: int
    number: np.ndarray  # (3,)
    rate: pint.Quantity  # (3,), mean of the neurons
    changed: np.ndarray  # (2,), how many neurons have another number of spikes after halving
    shift: Change  # of the spike times of all others, the k-th spike beside the k-th
    noisy: bool  # white noise drives their V

    @property
    def rate_change(self) -> float:
        """What halving dt changes of the rate, relative to it."""
        return float((self.number[1] - self.number[0]) / max(self.number[0], 1))


@dataclasses.dataclass(frozen=True, repr=False)
class DtReport:
    """What `check_dt` found. Printed, it is a table and a verdict.

    Attributes:
        dt: the time step that was checked.
        duration: of the runs.
        traces: the changes of states and monitored functions, by name, at the ends of the steps of dt. Of a state of
            neurons while they are between the same spikes in both runs.
        spikes: those of each population, by path.
    """

    dt: pint.Quantity
    duration: pint.Quantity
    traces: dict[str, Change]
    spikes: dict[str, Spikes]

    @property
    def verdict(self) -> str:
        """What it means, in a sentence."""
        active = [s for s in self.spikes.values() if s.number.any()]
        if active:
            return self._of_spikes(active)
        for name, change in self.traces.items():
            if change.largest[0].magnitude > change.rounding:
                return f"Halving dt changes {name} {change.describe()}.{change.fall()}"
        return "Halving dt changes nothing."

    def _of_spikes(self, active: list[Spikes]) -> str:
        changed, neurons = np.sum([s.changed for s in active], 0), sum(s.neurons for s in active)
        shift = max((s.shift for s in active), key=lambda c: np.nan_to_num(c.rms[0].magnitude))
        effects = [f"moves spikes {shift.describe()}"] if shift.largest[0].magnitude > shift.rounding else []
        if changed[0]:
            rate = 100 * max(abs(s.rate_change) for s in active)
            effects += [f"changes the number of spikes of {changed[0]} of {neurons} neurons, rates by {rate:.2g} %"]
        text = f"Halving dt {', and '.join(effects) or 'moves no spike'}.{self._of_noise()}"
        if changed[1] > 0.75 * changed[0] > 0.075 * neurons:
            return (f"{text} Halving it again changes as much: single spikes hang on the smallest errors, or dt is far "
                    "too long; compare rates and other averages.")  # fmt: skip
        return text + shift.fall()

    def _of_noise(self) -> str:
        """Return the sentence about white noise, where what it does to a rate is beyond chance: three deviations."""
        sure = [s for s in self.spikes.values() if s.noisy and s.number[1] - s.number[0] > 3 * np.sqrt(s.changed[0])]
        if not sure:
            return ""
        short = 100 * max(s.rate_change for s in sure) / (1 - 0.5**0.5)
        return f" White noise crosses thresholds within steps too: rates are about {short:.2g} % too low, as dt**0.5."

    def __str__(self) -> str:
        shifts = {f"spike times {path}".strip(): s.shift for path, s in self.spikes.items() if s.number.any()}
        rows = self.traces | shifts
        width = max(map(len, rows), default=0)
        lines = [f"{units.show(self.duration)} at dt = {units.show(self.dt)}, dt/2 and dt/4, with the same noise:",
                 f"{'':{width}}  {'dt to dt/2':^23}  {'dt/2 to dt/4':^23}",
                 f"{'':{width}}  {'largest':>11} {'rms':>11}  {'largest':>11} {'rms':>11}  order"]  # fmt: skip
        for name, change in rows.items():
            cells = "  ".join(f"{_short(change.largest[k]):>11} {_short(change.rms[k]):>11}" for k in (0, 1))
            order = "-" if np.isnan(change.order) else f"{change.order:.1f}"
            lines.append(f"{name:{width}}  {cells}  {order:>5}")
        for path, s in self.spikes.items():
            rates = ", ".join(f"{rate:.4g}" for rate in s.rate.m_as("Hz"))
            changed = f"{s.changed[0]}, then {s.changed[1]} of {s.neurons} neurons change their number of spikes"
            what = f"{rates} Hz; {changed}" if s.number.any() else "no spikes"
            lines.append(f"{f'rate {path}'.strip()}: {what}")
        return "\n".join([*lines, self.verdict])

    __repr__ = __str__


def _short(value: pint.Quantity) -> str:
    return "-" if np.isnan(value.magnitude) else f"{value:.2g~P}"
