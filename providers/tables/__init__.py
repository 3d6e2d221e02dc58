"""The tables of plugins.toml as frozen models, each with its words for the pages."""
