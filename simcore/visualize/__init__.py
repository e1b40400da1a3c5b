"""Pictures of recordings: quantities in, axes labelled with their units. matplotlib loads with the first picture."""

from .axes import convert_quantities, get_figure
from .lines import MAX_LINES, line_plot
from .maps import heat_map
from .movie import animate
from .phase import phase_plot
from .spikes import raster_plot, rate_plot
from .statistics import interval_plot, spectrogram
from .weights import weight_histogram, weight_matrix

convert_quantities()  # else with the first recording or picture that is looked at

__all__ = [
    "MAX_LINES",
    "animate",
    "get_figure",
    "heat_map",
    "interval_plot",
    "line_plot",
    "phase_plot",
    "raster_plot",
    "rate_plot",
    "spectrogram",
    "weight_histogram",
    "weight_matrix",
]
