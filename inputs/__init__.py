"""Input generators: sampled waveforms, noise, functions of t."""

from .currents import (
    constant_input,
    ramp_input,
    section_input,
    sinusoidal_input,
    spike_input,
    square_input,
    step_input,
)
from .function import Function, function
from .noise import ou_process, wiener_process
from .waveform import Waveform, concatenate

__all__ = [
    "Function",
    "Waveform",
    "concatenate",
    "constant_input",
    "function",
    "ou_process",
    "ramp_input",
    "section_input",
    "sinusoidal_input",
    "spike_input",
    "square_input",
    "step_input",
    "wiener_process",
]
