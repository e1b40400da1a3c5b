"""The README's tables of PyNN's standard models, and what is there."""

import re
from pathlib import Path

import pytest
from pyNN.standardmodels import cells, electrodes, ion_channels, receptors, synapses

from pyNN import connectors

MODULES = (cells, electrodes, ion_channels, receptors, synapses, connectors)
# What others derive from, and parts of MultiCompartmentNeuron.
BASES = {"Connector", "MapConnector", "FixedNumberConnector", "Section", "HasSections"}
STANDARD = {
    name: kind
    for module in MODULES
    for name, kind in vars(module).items()
    if isinstance(kind, type) and kind.__module__ == module.__name__ and name not in BASES
}


def names_of_table(header):
    """Return the names in a table of the README, in its cells that hold names."""
    readme = (Path(__file__).parent.parent / "README.md").read_text()
    table = readme.split(f"| {header} |", 1)[1].split("\n\n", 1)[0]
    return set(re.findall(r"`(\w+)`", table)) - {"dendritic_delay_fraction"}


THERE, NOT_THERE = names_of_table("in PyNN"), names_of_table("not there")


def test_each_standard_model_of_pynn_is_in_one_of_the_tables(sim):
    short = {"ExpPSR", "AlphaPSR", "BetaPSR"}  # PyNN's second names of receptors
    assert STANDARD.keys() == (THERE - short) | NOT_THERE
    assert not THERE & NOT_THERE
    assert set(sim.__all__) >= THERE | NOT_THERE


@pytest.mark.parametrize("name", sorted(THERE & STANDARD.keys()))
def test_what_the_table_calls_there_is_pynns_own_or_derives_from_it(sim, name):
    assert issubclass(getattr(sim, name), STANDARD[name])
    assert not issubclass(getattr(sim, name), sim.missing.Missing)


@pytest.mark.parametrize("name", sorted(NOT_THERE))
def test_what_the_table_calls_not_there_is_refused_by_name(sim, name):
    with pytest.raises(NotImplementedError, match=f"^{name} is not there in pyNN.simcore: (simcore has no|PyNN) "):
        getattr(sim, name)()
