"""The gateway: pictures over HTTP in the words that clients already speak."""
