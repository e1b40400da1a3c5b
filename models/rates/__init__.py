"""Populations whose output is a rate: rate units, neural masses, phase oscillators."""
