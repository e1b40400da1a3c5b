"""Plasticity of projections: short-term and long-term."""
