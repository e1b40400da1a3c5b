"""Network: populations and the links between them, advanced together."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..module import display
from ..step.context import current
from .module import Module
from .population import Population
from .receptor import Receptor

Array = Any


class Link(Module):
    """Base of what brings spikes to receptors: projections, external input. It refers to populations, as views."""

    post: Any = None  # a view of the neurons that it reaches

    @property
    def n_synapses(self) -> int | None:
        """The number of synapses; None where they are not counted."""
        return None

    @property
    def target(self) -> Receptor | None:
        """The receptor that receives."""
        return None

    def transmit(self, x: Any = None) -> None:
        """Deliver what arrives at the end of this step; every population has been advanced."""
        raise NotImplementedError

    def places(self) -> Iterator[tuple[str, Any]]:
        """Yield the populations it refers to, by the name of their role."""
        raise NotImplementedError

    def describe(self) -> str:
        """Return what it is, for a summary."""
        return type(self).__name__

    def history(self, dt: float) -> int:
        """Return how many earlier steps of the presynaptic spikes it needs."""
        return 0

    @classmethod
    def fit_all(cls, network: Network, links: dict[str, Any], dt: float) -> None:
        """Called after `fit_to` of all links, with those of this class in a network: what they share."""

    @classmethod
    def transmit_all(cls, network: Network, links: dict[str, Any], inputs: dict[str, Any]) -> None:
        """Call `transmit` of all links of this class in a network, with their inputs."""
        for path, link in links.items():
            link.transmit(*((inputs[path],) if path in inputs else ()))


def words_of(population: Population) -> Array:
    """Return, inside a step, the packed spikes of a population that has been advanced; packed once a step."""
    packed = current().packed_spikes
    if population.path not in packed:
        packed[population.path] = population.words()
    return packed[population.path]


class Network(Module):
    """Populations and links (projections, inputs), and networks of them: ``Network(E=..., I=..., E2I=...)``.

    A step advances every population, then delivers all spikes that are due at its end; no order matters.
    Inputs go by population: ``runner.run(1 * second, inputs={"E": 200 * pA})``.

    Args:
        name: the name in messages.
        parts: modules, by name; also what is assigned to attributes belongs to the network.
    """

    def __init__(self, *, name: str | None = None, **parts: Module) -> None:
        super().__init__(name=name)
        for key, part in parts.items():
            if not isinstance(part, Population | Link | Network):
                raise TypeError(f"{self.name}: {key!r} must be a population, a projection or a network, got {part!r}.")
            if hasattr(type(self), key):
                raise ValueError(f"{self.name}: {key!r} cannot name a part; it is an attribute of Network.")
            if part.name == type(part).__name__:
                part.name = key
            setattr(self, key, part)

    def populations(self) -> dict[str, Population]:
        """Return all populations here and below, by dotted path."""
        return {path: node for path, node in self.nodes().items() if isinstance(node, Population)}

    def links(self) -> dict[str, Link]:
        """Return all links here and below, by dotted path."""
        return {path: node for path, node in self.nodes().items() if isinstance(node, Link)}

    def _links_by_kind(self) -> dict[type[Link], dict[str, Link]]:
        """Return the links by the class that says how they are transmitted: a subclass shares what its base keeps."""
        found: dict[type[Link], dict[str, Link]] = {}
        for path, link in self.links().items():
            kind = next(k for k in type(link).__mro__ if "transmit_all" in vars(k))
            found.setdefault(kind, {})[path] = link
        return found

    def update(self, x: dict[str, Any] | None = None) -> dict[str, Any]:
        """Advance by one step under inputs by population; return the spikes by population."""
        populations, inputs, spikes = self.populations(), x or {}, {}
        for path, population in populations.items():
            spikes[path] = population.update(*((inputs[path],) if path in inputs else ()))
        for population in populations.values():
            if "sent" in vars(population):
                population.send(words_of(population))
        for kind, links in self._links_by_kind().items():
            kind.transmit_all(self, links, inputs)
        for population in populations.values():
            for receptor in population.children().values():
                if isinstance(receptor, Receptor):
                    receptor.collect(population)
        return spikes

    def check_input(self, shape: Any) -> None:
        """Refuse inputs that are not given by population.

        Raises:
            TypeError: one value for the whole network.
            ValueError: there is no population of that name, or a value does not fit it.
        """
        populations = self.populations()
        if not isinstance(shape, dict):
            first = next(iter(populations), "E")
            raise TypeError(f"{self.name}: inputs go by population, e.g. inputs={{{first!r}: 200 * pA}}.")
        for path, own in shape.items():
            if path in self.links():  # its own
                continue
            if path not in populations:
                near = [k for k in populations if k.lower() == path.lower()]
                near = near or difflib.get_close_matches(path, list(populations), 1)
                hint = f"; did you mean {near[0]!r}?" if near else "."
                raise ValueError(f"{self.name} has no population {path!r}{hint} It has {', '.join(populations)}.")
            populations[path].check_input(own)

    def fit_to(self, dt: float) -> None:
        """Make room for the delays in steps of dt (ms).

        Raises:
            ValueError: a projection is from or to a population that is not in the network; spikes are on their way
                with another dt.
        """
        populations = self.populations()
        known = {id(p) for p in populations.values()}
        history = {id(p): 0 for p in populations.values()}
        for population in populations.values():
            population.fit_to(dt)
        for path, link in self.links().items():
            for role, view in link.places():
                if id(view.population) not in known:
                    raise ValueError(f"{self.name}: {role} of {path!r} is {view!r}, which is not in the network.")
            link.fit_to(dt)
            if link.history(dt):
                own = id(link.pre.population)
                history[own] = max(history[own], link.history(dt) + 1)
        for population in populations.values():
            batch = int(np.prod(population.population_shape)) // population.size
            population.hold_history(history[id(population)], batch)
        for kind, links in self._links_by_kind().items():
            kind.fit_all(self, links, dt)

    def summary(self) -> None:
        """Print populations, projections, numbers of synapses, units, and the memory that they take."""
        print(summary(self))

    def reset_state(self, batch_size: int | None = None) -> None:
        """Set the states to their initial values; spikes on their way are dropped."""
        for population in self.populations().values():
            population.drop_history()
        for key in [k for k in vars(self) if k.startswith("arriving_")]:
            del self.__dict__[key]
        super().reset_state(batch_size)


def summary(net: Network) -> str:
    """Return the text of `Network.summary`."""
    net.ensure_state()
    populations, links = net.populations(), net.links()
    n_neurons, n_synapses = (
        sum(p.size for p in populations.values()),
        sum(getattr(k, "n_synapses", 0) for k in links.values()),
    )
    size = sum(a.nbytes for a in (*net.kernel_params().values(), *(s.raw for s in net.states().values())))
    lines = [f"{net.name}: {_count(n_neurons)} neurons and sources, {_count(n_synapses)} synapses, {_bytes(size)}"]
    width = max(map(len, (*populations, *links)), default=0)
    for path, population in populations.items():
        what = (type(population).__name__, _count(population.size), *dict.fromkeys(population.methods()))
        lines.append(f"  {path:<{width}}  {', '.join(what)}")
        for key, receptor in getattr(population, "receptors", {}).items():
            values = ", ".join(f"{k} {v}" for k, v, _ in display.rows(receptor))
            lines.append(f"  {'':<{width}}    {key}: {type(receptor).__name__}, weights in {receptor.unit}, {values}")
    lines += [f"  {path:<{width}}  {link.describe()}" for path, link in links.items()]
    return "\n".join(lines)


def _count(n: int) -> str:
    return f"{n:,}".replace(",", " ")


def _bytes(n: float) -> str:
    for name in ("bytes", "KiB", "MiB"):
        if n < 1024:
            return f"{n:.3g} {name}"
        n /= 1024
    return f"{n:.3g} GiB"
