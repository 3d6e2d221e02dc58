"""What every floor shares, and everything that an adapter author imports."""
