"""The rows of docs/nest.md: each neuron spikes where the page says that NEST's does."""

import inspect
import json
import re
from pathlib import Path

import pytest
from numpy.testing import assert_allclose

import simcore as sc
from simcore.units import ms, pA

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs/nest.md").read_text()
NEST = json.loads((ROOT / "tests/models/neurons/nest_spiking.json").read_text())["spike times (ms)"]["rows"]
ROWS = [[cell.strip() for cell in line.split("|")[1:-1]] for line in PAGE.splitlines() if line.count("|") == 6][2:]
# Where NEST does not spike by the same rule, or takes no exact steps, as the page says beside the row.
WITHIN = {"aeif_cond_exp": 0.031, "hh_psc_alpha": 0.27, "hh_cond_exp_traub": 0.12, "gif_psc_exp": 0.021}


@pytest.fixture(scope="module")
def neurons():
    scope = {}
    exec(compile("".join(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)), "docs/nest.md", "exec"), scope)
    return scope["neurons"]


def test_the_page_has_a_row_for_each_neuron_with_the_numbers_of_NEST(neurons):
    assert [row[0].strip("`") for row in ROWS] == list(neurons) == list(NEST)
    for name, _, _, times, _ in ROWS:
        assert [float(t) for t in times.split(",")] == NEST[name.strip("`")][:6]


# Others stand for the slow ones in a short run, here or in the tests of their models.
SHORT = {"`iaf_cond_beta`", "`iaf_cond_exp_sfa_rr`"}


@pytest.mark.parametrize(
    "row",
    [pytest.param(row, id=row[0].strip("`"), marks=[] if row[0] in SHORT else pytest.mark.slow) for row in ROWS],
)
def test_a_row_holds(neurons, row):
    name, current, weights, _, remark = row
    cell = neurons[name.strip("`")]
    net = sc.Network(cell=cell)
    if weights:
        *numbers, unit = weights.replace(",", "").split()
        for receptor, arrival, weight in zip(("exc", "inh"), (20, 40), numbers, strict=True):
            source = sc.models.SpikeSource(1, [arrival - 1.0] * ms, [0])
            link = sc.models.Projection(
                source, cell, receptor, connect=sc.models.OneToOne(), weight=f"{weight} {unit}", delay=1 * ms
            )
            setattr(net, receptor, source)
            setattr(net, f"to_{receptor}", link)
    runner = sc.DSRunner(net, ["cell.spike_events"], dt=0.01 * ms, progress_bar=False)
    spikes = runner.run(100 * ms, inputs={"cell": float(current.split()[0]) * pA})["cell.spike_events"]
    within = WITHIN.get(name.strip("`"), 1e-6)
    assert_allclose(spikes.times.m_as("ms"), NEST[name.strip("`")], atol=within)
    assert within < 0.01 or f"within {float(f'{within:.2f}')} ms" in remark


CALLS = [(name, arguments) for name, arguments in re.findall(r"M\.(\w+)(?:\(([^()]*)\))?", PAGE.split("Further:")[1])]


@pytest.mark.parametrize(("name", "arguments"), CALLS, ids=[name for name, _ in CALLS])
def test_what_the_second_table_names_takes_these_arguments(name, arguments):
    parameters = inspect.signature(getattr(sc.models, name)).parameters
    assert set(re.findall(r"(\w+)=", arguments)) <= set(parameters)
