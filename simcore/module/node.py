"""Module: the base of all models, and how a step is bound to floats.

Outside a step, ``lif.tau`` and ``lif.V.value`` are quantities. Inside, they are the float arrays bound for that step
(`Module.bind`), in the kernel units of `simcore.units`.
"""

from __future__ import annotations

import contextlib
import difflib
import functools
import inspect
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import jax
import numpy as np
import pint

from .. import units
from ..units.clock import Clock
from . import display as describe
from . import saving as storage
from . import structure
from .declare import Param, State, broadcast, on_device
from .structure import Structure, Template, join


class Module:
    """Base of everything that has parameters and states: neurons, layers, networks.

    A subclass declares `Param`s and `State`s in its body, or assigns quantities (they become parameters) and
    states by hand; modules assigned to attributes, or in lists and dicts, are its children. Names are dotted
    paths from the root: "layer1.V".

    A call from outside, ``spikes = model.update(1.5 * mA)``, is one compiled step: units are checked, the
    states and the model's own clock advance. Within another model's step it is plain `jax.numpy` code.
    """

    PARAMS: ClassVar[dict[str, Param]] = {}
    STATES: ClassVar[dict[str, State]] = {}
    OPTIONS: ClassVar[tuple[str, ...]] = ()
    name: str
    clock: Clock

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.PARAMS, cls.STATES = {}, {}
        for klass in reversed(cls.__mro__):
            own = {k: v for k, v in vars(klass).items() if isinstance(v, Param)}
            # Parameters declared again move behind the inherited ones: a subclass orders its own. What a class
            # overrides by something else is no parameter or state any more.
            cls.PARAMS = {k: v for k, v in cls.PARAMS.items() if k not in vars(klass)} | own
            kept = {k: v for k, v in cls.STATES.items() if k not in vars(klass)}
            cls.STATES = kept | {k: v for k, v in vars(klass).items() if isinstance(v, State)}
        cls.PARAMS = dict(sorted(cls.PARAMS.items(), key=lambda item: item[1].default is None))  # optional ones last
        for method in ("update", "__call__", "get_spike"):
            if method in vars(cls):
                setattr(cls, method, _entry(vars(cls)[method]))
        if "init_state" in vars(cls):
            cls.init_state = _initialises(vars(cls)["init_state"])  # type: ignore[method-assign]
        if "__init__" not in vars(cls) and hasattr(cls.__init__, "generic"):
            cls.__signature__ = describe.signature(cls)  # type: ignore[attr-defined]
        if cls.PARAMS or cls.STATES:
            cls.__doc__ = f"{inspect.cleandoc(cls.__doc__ or '')}\n\n{describe.table(cls)}"
        jax.tree_util.register_pytree_node(cls, lambda m: m.tree_flatten(), cls.tree_unflatten)

    def __init__(self, *args: Any, name: str | None = None, **kwargs: Any) -> None:
        self.name = name or type(self).__name__
        values = self._bind_arguments(args, kwargs)
        for key, param in self.PARAMS.items():
            value = values.get(key, param.default)
            if value is not None:
                self._set_param(param, value, given=key in values)
        self._check_order()

    __init__.generic = True  # type: ignore[attr-defined]

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        self = super().__new__(cls)
        # Set before __init__, so that a subclass may assign attributes before it calls super().__init__().
        own: dict[str, Any] = {"_values": {}, "_arrays": {}, "_adhoc": {}, "_initializers": {}, "_data": {}}
        for key, value in (own | {"_bound": None, "_ready": False, "clock": Clock(), "name": cls.__name__}).items():
            object.__setattr__(self, key, value)
        return self

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
                known = [*self.PARAMS, *keywords, *self.OPTIONS]
                near = difflib.get_close_matches(key, known, 1)
                hint = f"; did you mean {near[0]!r}?" if near else "."
                has = ", ".join(self.PARAMS) or "none"
                raise TypeError(f"{self.name} has no parameter {key!r}{hint} It has {has}.")
        return values

    def _specs(self) -> dict[str, Param]:
        return self.PARAMS | self._adhoc if self._adhoc else self.PARAMS

    def _param(self, name: str) -> Any:
        if self._bound is not None:
            return self._bound.get(name)
        for seen in _readers:
            seen.add((id(self), name))
        if name not in self._values:
            return None
        return units.attach(np.array(self._values[name][0]), self._specs()[name].unit)

    def _set_param(self, param: Param, value: Any, given: bool = True) -> None:
        """Check a value and keep it, in the declared and in the kernel unit."""
        who = f"{self.name}: {param.name!r}"
        if self._bound is not None:
            raise AttributeError(f"{who} is a parameter and cannot change inside update(); make it a State.")
        if value is None and param.default is None:
            self._values.pop(param.name, None)
            return
        try:
            units.unit(param.unit)
        except Exception as err:
            raise ValueError(f"{who} is declared in {param.unit!r}, which is no unit.") from err
        shape = getattr(self, "varshape", ())
        if callable(value):
            value, given = value(shape), True
        magnitude = np.array(units.as_magnitude(value, param.unit, who) if given else float(value))
        if "varshape" in vars(self) and param.name in self.PARAMS:  # one made by hand may be a matrix
            broadcast(magnitude, shape, who)
        if (param.positive and np.any(magnitude <= 0)) or (param.nonnegative and np.any(magnitude < 0)):
            sign = "> 0" if param.positive else ">= 0"
            raise ValueError(f"{who} must be {sign}, got {units.show(value if given else magnitude * 1.0)}.")
        magnitude = magnitude.astype(float)
        self._arrays.pop(param.name, None)
        self._values[param.name] = (magnitude, np.asarray(magnitude * units.kernel_factor(param.unit)))

    def _check_order(self) -> None:
        for name, param in self.PARAMS.items():
            if param.above and name in self._values and param.above in self._values:
                # A threshold may be given before the reset that it must exceed: both are known here.
                if np.any(self._values[name][1] <= self._values[param.above][1]):
                    raise ValueError(
                        f"{self.name}: {name!r} must be above {param.above!r}, "
                        f"got {name} = {units.show(getattr(self, name))}, {param.above} = "
                        f"{units.show(getattr(self, param.above))}."
                    )

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self.PARAMS:
            if isinstance(value, Param):
                raise TypeError(f"{self.name}: declare the Param {name!r} in the class body.")
            old = self._values.get(name)
            try:
                object.__setattr__(self, name, value)
            except Exception:
                self._values.pop(name, None)
                self._values.update({} if old is None else {name: old})
                raise
        elif self._bound is not None and not name.startswith("_"):
            raise AttributeError(
                f"{self.name}: {name!r} is set inside update(), which is traced once and not run in each step; "
                f"make it a state and assign to self.{name}.value."
            )
        elif isinstance(vars(self).get(name, vars(type(self)).get(name)), State) and not isinstance(value, State):
            raise AttributeError(f"{self.name}: {name!r} is a state; assign to {name}.value.")
        elif isinstance(value, pint.Quantity) and hasattr(type(self), name):
            raise AttributeError(f"{self.name}: {name!r} is fixed by the class {type(self).__name__}, no parameter.")
        elif isinstance(value, pint.Quantity):
            param = self._adhoc.get(name) or Param(None, units.unit_of(value))
            object.__setattr__(param, "name", name)
            self._set_param(param, value)
            self._adhoc[name] = param
        else:
            self._adhoc.pop(name, None)
            self._values.pop(name, None)
            if isinstance(value, State) and not value.name:
                value.name = name
            object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> Any:
        if name in self.__dict__.get("_adhoc", {}):
            return self._param(name)
        if name in type(self).STATES:
            raise AttributeError(f"{self.name}: the state {name!r} is created by init_state(); call that first.")
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")

    # ---------------------------------------------------------------- the tree of modules

    def children(self) -> dict[str, Module]:
        """Return the modules right below this one: attributes, or items of lists and dicts among them, by path."""
        found: dict[str, Module] = {}

        def visit(path: str, value: Any) -> None:
            if isinstance(value, Module):
                found[path] = value
            elif isinstance(value, dict | list | tuple):
                for key, item in value.items() if isinstance(value, dict) else enumerate(value):
                    visit(f"{path}.{key}", item)

        for name, value in vars(self).items():
            if isinstance(value, Module | dict | list | tuple) and name[0] != "_":
                visit(name, value)
        return found

    def nodes(self) -> dict[str, Module]:
        """Return this module ("") and all modules below it, by dotted path; a shared one by its first path."""
        found: dict[str, Module] = {}

        def visit(path: str, node: Module) -> None:
            if all(node is not other for other in found.values()):
                found[path] = node
                for name, child in node.children().items():
                    visit(join(path, name), child)

        visit("", self)
        return found

    def params(self) -> dict[str, pint.Quantity]:
        """Return all parameters of this module and those below it, by dotted path."""
        return {join(p, k): getattr(n, k) for p, n in self.nodes().items() for k in n._specs() if k in n._values}

    def states(self) -> dict[str, State]:
        """Return all states of this module and those below it, by dotted path. They exist after `init_state`."""
        nodes = self.nodes().items()
        return {join(p, k): s for p, n in nodes for k, s in vars(n).items() if isinstance(s, State)}

    def float_params(self) -> dict[str, np.ndarray]:
        """Return all parameters as float arrays in their declared units, by dotted path: what `unroll` takes."""
        dtype = jax.dtypes.canonicalize_dtype(float)
        return {join(p, k): v[0].astype(dtype) for p, n in self.nodes().items() for k, v in n._values.items()}

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
        storage.set_params(self, values)

    def kernel_params(self) -> dict[str, jax.Array]:
        """Return parameters as float arrays in kernel units, and connections, by dotted path: a step's arguments."""
        dtype, found = jax.dtypes.canonicalize_dtype(float), {}
        for path, node in self.nodes().items():
            for key, (_, kernel) in node._values.items():
                array = node._arrays.get(key)
                if array is None or array.dtype != dtype:
                    array = node._arrays[key] = on_device(kernel)
                found[join(path, key)] = array
            found.update((join(path, key), array) for key, array in node._data.items())
        return found

    def structure(self) -> Structure:
        """Return what the compiled program depends on besides the arrays: equal for equal models."""
        return Structure(self)

    @contextlib.contextmanager
    def bind(self, params: dict[str, Any], states: dict[str, Any]) -> Iterator[None]:
        """Make parameters and states the given float arrays (kernel units) in a with block; restore them after."""
        nodes, own = self.nodes(), self.states()
        before = {path: (state.raw, state._inside) for path, state in own.items()}
        try:
            for path, node in nodes.items():
                bound = {k: params[join(path, k)] for k in (*node._values, *node._data)}
                object.__setattr__(node, "_bound", bound)
                node.__dict__["_path"] = path
            for path, state in own.items():
                state.raw, state._inside = states[path], True
            for node in nodes.values():
                node.pair()
            yield
        finally:
            for node in nodes.values():
                object.__setattr__(node, "_bound", None)
            for path, state in own.items():
                state.raw, state._inside = before[path]
            for node in nodes.values():
                node.pair()

    # ---------------------------------------------------------------- states

    def init_state(self, batch_size: int | None = None) -> None:
        """Create the states with their initial values, here and below, with a leading batch axis if asked for."""
        for child in self.children().values():
            child.init_state(batch_size)
        lead = () if batch_size is None else (batch_size,)
        for name, spec in self.STATES.items():
            self.__dict__[name] = spec.create(self, lead + getattr(self, "varshape", ()))

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
            object.__setattr__(node, "clock", clock)

    def ensure_state(self) -> None:
        """Create the states unless they are there, here and below."""
        for node in self.nodes().values():
            if not node._ready:
                node.init_state()

    def settled(self) -> None:
        """Called inside a step after each update()."""

    def pair(self) -> None:
        """Called when the arrays of a step are bound."""

    def state_unit(self, state: State) -> str:
        """Return the unit of a declared state; a subclass may choose it by its parameters."""
        return state.unit

    def fit_to(self, dt: float) -> None:
        """Called before a run with a time step dt (ms): a network makes room for its delays."""
        for child in self.children().values():
            child.fit_to(dt)

    def data(self, name: str) -> Any:
        """Return, inside a step, an array of connections or events that enters it as an argument; None without it."""
        return self._bound.get(name)  # type: ignore[attr-defined]

    def fixed_for(self, param: str) -> str:
        """Return why a sweep cannot give a parameter other values, in a clause; "" if it can. A subclass says which."""
        return ""

    def check_initial(self) -> None:
        """Raise where an initial state is not allowed; a subclass says which."""

    def check_input(self, shape: tuple[int, ...]) -> None:
        """Raise where an input of this shape does not fit; a subclass says which."""

    def update(self, x: Any) -> Any:
        """Advance the states by one step under the input x and return the output."""
        raise NotImplementedError(f"{type(self).__name__} defines no update().")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What a runner calls: `update`."""
        return self.update(*args, **kwargs)

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
        storage.load(self, values)

    def save_states(self, file: Any) -> None:
        """Write `state_dict()` to one .npz file: arrays, units, versions. Replaced only when complete."""
        storage.write(self.state_dict(), file)

    def load_states(self, file: Any) -> None:
        """Read a file of `save_states`: see `load_state_dict`."""
        self.load_state_dict(storage.read(file))

    def to(self, device: Any) -> Module:
        """Move the states, and with them all further steps, to a JAX device; return self."""
        self.ensure_state()
        for state in self.states().values():
            state.raw = jax.device_put(state.raw, device)
        return self

    def cpu(self) -> Module:
        """Move to the first CPU device."""
        return self.to(_device("cpu"))

    def cuda(self) -> Module:
        """Move to the first CUDA device; RuntimeError if there is none."""
        return self.to(_device("cuda"))

    def tpu(self) -> Module:
        """Move to the first TPU device; RuntimeError if there is none."""
        return self.to(_device("tpu"))

    def tree_flatten(self) -> tuple[list[Any], Any]:
        """Return the arrays of parameters and states (kernel units) and the structure, as a JAX pytree."""
        self.ensure_state()
        return structure.flatten(self)

    @classmethod
    def tree_unflatten(cls, template: Template, leaves: Any) -> Module:
        """Return a copy of the model with other arrays; with traced ones it is bound to them, as in a step."""
        return structure.unflatten(template, *leaves)

    # ---------------------------------------------------------------- display

    def __repr__(self) -> str:
        values = [f"{k}={v}" for k, v, _ in describe.rows(self)] if self._bound is None else []
        shape = [str(self.varshape)] if "varshape" in vars(self) else []
        return f"{type(self).__name__}({', '.join(shape + values)})"

    def _repr_html_(self) -> str:
        return describe.html(self)


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


def _entry(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap update, __call__ or get_spike: plain code inside a step, one checked and compiled step from outside."""

    @functools.wraps(fn)
    def call(self: Module, *args: Any, **kwargs: Any) -> Any:
        if self._bound is not None:
            out = fn(self, *args, **kwargs)
            if fn.__name__ == "update":
                self.settled()
            return out
        from ..step import direct

        if fn.__name__ == "get_spike":
            return direct.evaluate(self, fn, *args, **kwargs)
        return direct.step(self, fn, args, kwargs)

    return call


def _initialises(fn: Callable[..., Any]) -> Callable[..., None]:
    @functools.wraps(fn)
    def init_state(self: Module, batch_size: int | None = None, **kwargs: Any) -> None:
        fn(self, batch_size, **kwargs)
        for name, value in vars(self).items():
            if isinstance(value, list | tuple) and any(isinstance(v, State) for v in value):
                raise TypeError(f"{self.name}: {name!r} is a list of states; make each an attribute of its own.")
        object.__setattr__(self, "_ready", True)
        self.check_initial()

    return init_state


Module.init_state = _initialises(Module.init_state)  # type: ignore[method-assign]
