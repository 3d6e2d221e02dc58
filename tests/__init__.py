"""One file for one file, and what the tests share."""
