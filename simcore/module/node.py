"""Node: what has parameters, states and children.

Outside a step, ``lif.tau`` and ``lif.V.value`` are quantities. A step works on a copy (`structure.bound`) where they
are float arrays, in the kernel units of `simcore.units`.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, ClassVar

import jax
import numpy as np
import pint

from .. import units
from ..units import RangeLike
from ..units.clock import Clock
from . import declarations, display, initial, saving, structure
from .declare import Param, State, first_device, on_device
from .placed import Placed
from .structure import Structure, Template
from .trainable import Trainable, trainable
from .tree import join


class Node(Placed):
    """Base of everything that has parameters and states.

    A subclass declares `Param`s and `State`s in its body, or assigns quantities (they become parameters) and
    states by hand; modules assigned to attributes, or in lists and dicts, are its children. Names are dotted
    paths from the root: "layer1.V".

    What a step can read, and a program therefore depends on: parameters, states, arrays among the attributes (all of
    them arguments of the program) and every other public attribute, by value. A name that begins with an underscore
    is bookkeeping of the host: no step can read it.
    """

    made_by_fit: bool = False  # when a model is fitted to dt, for spikes on their way: no part of what a user builds
    MOVING: ClassVar[tuple[str, ...]] = ("_clock",)  # the attributes that steps change
    numbers_in_whole: Any = None  # of a part of a network: the number of each member in the whole, (n,) uint32
    halvings: int = 0  # how often its steps have been halved: see `step.noise.refine`

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        params = declarations.of_kind(cls, Param)
        cls.PARAMS = dict(sorted(params.items(), key=lambda item: item[1].default is None))  # optional ones last
        cls.STATES = declarations.of_kind(cls, State)
        declarations.check(cls, cls.PARAMS, cls.STATES)
        if (init_state := declarations.unwrapped(cls, "init_state", Node)) is not None:
            cls.init_state = initial.initialises(init_state)  # type: ignore[method-assign]
        display.show_signature(cls)
        if cls.PARAMS or cls.STATES:
            cls.__doc__ = f"{inspect.cleandoc(cls.__doc__ or '')}\n\n{display.table(cls)}"
        jax.tree_util.register_pytree_node(cls, lambda node: node.tree_flatten(), cls.tree_unflatten)

    @property
    def own_input(self) -> Any:
        """The signal that drives it without being given to a runner: a rate that varies in time; None without one."""
        return self._input

    @own_input.setter
    def own_input(self, signal: Any) -> None:
        self._input = signal

    def host_copy(self) -> dict[str, Any]:
        """Return what of the host's bookkeeping a copy of this node has for itself."""
        names = ("_values", "_arrays", "_adhoc", "_initializers", "_drawn")
        seen = {"_has_been_read": set(self._has_been_read)}
        return {k: dict(vars(self)[k]) for k in names} | seen | {"_clock": self._clock.copy(), "_bound": None}

    # ---------------------------------------------------------------- all of the tree

    def params(self) -> dict[str, pint.Quantity]:
        """Return all parameters of this module and those below it, by dotted path."""
        return {join(path, k): node.param_value(k) for path, node in self.nodes().items() for k in node.given()}

    def float_params(self) -> dict[str, np.ndarray]:
        """Return all parameters as float arrays in their declared units, by dotted path: what `unroll` takes."""
        dtype = jax.dtypes.canonicalize_dtype(float)
        return {join(p, k): node.magnitude(k).astype(dtype) for p, node in self.nodes().items() for k in node.given()}

    def load_float_params(self, params: dict[str, Any]) -> None:
        """Set parameters from float arrays in their declared units, e.g. after a gradient step.

        Raises:
            KeyError: a name that is no parameter.
            TypeError: a value carries a unit: set it as a parameter.
        """
        before = self.params()
        values = {}
        for path, value in params.items():
            if path not in before:
                raise KeyError(f"{self.name} has no parameter {path!r}; it has {', '.join(before)}.")
            unit = units.unit_of(before[path])
            values[path] = units.attach(np.asarray(units.bare(value, unit, f"{self.name}: {path!r}")), unit)
        saving.set_params(self, values)

    def trainable(self, *names: str, bounds: Mapping[str, RangeLike] | None = None) -> Trainable:
        """Return some parameters as free numbers, of which any give values that are allowed.

        ``free = net.trainable("*.weight", bounds={"cells.tau": (1, 50) * ms})``: an optimizer moves `free.start`, and
        ``run(free.params(x))`` takes what it has come to. What must be positive, nonnegative or above another parameter
        by its declaration is the softplus of its number, in units of its distance from that bound; what has two bounds
        a sigmoid; all else the number itself. A value that lies on a bound begins a thousandth of the scale inside.

        Args:
            names: dotted paths, with * for any part of them; durations that are rounded to steps are left out.
            bounds: by path, two quantities each; these are trained too.

        Raises:
            ValueError: nothing has that name; bounds are not in order, or the value or its declaration is not in them.
            DimensionalityError: a bound is in another unit.
        """
        return trainable(self, names, bounds or {})

    def kernel_params(self) -> dict[str, jax.Array]:
        """Return parameters as float arrays in kernel units, and data, by dotted path: a step's arguments."""
        arrays: dict[str, jax.Array] = {}
        for path, node in self.nodes().items():
            arrays.update((join(path, name), node.on_device(name)) for name in node.given())
            arrays.update((join(path, name), on_device(array)) for name, array in node.data().items())
        return arrays

    def structure(self) -> Structure:
        """Return what the compiled program depends on besides the arrays: equal for equal models."""
        return Structure(self)

    # ---------------------------------------------------------------- states

    def init_state(self, batch_size: int | None = None, **kwargs: Any) -> None:
        """Create the states with their initial values, here and below, with a leading batch axis if asked for.

        Args:
            batch_size: the length of that axis.
            kwargs: for the `init_state` of models below that take them.
        """
        for child in self.children().values():
            child.init_state(batch_size, **{k: v for k, v in kwargs.items() if child.init_state_takes(k)})
        lead = () if batch_size is None else (batch_size,)
        for name, spec in self.STATES.items():
            vars(self)[name] = spec.create(self, lead + self.varshape)

    def initializer(self, state: State) -> Any:
        """Return what the constructor was given for the initial value of a declared state, else its default."""
        return self._initializers.get(state.name, state.init)

    def begin_as_drawn(self) -> None:
        """Let states whose initial values are drawn begin with what they hold now: in a batch, each row of it."""
        for name, state in self.STATES.items():
            if callable(self.initializer(state)) and isinstance(held := vars(self).get(name), State):
                self._initializers[name] = held.value

    def init_state_takes(self, name: str) -> bool:
        """Return whether the `init_state` of this model, or of one below, takes an argument of that name."""
        return any(initial.takes(type(node).init_state, name) for node in self.nodes().values())

    def reset_state(self, batch_size: int | None = None, **kwargs: Any) -> None:
        """Set the states to their initial values: `init_state` again."""
        self.init_state(batch_size, **kwargs)

    def reset(self, batch_size: int | None = None, **kwargs: Any) -> None:
        """Reset the states and the model's own clock."""
        self.reset_state(batch_size, **kwargs)
        self.set_clock(Clock(0, self.clock.dt, self.clock.t0))

    def set_clock(self, clock: Clock) -> None:
        """Make this the clock of the whole tree."""
        for node in self.nodes().values():
            node.take_clock(clock)

    def ensure_state(self) -> None:
        """Create the states that are missing, here and below; those that exist keep their values and batch."""
        initial.ensure(self)

    def batch_size(self) -> int | None:
        """Return the length of the batch axis of its states, None without one."""
        shapes = [np.shape(state.raw) for name, state in vars(self).items() if name in self.STATES]
        return next((s[0] for s in shapes if s[1:] == self.varshape and len(s) == len(self.varshape) + 1), None)

    def state_unit(self, state: State) -> str:
        """Return the unit of a declared state; a subclass may choose it by its parameters."""
        return state.unit

    def draw_for(self, blocks: tuple[Any, ...]) -> None:
        """Have, of synapses that are drawn, those onto some blocks of neurons alone; (): all. See `Network`."""

    def fit_to(self, dt: float) -> None:
        """Called before a run with a time step dt (ms): a network makes room for its delays."""
        for child in self.children().values():
            child.fit_to(dt)

    def stretch(self, factor: int) -> None:
        """Make what counts its steps, or keeps something for each, that of `factor` times as many, before `fit_to`."""
        for state in vars(self).values():
            if isinstance(state, State):
                state.stretch(factor)

    def pack_states(self, states: dict[str, Any], paths: dict[int, str]) -> dict[str, Any]:
        """Return the states of the whole tree, by path, as the time loop of a run has them; `paths` of nodes by id."""
        return states

    def unpack_states(self, states: dict[str, Any], paths: dict[int, str]) -> dict[str, Any]:
        """Return the states that `pack_states` made others of."""
        return states

    def stepped(self, left: tuple[dict[str, Any], dict[str, Any]] | None = None) -> None:
        """Called outside steps when steps have advanced the states.

        Args:
            left: the arrays of the parameters and of the states, here and below, by path; by default the present ones.
        """

    def match_states(self, names: set[str]) -> None:
        """Called before states of these names are set: make or drop those that depend on what was done to a model."""

    def fixed_for(self, param: str) -> str:
        """Return why a sweep cannot give a parameter other values, in a clause; "" if it can. A subclass says which."""
        return ""

    def check_initial(self) -> None:
        """Raise where an initial state is not allowed; a subclass says which."""

    # ---------------------------------------------------------------- saving, devices, pytree

    def state_dict(self) -> dict[str, pint.Quantity]:
        """Return all parameters and states as quantities, by dotted path."""
        self.ensure_state()
        return self.params() | {path: state.stored() for path, state in self.states().items()}

    def load_state_dict(self, values: dict[str, Any]) -> None:
        """Set all parameters and states; units are converted, nothing changes if anything does not fit.

        Raises:
            KeyError: a name is missing or unexpected.
            DimensionalityError: a value has another dimension than the parameter or state of that name.
        """
        self.ensure_state()
        self.fit_to(self.clock.dt)  # room for spikes on their way
        saving.load(self, values, values.__getitem__)

    def save_states(self, file: Any) -> None:
        """Write `state_dict()` to one .npz file: arrays, units, versions. Replaced only when complete."""
        saving.write(self.state_dict(), file)

    def load_states(self, file: Any) -> None:
        """Read a file of `save_states`: see `load_state_dict`.

        Raises:
            FileError: the file is damaged, of another kind or of a newer format.
        """
        self.ensure_state()
        self.fit_to(self.clock.dt)
        saving.load_file(self, file)

    def to(self, device: Any) -> Node:
        """Move the states, and with them all further steps, to a JAX device, or the first of a kind; return self.

        Args:
            device: one of ``jax.devices()``, or "cpu", "gpu", "cuda", "tpu".
        """
        device = first_device(device) if isinstance(device, str) else device
        self.ensure_state()
        for state in self.states().values():
            state.raw = jax.device_put(state.raw, device)
        return self

    def cpu(self) -> Node:
        """Move to the first CPU device."""
        return self.to(first_device("cpu"))

    def cuda(self) -> Node:
        """Move to the first CUDA device; RuntimeError if there is none."""
        return self.to(first_device("cuda"))

    def tpu(self) -> Node:
        """Move to the first TPU device; RuntimeError if there is none."""
        return self.to(first_device("tpu"))

    def tree_flatten(self) -> tuple[list[Any], Any]:
        """Return the arrays of parameters and states (kernel units) and the structure, as a JAX pytree."""
        self.ensure_state()
        names = tuple(node.name for node in self.nodes().values())
        return [self.arrays(), {path: state.raw for path, state in self.states().items()}], Template(
            self.structure(), names, self
        )

    def arrays(self) -> dict[str, Any]:
        """Return `kernel_params`, inside a step those that it is bound to."""
        if not self.inside:
            return self.kernel_params()
        nodes = self.nodes().items()
        params = {join(p, name): node.param_value(name) for p, node in nodes for name in node.given()}
        return params | {join(p, name): array for p, node in nodes for name, array in node.data().items()}

    @classmethod
    def tree_unflatten(cls, template: Template, leaves: Any) -> Node:
        """Return a copy of the model with other arrays; with traced ones it is the inside of a step."""
        params, states = leaves
        concrete = np.ndarray | np.generic | jax.Array
        if any(
            isinstance(v, jax.core.Tracer) or not isinstance(v, concrete) for v in (*params.values(), *states.values())
        ):
            return structure.bound(template.model, params, states)
        model = structure.clone(template.model)
        for path, node in model.nodes().items():
            node.set_kernel_values({name: np.asarray(params[join(path, name)], float) for name in node.given()})
            structure.set_data(node, {name: params[join(path, name)] for name in node.data()})
        for path, state in model.states().items():
            state.raw = states[path]
        return model

    # ---------------------------------------------------------------- display

    def __repr__(self) -> str:
        values = [] if self.inside else [f"{k}={v}" for k, v, _ in display.rows(self)]
        shape = [str(self.varshape)] if "varshape" in vars(self) else []
        return f"{type(self).__name__}({', '.join(shape + values)})"

    def _repr_html_(self) -> str:
        return display.html(self)


Node.init_state = initial.initialises(Node.init_state)  # type: ignore[method-assign]
display.show_signature(Node)
