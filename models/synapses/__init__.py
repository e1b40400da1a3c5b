"""Projections and how their spikes wait."""
