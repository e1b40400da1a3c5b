"""Graded links: populations that act on one another all the time, here by their rates.

What they hand over is that of the beginning of a step, and constant within it: the error is of first order in dt.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
import pint
from jax import lax

from simcore import Param, ShortTermState, memory, units
from simcore.bases.composed import Composed
from simcore.bases.history import refuse_long_delay
from simcore.bases.part import Part
from simcore.bases.population import Population, as_view
from simcore.module.declare import on_device
from simcore.spikes import operations
from simcore.spikes.words import n_words
from simcore.step.context import current
from simcore.units import QuantityLike
from simcore.units.clock import rounded_steps

from ..connect.read import as_rule
from . import delays
from .synapses import Synapses

Array = Any


class Coupled(Part):
    """What the rates of other populations add to the first input of a population's derivative."""

    x = ShortTermState("dimensionless", "the weighted sum of the rates that arrive")

    def __init__(self, unit: str) -> None:
        self.unit = unit
        super().__init__()

    def state_unit(self, state: Any) -> str:
        """Return the unit of a weight times that of a rate."""
        return self.unit

    def current(self, V: Array, *states: Array) -> Array:
        """Return what is added: nothing outside of a network, where x is left from it."""
        return self.x.value if self.is_coupled else 0.0

    def uncouple(self) -> None:
        """Begin a new sum."""
        super().uncouple()
        self.x.value = jnp.zeros_like(self.x.value)


class Graded(Synapses):
    """Base of links that hand over what a population is all the time."""

    COUNTED = "connections"
    brings_spikes = False
    plasticity = None
    spread = False

    def refer(self, pre: Any, post: Any) -> None:
        """Refer to populations, or views of them, on both of which something can act."""
        self.pre, self.post = as_view(pre, f"{self.name}: 'pre'"), as_view(post, f"{self.name}: 'post'")

    def part_of(self, population: Population, key: str, part: Part) -> None:
        """Have a population hold what acts on it, if it does not hold it already.

        Raises:
            TypeError: it takes no input.
        """
        if not isinstance(population, Composed):
            raise TypeError(f"{self.name}: {population.name} has no equations that something could act on.")
        if not isinstance(vars(population).get(key), type(part)):
            population.add_part(key, part)

    def param_unit(self, param: Param) -> str:
        """Return the unit of a parameter."""
        return self.weight_unit if param.name == "weight" else param.unit

    def read_param(self, param: Param, value: Any, given: bool) -> Any:
        """Return the floats of a parameter; those of the weight on the device."""
        return on_device(self.read_weight(value)) if param.name == "weight" else super().read_param(param, value, given)

    @classmethod
    def deliveries(cls, links: list[Any]) -> list[Any]:
        """Return what hands over: each by itself."""
        for link in links:
            link.refuse_copy(links)
        return list(links)

    def bring(self, inputs: dict[Any, Any]) -> None:
        """Nothing arrives at the end of a step."""


