"""What PyTorch was built for."""

cuda: str | None
