"""plugins.toml as a file: what is wrong with it, what it looks like, and small changes to it."""
