"""Ion channels: the rates of their gates."""
