"""What the libraries would draw on the terminal, beside the service's own words."""

from __future__ import annotations

from diffusers.utils import logging as diffusers_logging
from transformers.utils import logging as transformers_logging


def hide_progress_bars() -> None:
    """Let reading and writing weights draw no bars."""
    diffusers_logging.disable_progress_bar()
    transformers_logging.disable_progress_bar()
