"""The conformance kit: whoever writes an adapter proves it here."""

from imageway.testing.conformance import AdapterConformance

__all__ = ["AdapterConformance"]
