"""Hiding the values of secrets wherever they may appear: in what jobs print, in commands, in what is kept."""

from exlib.masking.mask import UNMASKED, Mask
from exlib.masking.stream import MaskStream

__all__ = ["UNMASKED", "Mask", "MaskStream"]
