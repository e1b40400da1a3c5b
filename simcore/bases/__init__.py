"""What models derive from: populations, neurons, parts, links, networks."""