class Delayed(Graded):
    """Base of links that hand a value over after a delay: in each step w value(t - delay) is added to a sum."""

    delay = Param(0.0, "ms", "from the value to its effect", nonnegative=True, steps=True)

    def __init__(self, delay: Any, seed: int | None, name: str | None) -> None:
        self.seed, delay = seed, units.read(delay, f"{self.name}: 'delay'")
        scalar = delay is None or (isinstance(delay, pint.Quantity) and np.ndim(delay.magnitude) == 0)
        self.spread, self._delays = not scalar, delay
        self._n_slots, self._factor, self._dt = 1, 1, 0.0
        self.steps: Any = None  # of connections with delays of their own, in the order of the next two
        self.from_neurons: Any = None
        self.to_neurons: Any = None
        super().__init__(name=name, **{"delay": delay} if scalar and delay is not None else {})

    def facts(self) -> dict[str, str]:
        """Return what there is to tell of it, without drawing its connections."""
        return super().facts() | {"delay": delays.shown(self._delays, self.magnitude("delay"))}

    def handed(self) -> Array:
        """Return, inside a step, what is handed over: of each neuron of the whole population `pre`, what it sends."""
        return self.pre.population.output()

    @property
    def handed_unit(self) -> str:
        """Its unit."""
        return self.pre.population.output_unit

    def total(self) -> Any:
        """Return the state of the population `post` that is the sum."""
        raise NotImplementedError

    # ---------------------------------------------------------------- time

    def delay_steps(self, dt: float) -> np.ndarray:
        """Return the delays of the connections in steps, (n,), or that of all, ()."""
        if not self.spread:
            return rounded_steps(self.kernel_value("delay"), dt)[0]
        return delays.delay_steps(self._delays, self.layout(), dt, self.place, self.name)[0]

    def stretch(self, factor: int) -> None:
        """Keep the values where they are in time; `fit_to` makes the room for them."""
        self._factor *= factor

    def fit_to(self, dt: float) -> None:
        """Make room for the values of earlier steps."""
        super().fit_to(dt)
        if self.spread and self._dt == dt:
            return
        steps, self._dt = self.delay_steps(dt), dt
        longest = int(np.max(steps, initial=0))
        refuse_long_delay(longest, dt, self.name)
        if self.spread:
            self.steps = on_device(steps.astype(np.int32))
            self.from_neurons, self.to_neurons = map(on_device, self.synapses())
        self._n_slots, factor, self._factor = longest + 1, self._factor, 1
        if "past" in vars(self) and (self._n_slots != self.past.raw.shape[0] or factor > 1):
            before, taken = np.asarray(self.past.raw), int(self.taken.raw)
            self.init_state(before.shape[1])
            ages = np.arange(self._n_slots)
            past, taken_now = np.zeros(self.past.raw.shape, before.dtype), taken * factor
            old = np.minimum(-(-ages // factor), len(before) - 1)  # of an age between two steps, the one before it
            past[(taken_now - 1 - ages) % self._n_slots] = before[(taken - 1 - old) % len(before)]
            self.past.raw, self.taken.raw = on_device(past), on_device(np.int32(taken_now))

    def init_state(self, batch_size: int | None = None, **kwargs: Any) -> None:
        """Create the room for the values of earlier steps, empty."""
        super().init_state(batch_size, **kwargs)
        shape = (self._n_slots, batch_size or 1, self.pre.population.size)
        memory.require(8.0 * np.prod(shape), f"{self.name}: the values of {self._n_slots} steps")
        self.past = ShortTermState(units.attach(np.zeros(shape), self.handed_unit))
        self.taken = ShortTermState(np.int32(0), "how many steps it has taken")

    def couple(self) -> None:
        """Add what arrives to the input of the step that begins."""
        taken, state = self.taken.value, self.total()
        value = self.handed().reshape(-1, self.pre.population.size)
        past, total = self.past.value, state.value.reshape(value.shape[0], -1)
        n_slots = past.shape[0]
        past = lax.dynamic_update_index_in_dim(past, value.astype(past.dtype), taken % n_slots, 0)
        steps = self.steps if self.spread else jnp.round(self.delay / current().dt).astype(jnp.int32)
        slot = (taken - jnp.minimum(steps, taken)) % n_slots
        if self.spread:
            total = total.at[:, self.to_neurons].add(past[slot, :, self.from_neurons].T * self.weight)
        else:
            total = _added(self, total, past[slot])
        state.value = total.reshape(state.value.shape)
        self.past.value, self.taken.value = past, taken + 1


class RateProjection(Delayed):
    r"""Hands the rate of a population over to another one: in each step, w r(t - delay) is added to its input.

    .. math:: x_i(t) = x^{ext}_i(t) + \sum_j w_{ij} r_j(t - d_{ij})

    The rate is that of the models of `sc.models` that have one; of any other population its V or its first state, or
    what its `output` returns. Before the first step a rate was what it is in it. ``post.coupled.x`` is the sum that
    arrives.

    Args:
        pre: a population or view of one.
        post: the same. What arrives is added to the first input of its derivative, and must have its unit.
        connect: a rule (`FixedProbability`, ...), pairs (two arrays), or a matrix (dense or scipy sparse).
        weight: a number or quantity: a scalar, one for each connection (n,) in the order of `connect`, a matrix (n_pre,
            n_post), or an initializer. Of any sign.
        delay: a time (one for all), one for each connection in the order of `connect`, or an initializer; whole steps.
        seed: of what is drawn; by default the network's.
        name: the name in messages.

    Raises:
        TypeError: `pre` sends nothing, or `post` takes no input.
        ValueError: the rule cannot be met, a shape does not fit; other projections bring another unit.

    Reference: Hahne et al. (2017), Frontiers in Neuroinformatics 11, 34.
    """

    def __init__(
        self, pre: Any, post: Any, *, connect: Any, weight: Any, delay: QuantityLike | None = None,
        seed: int | None = None, name: str | None = None,
    ) -> None:  # fmt: skip
        if name is not None:
            self.name = name
        self.refer(pre, post)
        weight = _as_quantity(units.read(weight, f"{self.name}: 'weight'"))
        self.unit = units.unit_of(_as_quantity(weight((1,)) if callable(weight) else weight))
        super().__init__(delay, seed, name)
        unit = f"({self.unit}) * ({self.handed_unit})"
        self.part_of(self.post.population, "coupled", Coupled(unit))
        present = vars(self.post.population)["coupled"].unit
        if units.dimension(present) != units.dimension(unit):
            raise units.DimensionalityError(
                f"{self.name}: weights in {self.unit} times a rate in {self.handed_unit} do not fit what other "
                f"projections bring to {self.post.population.name}, {present}."
            )
        self.connect_by(as_rule(connect, f"{self.name}: 'connect'"), weight)
        self.check_initializer(delay, "delay", "ms")

    @property
    def weight_unit(self) -> str:
        """The unit of a weight, that of those it was made with."""
        return self.unit

    def total(self) -> Any:
        """Return the sum that is added to the input."""
        return vars(self.post.population)["coupled"].x


def _added(link: Graded, total: Array, of_source: Array) -> Array:
    """Return sums (B, n_post) with the weights times values (B, n_pre) added: as if all neurons spiked."""
    if link.window is not None and link.weight.ndim == 0:  # of all to all
        first, width = link.window
        of_view = of_source if link.pre.size == link.pre.population.size else of_source[:, link.pre.index]
        reaching = of_view.sum(-1, keepdims=True)
        return total.at[:, first : first + width].add(link.weight * reaching)
    words = jnp.full((of_source.shape[0], n_words(of_source.shape[1])), 0xFFFFFFFF, jnp.uint32)
    return operations.deliver(
        total, words, link.ptr, link.targets, link.weight, amplitude=of_source, window=link.window
    )


def _as_quantity(weight: Any) -> Any:
    """Return weights as a quantity, or an initializer as it is."""
    is_one = callable(weight) or isinstance(weight, pint.Quantity)
    return weight if is_one else units.attach(np.asarray(weight, float), "dimensionless")
