"""One module for each outward API that somebody else defined."""
