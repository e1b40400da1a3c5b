"""Rules of connection."""
