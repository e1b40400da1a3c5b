"""Sources of spikes."""
