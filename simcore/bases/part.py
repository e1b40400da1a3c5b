"""Part: what belongs to a neuron and drives it: a receptor, a channel, a current that its spikes trigger."""

from __future__ import annotations

from typing import Any, ClassVar

from ..module.declare import HiddenState, Param, State
from ..module.node import Node

Array = Any


class Part(Node):
    """Base of parts. A part has parameters and states of its own and takes the shape of its neuron.

    A subclass declares its `HiddenState`s and gives their rates in `derivative`; all of them are integrated together
    with V, by the neuron's method. What it drives, it drives by `current`::

        class Leak(sc.bases.Part):
            g = sc.Param(10.0, "nS", "conductance")
            E = sc.Param(-70.0, "mV", "reversal potential")

            def current(self, V):
                return self.g * (self.E - V)

        neuron = MyNeuron(100, parts={"leak": Leak()})  # "leak.g" is a parameter of the neuron

    All methods work on the floats of a step, arrays of the neuron's shape.

    Args:
        name: the name in messages, until it belongs to a neuron.
    """

    _is_coupled = False  # inside a step: a network has it, so that others may act on it
    of_membrane: ClassVar[bool] = False  # whether it is only for models that say `has_membrane`

    def __init__(self, *args: Any, name: str | None = None, **kwargs: Any) -> None:
        self._later: dict[str, Any] = {}
        super().__init__(*args, name=name, **kwargs)

    def read_param(self, param: Param, value: Any, given: bool) -> Any:
        """Return the floats of a parameter; those of an initializer are drawn when the shape is known."""
        if callable(value) and "varshape" not in vars(self):
            self._later[param.name] = value  # now only checked
            value = value((1,))[0]
        return super().read_param(param, value, given)

    def attach(self, name: str, varshape: tuple[int, ...]) -> None:
        """Take the name and the shape; all parameters must broadcast to it.

        Raises:
            ValueError: they do not, or the part belongs to another model.
        """
        if "varshape" in vars(self):
            raise ValueError(f"{self.name} belongs to a model already; make one for each.")
        values = {k: self.param_value(k) for k in self.given()} | self._later
        self.name, self.varshape = f"{name} ({type(self).__name__})", varshape
        self.set_params(values)

    def integrated(self) -> dict[str, State]:
        """Return the states that `derivative` is about, by name, in the order in which they are declared."""
        return {name: vars(self)[name] for name, state in self.STATES.items() if isinstance(state, HiddenState)}

    @property
    def drives(self) -> bool:
        """Whether it adds a current."""
        return type(self).current is not Part.current

    def current(self, V: Array, *states: Array) -> Array:
        """Return what is added to the neuron's input, the first argument of its derivative after the states.

        Its unit tells what it is: pA for a neuron, uA/cm**2 for a membrane with an area.

        Args:
            V: of the neuron, `varshape` or (batch, *varshape).
            states: of the part, in the order of their declaration.
        """
        return 0.0

    def threshold(self) -> Array:
        """Return, inside a step, what is added to the threshold of the neuron, mV."""
        return 0.0

    def derivative(self, V: Array, *states: Array) -> Any:
        """Return the rates of the states: one array, or a tuple."""
        raise NotImplementedError(f"{type(self).__name__} has states and defines no derivative(V, *states).")

    def on_spike(self, spike: Array) -> None:
        """Change the states for the spikes at the end of the last step, before this one is integrated.

        Args:
            spike: 1.0 where the neuron spiked, else 0.0: ``self.w.value = self.w.value + self.b * spike``.
        """

    @property
    def is_coupled(self) -> bool:
        """Whether, inside a step, it is that of a network, in which others may act on it."""
        return self._is_coupled

    def uncouple(self) -> None:
        """Called inside a step of a network at its start, before populations act on one another."""
        self._is_coupled = True
