"""Nernst and Goldman-Hodgkin-Katz: what concentrations do to a current."""

from typing import Any

import jax.numpy as jnp
import numpy as np
import pint

from simcore import exprel, units

Array = Any
GAS = 8.31446261815324  # J/(K mol), CODATA 2018, exact
FARADAY = 96485.33212331  # C/mol, CODATA 2018, exact


def nernst(C_i: Array, C_o: Array, temperature: Array, valence: int) -> Array:
    """Return the Nernst potential R T / (z F) ln(C_o / C_i): 61.34 mV for a tenfold ratio at 36 degC and z = 1.

    Args:
        C_i: concentration inside, mM; a quantity, or inside a step the value of a state or parameter.
        C_o: concentration outside, mM.
        temperature: K; an absolute one: ``309.15 * K`` or ``Quantity(36, "degC")``.
        valence: of the ion, with its sign: 2 of calcium, -1 of chloride.

    Raises:
        DimensionalityError: a concentration or temperature is none.
    """
    values = {"C_i": (C_i, "mM"), "C_o": (C_o, "mM"), "temperature": (temperature, "K")}
    if any(isinstance(value, pint.Quantity | str) for value, _ in values.values()):
        inside, outside, T = (units.as_magnitude(value, unit, f"nernst: {k!r}") for k, (value, unit) in values.items())
        return units.attach(1e3 * GAS * T / (valence * FARADAY) * np.log(outside / inside), "mV")
    inside, outside, T = (units.number(value, unit) for value, unit in values.values())
    return units.quantity(1e3 * GAS / (valence * FARADAY) * T * jnp.log(outside / inside), "mV")


def ghk_current(V: Array, C_i: Array, C_o: Array, temperature: Array, valence: int) -> Array:
    """Return the current density into the neuron of a permeability of 1, inside a step: see `GHKChannel`.

    Finite with its derivatives at V = 0. It is z F (C_o - C_i) there, z F xi C_o far below 0 and -z F xi C_i far above.

    Args:
        V: mV, the value of a state.
        C_i: concentration inside, mM.
        C_o: concentration outside, mM.
        temperature: K.
        valence: of the ion, with its sign.
    """
    xi = valence * units.number(V, "mV") * (FARADAY * 1e-3 / GAS) / units.number(temperature, "K")
    return units.quantity(valence * FARADAY, "C/mol") * (C_o / exprel(xi) - C_i / exprel(-xi))
