"""Labelled arrays: dimensions with names, coordinates with units; what recordings and sweeps hand out."""
