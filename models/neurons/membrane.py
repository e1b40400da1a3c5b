"""Membrane: what is put together from channels and ions."""

from __future__ import annotations

from typing import Any

import jax

from simcore import HiddenState, Param
from simcore.module.tree import join

from ..channels.base import Channel
from ..channels.ions import Ion
from .crossing import Crossing

Array = Any
States = tuple[Array, ...]


class Membrane(Crossing):
    """Base of neurons with channels, whose currents are densities, and ions that they carry.

    Receptors and other parts are currents, which spread over the area. Gates start at rest for the initial V.

    Args:
        channels: the channels of the membrane, by name.
        ions: concentrations that channels change and follow, by the names that they call them: "ca".
    """

    has_membrane = True

    C = Param(1.0, "uF/cm**2", "capacitance of the membrane", positive=True)
    area = Param(10_000.0, "um**2", "area of the membrane, over which the input spreads", positive=True)
    V_th = Param(0.0, "mV", "spike where V crosses it upwards", above="V_rearm")
    temperature = Param(309.15, "K", "of the channels that depend on it", positive=True)
    V_rearm = Param(-20.0, "mV", "the next spike counts when V has been below it")

    V = HiddenState("mV", "membrane potential", init=-65.0)

    def __init__(
        self,
        in_size: int | tuple[int, ...],
        *args: Any,
        channels: dict[str, Channel] | None = None,
        ions: dict[str, Ion] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(in_size, *args, **kwargs)
        for what, cls, given in (("channels", Channel, channels), ("ions", Ion, ions)):
            if given is not None and not isinstance(given, dict):
                raise TypeError(f"{self.name}: {what} go by name, {what}={{'ca': ...}}, got {given!r}.")
            for key, part in (given or {}).items():
                if not isinstance(part, cls):
                    raise TypeError(f"{self.name}: {key!r} among {what} must be a sc.models.channels.{cls.__name__}, "
                                    f"got {part!r}.")  # fmt: skip
                self.add_part(key, part)
        for channel in self.channels.values():
            for name in channel.lent():
                self.lender(channel, name)
        known = {ion for channel in self.channels.values() for ion in (channel.carries, channel.follows) if ion}
        for key in self.ions.keys() - known:
            raise ValueError(f"{self.name}: none of its channels carries or follows the ion {key!r}; "
                             f"those that they know are {', '.join(sorted(known)) or 'none'}.")  # fmt: skip

    def lender(self, channel: Channel, name: str) -> Ion | None:
        """Return the ion that lends a channel a parameter; None if the neuron does.

        Raises:
            ValueError: there is no such ion.
        """
        if name == "temperature":
            return None
        key = channel.lender(name)
        if key in self.ions:
            return self.ions[key]
        of_ion = f", or give the neuron ions={{{key!r}: ...}}, which lends it" if key else ""
        cure = f"{type(channel).__name__}({name}=... * {channel.PARAMS[name].unit})"
        raise ValueError(f"{self.name}: the channel {channel.name} has no {name!r}; write {cure}{of_ion}.")

    @property
    def channels(self) -> dict[str, Channel]:
        """Its channels, by name."""
        return {key: part for key, part in self.parts.items() if isinstance(part, Channel)}

    @property
    def ions(self) -> dict[str, Ion]:
        """Its ions, by name."""
        return {key: part for key, part in self.parts.items() if isinstance(part, Ion)}

    # ---------------------------------------------------------------- equations

    def completed(self, channel: Channel, states: dict[str, States]) -> Channel:
        """Return, inside a step, a channel with what it takes from the neuron, for the states of the ions."""
        lent: dict[str, Array] = {}
        for name in channel.lent():
            ion = self.lender(channel, name)
            if ion is None:
                lent[name] = self.temperature
            else:
                C_i = states[channel.lender(name)][0]
                lent[name] = {"E": ion.reversal(C_i, self.temperature), "C_i": C_i, "C_o": ion.C_o}[name]
        return channel.with_values(lent)

    def drive(self, V: Array, I: Array, states: dict[str, States]) -> tuple[Array, dict[str, Any]]:
        """Return the current density into the membrane, of the current I too, and the rates of the parts' states."""
        channels, ions = self.channels, self.ions
        I, rates = super().drive(V, I, {k: v for k, v in states.items() if k not in channels and k not in ions})
        density = I / self.area
        influx = dict.fromkeys(ions, 0 * density)
        for key, channel in channels.items():
            whole = self.completed(channel, states)
            current = whole.current(V, *states[key])
            density = density + current
            if channel.carries in influx:
                influx[channel.carries] = influx[channel.carries] + current
            if states[key]:
                rates[key] = whole.derivative(V, *states[key])
        for key, ion in ions.items():
            rates[key] = ion.derivative(V, *states[key], influx[key])
        return density, rates

    def steady(self, V: Array) -> dict[str, Array]:
        """Return the states of the channels at rest at the potential V, by path."""
        states = self.part_states()
        return {
            join(key, name): value
            for key, channel in self.channels.items()
            for name, value in self.completed(channel, states).steady(V).items()
        }

    # ---------------------------------------------------------------- what it tells

    def part_states(self) -> dict[str, States]:
        """Return, inside a step, the present states of the parts, by the name of the part."""
        return {key: tuple(s.value for s in part.integrated().values()) for key, part in self.parts.items()}

    def derived(self) -> dict[str, str]:
        """Return the units of the currents of channels and of the reversal potentials of ions, by name."""
        currents = {join(key, "I"): "uA/cm**2" for key in self.channels}
        return currents | {join(key, "E"): "mV" for key in self.ions}

    def derive(self, name: str) -> Array:
        """Return, inside a step, one of these."""
        # A barrier, so that what is computed of the states leaves the code of the step as it is, to the bit.
        V, states = jax.lax.optimization_barrier((self.V.value, self.part_states()))
        key = name.rpartition(".")[0]
        if key in self.ions:
            return self.ions[key].reversal(states[key][0], self.temperature)
        return self.completed(self.channels[key], states).current(V, *states[key])
