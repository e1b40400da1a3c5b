"""Projection: synapses from one population to a receptor of another."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
import pint

from simcore import Param, units
from simcore.bases.link import Delivery, words_of
from simcore.bases.population import View
from simcore.init import OfDistance
from simcore.module.declare import on_device
from simcore.spikes import operations
from simcore.spikes.words import unpack
from simcore.step import direct
from simcore.step.context import current
from simcore.units import QuantityLike
from simcore.units.clock import rounded_steps

from ..connect.read import as_rule
from ..plasticity import visits
from ..plasticity.base import Plasticity
from ..plasticity.short_term import ShortTerm
from ..plasticity.visits import Rows
from . import delays
from .arrivals import Arrivals, by_delay
from .bundle import bundles
from .joint_learning import joint_learning
from .onto_block import Divisible
from .ring import Ring

Array = Any


class Projection(Divisible):
    """Synapses from a population (or source, or view) to a receptor of another.

    A spike at t acts at t + delay: the weight is added to the receptor, and is in what is recorded for that time.

    Args:
        pre: a population or view of one, e.g. ``cells[:3200]``.
        post: the same.
        receptor: the name of the receptor; may be left out if post has one only.
        connect: a rule (`FixedProbability`, ...), pairs (two arrays), or a matrix (dense or scipy sparse).
        weight: in the unit of the receptor (nS, pA or mV): a scalar, one for each synapse (n,) in the order of
            `connect`, a matrix (n_pre, n_post), or an initializer, `sc.init.OfDistance(lambda d: ...)` among them. Read
            or set again, it has the order of `synapses`.
        delay: a time (one for all), one for each synapse, or an initializer; whole steps, given ones rounded with a
            warning, drawn ones at least one step, those by the distance rounded.
        seed: of what is drawn: connections, weights, delays (each for itself); by default the network's. Drawn when
            it is first needed, for the path in the network; looked at before, for the names of the populations.
        short_term: short-term plasticity, e.g. `TsodyksMarkram`.
        plasticity: a rule for the weights, e.g. `STDP`; the weights are a state then. ``learning = False`` leaves them
            as they are, and so does ``reset_state(keep="weights")``.
        name: the name in messages.

    Raises:
        DimensionalityError: a weight in another unit than the receptor's.
        ValueError: the rule cannot be met, the receptor is unknown, a shape does not fit.
        MemoryError: the synapses would not fit in memory.
    """

    FIXED = (*Divisible.FIXED, "short_term", "delayed", "arrivals")

    arrivals: Arrivals | None = None  # of plastic synapses with delays of their own
    _arrivals_dt = 0.0  # the time step that they are for

    delay = Param(0.0, "ms", "from the spike to its effect", nonnegative=True, steps=True)

    def __init__(
        self,
        pre: Any,
        post: Any,
        receptor: str | None = None,
        *,
        connect: Any,
        weight: QuantityLike,
        delay: QuantityLike | None = None,
        seed: int | None = None,
        short_term: ShortTerm | None = None,
        plasticity: Plasticity | None = None,
        name: str | None = None,
    ) -> None:
        if name is not None:
            self.name = name
        self.join(post, receptor, pre=pre)
        delay = units.read(delay, f"{self.name}: 'delay'")
        scalar = delay is None or (isinstance(delay, pint.Quantity) and np.ndim(delay.magnitude) == 0)
        self.spread, self._delays = not scalar, delay  # whether the synapses differ in their delays
        weight = units.read(weight, f"{self.name}: 'weight'", self.target.unit)
        self._check_arguments(weight, delay, short_term, plasticity)
        rule = as_rule(connect, f"{self.name}: 'connect'")
        if callable(weight) or not np.ndim(weight):  # type: ignore[arg-type]  # a quantity, by now
            rule.refuse_unused_values()
        self.seed, self.delayed = seed, False
        self.short_term, self.plasticity = short_term, plasticity
        super().__init__(name=name, **{"delay": delay} if scalar and delay is not None else {})
        sizes = self.pre.population.size, self.post.population.size
        if short_term is not None:
            short_term.attach(f"{self.name}.short_term", sizes[:1])
        if plasticity is not None:
            plasticity.join(f"{self.name}.plasticity", self.pre, self.post, self.target, spread=self.spread,
                            bring=self.bring_to_now)  # fmt: skip
            if not callable(weight):
                self.check_start(units.as_magnitude(weight, self.target.unit, f"{self.name}: 'weight'"))
        self.connect_by(rule, weight)
        self.check_initializer(delay, "delay", "ms")

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "plasticity" and self._built:
            raise AttributeError(
                f"{self.name}: 'plasticity' cannot be set; make another {type(self).__name__} with it, or set "
                "learning = False, which keeps the weights as they are."
            )
        super().__setattr__(name, value)

    @property
    def learning(self) -> bool:
        """Whether the weights of plastic synapses change: the parameter ``plasticity.learning``.

        Raises:
            AttributeError: it is set where there is no rule of plasticity.
        """
        return self.plasticity is not None and bool(self.plasticity.learning)

    @learning.setter
    def learning(self, value: Any) -> None:
        if self.plasticity is None:
            raise AttributeError(f"{self.name}: 'learning' cannot be set: there is no rule; give plasticity=STDP(...).")
        self.plasticity.learning = value

    def _check_arguments(self, weight: Any, delay: Any, short_term: Any, plasticity: Any) -> None:
        """Refuse what can be seen to be wrong before anything is drawn."""
        for what, value, unit in (("weight", weight, self.target.unit), ("delay", delay, "ms")):
            left_out = what == "delay" and value is None
            if not left_out and not callable(value):
                magnitude = units.as_magnitude(value, unit, f"{self.name}: {what!r}")
                self.check_values(self.PARAMS[what], magnitude, f"{self.name}: {what!r}")
        rules = (("short_term", short_term, ShortTerm, "TsodyksMarkram()"),
                 ("plasticity", plasticity, Plasticity, "STDP(w_max=...)"))  # fmt: skip
        for what, rule, base, example in rules:
            if rule is not None and not isinstance(rule, base):
                raise TypeError(f"{self.name}: {what!r} must be a {base.__name__}, e.g. {example}, got {rule!r}.")
        if plasticity is not None and short_term is not None and self.spread:
            raise ValueError(f"{self.name}: 'short_term' and 'plasticity' together need one delay for all synapses.")

    def ends(self) -> dict[str, View]:
        """Return the views that it refers to, those of its rule too."""
        of_rule = {} if self.plasticity is None else self.plasticity.populations()
        return super().ends() | {f"plasticity.{name}": view for name, view in of_rule.items()}

    def facts(self) -> dict[str, str]:
        """Return what there is to tell of it, without drawing its synapses."""
        rules = {"short-term": self.short_term, "plasticity": self.plasticity}
        facts = super().facts() | {"delay": delays.shown(self._delays, self.magnitude("delay"))}
        return facts | {name: type(rule).__name__ for name, rule in rules.items() if rule is not None}

    # ---------------------------------------------------------------- parameters

    def read_param(self, param: Param, value: Any, given: bool) -> Any:
        """Return the floats of a parameter; those of the weight on the device: one array is all that is kept."""
        if param.name == "weight":
            return on_device(self.read_weight(value))
        magnitude = super().read_param(param, value, given)
        if param.name == "delay" and self.spread and np.any(magnitude):
            raise ValueError(f"{self.name}: 'delay' cannot be set: {self.fixed_for('delay')}; make another projection.")
        if param.name == "delay" and np.ndim(magnitude):
            raise ValueError(f"{self.name}: 'delay' is set to one time for all; delays of single synapses are given "
                             "when a projection is made.")  # fmt: skip
        return magnitude

    # ---------------------------------------------------------------- time

    @classmethod
    def deliveries(cls, links: list[Any]) -> list[Delivery]:
        """Return what brings the spikes: rings, bundles, and projections of which there is one of a kind."""
        by_unit: dict[str, list[Any]] = {}
        for projection in links:
            projection.refuse_copy(links)
            if projection.spread and projection.plasticity is None:
                by_unit.setdefault(projection.target.unit, []).append(projection)
        together = [p for p in links if p.plasticity is None and not p.spread]
        plastic = [p for p in links if p.plasticity is not None]
        return [*joint_learning(plastic), *bundles(together), *map(Ring, by_unit.values())]

    def fit_to(self, dt: float) -> None:
        """Round the delays to steps of dt (ms)."""
        super().fit_to(dt)
        if self.spread and self.plasticity is not None and self._arrivals_dt != dt:
            rows = by_delay(self.layout(), self.delay_steps(dt), self.post.population.size, self.name)
            vars(self)["arrivals"] = Arrivals(*map(on_device, rows))
            self._arrivals_dt = dt
        vars(self)["delayed"] = self.history(dt) > 0

    def history(self, dt: float) -> int:
        """Return how many earlier steps of the presynaptic spikes it needs: the delay, where spikes wait for it."""
        if self.arrivals is not None:
            return int(np.max(self.arrivals.steps, initial=0))
        return 0 if self.spread else int(rounded_steps(self.kernel_value("delay"), dt)[0]) - self.lead

    def fixed_for(self, param: str) -> str:
        """Return why a sweep cannot give a parameter other values."""
        spread = param == "delay" and self.spread
        return "its synapses have delays of their own, which are no parameter" if spread else ""

    def release(self, words: Array, spikes: Array | None) -> Array | None:
        """Return the factors of the rows: of short-term plasticity, else the spikes themselves, if given."""
        if self.short_term is None:
            return spikes
        if spikes is None:
            spikes = unpack(words, self.pre.population.size).astype(jnp.result_type(float))
        return self.short_term.release(spikes)

    def one_delay(self) -> bool:
        """Return whether all of its spikes arrive after one delay, that of the projection, 0 included."""
        return self.arrivals is None

    def arriving(self) -> tuple[Array, Array | None]:
        """Return, inside a step, the spikes that arrive at its end: words, and floats where derivatives go through.

        Of each neuron, and of each of its delays where the synapses differ in these.
        """
        pre = self.pre.population
        if self.arrivals is not None and pre.sent is not None:
            return pre.sent.before_each(self.arrivals.steps)
        if not self.delayed:
            return words_of(pre), pre.flat_spikes() if not current().exact_spikes else None
        assert pre.sent is not None
        return pre.sent.before(jnp.round(self.delay / current().dt).astype(jnp.int32) - self.lead)

    def transmit(self, x: Any = None) -> None:
        """Deliver the spikes that arrive at the end of this step, and let plastic weights change."""
        words, spikes = self.arriving()
        state, factors = self.target.target(), self.release(words, spikes)
        flat = state.value.reshape(words.shape[0], -1)
        if self.plasticity is None:
            new = operations.deliver(flat, words, self.ptr, self.targets, self.weight, amplitude=factors,
                                     window=self.window)  # fmt: skip
        else:
            new = self._learn(flat, words, factors)
        state.value = new.reshape(state.value.shape)

    def _learn(self, target: Array, words: Array, factors: Array | None) -> Array:
        """Return the target with what arrives through plastic synapses; change their weights."""
        arrivals = self.arriving_rows()
        departures, state = self.departures(), vars(self)["weight"]
        weight = state.raw.reshape(-1, self.n_synapses)
        post = words_of(self.post.population)
        target, weight = self.plasticity.learn(weight, target, words, arrivals, factors, post, departures)  # type: ignore[union-attr]
        state.raw = weight.reshape(state.raw.shape)
        return target

    def arriving_rows(self) -> Rows:
        """Return plastic synapses by what arrives: the presynaptic neuron, and its delays where these differ."""
        if self.arrivals is None:
            return Rows(self.ptr, self.targets)
        steps, ptr, targets, synapse = self.arrivals
        return Rows(ptr, targets, synapse, of_each=steps.size)

    def departures(self) -> Rows:
        """Return plastic synapses by postsynaptic neuron."""
        return Rows(self.ptr_in, self.sources, self.synapse)

    # ---------------------------------------------------------------- weights that change between spikes

    def present(self, name: str) -> Array:
        """Return the weights as they are by now, inside a step and outside, in their kernel unit."""
        if not self.inside:
            return direct.evaluate(self, lambda inside: inside.present(name))
        return self.by_now()[0]

    def by_now(self) -> tuple[Array, dict[str, Array]]:
        """Return, inside a step, the weights and the values of the rule's synapses as they are by now."""
        raw = vars(self)["weight"].raw
        weight, values = visits.by_now(self.plasticity, raw.reshape(-1, self.n_synapses), self.departures())
        return weight.reshape(raw.shape), values

    def bring_to_now(self) -> None:
        """Advance the weights, and the values of the rule's synapses, that are advanced at visits alone."""
        weight, values = direct.evaluate(self, lambda inside: inside.by_now())
        vars(self)["weight"].raw = weight
        for name, raw in values.items():
            vars(self.plasticity)[name].raw = raw
        self.plasticity.restart()  # type: ignore[union-attr]

    # ---------------------------------------------------------------- of some neurons, in a ring

    def _may_be_cut(self) -> bool:
        return self.plasticity is None and not isinstance(self._delays, OfDistance)

    def delay_steps(self, dt: float) -> np.ndarray:
        """Return the delay of each synapse in steps, (n,)."""
        return self.delays_in_steps(dt)[0]

    def delays_in_steps(self, dt: float) -> tuple[np.ndarray, tuple[int, int]]:
        """Return the delay of each synapse in steps, (n,); the shortest and the longest of the whole network."""
        if self._steps is not None:
            return self._steps, self._extent
        if isinstance(self._delays, OfDistance):
            steps = delays.of_distance(self.made_by(self._delays, "delay", "ms").magnitude, dt, self.name)
            return steps, delays.extent(steps)
        return delays.delay_steps(self._delays, self.layout(), dt, self.place, self.name)
