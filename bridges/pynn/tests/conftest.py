import pytest


@pytest.fixture
def sim():
    """The simulator, with a new simulation of 0.1 ms steps."""
    import pyNN.simcore as sim

    sim.setup(timestep=0.1, min_delay=0.1)
    yield sim
    sim.end()
