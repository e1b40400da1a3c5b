"""What a model is made of: parameters, states, children, paths; its structure, saving and display."""
