"""Bridges to the files of other tools; what they need is imported when it is first used."""
