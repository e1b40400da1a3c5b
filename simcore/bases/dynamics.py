"""Dynamics: what has states that are integrated, with a method, noise and parts that drive them."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import pint

from .. import integrators
from ..integrators import Equations, Integrator
from ..integrators.base import refuse_mixed_batch
from ..module.declare import State
from ..step.context import asks_for_rates, current, once
from ..step.rates import InputValue, rates_of
from ..units import Quantities, ValueLike
from . import options
from .calls import Call
from .noisy import Noisy
from .part import Part
from .probe import methods_of
from .receptor import Receptor

Array = Any
States = tuple[Array, ...]


class Dynamics(Noisy):
    """Base of populations whose states follow differential equations.

    Args:
        in_size: the population's size, an int or a tuple.
        method: the integrator: exp_euler, euler, heun, rk2, rk4, exact, or an `Integrator` of one's own. By default
            exact where the equations are linear between spikes, heun where they couple neurons, else exp_euler.
        receptors: what spikes arrive at, by name; each adds its current to the first input of the derivative.
        parts: other `Part`s, by name: channels, currents that spikes trigger.
        positions: where its members are, (size, dimensions), for distance-dependent connections.
        name: the name in messages, by default the class's.
    """

    OPTIONS: ClassVar[tuple[str, ...]] = ("method",)
    method: str | Integrator | None = None
    _V_before: Any = None  # inside a step, as the next one
    _used: tuple[Integrator, ...] = ()

    def __init__(
        self,
        in_size: int | tuple[int, ...],
        *args: Any,
        method: str | Integrator | None = None,
        receptors: dict[str, Receptor] | None = None,
        parts: dict[str, Part] | None = None,
        positions: Quantities | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        if method is not None:
            self.method = method
        super().__init__(in_size, *args, receptors=receptors, parts=parts, positions=positions, name=name, **kwargs)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        options.check_body(cls)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self.OPTIONS:
            options.check(self.name, name, value)
        super().__setattr__(name, value)

    # ---------------------------------------------------------------- inputs

    def check_input(self, shape: Any) -> None:
        """Refuse an input that does not broadcast to the population, or by a name that update() does not take.

        Raises:
            TypeError: update() has no input of that name.
            ValueError: it names both shapes.
        """
        if isinstance(shape, dict):
            takes = inspect.signature(self.update).parameters
            for name, one in shape.items():
                if name not in takes:
                    raise TypeError(f"{self.name} has no input {name!r}; its update() takes {', '.join(takes)}.")
                self.check_input_shape(one)
        else:
            self.check_input_shape(shape)

    def check_input_shape(self, shape: tuple[int, ...]) -> None:
        """Refuse one input that does not broadcast to the population.

        Raises:
            ValueError: it names both shapes.
        """
        whole = self.population_shape
        if len(shape) > len(whole) or any(n not in (1, m) for n, m in zip(shape[::-1], whole[::-1], strict=False)):
            raise ValueError(
                f"{self.name}: an input of the shape {shape} does not fit the population's {whole}; "
                "samples over time are given as sc.inputs.Waveform(array * mA)."
            )

    def driven(self, x: Any) -> Any:
        """Called inside a step by what drives the model; a dict gives the inputs of update() by name.

        Raises:
            TypeError: an input that update() needs is missing.
        """
        takes = inspect.signature(self.update).parameters
        needed = [k for k, p in takes.items() if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD]
        missing = [k for k in needed if k not in x] if isinstance(x, dict) else needed[1:]
        if missing:
            example = ", ".join(f"{k!r}: ..." for k in takes)
            raise TypeError(f"{self.name}: the input {missing[0]!r} is missing; give inputs={{{example}}}.")
        return self(**x) if isinstance(x, dict) else self(x)

    # ---------------------------------------------------------------- what it sends all the time

    @property
    def output_unit(self) -> str:
        """The unit of `output`."""
        name = self.main_state()
        if name is None:
            return super().output_unit
        return self.state_unit(vars(self).get(name) or self.STATES[name])

    def output(self) -> Array:
        """Return, inside a step, what it sends all the time: V, or its first state; a model may send something else."""
        name = self.main_state()
        return super().output() if name is None else vars(self)[name].value

    # ---------------------------------------------------------------- V

    def held(self) -> Array | None:
        """Return, at the start of a step, where V does not change (refractory); None where it always may."""
        return None

    def last_spike(self) -> Array | None:
        """Return, inside a step, the spikes of the last one, which this one answers; None where there are none."""
        return None

    def before_update(self) -> None:
        """Let the parts answer the spikes of the last step."""
        super().before_update()
        self._V_before = None
        answering = [part for part in self.parts.values() if type(part).on_spike is not Part.on_spike]
        if answering and (spike := self.last_spike()) is not None:
            for part in answering:
                part.on_spike(spike)

    @property
    def V_before(self) -> Array | None:
        """The V that went into the integration of this step; None before it."""
        return self._V_before

    # ---------------------------------------------------------------- integration

    def drive(self, V: Array, I: Array, states: dict[str, States]) -> tuple[Array, dict[str, Any]]:
        """Return, inside a step, the first input of the derivative with what the parts add, and their states' rates.

        A model whose parts act on one another says here how. `states` are the values of each part's states, by the name
        of the part, () of a part without; I is None where the derivative takes no input.
        """
        rates = {}
        for key, values in states.items():
            part = self.parts[key]
            if part.drives:
                I = I + part.current(V, *values)
            if values:
                rates[key] = part.derivative(V, *values)
        return I, rates

    def integrate(self, derivative: Callable[..., Any], state: Any, *args: Any) -> Any:
        """Return the states one step later, by `method`; noise, parts and the refractory hold act on V among them.

        Which state is V is told by the names of the derivative's arguments: ``def derivative(self, w, V, I)`` with
        ``integrate(self.derivative, (w, V), x)``. States may be integrated in several calls.

        Args:
            derivative: takes the states and `args`, returns their rates of change.
            state: one array, or a tuple of arrays.
            args: further arguments: inputs. Those that are functions of t are taken at the stages of the method, all
                others are constant in the step.

        Raises:
            ValueError: the method is not for the equations; V cannot be told or comes twice, and something acts on it.
        """
        replay = current().replay
        if replay is not None:
            is_replay, result = replay.answer(derivative, args)
            if is_replay:
                new, self._V_before, values = result
                for state, value in zip(self._part_states(), values, strict=True):
                    state.value = value
                return new
        single = not isinstance(state, tuple | list)
        new = self._advanced(Call(self, derivative, (state,) if single else tuple(state), args))
        new = new[0] if single else new
        if replay is not None:
            replay.returned((new, self._V_before, [state.value for state in self._part_states()]))
        return new

    def _part_states(self) -> list[State]:
        return [state for part in self.parts.values() for state in part.integrated().values()]

    def _advanced(self, call: Call) -> States:
        """Return the states of a call one step later, and set those of the parts."""
        equations = call.equations()
        if asks_for_rates():
            current().rates.update(call.rates(equations))
            return call.y
        if call.V is not None:
            if self._V_before is not None and (adding := self.adds()):
                raise ValueError(
                    f"{self.name}: {call.names[call.V]!r} is integrated twice in an update, and {' and '.join(adding)} "
                    "would act in each call. Put all its terms into one derivative."
                )
            self._V_before = equations.y[call.V]
        if current().phase == "check":  # all methods have the dimensions of Euler's
            new = self._with_noise(call.euler(equations), equations, lambda i: equations.dt)
            new = self.with_noise_on_others(new, call.names, lambda i: equations.dt)
        else:
            new = self._integrated(call, equations)
        call.keep(new)
        return new[: call.n]

    def _integrated(self, call: Call, equations: Equations) -> States:
        integrator = self._integrator(equations)
        refuse_mixed_batch(equations)
        integrator.check(equations)
        prepared = self._prepared(integrator, equations)
        new = integrator.advanced(equations, prepared)

        def variance(i: int) -> Array:
            return integrator.variance(equations, i)

        new = self._with_noise(new, equations, variance)
        new = self._held(call, integrator, equations, new)
        if call.parts and call.V is not None:
            # A barrier, so that XLA computes V once, and before it overwrites the parts' states in place.
            V, parts = jax.lax.optimization_barrier((new[call.V], equations.y[call.n :]))
            new = (*new[: call.V], V, *new[call.V + 1 :])
            equations = dataclasses.replace(equations, y=(*equations.y[: call.n], *parts))
        later = integrator.after(equations, prepared)
        return self.with_noise_on_others(tuple(later.get(i, v) for i, v in enumerate(new)), call.names, variance)

    def _integrator(self, equations: Equations) -> Integrator:
        """Return what integrates these equations, by `method` or by what they are; note it for `methods`."""
        method = integrators.default(equations) if self.method is None else self.method
        integrator = integrators.METHODS[method] if isinstance(method, str) else method
        self._used = (*self._used, integrator)
        return integrator

    def _prepared(self, integrator: Integrator, equations: Equations) -> Any:
        if not integrator.prepares():
            return {}
        return once(self.path, lambda: integrator.prepared(equations), integrator.refusal)

    def _with_noise(self, new: States, equations: Equations, variance: Callable[[int], Array]) -> States:
        """Return the new states with the noise on V, before V is held."""
        V = equations.V
        if self.noise is None or V is None:
            return new
        kick = self.noise_of_step("noise", variance(V), equations.y[V].shape)
        return (*new[:V], new[V] + kick, *new[V + 1 :])

    def _held(self, call: Call, integrator: Integrator, equations: Equations, new: States) -> States:
        """Return the new states where V may change, elsewhere those of a V that is held: the others go on."""
        V, mask = equations.V, self.held()
        if V is None or mask is None:
            return new
        while_held = {V: equations.y[V]}
        moved = [i for i in range(equations.n) if i != V and not integrator.keeps_V and equations.reach()[i, V]]
        if moved:
            frozen = call.held(equations)
            others = integrator.advanced(frozen, self._prepared(integrator, frozen))
            while_held |= {i: others[i] for i in moved}
        return tuple(jnp.where(mask, while_held[i], v) if i in while_held else v for i, v in enumerate(new))

    def adds(self) -> list[str]:
        """Return what adds to V in a call of integrate(), in words: noise, parts."""
        parts = [f"the part {key!r}" for key, part in self.parts.items() if part.integrated() or part.drives]
        return parts if self.noise is None else ["noise", *parts]

    def acts(self) -> list[str]:
        """Return what acts on V, in words: noise, parts, the refractory hold."""
        return self.adds() + (["the refractory hold"] if self.held() is not None else [])

    # ---------------------------------------------------------------- analysis

    def rates(
        self, states: Mapping[str, ValueLike] | None = None, inputs: InputValue = None
    ) -> dict[str, pint.Quantity]:
        """Return the rate of change of each state that the equations integrate, those of parts too, by dotted name.

        They are the equations between spikes: no reset, no refractory hold, no noise. They are found in float64,
        whatever the precision of runs is. ``sc.analysis`` searches and draws by them.

        Args:
            states: quantities by name; those left out have their present values, at first the initial ones.
            inputs: to `update`: a quantity, or a dict of them by name.

        Values broadcast to the population, and may have axes before its own, a grid; of one neuron all axes are such:
        ``cell.rates({"V": V[:, None], "w": w})`` is (V, w).

        Returns:
            Quantities of the shape to which all values broadcast, in the unit of each state per ms.

        Raises:
            DimensionalityError: a value has another dimension, or the equations do not fit.
            TypeError: an input that `update` needs is missing.
            ValueError: there is no state of that name; values do not broadcast.
        """
        return rates_of(self, states or {}, inputs)

    # ---------------------------------------------------------------- display

    @property
    def used(self) -> tuple[Integrator, ...]:
        """Inside a step, what its calls of integrate() have used so far."""
        return self._used

    def methods(self) -> tuple[str, ...]:
        """Return what integrates it, by name, for each call of integrate(); () where an update() cannot be tried."""
        return methods_of(self) if self.method is None else (str(self.method),)

    def __repr__(self) -> str:
        text = super().__repr__()
        methods = () if self.inside else tuple(dict.fromkeys(self.methods()))
        return text if not methods else f"{text[:-1]}, method={'/'.join(methods)})"
