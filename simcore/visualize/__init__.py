"""Pictures of recordings: quantities in, axes labelled with their units. matplotlib loads with the first picture."""

from .axes import get_figure
from .lines import MAX_LINES, line_plot
from .maps import heat_map
from .spikes import raster_plot, rate_plot

__all__ = ["MAX_LINES", "get_figure", "heat_map", "line_plot", "raster_plot", "rate_plot"]
