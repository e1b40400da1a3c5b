"""SONATA files: edges and spikes read, spikes written.

Source of the layout: SONATA developer guide, github.com/AllenInstitute/sonata; Dai et al. (2020), The SONATA data
format for efficient description of large-scale network models, PLoS Computational Biology 16(2), e1007696.
"""

from __future__ import annotations

import csv
from typing import Any, NamedTuple

import numpy as np
import pint

from simcore import units
from simcore.extras import load
from simcore.files import PathLike
from simcore.models import Pairs, SpikeSource

__all__ = ["Edges", "read_edges", "read_spikes", "write_spikes"]

MAGIC, VERSION = 0x0A7A, (0, 1)


class Edges(NamedTuple):
    """Edges of a SONATA file, as arguments of a projection.

    ``sc.models.Projection(cells, cells, "exc", connect=e.connect, weight=e.weight, delay=e.delay)``

    connect: the pairs of node_ids. weight: (n,), None where the file has none. delay: (n,), the same.
    source, target: the names of the node populations.
    """

    connect: Pairs
    weight: pint.Quantity | None
    delay: pint.Quantity | None
    source: str
    target: str


def read_edges(
    file: PathLike,
    population: str | None = None,
    *,
    weight_unit: str,
    types: PathLike | None = None,
    delay_unit: str = "ms",
) -> Edges:
    """Return the edges of a population.

    Args:
        file: an edges file, HDF5.
        population: its name; may be left out if there is one only.
        weight_unit: the unit of syn_weight, which the format leaves to the model: "nS", "pA", "mV", "uS".
        types: the edge types, a CSV file, of which edges take what the HDF5 file does not say of them.
        delay_unit: the unit of delay, which the format leaves open too.

    Raises:
        ValueError: there is no such population; some edges have a weight (or delay) and others none.
        ImportError: h5py is not installed.
    """
    rows = {} if types is None else _edge_types(types)
    with load("h5py", "sonata", "sc.sonata").File(file, "r") as h5:
        name, group = _population(h5, "edges", population, file)
        source, target = (group[f"{side}_node_id"] for side in ("source", "target"))
        names = [_text(ids.attrs.get("node_population", "")) for ids in (source, target)]
        pairs = Pairs(source[()].astype(np.int64), target[()].astype(np.int64))
        of_types = [rows.get((name, k), rows.get(("", k), {})) for k in np.unique(group["edge_type_id"][()]).tolist()]
        kinds = np.unique(group["edge_type_id"][()], return_inverse=True)[1]
        values = {key: _attribute(group, key, kinds, of_types, f"{file}: {name!r}") for key in ("syn_weight", "delay")}
    weight, delay = values["syn_weight"], values["delay"]
    return Edges(
        pairs,
        None if weight is None else units.attach(weight, weight_unit),
        None if delay is None else units.attach(delay, delay_unit),
        *names,
    )


def read_spikes(file: PathLike, in_size: int | tuple[int, ...], population: str | None = None) -> SpikeSource:
    """Return the spikes of a population as a source.

    Args:
        file: a spikes file, HDF5.
        in_size: the number of its nodes, which the file does not say.
        population: its name; may be left out if there is one only.

    Raises:
        ValueError: there is no such population, a node_id is beyond its size, a time is not positive.
        ImportError: h5py is not installed.
    """
    with load("h5py", "sonata", "sc.sonata").File(file, "r") as h5:
        name, group = _population(h5, "spikes", population, file)
        times, indices = group["timestamps"], group["node_ids"]
        unit = _text(times.attrs.get("units", "ms"))
        return SpikeSource(in_size, units.attach(times[()], unit), indices[()].astype(np.int64), name=name)


def write_spikes(file: PathLike, spikes: dict[str, Any]) -> None:
    """Write spikes to a new SONATA file, in ms, sorted by time.

    Args:
        file: its path.
        spikes: by the name of the population: ``{"V1": mon.spike_events}``, or (times, indices).

    Raises:
        ValueError: the spikes are of a batch, or of a population of several axes.
        ImportError: h5py is not installed.
    """
    h5py = load("h5py", "sonata", "sc.sonata")
    columns = {}
    for name, (times, indices) in spikes.items():
        ms, nodes = units.to_kernel(times, "ms", f"write_spikes: {name!r}"), np.asarray(indices)
        if nodes.ndim != 1 or ms.shape != nodes.shape:
            raise ValueError(f"write_spikes: {name!r} needs a time and one number of a neuron for each spike, got "
                             f"times {ms.shape} and neurons {nodes.shape}.")  # fmt: skip
        order = np.argsort(ms, kind="stable")
        columns[name] = ms[order], nodes[order]
    sorting = h5py.enum_dtype({"none": 0, "by_id": 1, "by_time": 2}, basetype="u1")
    with h5py.File(file, "w") as h5:
        h5.attrs.create("magic", MAGIC, dtype="u4")
        h5.attrs.create("version", VERSION, dtype="u4")
        for name, (ms, nodes) in columns.items():
            group = h5.create_group(f"spikes/{name}")
            group.attrs.create("sorting", 2, dtype=sorting)
            group.create_dataset("timestamps", data=ms, dtype="f8").attrs["units"] = "ms"
            group.create_dataset("node_ids", data=nodes, dtype="u8")


def _population(h5: Any, kind: str, name: str | None, file: Any) -> tuple[str, Any]:
    """Return the group of a population, and its name."""
    names = list(h5[kind]) if kind in h5 else []
    if name is None and len(names) == 1:
        name = names[0]
    if name is None or name not in names:
        has = f"it has {', '.join(names)}" if names else f"it has no {kind}"
        raise ValueError(f"{file}: there is no population {name!r} of {kind}; {has}.")
    return name, h5[kind][name]


def _attribute(group: Any, key: str, kinds: np.ndarray, of_types: list[dict[str, str]], who: str) -> np.ndarray | None:
    """Return an attribute of all edges (n,): that of its group of edges, else that of its type; None without any.

    Args:
        group: the population.
        key: the attribute.
        kinds: (n,) which of the types an edge has.
        of_types: their attributes.
        who: for messages.
    """
    values = np.array([float(row.get(key) or "nan") for row in of_types])[kinds] if kinds.size else np.zeros(0)
    of_group = group["edge_group_id"][()] if "edge_group_id" in group else np.zeros(kinds.size, int)
    place = group["edge_group_index"][()] if "edge_group_index" in group else np.arange(kinds.size)
    for number in np.unique(of_group):
        if str(number) in group and key in group[str(number)]:
            chosen = of_group == number
            values[chosen] = group[str(number)][key][()][place[chosen]]
    missing = np.isnan(values)
    if missing.all():
        return None
    if missing.any():
        raise ValueError(f"{who}: {np.count_nonzero(missing)} of {values.size} edges have no {key}, neither in the "
                         "file nor by their types.")  # fmt: skip
    return values


def _edge_types(file: Any) -> dict[tuple[str, int], dict[str, str]]:
    """Return the rows of an edge types file, by population ("" without one) and edge_type_id."""
    with open(file, newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter=" "))
    given = [{k: v for k, v in row.items() if v not in ("", "NULL", "NONE", None)} for row in rows]
    return {(row.get("population", ""), int(row["edge_type_id"])): row for row in given}


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
