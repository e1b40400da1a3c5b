"""Network: populations and the links between them, advanced together."""

from __future__ import annotations

from typing import Any

from .. import memory
from ..module import display
from ..module.parameters import did_you_mean
from ..step.context import current
from .block import Block
from .dynamics import Dynamics
from .history import refuse_long_delay
from .link import Delivery, JointDelivery, Link, References, words_of
from .module import Module
from .network_html import html, parts_of, spaced
from .population import Population


class Network(Module):
    """Populations and links (projections, inputs), and networks of them: ``Network(E=..., I=..., E2I=...)``.

    A step advances every population, then delivers all spikes that are due at its end; no order matters.
    Inputs go by population: ``runner.run(1 * second, inputs={"E": 200 * pA})``.

    Args:
        name: the name in messages.
        seed: of all that is drawn for it: connections, weights, delays, initial values and parameters, noise, random
            sources; each depends on it and on the dotted path. By default 0, within a network that of the network.
        parts: modules, by name; also what is assigned to attributes belongs to the network.
    """

    deliveries: References = References(())  # what brings the spikes of all links, once it has been fitted

    def __init__(self, *, name: str | None = None, seed: int | None = None, **parts: Module) -> None:
        super().__init__(name=name)
        self.seed = seed
        for key, part in parts.items():
            if not isinstance(part, Population | Link | Network):
                raise TypeError(f"{self.name}: {key!r} must be a population, a projection or a network, got {part!r}.")
            if hasattr(type(self), key):
                raise ValueError(f"{self.name}: {key!r} cannot name a part; it is an attribute of Network.")
            if key.startswith("_"):
                raise ValueError(f"{self.name}: {key!r} cannot name a part; what begins with an underscore is none.")
            same = next((k for k, other in parts.items() if other is part), key)
            if same != key:
                raise ValueError(f"{self.name}: {same!r} and {key!r} are one part; make another one for {key!r}, or "
                                 "leave it out.")  # fmt: skip
            if part.name == type(part).__name__:
                part.name = key
            setattr(self, key, part)

    def populations(self) -> dict[str, Population]:
        """Return all populations here and below, by dotted path."""
        return {path: node for path, node in self.nodes().items() if isinstance(node, Population)}

    def links(self) -> dict[str, Link]:
        """Return all links here and below, by dotted path."""
        return {path: node for path, node in self.nodes().items() if isinstance(node, Link)}  # type: ignore[misc]

    def update(self, x: dict[str, Any] | None = None) -> dict[str, Any]:
        """Advance by one step under inputs by population; return the spikes by population."""
        populations, inputs, spikes = self.populations(), x or {}, {}
        current().packed_spikes.clear()  # of an earlier update in the same step
        for population in populations.values():
            population.uncouple()
        for delivery in self.deliveries:
            delivery.couple()
        for path, population in populations.items():
            spikes[path] = population.driven(inputs[path]) if path in inputs else population()
        for population in populations.values():
            if population.sent is not None:
                population.sent.keep(words_of(population), population.flat_spikes())
        of_links = {link: inputs[path] for path, link in self.links().items() if path in inputs}
        for delivery in self.deliveries:
            delivery.bring(of_links)
        for population in populations.values():
            population.collect()
        return spikes

    def check_input(self, shape: Any) -> None:
        """Refuse inputs that are not given by population.

        Raises:
            TypeError: one value for the whole network, or one for a part that takes none.
            ValueError: there is no population of that name, or a value does not fit it.
        """
        populations, links = self.populations(), self.links()
        if not isinstance(shape, dict):
            first = next((path for path, part in populations.items() if isinstance(part, Dynamics)), "E")
            raise TypeError(f"{self.name}: inputs go by population, e.g. inputs={{{first!r}: 200 * pA}}.")
        for path, shape_of_one in shape.items():
            if path not in populations and path not in links:
                known = [*populations, *(path for path, link in links.items() if link.takes_input)]
                raise ValueError(
                    f"{self.name} has no population {path!r}{did_you_mean(path, known)} It has {', '.join(known)}."
                )
            (populations | links)[path].check_input(shape_of_one)

    # ---------------------------------------------------------------- synapses and delays

    def draw_for(self, blocks: tuple[Block, ...]) -> None:
        """Have, of synapses that are drawn and do not change, those onto some blocks of each population alone.

        Each process of a network on several draws so what it needs; the synapses are the same, however many there are.

        Args:
            blocks: those that this process advances; (): all.
        """
        changed = {link for link in self.links().values() if link.drawn_anew_for(blocks)}
        for network in self.nodes().values() if changed else ():
            for delivery in network.deliveries if isinstance(network, Network) else ():
                if isinstance(delivery, JointDelivery) and changed.intersection(delivery.links):
                    delivery.lay_out_again()

    def fit_to(self, dt: float) -> None:
        """Make room for the delays in steps of dt (ms).

        Raises:
            ValueError: a projection is from or to a population that is not in the network; spikes are on their way
                with another dt.
        """
        populations = list(self.populations().values())
        n_slots = dict.fromkeys(populations, 0)
        for part in (*populations, *self.children().values()):
            if isinstance(part, Population) or not isinstance(part, Network | Delivery):
                part.fit_to(dt)
        for path, link in self.links().items():
            for side, view in link.ends().items():
                if view.population not in n_slots:
                    raise ValueError(f"{self.name}: {side} of {path!r} is {view!r}, which is not in the network.")
            link.fit_to(dt)
            if link.pre is not None and (steps := link.history(dt)):
                refuse_long_delay(steps, dt, path)
                n_slots[link.pre.population] = max(n_slots[link.pre.population], steps + 1)
        for population in populations:
            population.keep_history(n_slots[population])
        self._fit_deliveries(dt)

    def _fit_deliveries(self, dt: float) -> None:
        """Have the deliveries of the present links; joint ones that stay keep the spikes on their way."""
        for network in self.nodes().values():
            if isinstance(network, Network) and network is not self:
                network._set_deliveries([])  # this one delivers for all below
        groups: dict[Any, list[Link]] = {}
        for link in self.links().values():  # a subclass joins the links of its base
            groups.setdefault(type(link).deliveries.__func__, []).append(link)  # type: ignore[attr-defined]
        self._set_deliveries([made for links in groups.values() for made in type(links[0]).deliveries(links)])
        for delivery in self.deliveries:
            if isinstance(delivery, JointDelivery):
                delivery.fit_to(dt)
        self.ensure_state()  # that of new ones

    def forget_deliveries(self) -> None:
        """Have no deliveries, as before it was fitted; with spikes that are on their way in them."""
        for network in self.nodes().values():
            if isinstance(network, Network):
                for delivery in network.deliveries:
                    if isinstance(delivery, JointDelivery):
                        del network.__dict__[delivery.name]
                network.deliveries = References(())

    def _set_deliveries(self, made: list[Delivery]) -> None:
        before = {d.name: d for d in self.deliveries if isinstance(d, JointDelivery)}
        now: list[Delivery] = []
        for delivery in made:
            if isinstance(delivery, JointDelivery):
                if any(d.name == delivery.name for d in now if isinstance(d, JointDelivery)):
                    raise ValueError(f"{self.name}: two deliveries are called {delivery.name!r}; name each.")
                present = before.get(delivery.name)
                if present is None and delivery.name in vars(self):
                    raise ValueError(f"{self.name}: {delivery.name!r} cannot name a part; what delivers has that name.")
                if present is not None and present.links.modules == delivery.links.modules:
                    delivery = before.pop(delivery.name)
            now.append(delivery)
        for name, delivery in before.items():
            if delivery.waiting():
                raise ValueError(
                    f"{self.name}: spikes are on their way through other projections; call reset_state() first."
                )
            del self.__dict__[name]
        for delivery in now:
            if isinstance(delivery, JointDelivery):
                setattr(self, delivery.name, delivery)
        self.deliveries = References(now)

    # ---------------------------------------------------------------- display

    def summary(self) -> None:
        """Print populations with their parts, links, numbers of synapses, units, and the memory that they take."""
        self.ensure_state()
        arrays = (*self.kernel_params().values(), *(s.raw for s in self.states().values()))
        print(overview(self, f", {memory.shown(sum(a.nbytes for a in arrays))}"))

    def __repr__(self) -> str:
        values = [] if self.inside else [f"{k}={v}" for k, v, _ in display.rows(self)]
        parts = {k: part for k, part in self.children().items() if not part.made_by_fit}
        values += [f"{k}={type(part).__name__}" for k, part in parts.items()]
        return f"{type(self).__name__}({', '.join(values)})"

    def _repr_html_(self) -> str:
        return html(self, overview(self).partition("\n")[0])


def overview(net: Network, size: str = "") -> str:
    """Return the text of `Network.summary`; `size` is behind the counts."""
    populations, links = net.populations(), net.links()
    n_neurons = sum(population.size for population in populations.values())
    n_synapses = sum(link.n_synapses or 0 for link in links.values())
    lines = [f"{net.name}: {spaced(n_neurons)} neurons and sources, {spaced(n_synapses)} synapses{size}"]
    width = max(map(len, (*populations, *links)), default=0)
    for path, population in populations.items():
        what = (type(population).__name__, spaced(population.size), *dict.fromkeys(population.methods()))
        lines.append(f"  {path:<{width}}  {', '.join(what)}")
        lines += [f"  {'':<{width}}    {part}" for part in parts_of(population)]
    lines += [f"  {path:<{width}}  {link.describe()}" for path, link in links.items()]
    return "\n".join(lines)
