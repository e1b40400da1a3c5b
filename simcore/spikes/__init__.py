"""Spikes as packed words, and what is done with them on each device."""
