"""What any HTTP service of ours needs: limits, one shape of errors, events out."""
