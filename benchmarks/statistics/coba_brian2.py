"""The COBA network in Brian2: 4000 leaky integrate-and-fire neurons with conductance-based synapses.

Reference: Brette et al. (2007), Simulation of networks of spiking neurons: a review of tools and strategies,
J. Comput. Neurosci. 23:349-398, benchmark 1, after Vogels and Abbott (2005), J. Neurosci. 25:10786-10795.
Here the neurons rest at -60 mV, a constant drive of 20 mV keeps them active, and a spike takes 1.5 ms to arrive.

Conductances are in units of the leak's. Exponential Euler integrates g exactly, and V with the g of the step's start;
g also changes while V is refractory.
"""

import brian2 as b2
import vogels_abbott_brian2

EQUATIONS = """
dV/dt = (V_rest - V + drive + g_E * (E_E - V) + g_I * (E_I - V)) / tau : volt (unless refractory)
dg_E/dt = -g_E / tau_E : 1
dg_I/dt = -g_I / tau_I : 1
"""
CONSTANTS = {"V_rest": -60 * b2.mV, "E_E": 0 * b2.mV, "E_I": -80 * b2.mV, "drive": 20 * b2.mV}
ON_PRE = {"E": "g_E_post += 0.6", "I": "g_I_post += 6.7"}  # 6 nS and 67 nS over a leak of 10 nS

if __name__ == "__main__":
    vogels_abbott_brian2.main("COBA", EQUATIONS, CONSTANTS, "exponential_euler", ON_PRE)
