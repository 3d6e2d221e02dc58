"""A saved file taken into use while requests run."""
