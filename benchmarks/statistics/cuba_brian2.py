"""The CUBA network in Brian2: 4000 leaky integrate-and-fire neurons with current-based synapses.

Reference: Brette et al. (2007), Simulation of networks of spiking neurons: a review of tools and strategies,
J. Comput. Neurosci. 23:349-398, benchmark 2, after Vogels and Abbott (2005), J. Neurosci. 25:10786-10795.
The neurons rest at -49 mV, above threshold, without a drive; here a spike takes 1.5 ms to arrive.

Synaptic currents are in mV, their effect on V at rest. Integration is exact; g also changes while V is refractory.
"""

import brian2 as b2
import vogels_abbott_brian2

EQUATIONS = """
dV/dt = (V_rest - V + g_E + g_I) / tau : volt (unless refractory)
dg_E/dt = -g_E / tau_E : volt
dg_I/dt = -g_I / tau_I : volt
"""
CONSTANTS = {"V_rest": -49 * b2.mV}
ON_PRE = {"E": "g_E_post += 1.62 * mV", "I": "g_I_post -= 9 * mV"}

if __name__ == "__main__":
    vogels_abbott_brian2.main("CUBA", EQUATIONS, CONSTANTS, "exact", ON_PRE)
