"""Node: what has parameters, states and children.

Outside a step, ``lif.tau`` and ``lif.V.value`` are quantities. A step works on a copy (`structure.bound`) where they
are float arrays, in the kernel units of `simcore.units`.
"""

from __future__ import annotations

import contextlib
import difflib
import functools
import inspect
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import jax
import numpy as np
import pint

from .. import units
from ..units.clock import Clock
from . import code, display, saving, structure
from .declare import Param, State, broadcast, on_device, refuse_in_step
from .structure import Structure, Template
from .tree import Reference, Tree, is_data, join


class Node(Tree):
    """Base of everything that has parameters and states.

    A subclass declares `Param`s and `State`s in its body, or assigns quantities (they become parameters) and
    states by hand; modules assigned to attributes, or in lists and dicts, are its children. Names are dotted
    paths from the root: "layer1.V".

    What a step can read, and a program therefore depends on: parameters, states, arrays among the attributes (all of
    them arguments of the program) and every other public attribute, by value. A name that begins with an underscore
    is bookkeeping of the host: no step can read it.
    """

    PARAMS: ClassVar[dict[str, Param]] = {}
    STATES: ClassVar[dict[str, State]] = {}
    OPTIONS: ClassVar[tuple[str, ...]] = ()
    varshape: tuple[int, ...] = ()  # that parameters and states broadcast to
    halvings: int = 0  # how often its steps have been halved: see `step.noise.refine`

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        _refuse_taken_names(cls)
        cls.PARAMS, cls.STATES = {}, {}
        for klass in reversed(cls.__mro__):
            params = {k: v for k, v in vars(klass).items() if isinstance(v, Param)}
            # Parameters declared again move behind the inherited ones: a subclass orders its own. What a class
            # overrides by something else is no parameter or state any more.
            cls.PARAMS = {k: v for k, v in cls.PARAMS.items() if k not in vars(klass)} | params
            inherited = {k: v for k, v in cls.STATES.items() if k not in vars(klass)}
            cls.STATES = inherited | {k: v for k, v in vars(klass).items() if isinstance(v, State)}
        cls.PARAMS = dict(sorted(cls.PARAMS.items(), key=lambda item: item[1].default is None))  # optional ones last
        if "init_state" in vars(cls):
            cls.init_state = _initialises(vars(cls)["init_state"])  # type: ignore[method-assign]
        display.show_signature(cls)
        if cls.PARAMS or cls.STATES:
            cls.__doc__ = f"{inspect.cleandoc(cls.__doc__ or '')}\n\n{display.table(cls)}"
        jax.tree_util.register_pytree_node(cls, lambda node: node.tree_flatten(), cls.tree_unflatten)

    def __init__(self, *args: Any, name: str | None = None, **kwargs: Any) -> None:
        if name is not None:
            self.name = name
        values = self._bind_arguments(args, kwargs)
        for key, param in self.PARAMS.items():
            value = values.get(key, param.default)
            if value is not None:
                self._set_param(param, value, given=key in values)
        self.check_params()

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        self = super().__new__(cls)
        # Set before __init__, so that a subclass may assign attributes before it calls super().__init__().
        vars(self).update(_values={}, _arrays={}, _adhoc={}, _initializers={}, _bound=None, _path="")
        vars(self).update(_ready=False, _held=False, _input=None)
        vars(self).update(_clock=Clock(), _name=cls.__name__)
        return self

    @property
    def name(self) -> str:
        """The name in messages, by default the class's."""
        return self._name

    @name.setter
    def name(self, value: str) -> None:
        self._name = value

    @property
    def clock(self) -> Clock:
        """Where the module stands in time."""
        return self._clock

    @property
    def inside(self) -> bool:
        """Whether this is the copy that a step works on, whose values are float arrays."""
        return self._bound is not None

    @property
    def path(self) -> str:
        """Its dotted path from the root, inside a step."""
        return self._path

    # ---------------------------------------------------------------- parameters

    def _bind_arguments(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        """Return the parameters among a constructor's arguments; keep initializers; refuse the rest by name."""
        positional = [k for k, p in self.PARAMS.items() if p.default is not None]
        if len(args) > len(positional):
            raise TypeError(f"{self.name} takes {len(positional)} positional parameters ({', '.join(positional)}).")
        values = dict(zip(positional, args, strict=False))
        keywords = {state.keyword: name for name, state in self.STATES.items() if state.keyword}
        for key, value in kwargs.items():
            if key in values:
                raise TypeError(f"{self.name}: {key!r} is given twice.")
            if key in self.PARAMS:
                values[key] = value
            elif key in keywords:
                if value is not None:
                    self._initializers[keywords[key]] = value
            else:
                hint = _did_you_mean(key, [*self.PARAMS, *keywords, *self.OPTIONS])
                has = ", ".join(self.PARAMS) or "none"
                raise TypeError(f"{self.name} has no parameter {key!r}{hint} It has {has}.")
        return values

    def specs(self) -> dict[str, Param]:
        """Return its parameters by name, in the units that they have here: of the class, and those given by hand."""
        params = {k: p for k, p in self.PARAMS.items() if not isinstance(vars(self).get(k), State)} | self._adhoc
        return {k: p if (unit := self.param_unit(p)) == p.unit else replace(p, unit=unit) for k, p in params.items()}

    def given(self) -> tuple[str, ...]:
        """Return the names of the parameters that have a value."""
        return tuple(self._values)

    def magnitude(self, name: str) -> np.ndarray:
        """Return a parameter as floats in its declared unit."""
        return self._values[name][0]

    def kernel_value(self, name: str) -> np.ndarray:
        """Return a parameter as floats in its kernel unit."""
        return self._values[name][1]

    def param_unit(self, param: Param) -> str:
        """Return the unit of a declared parameter; a subclass may choose it by what it belongs to."""
        return param.unit

    def param_value(self, name: str) -> Any:
        """Return a parameter: a quantity, inside a step a float array in its kernel unit; None where it is left out."""
        if self.inside:
            return self._bound.get(name)
        refuse_in_step(f"{self.name}: {name!r}")
        for seen in _readers:
            seen.add((id(self), name))
        if name not in self._values:
            return None
        return units.attach(np.array(self.magnitude(name)), self.specs()[name].unit)

    def set_params(self, values: dict[str, Any]) -> None:
        """Set parameters by name, all or none; together they must keep the constraints."""
        before = self.params_as_they_are()
        try:
            for name, value in values.items():
                self._set_param(self.specs()[name], value)
            self.check_params()
        except Exception:
            self.restore_params(before)
            raise

    def params_as_they_are(self) -> Any:
        """Return what `restore_params` takes."""
        return dict(self._values)

    def restore_params(self, before: Any) -> None:
        """Set the parameters that `params_as_they_are` returned."""
        self._values.clear()
        self._values.update(before)
        self._arrays.clear()

    def restore_kernel_values(self, values: dict[str, np.ndarray]) -> None:
        """Set all parameters from floats in their kernel units, unchecked."""
        specs = self.specs()
        factors = {name: units.kernel_factor(self.param_unit(specs[name])) for name in values}
        self.restore_params({k: (v if factors[k] == 1 else v / factors[k], v) for k, v in values.items()})

    def _set_param(self, param: Param, value: Any, given: bool = True) -> None:
        """Check a value and keep it, in the declared and in the kernel unit."""
        if self.inside:
            raise AttributeError(
                f"{self.name}: {param.name!r} is a parameter and cannot change inside update(); make it a State."
            )
        if value is None and param.default is None:
            self._values.pop(param.name, None)
            return
        magnitude = self.read_param(param, value, given)
        factor = units.kernel_factor(self.param_unit(param))
        self._arrays.pop(param.name, None)
        # One array where the units are the same: weights take the memory of one.
        self._values[param.name] = (magnitude, magnitude if factor == 1 else np.asarray(magnitude * factor))

    def read_param(self, param: Param, value: Any, given: bool) -> Any:
        """Return the floats of a parameter in its declared unit, checked; `given` unless it is a default."""
        who, unit = f"{self.name}: {param.name!r}", self.param_unit(param)
        try:
            units.unit(unit)
        except Exception as err:
            raise ValueError(f"{who} is declared in {unit!r}, which is no unit.") from err
        if callable(value):
            value, given = value(self.varshape), True
        magnitude = np.array(units.as_magnitude(value, unit, who) if given else float(value))
        if "varshape" in vars(self) and param.name in self.PARAMS:  # one made by hand may be a matrix
            broadcast(magnitude, self.varshape, who)
        if (param.positive and np.any(magnitude <= 0)) or (param.nonnegative and np.any(magnitude < 0)):
            sign = "> 0" if param.positive else ">= 0"
            raise ValueError(f"{who} must be {sign}, got {units.show(value if given else magnitude * 1.0)}.")
        return magnitude.astype(float)

    def check_params(self) -> None:
        """Raise where parameters do not go together; a subclass may add to it."""
        for name, param in self.PARAMS.items():
            if param.above and name in self._values and param.above in self._values:
                # A threshold may be given before the reset that it must exceed: both are known here.
                if np.any(self.kernel_value(name) <= self.kernel_value(param.above)):
                    raise ValueError(
                        f"{self.name}: {name!r} must be above {param.above!r}, "
                        f"got {name} = {units.show(getattr(self, name))}, {param.above} = "
                        f"{units.show(getattr(self, param.above))}."
                    )

    @property
    def own_input(self) -> Any:
        """The signal that drives it without being given to a runner: a rate that varies in time; None without one."""
        return self._input

    @own_input.setter
    def own_input(self, signal: Any) -> None:
        self._input = signal

    # ---------------------------------------------------------------- attributes

    def __setattr__(self, name: str, value: Any) -> None:
        if name[0] == "_":
            object.__setattr__(self, name, value)
            return
        of_class = inspect.getattr_static(type(self), name, None)
        if isinstance(of_class, Param):
            self._set_declared(name, value)
        elif self.inside:
            raise AttributeError(
                f"{self.name}: {name!r} is set inside update(), which is traced once and not run in each step; "
                f"make it a state and assign to self.{name}.value."
            )
        elif isinstance(of_class, property):
            if of_class.fset is None:
                raise AttributeError(f"{self.name}: {name!r} cannot be set.")
            object.__setattr__(self, name, value)
        elif isinstance(vars(self).get(name, of_class), State) and not isinstance(value, State):
            raise AttributeError(f"{self.name}: {name!r} is a state; assign to {name}.value.")
        elif isinstance(value, pint.Quantity):
            self._set_by_hand(name, value, of_class)
        else:
            self._set_attribute(name, value, of_class)

    def _set_declared(self, name: str, value: Any) -> None:
        """Set a declared parameter, or put a state in its place."""
        if isinstance(value, Param):
            raise TypeError(f"{self.name}: declare the Param {name!r} in the class body.")
        if isinstance(value, State):
            self._values.pop(name, None)
            value.name = value.name or name
            vars(self)[name] = value
        elif isinstance(vars(self).get(name), State):
            raise AttributeError(f"{self.name}: {name!r} is a state; assign to {name}.value.")
        else:
            object.__setattr__(self, name, value)

    def _set_by_hand(self, name: str, value: pint.Quantity, of_class: Any) -> None:
        """Make a quantity that is assigned a parameter."""
        if of_class is not None:
            raise AttributeError(f"{self.name}: {name!r} is fixed by the class {type(self).__name__}, no parameter.")
        self._refuse_typo(name)
        param = self._adhoc.get(name) or Param(None, units.unit_of(value), name=name)
        self._set_param(param, value)
        self._adhoc[name] = param

    def _set_attribute(self, name: str, value: Any, of_class: Any) -> None:
        if not isinstance(value, Tree | State | Reference) and not is_data(value):
            if of_class is None and name not in vars(self):
                self._refuse_typo(name)
            self._refuse_incomparable(name, value)
        self._adhoc.pop(name, None)
        self._values.pop(name, None)
        if isinstance(value, State) and not value.name:
            value.name = name
        object.__setattr__(self, name, value)

    def _refuse_typo(self, name: str) -> None:
        """Refuse a new name that no code of the class uses, and that looks like one that it has."""
        if name in self._adhoc or name in _names_used(type(self)):
            return
        known = [*self.PARAMS, *self._adhoc, *self.STATES, *self.OPTIONS, *(k for k in vars(self) if k[0] != "_")]
        if hint := _did_you_mean(name, known):
            if hint != ".":
                raise AttributeError(f"{self.name} has no attribute {name!r}{hint} It has {', '.join(known)}.")

    def _refuse_incomparable(self, name: str, value: Any) -> None:
        """Refuse what a compiled program could not see changing."""
        if isinstance(value, bool | int | float | str | None):
            return
        frozen = code.Frozen(lambda item: "known" if isinstance(item, Tree | State | Reference) else None)
        frozen.value(value)
        if frozen.incomparable:
            raise TypeError(
                f"{self.name}: {name!r} is given {value!r}, which cannot be compared by value: a compiled step would "
                f"not see it change. Draw random numbers with noise=, keep what steps read in parameters, states or "
                f"arrays, and call what no step reads '_{name}'."
            )

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            if name in self.__dict__.get("_adhoc", {}):
                return self.param_value(name)
            if name in type(self).STATES:
                raise AttributeError(f"{self.name}: the state {name!r} is created by init_state(); call that first.")
            if name[0] == "_" and name[1:2] != "_" and self.__dict__.get("_bound") is not None:
                raise AttributeError(
                    f"{type(self).__name__}: {name!r} is read in a step. A name with an underscore is bookkeeping of "
                    f"the host; call it {name.lstrip('_')!r}, so that programs depend on it."
                )
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")

    def host_copy(self) -> dict[str, Any]:
        """Return what of the host's bookkeeping a copy of this node has for itself."""
        own = ("_values", "_arrays", "_adhoc", "_initializers")
        return {name: dict(vars(self)[name]) for name in own} | {"_clock": self._clock.copy(), "_bound": None}

    # ---------------------------------------------------------------- all of the tree

    def params(self) -> dict[str, pint.Quantity]:
        """Return all parameters of this module and those below it, by dotted path."""
        return {join(path, k): getattr(node, k) for path, node in self.nodes().items() for k in node.given()}

    def float_params(self) -> dict[str, np.ndarray]:
        """Return all parameters as float arrays in their declared units, by dotted path: what `unroll` takes."""
        dtype = jax.dtypes.canonicalize_dtype(float)
        return {join(p, k): node.magnitude(k).astype(dtype) for p, node in self.nodes().items() for k in node.given()}

    def load_float_params(self, params: dict[str, Any]) -> None:
        """Set parameters from float arrays in their declared units, e.g. after a gradient step.

        Raises:
            KeyError: a name that is no parameter.
        """
        before = self.params()
        for path in params:
            if path not in before:
                raise KeyError(f"{self.name} has no parameter {path!r}; it has {', '.join(before)}.")
        values = {path: units.attach(np.asarray(v), units.unit_of(before[path])) for path, v in params.items()}
        saving.set_params(self, values)

    def kernel_params(self) -> dict[str, jax.Array]:
        """Return parameters as float arrays in kernel units, and data, by dotted path: a step's arguments."""
        arrays: dict[str, jax.Array] = {}
        for path, node in self.nodes().items():
            arrays.update((join(path, name), node.on_device(name)) for name in node.given())
            arrays.update((join(path, name), on_device(array)) for name, array in node.data().items())
        return arrays

    def on_device(self, name: str) -> jax.Array:
        """Return a parameter as an array on the device, in the precision that is set; made once."""
        array = self._arrays.get(name)
        if array is None or array.dtype != jax.dtypes.canonicalize_dtype(float):
            array = self._arrays[name] = on_device(self.kernel_value(name))
        return array

    def structure(self) -> Structure:
        """Return what the compiled program depends on besides the arrays: equal for equal models."""
        return Structure(self)

    # ---------------------------------------------------------------- states

    def init_state(self, batch_size: int | None = None) -> None:
        """Create the states with their initial values, here and below, with a leading batch axis if asked for."""
        for child in self.children().values():
            child.init_state(batch_size)
        lead = () if batch_size is None else (batch_size,)
        for name, spec in self.STATES.items():
            vars(self)[name] = spec.create(self, lead + self.varshape)

    def initializer(self, state: State) -> Any:
        """Return what the constructor was given for the initial value of a declared state, else its default."""
        return self._initializers.get(state.name, state.init)

    def reset_state(self, batch_size: int | None = None) -> None:
        """Set the states to their initial values: `init_state` again."""
        self.init_state(batch_size)

    def reset(self, batch_size: int | None = None) -> None:
        """Reset the states and the model's own clock."""
        self.reset_state(batch_size)
        self.set_clock(Clock(0, self.clock.dt, self.clock.t0))

    def set_clock(self, clock: Clock) -> None:
        """Make this the clock of the whole tree."""
        for node in self.nodes().values():
            node._clock = clock

    def ensure_state(self) -> None:
        """Create the states that are missing, here and below; those that exist keep their values and batch."""
        nodes = list(self.nodes().values())
        ready = [node for node in nodes if node._ready]
        if len(ready) == len(nodes):
            return
        batches = {size for node in ready if (size := node.batch_size()) is not None}
        for node in ready:
            node._held = True
        try:
            for node in nodes:
                if not node._ready:  # it may be by now: a model makes the states of what is below it
                    node.init_state(*batches) if len(batches) == 1 else node.init_state()
        finally:
            for node in ready:
                node._held = False

    def batch_size(self) -> int | None:
        """Return the length of the batch axis of its states, None without one."""
        shapes = [np.shape(state.raw) for name, state in vars(self).items() if name in self.STATES]
        return next((s[0] for s in shapes if s[1:] == self.varshape and len(s) == len(self.varshape) + 1), None)

    def state_unit(self, state: State) -> str:
        """Return the unit of a declared state; a subclass may choose it by its parameters."""
        return state.unit

    def fit_to(self, dt: float) -> None:
        """Called before a run with a time step dt (ms): a network makes room for its delays."""
        for child in self.children().values():
            child.fit_to(dt)

    def stretch(self, factor: int) -> None:
        """Make what counts its steps, or keeps something for each, that of `factor` times as many, before `fit_to`."""
        for state in vars(self).values():
            if isinstance(state, State):
                state.stretch(factor)

    def stepped(self) -> None:
        """Called outside steps when steps have advanced the states."""

    def check_initial(self) -> None:
        """Raise where an initial state is not allowed; a subclass says which."""

    # ---------------------------------------------------------------- saving, devices, pytree

    def state_dict(self) -> dict[str, pint.Quantity]:
        """Return all parameters and states as quantities, by dotted path."""
        self.ensure_state()
        return self.params() | {path: state.value for path, state in self.states().items()}

    def load_state_dict(self, values: dict[str, Any]) -> None:
        """Set all parameters and states; units are converted, nothing changes if anything does not fit.

        Raises:
            KeyError: a name is missing or unexpected.
            DimensionalityError: a value has another dimension than the parameter or state of that name.
        """
        self.ensure_state()
        self.fit_to(self.clock.dt)  # room for spikes on their way
        saving.load(self, values)

    def save_states(self, file: Any) -> None:
        """Write `state_dict()` to one .npz file: arrays, units, versions. Replaced only when complete."""
        saving.write(self.state_dict(), file)

    def load_states(self, file: Any) -> None:
        """Read a file of `save_states`: see `load_state_dict`."""
        self.load_state_dict(saving.read(file))

    def to(self, device: Any) -> Node:
        """Move the states, and with them all further steps, to a JAX device; return self."""
        self.ensure_state()
        for state in self.states().values():
            state.raw = jax.device_put(state.raw, device)
        return self

    def cpu(self) -> Node:
        """Move to the first CPU device."""
        return self.to(_device("cpu"))

    def cuda(self) -> Node:
        """Move to the first CUDA device; RuntimeError if there is none."""
        return self.to(_device("cuda"))

    def tpu(self) -> Node:
        """Move to the first TPU device; RuntimeError if there is none."""
        return self.to(_device("tpu"))

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
        return {join(p, k): v for p, node in nodes for k, v in (node._bound | node.data()).items()}

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
            node.restore_kernel_values({name: np.asarray(params[join(path, name)], float) for name in node.given()})
            for name in node.data():
                vars(node)[name] = params[join(path, name)]
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


def _did_you_mean(name: str, known: list[str]) -> str:
    near = [k for k in known if k.lower() == name.lower()] or difflib.get_close_matches(name, known, 1)
    return f"; did you mean {near[0]!r}?" if near else "."


@functools.lru_cache(maxsize=1024)
def _names_used(cls: type) -> frozenset[str]:
    """Return the names of attributes and globals in the code of a class."""
    functions = (f for klass in cls.__mro__ for f in vars(klass).values() if hasattr(f, "__code__"))
    return frozenset(name for f in functions for name in code.names_in(inspect.unwrap(f).__code__))


def _refuse_taken_names(cls: type) -> None:
    """Refuse parameters and states named like something else that the bases of all models have."""
    for name, declared in vars(cls).items():
        for base in cls.__mro__[1:] if isinstance(declared, Param | State) else ():
            of_core = base.__module__.startswith(("simcore.module.", "simcore.bases."))
            names = vars(base).keys() | vars(base).get("__annotations__", {}).keys()
            if of_core and name in names and not isinstance(vars(base).get(name), Param | State):
                kind = "parameter" if isinstance(declared, Param) else "state"
                raise AttributeError(
                    f"{cls.__name__}: {name!r} is an attribute of {base.__name__}; choose another name for the {kind}."
                )


# Which parameters an initial state depends on cannot be told from the declarations: `init_state` and `check_initial`
# are free code. So a sweep lets them run and sees what they read.
_readers: list[set[tuple[int, str]]] = []


@contextlib.contextmanager
def parameters_read() -> Iterator[set[tuple[int, str]]]:
    """Yield the set of what is read in a with block, outside steps: (id of the module, name of the parameter)."""
    seen: set[tuple[int, str]] = set()
    _readers.append(seen)
    try:
        yield seen
    finally:
        _readers.remove(seen)


def _device(kind: str) -> Any:
    try:
        return jax.devices(kind)[0]
    except RuntimeError as err:
        here = ", ".join(str(d) for d in jax.devices())
        raise RuntimeError(f"JAX finds no {kind} device here; it has {here}.") from err


def _initialises(fn: Callable[..., Any]) -> Callable[..., None]:
    @functools.wraps(fn)
    def init_state(self: Node, batch_size: int | None = None, **kwargs: Any) -> None:
        if self._held:  # `ensure_state` is at work above
            return
        fn(self, batch_size, **kwargs)
        for name, value in vars(self).items():
            if isinstance(value, list | tuple) and any(isinstance(v, State) for v in value):
                raise TypeError(f"{self.name}: {name!r} is a list of states; make each an attribute of its own.")
        self._ready = True
        self.check_initial()

    return init_state


Node.init_state = _initialises(Node.init_state)  # type: ignore[method-assign]
display.show_signature(Node)
