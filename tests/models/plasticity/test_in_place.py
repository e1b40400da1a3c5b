"""Synapses change in place: the compiled loop copies none of their arrays, which would cost as much as all of them."""

import math
import re

import pytest

N, BEFORE = 1009, 37  # neurons on each side: no other array has as many values as there are synapses

RUN = """
import os
os.environ["XLA_FLAGS"] = f"--xla_backend_optimization_level=0 --xla_dump_to={folder} --xla_dump_hlo_as_text"
import simcore as sc
from simcore.models import LIF, STDP, AllToAll, Delta, Exponential, PoissonGroup, Projection, TripletSTDP
from simcore.units import Gohm, Hz, ms, mV

source = PoissonGroup(before, 50 * Hz)
cells = LIF(n, R=1 * Gohm, receptors={"e": Delta()})
spread = sc.init.Uniform(1 * ms, 3 * ms)
rules = {"STDP": STDP, "triplets": TripletSTDP, "joint": STDP, "delays that differ": STDP, "not plastic": None}
links = {
    f"link{k}": Projection(
        source, cells, "e", connect=AllToAll(), weight=1e-4 * mV,
        delay=spread if case in ("delays that differ", "not plastic") else 1 * ms,
        plasticity=rules[case] and rules[case](w_max=0.02 * mV),
    )
    for k in range(6 if case == "joint" else 1)
}
net = sc.Network(source=source, cells=cells, **links)
sc.DSRunner(net, {"n": "cells.spike_count"}, progress_bar=False).run(20 * ms)
"""


@pytest.mark.parametrize("case", ["STDP", "triplets", "joint", "delays that differ", "not plastic"])
def test_no_array_of_the_size_of_the_synapses_is_copied_in_the_loop(case, other_process, tmp_path):
    process = other_process(RUN, folder=str(tmp_path), case=case, n=N, before=BEFORE)
    process.join(300)
    assert process.exitcode == 0
    (program,) = (file.read_text() for file in tmp_path.glob("*jit_advance*after_optimizations.txt"))
    in_loops = program[: program.index("\nENTRY ")]
    assert re.search(rf"\[(\d,)?{N * BEFORE}\]", in_loops) or case == "joint"
    copies = re.findall(r"= \w+\[([\d,]+)\]\S* copy\(", in_loops)
    assert max((math.prod(map(int, shape.split(","))) for shape in copies), default=0) < N * BEFORE
