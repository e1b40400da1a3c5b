"""What cannot run on several devices: models whose neurons act on one another within a step, or that may."""

from __future__ import annotations

import inspect
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from simcore import Module, Network, Population
from simcore.bases.link import Link
from simcore.module import code
from simcore.module.libraries import is_library
from simcore.module.tree import join
from simcore.step import pure as step
from simcore.step.coupling import coupling
from simcore.step.fitted import Fitted

ONLY = "run it on one device: leave 'devices' out."
# What tells a model of one's own how many neurons there are: a part would be told another number.
SIZES = {"size", "varshape", "in_size", "population_shape"}
# What works outside of steps, where the whole is there.
OUTSIDE = {"__init__", "init_state", "reset_state", "check_params", "check_initial", "fit_to"}


def refuse(whole: Fitted) -> None:
    """Refuse what needs one device.

    Raises:
        NotImplementedError: with what it is, and where.
    """
    model = whole.model
    if not isinstance(model, Network | Population):
        raise NotImplementedError(f"{model.name}: several devices run populations and networks of them; {ONLY}")
    for path, node in whole.nodes.items():
        if isinstance(node, Network) and type(node).update is not Network.update:
            raise NotImplementedError(f"{node.name}: a network with an update() of its own may do anything; {ONLY}")
        if isinstance(node, Module) and node.batch_size() is not None:
            raise NotImplementedError(f"{node.name}: its states are a batch, whose items are independent; {ONLY}")
        if isinstance(node, Population) and not node.replicated:
            _refuse_unclear(node)
            _refuse_coupled(node, whole.dt)
        if isinstance(node, Link):
            for end, view in node.ends().items():
                if end not in ("pre", "post") and not view.population.replicated:
                    raise NotImplementedError(
                        f"{path}: {end} is {view!r}, whose spikes each device would need at once; {ONLY}"
                    )


def _refuse_unclear(population: Any) -> None:
    """Refuse arrays that may be of the neurons or not, and code of a user's that asks how many neurons there are."""
    for path, node in population.nodes().items():
        for name, array in node.data().items():
            if _is_of_neurons(array, population):
                raise NotImplementedError(
                    f"{population.name}: the array {join(path, name)!r} may be of its neurons or not; make it a Param, "
                    f"or {ONLY}"
                )
        own = [f for cls in type(node).__mro__ if not is_library(cls) for f in vars(cls).values()]
        functions = [f for f in (inspect.unwrap(f) for f in own if callable(f)) if hasattr(f, "__code__")]
        for function in code.with_helpers(functions):
            if (named := SIZES & set(code.names_in(function.__code__))) and function.__name__ not in OUTSIDE:
                what = f"{function.__qualname__}() asks for {min(named)!r}, which is another one in a part of it"
                raise NotImplementedError(f"{population.name}: {what}; {ONLY}")


def _refuse_coupled(population: Any, dt: float) -> None:
    """Refuse a population whose neurons act on one another within a step: by states, parameters or inputs."""
    params, states = population.kernel_params(), step.raw_states(population)
    of_states = [name for name, value in states.items() if _is_of_neurons(value, population)]
    of_params = [name for name, value in params.items() if _is_of_neurons(value, population)]
    takes = [k for k, p in inspect.signature(population.update).parameters.items() if p.kind is p.POSITIONAL_OR_KEYWORD]
    clock = step.clock_arrays(0, dt, 0.0, 0)

    def advanced(of_states_: Any, of_params_: Any, inputs: Any) -> list[Any]:
        def call(inside: Any, x: Any) -> None:
            inside.uncouple()
            inside(**dict(zip(takes, inputs, strict=True)))

        context = step.context_at(clock, {})
        context.phase = "check"
        given = states | dict(zip(of_states, of_states_, strict=True))
        new, _ = step.pure_step(
            population, call, params | dict(zip(of_params, of_params_, strict=True)), given, None, context
        )
        return [new[name] for name in (*of_states, *(name for name in new if name not in of_states))]

    inputs = [jnp.zeros(population.varshape)] * len(takes)
    arguments = [states[name] for name in of_states], [params[name] for name in of_params], inputs
    jaxpr = jax.make_jaxpr(advanced)(*arguments).jaxpr
    if found := coupling(jaxpr, len(jaxpr.invars)):
        raise NotImplementedError(f"{population.name}: a neuron acts on others within a step ({found}); {ONLY}")


def _is_of_neurons(array: Any, population: Any) -> bool:
    """Return whether an array has a value for each neuron."""
    return np.shape(array)[-len(population.varshape) :] == population.varshape
