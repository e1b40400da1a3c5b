"""One step as a pure function: its context, signals, the equation check, direct calls."""
