"""Galleries of vendors, and their last good answers while a vendor fails."""
