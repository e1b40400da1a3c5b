"""Parameter sweeps: designs, points, results."""
