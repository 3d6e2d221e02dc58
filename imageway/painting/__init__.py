"""Draws pictures from words by rules, without a network, a key or any AI."""

from imageway.painting.painter import finished, paint
from imageway.painting.pictures import decode, encode, thumbnail
from imageway.painting.wish import Step, Wish

__all__ = ["Step", "Wish", "decode", "encode", "finished", "paint", "thumbnail"]
