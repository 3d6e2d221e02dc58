"""The real engine: Qwen-Image by diffusers, quantised by SDNQ; nobody else may import those."""
