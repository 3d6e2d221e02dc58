"""The service over HTTP: its own paths, OpenAI's, and the page."""
