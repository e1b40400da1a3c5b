"""One network on several devices: its parts, and the exchange of their spikes."""
