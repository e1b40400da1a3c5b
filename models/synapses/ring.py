"""Ring: what brings the spikes of all projections of a network whose synapses differ in their delays.

Their spikes go into a ring of arrivals, D slots of all receptors that they reach, (B, D * n). The rows of all
projections lie one after the other: the visit of a spike is one of a larger population. One ring for each unit.
"""

from __future__ import annotations

from typing import Any, Protocol

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from simcore import ShortTermState, memory, units
from simcore.bases.history import refuse_long_delay
from simcore.bases.link import JointDelivery
from simcore.module.declare import on_device
from simcore.spikes import operations
from simcore.spikes.gpu import MAX_SYNAPSES
from simcore.spikes.words import pack
from simcore.step.context import current, once

from .share import Sender, Share, begins

Array = Any
COPIES = 4  # of the slots while a chunk runs, measured


class Spread(Sender, Protocol):
    """What a ring asks of a projection."""

    def delays_in_steps(self, dt: float) -> tuple[np.ndarray, tuple[int, int]]:
        """Return the delay of each synapse in steps, (n,); the shortest and the longest of the whole network."""

    @property
    def is_part(self) -> bool:
        """Whether it has the synapses of a block alone, and its weights room for more."""


class Ring(JointDelivery):
    """Arrivals in the next steps at all receptors of one unit, (B, D * n)."""

    def __init__(self, senders: list[Any]) -> None:
        super().__init__(senders, name=f"ring_{senders[0].target.unit}")
        self.ptr: Any = None
        self.addresses: Any = None
        self.order: Any = None  # (n,), among the weights of all, where a part of a network has room for more of these
        self.n_slots, self._dt = 0, 0.0
        self._factor = 1  # how many steps each of its slots has become, see `stretch`

    # ---------------------------------------------------------------- fitting

    def init_state(self, batch_size: int | None = None, **kwargs: Any) -> None:
        """Create the slots, without arrivals."""
        sender = self.links.modules[0]
        n = begins(self.links)[1]
        none = np.zeros(0, jax.dtypes.canonicalize_dtype(float))
        what = f"{self.name}: arrivals at {n} neurons in {self.n_slots} steps, for the longest delay,"
        size = float(COPIES * none.itemsize * (batch_size or 1) * self.n_slots * n)
        memory.require(size, what, "; give a shorter delay, or a larger dt")
        self.arrivals = ShortTermState(units.from_kernel(none, sender.target.unit), "arrivals in the next steps")
        self.arrivals.raw = on_device(np.zeros((batch_size or 1, self.n_slots * n), none.dtype))
        # Where the ring stands is a state of its own: a saved network goes on at any step of another runner.
        self.slot = ShortTermState(np.int32(0), "the slot of the last step")
        self._factor = 1

    def waiting(self) -> bool:
        """Return whether spikes are on their way in it."""
        return bool(self._dt and np.any(np.asarray(self.arrivals.raw)))

    def stretch(self, factor: int) -> None:
        """Keep the arrivals where they are in time; `fit_to` makes the slots for them."""
        self._factor *= factor

    def fit_to(self, dt: float) -> None:
        """Lay out addresses and slots for delays in steps of dt (ms).

        Raises:
            ValueError: spikes are on their way with another dt.
        """
        post = self.links.modules[0].post.population
        batch = int(np.prod(post.population_shape)) // post.size
        if self._dt == dt and self.ptr is None:
            self._lay_out(dt)
        if self._dt == dt and self.arrivals.raw.shape[0] == batch:
            return
        factor, waiting, slots = self._factor, self.waiting(), None
        if waiting and factor == 1:
            raise ValueError(f"{self.name}: spikes are on their way with another dt; call reset_state() first.")
        if waiting:
            slots = np.moveaxis(np.asarray(self.arrivals.raw).reshape(batch, self.n_slots, -1), 0, 1)
            slots = np.roll(slots, -int(self.slot.raw), 0)  # that of the last step first
        if self._dt != dt:
            self._lay_out(dt)
        self.init_state(batch)
        if slots is not None:
            stretched = np.zeros((self.n_slots, *slots.shape[1:]), slots.dtype)
            for steps, arrivals in enumerate(slots):
                stretched[min(steps * factor, self.n_slots - 1)] += arrivals
            self.arrivals.raw = on_device(np.moveaxis(stretched, 0, 1).reshape(batch, -1))

    def lay_out_again(self) -> None:
        """Lay out the addresses when it is fitted."""
        self.ptr = None

    def _lay_out(self, dt: float) -> None:
        begin_of, n = begins(self.links)
        senders: tuple[Spread, ...] = self.links.modules
        total = sum(int(np.asarray(sender.ptr)[-1]) for sender in senders)
        if total > MAX_SYNAPSES:
            raise ValueError(f"{self.name}: {total} synapses with delays of their own; up to {MAX_SYNAPSES} work.")
        addresses, longest = np.empty(total, np.uint32), 0
        starts, order, first, begin = [], [], 0, 0
        for sender in senders:
            (steps, (_, longest_of_it)), (ptr, targets) = sender.delays_in_steps(dt), sender.rows()
            longest = max(longest, longest_of_it)
            refuse_long_delay(longest, dt, sender.name)
            if (longest + 1) * n >= 2**31:
                raise ValueError(f"{sender.name}: delays of {longest} steps to {n} neurons are too long.")
            part = addresses[first : first + steps.size]
            np.multiply(steps, n, out=part, casting="unsafe")
            part += targets.astype(np.uint32) + np.uint32(begin_of[sender.target])
            starts.append(ptr[:-1] + np.uint32(first))
            order.append(np.arange(begin, begin + steps.size, dtype=np.uint32))
            first, begin = first + steps.size, begin + sender.n_synapses
        ptr = np.concatenate([*starts, np.array([total], np.uint32)])
        self.ptr, self.addresses = on_device(ptr), on_device(addresses)
        self.order = on_device(np.concatenate(order)) if any(s.is_part for s in senders) else None
        self.n_slots, self._dt = longest + 1, dt
        shared = np.asarray(self.addresses)
        for sender, of_rows in zip(senders, starts, strict=True):  # only now: targets may lie in the array of before
            sender.leave_targets(Share(shared, of_rows, n, begin_of[sender.target]))

    def receivers(self) -> list[int]:
        """Return the sizes of the populations of its receptors."""
        posts = {sender.target: sender.post.population for sender in self.links.modules}
        return [population.size for population in posts.values()]

    # ---------------------------------------------------------------- in a step

    def foresee(self, steps: Any) -> None:
        """Take spikes that come late, and that it would get so many steps from now."""
        self.arrivals.value = self._with_spikes((self.slot.value + steps) % self.n_slots, late=True)

    def bring(self, inputs: dict[Any, Any]) -> None:
        """Put the spikes of this step into the ring, and what is due into the receptors."""
        senders: tuple[Spread, ...] = self.links.modules
        begin_of, n = begins(senders)
        self.slot.value = (self.slot.value + 1) % self.n_slots
        new, first = self._with_spikes(self.slot.value), self.slot.value * n
        # The barrier lets XLA clear the slot in place.
        due, new = lax.optimization_barrier((lax.dynamic_slice_in_dim(new, first, n, 1), new))
        self.arrivals.value = lax.dynamic_update_slice_in_dim(new, jnp.zeros_like(due), first, 1)
        for receptor, begin in begin_of.items():
            state = receptor.target()
            arrived = due[:, begin : begin + state.value.size // due.shape[0]]
            state.value = state.value + arrived.reshape(state.value.shape)

    def _with_spikes(self, slot: Array, late: bool = False) -> Array:
        """Return the arrivals with those of the spikes that are sent now, from this slot on; or of the late ones."""
        senders: tuple[Spread, ...] = self.links.modules
        first = slot * begins(senders)[1]
        of_population = {p: p.flat_spikes() for p in dict.fromkeys(sender.pre.population for sender in senders)}
        spikes = [of_population[sender.pre.population] for sender in senders]
        if late:
            spikes = [s if sender.lead else jnp.zeros_like(s) for sender, s in zip(senders, spikes, strict=True)]
        amplitude = None
        if not current().exact_spikes or any(sender.short_term for sender in senders):
            pairs = zip(senders, spikes, strict=True)
            amplitude = jnp.concatenate([jnp.asarray(sender.release(pack(s), s)) for sender, s in pairs], 1)
        words = pack(jnp.concatenate([s != 0 for s in spikes], 1))
        weight = self._weights()
        return operations.deliver(self.arrivals.value, words, self.ptr, self.addresses, weight, amplitude=amplitude,
                                  base=first.astype(jnp.uint32))  # fmt: skip

    def _weights(self) -> Array:
        """Return the weights of the synapses of all projections, (n,)."""

        def joined() -> Array:
            each = [jnp.broadcast_to(jnp.asarray(s.weight), (s.n_synapses,)) for s in self.links.modules]
            return jnp.concatenate(each) if self.order is None else jnp.concatenate(each)[self.order]

        return once(self.path, joined, "weights must be parameters.")
