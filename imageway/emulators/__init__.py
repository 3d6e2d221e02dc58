"""Vendors' HTTP APIs in small, written from the vendors' documents; for tests and for trying."""
