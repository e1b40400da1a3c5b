"""Integrators: one step of y' = f(y)."""
