"""What else there is."""
