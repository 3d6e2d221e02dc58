"""A local service for quantised Qwen-Image: one engine, one line of requests, honest words."""
