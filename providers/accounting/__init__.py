"""The callers' money and pace: what a picture costs, and what a key may spend."""
