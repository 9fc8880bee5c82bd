"""Quantiles of samples, by linear interpolation between them (type 7 of Hyndman and Fan, as NumPy and R do)."""

from collections.abc import Sequence
from math import floor


def quantile(ordered: Sequence[float], share: float) -> float:
    """The value below which ``share`` (0 to 1) of the samples lie; they are sorted, and there is at least one."""
    place = share * (len(ordered) - 1)
    below = min(floor(place), len(ordered) - 1)
    above = min(below + 1, len(ordered) - 1)
    low, high = ordered[below], ordered[above]
    return low if low == high else low + (high - low) * (place - below)
