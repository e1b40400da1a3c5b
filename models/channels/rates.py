"""Rates of gates: the forms that fits of channels are written in, and those of the classic channels.

Midpoints and scales are in mV and rates in 1/ms, as papers print them. V is checked to be a voltage, the result is a
rate. All are finite with their derivatives wherever the rate is.
"""

from typing import Any

import jax
import jax.numpy as jnp

from simcore import exprel, units

Array = Any


def exp_rate(V: Array, rate: float, midpoint: float, scale: float) -> Array:
    """Return rate exp(x), x = (V - midpoint) / scale."""
    return units.quantity(rate * jnp.exp(_scaled(V, midpoint, scale)), "1/ms")


def sigmoid_rate(V: Array, rate: float, midpoint: float, scale: float) -> Array:
    """Return rate / (1 + exp(-x)), x = (V - midpoint) / scale."""
    return units.quantity(rate / (1 + jnp.exp(-_scaled(V, midpoint, scale))), "1/ms")


def linoid_rate(V: Array, rate: float, midpoint: float, scale: float) -> Array:
    """Return rate x / (1 - exp(-x)), x = (V - midpoint) / scale; its limit, rate, at x = 0."""
    return units.quantity(rate / exprel(-_scaled(V, midpoint, scale)), "1/ms")


def sigmoid(V: Array, midpoint: float, scale: float) -> Array:
    """Return 1 / (1 + exp(-x)), x = (V - midpoint) / scale, a number: where a gate comes to rest."""
    return jax.nn.sigmoid(_scaled(V, midpoint, scale))


def bell(V: Array, rise: tuple[float, float], fall: tuple[float, float]) -> Array:
    """Return 1 / (exp(x) + exp(y)), x and y = (V - midpoint) / scale by (midpoint, scale), a number.

    With scales of both signs a time constant that is largest in between.
    """
    return 1 / (jnp.exp(_scaled(V, *rise)) + jnp.exp(_scaled(V, *fall)))


def _scaled(V: Array, midpoint: float, scale: float) -> Array:
    return (units.number(V, "mV") - midpoint) / scale


def opening(alpha: Array, beta: Array, x: Array) -> Array:
    """Return dx/dt of a gate that opens with the rate alpha and closes with the rate beta."""
    return alpha * (1 - x) - beta * x


def steady(alpha: Array, beta: Array) -> Array:
    """Return where a gate with these rates comes to rest."""
    return alpha / (alpha + beta)


# ---------------------------------------------------------------- alpha, beta of gates


def hodgkin_huxley_m(V: Array) -> tuple[Array, Array]:
    """Activation of sodium. Hodgkin and Huxley (1952), rest at -65 mV, 6.3 degC."""
    return linoid_rate(V, 1.0, -40.0, 10.0), exp_rate(V, 4.0, -65.0, -18.0)


def hodgkin_huxley_h(V: Array) -> tuple[Array, Array]:
    """Inactivation of sodium. Hodgkin and Huxley (1952), rest at -65 mV, 6.3 degC."""
    return exp_rate(V, 0.07, -65.0, -20.0), sigmoid_rate(V, 1.0, -35.0, 10.0)


def hodgkin_huxley_n(V: Array) -> tuple[Array, Array]:
    """Activation of potassium. Hodgkin and Huxley (1952), rest at -65 mV, 6.3 degC."""
    return linoid_rate(V, 0.1, -55.0, 10.0), exp_rate(V, 0.125, -65.0, -80.0)


def traub_miles_m(v: Array) -> tuple[Array, Array]:
    """Activation of sodium. Traub and Miles (1991), v = V - V_T."""
    return linoid_rate(v, 1.28, 13.0, 4.0), linoid_rate(v, 1.4, 40.0, -5.0)


def traub_miles_h(v: Array) -> tuple[Array, Array]:
    """Inactivation of sodium. Traub and Miles (1991), v = V - V_T."""
    return exp_rate(v, 0.128, 17.0, -18.0), sigmoid_rate(v, 4.0, 40.0, 5.0)


def traub_miles_n(v: Array) -> tuple[Array, Array]:
    """Activation of potassium. Traub and Miles (1991), v = V - V_T."""
    return linoid_rate(v, 0.16, 15.0, 5.0), exp_rate(v, 0.5, 10.0, -40.0)


def wang_buzsaki_m(V: Array) -> tuple[Array, Array]:
    """Activation of sodium. Wang and Buzsaki (1996)."""
    return linoid_rate(V, 1.0, -35.0, 10.0), exp_rate(V, 4.0, -60.0, -18.0)


def wang_buzsaki_h(V: Array) -> tuple[Array, Array]:
    """Inactivation of sodium. Wang and Buzsaki (1996), before the factor phi."""
    return exp_rate(V, 0.07, -58.0, -20.0), sigmoid_rate(V, 1.0, -28.0, 10.0)


def wang_buzsaki_n(V: Array) -> tuple[Array, Array]:
    """Activation of potassium. Wang and Buzsaki (1996), before the factor phi."""
    return linoid_rate(V, 0.1, -34.0, 10.0), exp_rate(V, 0.125, -44.0, -80.0)
