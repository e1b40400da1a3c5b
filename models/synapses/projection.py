"""Projection: synapses from one population to a receptor of another."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pint

from simcore import HiddenState, Param, memory, units
from simcore.bases.network import Link, Network, words_of
from simcore.bases.population import View, as_view
from simcore.bases.receptor import Receptor
from simcore.module.declare import on_device
from simcore.spikes import operations as events
from simcore.step.context import current
from simcore.units.clock import rounded_steps

from ..connect.base import Ends
from ..connect.read import as_rule
from ..plasticity.base import Plasticity
from ..plasticity.short_term import ShortTerm
from . import ring as spread

Array = Any
# Drawn delays that would be shorter than a step are drawn again, this many times at most.
MAX_REDRAWS = 100


def receptor_of(post: View, name: str | None, who: str) -> tuple[str, Receptor]:
    """Return the receptor of that name of a population; the only one where there is no name."""
    own = getattr(post.population, "receptors", {})
    if name is None and len(own) == 1:
        name = next(iter(own))
    if name is None or name not in own:
        has = f"it has {', '.join(own)}" if own else "it has none: give it some, receptors={'exc': Exponential(...)}"
        raise ValueError(f"{who}: {post.population.name} has no receptor {name!r}; {has}.")
    return name, own[name]


class Projection(Link):
    """Synapses from a population (or source, or view) to a receptor of another.

    A spike at t acts at t + delay: the weight is added to the receptor, and is in what is recorded for that time.

    Args:
        pre: a population or view of one, e.g. ``cells[:3200]``.
        post: the same.
        receptor: the name of the receptor; may be left out if post has one only.
        connect: a rule (`FixedProbability`, ...), pairs (two arrays), or a matrix (dense or scipy sparse).
        weight: in the unit of the receptor (nS, pA or mV): a scalar, one for each synapse (n,) in the order of
            `connect`, a matrix (n_pre, n_post), or an initializer. Read or set again, it has the order of `synapses`.
        delay: a time (one for all), one for each synapse, or an initializer; whole steps, given ones rounded with a
            warning, drawn ones at least one step.
        seed: of the connections, and of nothing else.
        short_term: short-term plasticity, e.g. `TsodyksMarkram`.
        plasticity: a rule for the weights, e.g. `STDP`; the weights are a state then.
        name: the name in messages.

    Raises:
        DimensionalityError: a weight in another unit than the receptor's.
        ValueError: the rule cannot be met, the receptor is unknown, a shape does not fit.
        MemoryError: the synapses would not fit in memory.
    """

    delay = Param(0.0, "ms", "from the spike to its effect", nonnegative=True, steps=True)

    def __init__(
        self,
        pre: Any,
        post: Any,
        receptor: str | None = None,
        *,
        connect: Any,
        weight: Any,
        delay: Any = None,
        seed: int = 0,
        short_term: ShortTerm | None = None,
        plasticity: Plasticity | None = None,
        name: str | None = None,
    ) -> None:
        who = name or type(self).__name__
        self.pre, self.post = as_view(pre, f"{who}: 'pre'"), as_view(post, f"{who}: 'post'")
        self.receptor, target = receptor_of(self.post, receptor, who)
        delay = units.read(delay, f"{who}: 'delay'")
        scalar = delay is None or (isinstance(delay, pint.Quantity) and np.ndim(delay.magnitude) == 0)
        super().__init__(name=name, **({"delay": delay} if scalar and delay is not None else {}))
        self._delays, self._longest = None if scalar else delay, 0
        self._where: tuple[np.ndarray, int, int] | None = None
        self.spread = not scalar  # the synapses differ in their delays
        self.targets: Any = None
        self._rule = as_rule(connect, f"{who}: 'connect'")
        self._order: np.ndarray | None = None
        self.window: tuple[int, int] | None = None
        self.delayed = False
        weight = units.read(weight, f"{who}: 'weight'", target.unit)
        if not callable(weight):  # before anything is drawn
            units.as_magnitude(weight, target.unit, f"{who}: 'weight'")
        self._connect(seed)
        self.short_term = short_term
        self.plasticity = plasticity
        if short_term is not None:
            short_term.attach(f"{self.name}.short_term", (self.pre.population.size,))
        if plasticity is None:
            self._adhoc["weight"] = Param(None, self.target.unit, "synaptic weight", name="weight")
            self.weight = weight
        else:
            self._start = self._weights(weight, given=True)
            plasticity.attach_to(
                f"{self.name}.plasticity", self.pre.population.size, self.post.population.size, self.target.unit,
                self._start,
            )  # fmt: skip
            self._index_incoming()

    # ---------------------------------------------------------------- building

    def _ends(self, view: View) -> Ends:
        positions = view.population.positions_um
        index = view.index
        return Ends(index, None if positions is None else positions[index], id(view.population))

    def _connect(self, seed: int) -> None:
        """Draw the synapses, and keep them by the numbers of the whole populations."""
        pre, post = self._ends(self.pre), self._ends(self.post)
        self._check_memory(self._rule.expected(len(pre), len(post)))
        rows = self._rule.rows(pre, post, np.random.default_rng(seed))
        ptr, targets, order = rows.ptr, rows.post, rows.order
        if targets.size > events.MAX_SYNAPSES:
            raise ValueError(f"{self.name}: {targets.size} synapses; a projection holds up to {events.MAX_SYNAPSES}.")
        whole = np.all(np.diff(post.index) == 1) if len(post) > 1 else True
        if whole and targets.size == len(pre) * len(post) and order is None and np.all(np.diff(ptr) == len(post)):
            in_order = np.arange(len(post), dtype=targets.dtype)
            if all(np.array_equal(targets[i : i + len(post)], in_order) for i in ptr[:-1]):
                self.window = (int(post.index[0]), len(post))
        self._pairs = (len(pre), len(post))
        if np.any(np.diff(pre.index) < 0):  # rows in the order of the population
            by_number = np.argsort(pre.index, kind="stable")
            lengths = np.diff(ptr)[by_number]
            source = np.repeat(ptr[:-1][by_number] - (np.cumsum(lengths) - lengths), lengths) + np.arange(targets.size)
            targets, order = targets[source], source if order is None else order[source]
            ptr, pre_index = np.concatenate([[0], np.cumsum(lengths)]), pre.index[by_number]
            self.window = None
        else:
            pre_index = pre.index
        full = np.zeros(self.pre.population.size + 1, np.uint32)
        full[pre_index + 1] = np.diff(ptr)
        self.ptr = on_device(np.cumsum(full, dtype=np.uint32))
        self._order, self.n_synapses = order, int(targets.size)
        if self.window is None or self._delays is not None:
            self.window = None
            if not whole:
                targets = post.index.astype(np.uint32)[targets]
            elif len(post) and post.index[0]:
                targets = targets + np.uint32(post.index[0])
            self.targets = on_device(targets.astype(self._number_type, copy=False))

    def _check_memory(self, expected: float | None) -> None:
        if expected is not None:
            each = 8 if self._delays is not None else np.dtype(self._number_type).itemsize
            memory.require(expected * each, f"{self.name}: {expected:.3g} synapses of {each} bytes")

    def _weights(self, value: Any, given: bool = False) -> Any:
        """Return the weights as floats in the receptor's unit: a scalar, or one for each synapse in its order.

        `given` with the connections, they come in the order of those; later, in that of `synapses`, as they are read.
        """
        who, unit = f"{self.name}: 'weight'", self.target.unit
        drawn = callable(value)
        value = value((self.n_synapses,)) if drawn else value
        raw = units.as_magnitude(value, unit, who)
        if raw.ndim == 2 and raw.shape == self._pairs:
            pre, post = self.synapses()
            raw = raw[_numbers(self.pre)[pre], _numbers(self.post)[post]]
        elif raw.ndim and raw.shape != (self.n_synapses,):
            raise ValueError(
                f"{who} has the shape {raw.shape}; a scalar, ({self._n},) for the synapses, or {self._pairs} fits."
            )
        elif raw.ndim and self._order is not None and given and not drawn:
            raw = raw[self._order]
        return raw.astype(jax.dtypes.canonicalize_dtype(float))

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "weight" and not self.inside and name in self._adhoc:
            self._set_param(self._adhoc[name], value)
        else:
            super().__setattr__(name, value)

    def _set_param(self, param: Param, value: Any, given: bool = True) -> None:
        if param.name != "weight" or self.inside:
            super()._set_param(param, value, given)
            return
        array = on_device(self._weights(value, given="weight" not in self._values))
        # One array for all three: the declared unit is the kernel's.
        self._values["weight"], self._arrays["weight"] = (array, array), array

    def _index_incoming(self) -> None:
        """Keep for each postsynaptic neuron its synapses: what plasticity at a postsynaptic spike visits."""
        from ..connect.sorting import transpose

        if self._delays is not None:
            raise ValueError(f"{self.name}: plastic synapses need one delay for all; make a projection for each delay.")
        _, post = self.synapses()
        ptr, sources, synapse = transpose(np.asarray(self.ptr).astype(np.int64), post.astype(np.uint32),
                                          self.post.population.size)  # fmt: skip
        self.ptr_in = on_device(ptr.astype(np.uint32))
        self.sources, self.synapse = on_device(sources), on_device(synapse)
        if self.targets is None:
            self.targets = on_device(post.astype(self._number_type))
            self.window = None

    @property
    def _number_type(self) -> Any:
        """The type of the postsynaptic neurons' numbers: half the bytes where they will do, to read a row sooner."""
        return np.uint16 if self.post.population.size <= 2**16 else np.uint32

    def synapses(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the synapses as the numbers of their neurons, (pre, post), in the order of the weights."""
        ptr = np.asarray(self.ptr).astype(np.int64)
        pre = np.repeat(np.arange(ptr.size - 1), np.diff(ptr))
        if self.window is not None:
            start, width = self.window
            return pre, np.tile(np.arange(start, start + width), self.n_synapses // max(width, 1))
        if self._where is None:
            return pre, np.asarray(self.targets).astype(np.int64)
        addresses, slot, begin = self._where
        return pre, addresses.astype(np.int64) % slot - begin

    def move(self, addresses: np.ndarray, slot: int, begin: int) -> None:
        """Leave the numbers of the postsynaptic neurons to a ring's addresses: delay * slot + begin + number."""
        self.targets = None
        self._where = (addresses, slot, begin)

    def describe(self) -> str:
        """Return what it is, for a summary."""
        values = self._start if self.plasticity is not None else np.asarray(self.magnitude("weight"))
        weight = units.show_range(values, self.target.unit)
        delay = "delays differ" if self.spread else f"delay {units.show(self.delay)}"
        rules = [type(rule).__name__ for rule in (self.short_term, self.plasticity) if rule is not None]
        what = [f"{self.n_synapses:,} synapses".replace(",", " "), f"weight {weight}", delay, *rules]
        return f"{self.pre!r} -> {self.post!r}.{self.receptor}: {', '.join(what)}"

    # ---------------------------------------------------------------- time

    def places(self) -> Iterator[tuple[str, View]]:
        """Yield the two populations it joins."""
        yield "pre", self.pre
        yield "post", self.post

    @property
    def target(self) -> Receptor:
        """The receptor that receives."""
        return self.post.population.receptors[self.receptor]

    def fit_to(self, dt: float) -> None:
        """Round the delay to steps of dt (ms)."""
        if not self.spread:
            self.delayed = self.history(dt) > 0

    @classmethod
    def fit_all(cls, network: Network, links: dict[str, Any], dt: float) -> None:
        """Lay out the projections whose synapses differ in their delays."""
        spread.fit(network, [p for p in links.values() if p.spread], dt)

    @classmethod
    def transmit_all(cls, network: Network, links: dict[str, Any], inputs: dict[str, Any]) -> None:
        """Deliver what arrives at the end of this step, or put it where it waits."""
        for projection in links.values():
            if not projection.spread:
                projection.transmit()
        spread.transmit(network, [p for p in links.values() if p.spread])

    def delay_steps(self, dt: float) -> np.ndarray:
        """Return the delay of each synapse in steps, (n,)."""
        if not callable(self._delays):
            ms = units.to_kernel(self._delays, "ms", f"{self.name}: 'delay'")
            if ms.shape != (self.n_synapses,):
                raise ValueError(f"{self.name}: 'delay' has the shape {ms.shape}; a scalar or ({self._n},) fits.")
            if ms.size and ms.min() < 0:
                raise ValueError(f"{self.name}: 'delay' must be >= 0, got {ms.min():g} ms.")
            steps, whole = rounded_steps(ms if self._order is None else ms[self._order], dt)
            if not whole:
                warnings.warn(
                    f"{self.name}: delays that are not whole steps of dt = {dt:.10g} ms are rounded.", stacklevel=4
                )
            return steps

        def draw(initializer: Any, n: int) -> np.ndarray:
            return rounded_steps(units.to_kernel(initializer((n,)), "ms", f"{self.name}: 'delay'"), dt)[0]

        steps = draw(self._delays, self.n_synapses)
        for again in range(1, MAX_REDRAWS):
            short = np.flatnonzero(steps < 1)
            if not short.size:
                return steps
            steps[short] = draw(dataclasses.replace(self._delays, seed=self._delays.seed + again * 7919), short.size)
        raise ValueError(f"{self.name}: 'delay' {self._delays!r} is hardly ever as long as dt = {dt:.10g} ms.")

    def history(self, dt: float) -> int:
        """Return the delay in steps, where it is one for all synapses."""
        return 0 if self.spread else int(rounded_steps(self.kernel_value("delay"), dt)[0])

    def release(self, words: Array, spikes: Array | None) -> Array | None:
        """Return the factors of the rows: of short-term plasticity, else the spikes themselves, if given."""
        return spikes if self.short_term is None else self.short_term.release(words, spikes)

    def transmit(self, x: Any = None) -> None:
        """Deliver the spikes that arrive at the end of this step."""
        pre, state = self.pre.population, self.target.target()
        if self.delayed:
            steps = jnp.round(self.delay / current().dt).astype(jnp.int32)
            words, spikes = pre.sent_before(steps)
        else:
            words = words_of(pre)
            spikes = pre.flat_spikes() if not current().exact_spikes else None
        value = state.value
        weight = self.weight.value if self.plasticity is not None else self.weight
        new = events.deliver(value.reshape(words.shape[0], -1), words, self.ptr, self.targets, weight,
                             amplitude=self.release(words, spikes), window=self.window)  # fmt: skip
        state.value = new.reshape(value.shape)
        if self.plasticity is not None:
            before = self.weight.value
            rows = (self.ptr, self.targets)
            columns = (self.ptr_in, self.sources, self.synapse)
            after = self.plasticity.learn(
                before.reshape(-1, self.n_synapses), rows, columns, words, words_of(self.post.population)
            )
            self.weight.value = after.reshape(before.shape)

    def init_state(self, batch_size: int | None = None) -> None:
        """Create the weights of a plastic projection, and the states of its plasticity."""
        super().init_state(batch_size)
        if self.plasticity is not None:
            lead = () if batch_size is None else (batch_size,)
            self.weight = HiddenState(
                units.from_kernel(np.broadcast_to(self._start, (*lead, self.n_synapses)), self.target.unit)
            )


def _numbers(view: View) -> np.ndarray:
    """Return where in a view each member of the population is."""
    where = np.zeros(view.population.size, int)
    where[view.index] = np.arange(view.size)
    return where
