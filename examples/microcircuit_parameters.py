"""Parameters of the cortical microcircuit, and what scaling it down does to them. Any simulator can import this.

Reference: Potjans and Diesmann (2014), The cell-type specific cortical microcircuit: relating structure and activity in
a full-scale spiking network model, Cereb. Cortex 24:785-806, tables 4 and 5. The compensation of a smaller in-degree is
van Albada, Helias and Diesmann (2015), Scalability of asynchronous networks is limited by one-to-one mapping between
effective connectivity and correlations, PLoS Comput. Biol. 11:e1004490.

Matrices have the target in the row and the source in the column. In ms, mV, pA, pF, Hz.
"""

import numpy as np

POPULATIONS = ["L23E", "L23I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I"]
FULL_SIZES = np.array([20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948])
CONNECTION = np.array(  # probability that a pair has at least one synapse
    [
        [0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0.0000, 0.0076, 0.0000],
        [0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0.0000, 0.0042, 0.0000],
        [0.0077, 0.0059, 0.0497, 0.1350, 0.0067, 0.0003, 0.0453, 0.0000],
        [0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0.0000, 0.1057, 0.0000],
        [0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0.0000],
        [0.0548, 0.0269, 0.0257, 0.0022, 0.0600, 0.3158, 0.0086, 0.0000],
        [0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252],
        [0.0364, 0.0010, 0.0034, 0.0005, 0.0277, 0.0080, 0.0658, 0.1443],
    ]
)
EXTERNAL_INDEGREE = np.array([1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100])
EXTERNAL_RATE = 8.0  # of one external input, a Poisson process, Hz

# C dV/dt = -C (V - E_L) / tau + I + I_dc, dI/dt = -I / tau_syn; a spike adds its weight to I. V is held after a spike.
NEURON = {"C": 250.0, "tau": 10.0, "tau_ref": 2.0, "tau_syn": 0.5, "E_L": -65.0, "V_th": -50.0, "V_reset": -65.0}
V_START = (-58.0, 10.0)  # mean and standard deviation of a normal distribution, cut nowhere: a fifth starts above V_th

WEIGHT = 87.81  # of an excitatory synapse, recurrent or external: a potential of 0.15 mV at its peak
INHIBITION = -4.0  # of an inhibitory weight over an excitatory one
L4E_TO_L23E = 2.0  # factor of that weight
WEIGHT_SPREAD = 0.1  # standard deviation over the mean; recurrent weights are normal, external ones all the mean
DELAY = {"E": (1.5, 0.75), "I": (0.75, 0.375)}  # by source: mean and standard deviation of a normal distribution
MIN_DELAY = 0.1  # a delay below it is drawn again; then delays are rounded to the nearest step

# Mean rates of the full-scale model, of which scaling keeps the mean input, as NEST's PyNEST version of the model has.
FULL_RATES = np.array([0.903, 2.965, 4.414, 5.876, 7.569, 8.633, 1.105, 7.829])

DT = 0.1
TRANSIENT, WINDOW = 300.0, 1000.0


def sizes(scale: float) -> np.ndarray:
    """Return the number of neurons by population, (8,), half rounded to even."""
    return np.round(scale * FULL_SIZES).astype(int)


def full_synapses() -> np.ndarray:
    """Return the number of synapses of the full model, (8, 8), not rounded, from the probability of at least one."""
    pairs = np.outer(FULL_SIZES, FULL_SIZES).astype(float)
    return np.log1p(-CONNECTION) / np.log1p(-1 / pairs)


def synapses(scale: float) -> np.ndarray:
    """Return the number of synapses, (8, 8): neurons and inputs of each are both scaled.

    This many pairs are drawn, source and target each uniformly and with replacement; a pair may come twice, and a
    neuron may project to itself.
    """
    return np.round(scale**2 * full_synapses()).astype(int)


def full_weights() -> np.ndarray:
    """Return the mean weight of the full model, (8, 8), pA."""
    weights = np.tile([WEIGHT, INHIBITION * WEIGHT], (8, 4))
    weights[POPULATIONS.index("L23E"), POPULATIONS.index("L4E")] *= L4E_TO_L23E
    return weights


def weights(scale: float) -> np.ndarray:
    """Return the mean weight, (8, 8), pA: fewer inputs are stronger, such that the input's variance stays."""
    return full_weights() / np.sqrt(scale)


def external_weight(scale: float) -> float:
    """Return the weight of an external input, pA."""
    return float(WEIGHT / np.sqrt(scale))


def external_rates(scale: float) -> np.ndarray:
    """Return the rate of all external inputs of a neuron together, by population, (8,), Hz."""
    return EXTERNAL_RATE * scale * EXTERNAL_INDEGREE


def dc_current(scale: float) -> np.ndarray:
    """Return the constant current that restores the mean input at the full model's rates, by population, (8,), pA.

    Inputs fewer by scale and stronger by 1 / sqrt(scale) leave sqrt(scale) of the mean.
    """
    indegrees = full_synapses() / FULL_SIZES[:, None]
    weighted = (full_weights() * indegrees) @ FULL_RATES + WEIGHT * EXTERNAL_INDEGREE * EXTERNAL_RATE  # pA Hz
    return 1e-3 * (1 - np.sqrt(scale)) * NEURON["tau_syn"] * weighted  # 1e-3: ms Hz
