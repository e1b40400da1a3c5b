"""One network on several devices: its parts, the exchange of their spikes, and what they have in common with the whole."""
