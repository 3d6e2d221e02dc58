"""What PyTorch was built with."""

from torch.backends import mps as mps
