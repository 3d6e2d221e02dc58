"""One folder a vendor; none knows another."""
