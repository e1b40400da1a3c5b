"""Split: what runs a network on several devices in the place of `loop.advance`: cut, run, join."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import jax
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from simcore import distributed
from simcore.bases.block import AXIS
from simcore.bases.link import JointDelivery
from simcore.module.declare import on_device
from simcore.module.tree import join
from simcore.spikes.words import BITS, n_words
from simcore.step.fitted import Fitted

from ..loop import Program
from ..observables import Observable
from .parts import parts_of
from .place import Place, joined
from .program import PartProgram, Sent, advance_parts

Arrays = dict[str, Any]


def chosen(devices: Any) -> tuple[Any, ...] | None:
    """Return the devices of a run: so many, or those that are given; None for one.

    Raises:
        ValueError: there are not so many, or the number is no divisor of 32.
    """
    if devices is None:
        return None
    if isinstance(devices, int) and not isinstance(devices, bool):
        there = jax.local_devices()
        if not 1 <= devices <= len(there):
            raise ValueError(
                f"DSRunner: 'devices' = {devices}, and JAX sees {len(there)}; on CPUs, call "
                f"sc.distributed.use_cpu_devices({devices}) at the top of the script."
            )
        devices = there[:devices]
    several = tuple(devices)
    if not several or BITS % len(several) or not all(isinstance(d, jax.Device) for d in several):
        raise ValueError(
            f"DSRunner: 'devices' must be 1, 2, 4, 8, 16 or 32 of them, a number or a list of jax.devices(), "
            f"got {devices!r}."
        )
    return several


class Split:
    """A network in parts, one for each of some devices."""

    def __init__(self, whole: Fitted, devices: Sequence[Any]) -> None:
        self.whole, self.devices = whole, tuple(devices)
        self.parts = parts_of(whole, len(self.devices))
        self.mesh = Mesh(np.array(self.devices), (AXIS,))
        self._first = next(iter(self.parts.fitted.values()))
        assert all(f.structure == self._first.structure for f in self.parts.fitted.values()), "parts are one program"
        self._own = {k: fitted.params() for k, fitted in self.parts.fitted.items()}
        self._shapes = {path: np.shape(raw) for path, raw in self._first.raw_states().items()}
        nodes = self._first.nodes
        relays = self.parts.relays.items()
        self.sent = tuple(Sent(path, relay, self.parts.sizes[path], stored) for relay, (path, stored) in relays)
        self.stores = tuple(p for p, node in nodes.items() if isinstance(node, JointDelivery) and node.receivers())
        self._given, self._params = whole.params(), None  # those of the whole, and of the parts on their devices

    def is_of(self, fitted: Fitted) -> bool:
        """Return whether it has the parts of a fitted model, whatever its states: a reset changes those alone."""
        if fitted.model is not self.whole.model or fitted.dt != self.whole.dt:
            return False
        before, now = self._given, fitted.params()
        same = before.keys() == now.keys() and all(now[path] is array for path, array in before.items())
        return same and fitted.structure == self.whole.structure

    def advance(
        self, values: Any, program: Program, params: Arrays, states: Arrays, totals: Any, inputs: Any, clock: Any,
        positions: Any, n: Any,
    ) -> Any:  # fmt: skip
        """Do what `loop.advance` does, on all devices; `values` are what the recorders read of the whole."""
        mine = list(self._own)
        if self._params is None:
            self._params = self._on_devices([self._params_of(k, params) for k in mine], fill=True)
        of_recorders = [r.part_of(t, v, self.places) for r, t, v in zip(program.recorders, totals, values, strict=True)]
        of_parts = [tuple(each[k] for each in of_recorders) for k in mine]
        cut, queue = [self._states_of(k, states) for k in mine], self._queue_of(states)
        arguments = self._params, self._on_devices(cut), queue, self._on_devices(of_parts), inputs, clock, positions, n
        out = advance_parts(self.program(program), self.mesh, *arguments)
        apart, carries, spikes, outcome, queue = jax.tree.map(self._on_host, out)
        done, *verdict = outcome.max(0).tolist()
        merged = self._merged(program, values, carries, done)
        whole = self._joined(states, apart, queue, done)
        of_whole = {path: joined(self.parts.places[path], each, np.shape(states[path]))
                    if path in self.parts.places else each[0] for path, each in spikes.items()}  # fmt: skip
        return whole, merged, of_whole, np.array([done, *verdict])

    def program(self, program: Program) -> PartProgram:
        """Return the program of the parts."""
        sizes = tuple((path, self.whole.nodes[path].varshape, self.parts.block_size(path)) for path in self.parts.sizes)
        of_whole = {field.name: getattr(program, field.name) for field in dataclasses.fields(Program)}
        recorders = tuple(recorder.of_part(self.places) for recorder in program.recorders)
        own = {"structure": self._first.structure, "recorders": recorders}
        more = {"sent": self.sent, "sizes": sizes, "lead": self.parts.lead, "stores": self.stores}
        return PartProgram(**of_whole | own | more)

    def places(self, observable: Observable) -> list[Place]:
        """Return where the values of each part lie in those of the whole, of something that is observed."""
        return self.parts.places_of(observable.path, observable.index)

    # ---------------------------------------------------------------- parts of arrays

    def _on_devices(self, parts: list[Any], fill: bool = False) -> Any:
        """Return arrays of the parts of this process with an axis of all parts, each on its device.

        Args:
            parts: their arrays.
            fill: whether those of other lengths are filled up to the longest, of any process.
        """
        here = [device for device in self.devices if device in self.mesh.local_devices]
        sharding = NamedSharding(self.mesh, PartitionSpec(AXIS))
        leaves = [jax.tree.leaves(part) for part in parts]
        lengths = np.array([[len(leaf) if np.ndim(leaf) else 0 for leaf in part] for part in leaves]).max(0)
        longest = iter(distributed.largest(lengths) if fill and self.whole.blocks else lengths)

        def stacked(*each: Any) -> Any:
            length, arrays = int(next(longest)), [np.asarray(array) for array in each]
            for k, a in enumerate(arrays):
                if a.ndim and len(a) < length:  # those of joint deliveries
                    arrays[k] = np.pad(a, [(0, length - len(a))] + [(0, 0)] * (a.ndim - 1))
            placed = [jax.device_put(a[None], device) for a, device in zip(arrays, here, strict=True)]
            shape = (len(self.devices), *arrays[0].shape)
            return jax.make_array_from_single_device_arrays(shape, sharding, placed)

        return jax.tree.map(stacked, *parts)

    def _params_of(self, k: int, params: Arrays) -> Arrays:
        """Return the parameters of a part."""
        own, places = self._own[k], self.parts.places
        return {path: own[path] if path in self.parts.own or path not in params
                else places[path][k].cut(np.asarray(params[path])) if path in places else params[path]
                for path in own}  # fmt: skip

    def _states_of(self, k: int, states: Arrays) -> Arrays:
        """Return the states of a part."""
        part: Arrays = {}
        for path, shape in self._shapes.items():
            if path in self.parts.places:
                part[path] = self.parts.places[path][k].cut(np.asarray(states[path]))
            elif path in states:
                part[path] = np.asarray(states[path])
            else:  # of a relay
                part[path] = np.zeros(shape, np.uint32)
        for sent in self.sent:
            if (spikes := join(sent.relay, "sent.spikes")) in part:
                later = self._sent_before(states, sent, range(self.parts.lead, self.parts.lead + len(part[spikes])))
                part[spikes] = np.roll(later[::-1], 1, 0)[:, None]  # that of the last step in slot 0
                part[join(sent.relay, "sent.slot")] = np.int32(0)
        return part

    def _queue_of(self, states: Arrays) -> np.ndarray:
        """Return the words that the parts sent in the last steps, (lead + 1, words); none of those that are stored."""
        steps = range(self.parts.lead, -1, -1)
        none = np.zeros((len(steps), 0), np.uint32)
        return np.concatenate([none, *(self._sent_before(states, sent, steps) for sent in self.sent)], 1)

    def _sent_before(self, states: Arrays, sent: Sent, steps: range) -> np.ndarray:
        """Return the words of a population in the steps that many before the last one, (steps, words)."""
        path = join(sent.population, "sent.")
        if sent.stored or f"{path}spikes" not in states:
            return np.zeros((len(steps), n_words(sent.size)), np.uint32)
        spikes, slot = np.asarray(states[f"{path}spikes"]), int(states[f"{path}slot"])
        inside = np.array(steps) < len(spikes)
        return np.where(inside[:, None], spikes[(slot - np.array(steps)) % len(spikes), 0], np.uint32(0))

    # ---------------------------------------------------------------- the whole

    @staticmethod
    def _on_host(array: Any) -> np.ndarray:
        """Return an array of all parts, in every process."""
        if array.is_fully_addressable or array.is_fully_replicated:
            return np.asarray(array)
        from jax.experimental.multihost_utils import process_allgather

        return np.asarray(process_allgather(array, tiled=True))

    def _joined(self, before: Arrays, parts: Arrays, queue: np.ndarray, done: int) -> Arrays:
        """Return the states of the whole, of those of the parts and the words that they sent last."""
        whole: Arrays = {}
        for path, state in before.items():
            if path in self.parts.places:
                whole[path] = joined(self.parts.places[path], parts[path], np.shape(state))
            elif path in parts:
                whole[path] = parts[path][0]
            else:  # spikes on their way
                whole[path] = np.array(state)
        begin = 0
        for sent in self.sent:
            words = queue[:, begin : begin + n_words(sent.size)]
            begin += n_words(sent.size)
            path = join(sent.population, "sent.")
            if sent.stored or f"{path}spikes" not in whole:
                continue
            later, relay = np.zeros((0, words.shape[1]), np.uint32), join(sent.relay, "sent.")
            if f"{relay}spikes" in parts:
                of_relay, slot = parts[f"{relay}spikes"][0][:, 0], int(parts[f"{relay}slot"][0])
                later = of_relay[(slot - np.arange(len(of_relay))) % len(of_relay)]
            spikes = whole[f"{path}spikes"]
            slot = (int(before[f"{path}slot"]) + done) % len(spikes)
            latest = np.concatenate([words[::-1], later[1:]])[: len(spikes)]
            spikes[(slot - np.arange(len(latest))) % len(spikes), 0] = latest
            whole[f"{path}slot"] = np.int32(slot)
        return {path: on_device(array) for path, array in whole.items()}

    def _merged(self, program: Program, values: Any, carries: Any, done: int) -> Any:
        """Return what the recorders of the whole carry."""
        merged = []
        for recorder, value, carry in zip(program.recorders, values, carries, strict=True):
            each = [jax.tree.map(lambda leaf, k=k: leaf[k], carry) for k in range(len(self.devices))]
            merged.append(recorder.merged(each, value, self.places, done))
        return tuple(merged)
