"""Arrivals: the rows of plastic synapses with delays of their own, by presynaptic neuron and delay.

A spike of a neuron whose synapses have D delays arrives D times: as one spike of each of D neurons, row by row. So a
weight is read, and changed, when the spike is there. A step looks at the words of D earlier steps: bits, not synapses.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from simcore import memory

from .layout import Layout, number_type


class Arrivals(NamedTuple):
    """Synapses by presynaptic neuron and delay: row i * D + d of neuron i and the d-th delay.

    Attributes:
        steps: (D,) int32, the delays that there are, in steps.
        ptr: (n_pre * D + 1,) uint32.
        targets: (n,) the postsynaptic neurons.
        synapse: (n,) uint32, the numbers of the synapses.
    """

    steps: Any
    ptr: Any
    targets: Any
    synapse: Any


def by_delay(layout: Layout, steps: np.ndarray, n_post: int, who: str) -> Arrivals:
    """Return the synapses by neuron and delay.

    Args:
        layout: the synapses by neuron.
        steps: the delay of each, in steps, (n,).
        n_post: the size of the postsynaptic population.
        who: for errors.

    Raises:
        MemoryError: the rows would not fit.
    """
    pre, post = layout.synapses()
    delays, number = np.unique(steps, return_inverse=True)
    n_rows = (layout.ptr.size - 1) * delays.size
    memory.require(16.0 * n_rows, f"{who}: {n_rows:.3g} rows, for {delays.size} delays of each neuron")
    row = pre * delays.size + number
    order = np.argsort(row, kind="stable")
    ptr = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=n_rows))]).astype(np.uint32)
    targets = post[order].astype(number_type(n_post))
    return Arrivals(delays.astype(np.int32), ptr, targets, order.astype(np.uint32))
