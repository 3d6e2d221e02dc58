"""House, an invented vendor that answers at once, streams or takes jobs: the kit's own example."""
