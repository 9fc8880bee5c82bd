"""Tests on series of numbers: did it change, since when, how sure is that; plain Python, exact where samples are small.

All p-values are two-sided. What a test assumes and how many values it needs stands with each of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

from exlib.analysis.quantiles import quantile

EXACT = 40
"""Values in both samples together up to which the rank-sum test counts all arrangements."""
NORMAL_95 = 1.959963984540054


class Split(NamedTuple):
    """Where a series changes most: values before place ``at`` against those from it on, and how sure that is.

    ``p`` is corrected for having looked at every place.
    """

    at: int
    p: float


def median(values: Sequence[float]) -> float:
    """The middle value; of an even number the mean of the two middle ones."""
    return quantile(sorted(values), 0.5)


def rank_sum(one: Sequence[float], other: Sequence[float]) -> float:
    """The p-value of Wilcoxon, Mann and Whitney's rank-sum test: are values of one sample larger than of the other?

    Mann and Whitney, "On a Test of Whether one of Two Random Variables is Stochastically Larger than the Other", 1947.
    Exact, ties included, up to ``EXACT`` values: the share of all ways to choose the first sample whose rank sum is at
    least as far from the expected one. Above, the normal approximation with correction for ties and continuity. The
    smallest value that it can give is 2 / C(n + m, n): 0.1 for 3 against 3 values, 0.008 for 5 against 5.
    """
    if not one or not other:
        return 1.0
    ranks = doubled_ranks([*one, *other])
    size, total = len(one), sum(ranks[: len(one)])
    if len(ranks) <= EXACT:
        return _exact_rank_sum(tuple(sorted(ranks)), size, total)
    return _normal_two_sided(*_distance(len(ranks), _squares(ranks), size, total))


def fisher(one_hits: int, one_size: int, other_hits: int, other_size: int) -> float:
    """The p-value of Fisher's exact test: do hits have another share of the one than of the other?

    Fisher, "Statistical Methods for Research Workers", 1934: the sum over all tables with these margins that are no
    more likely than the one that was seen.
    """
    hits, size = one_hits + other_hits, one_size + other_size

    def log_ways(k: int) -> float:
        return _log_comb(one_size, k) + _log_comb(other_size, hits - k)

    possible = range(max(0, hits - other_size), min(hits, one_size) + 1)
    whole, seen = _log_comb(size, hits), log_ways(one_hits)
    chances = [log_ways(k) for k in possible]
    return min(1.0, sum(math.exp(chance - whole) for chance in chances if chance <= seen + 1e-7))


def wilson(hits: int, size: int, z: float = NORMAL_95) -> tuple[float, float]:
    """The interval that holds the true share of hits with 95 % confidence.

    Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", 1927. Nothing seen, nothing known.
    """
    if not size:
        return 0.0, 1.0
    share, weight = hits / size, z * z / size
    middle = (share + weight / 2) / (1 + weight)
    spread = z * math.sqrt(share * (1 - share) / size + weight / (4 * size)) / (1 + weight)
    return max(0.0, middle - spread), min(1.0, middle + spread)


def adjusted(p_values: Sequence[float]) -> list[float]:
    """p-values of many tests, so that of those below a limit at most that share is expected to be false alarms.

    Benjamini and Hochberg, "Controlling the False Discovery Rate", 1995.
    """
    order = sorted(range(len(p_values)), key=p_values.__getitem__, reverse=True)
    found, smallest = [1.0] * len(p_values), 1.0
    for above, number in enumerate(order):
        smallest = min(smallest, p_values[number] * len(p_values) / (len(p_values) - above))
        found[number] = smallest
    return found


def changed(
    series: Sequence[float],
    before: int,
    after: int,
    test: Callable[[Sequence[float], Sequence[float]], float] = rank_sum,
) -> Split | None:
    """Where the later values of a series differ most from the earlier ones; None if it is too short to tell.

    At least ``before`` values stand before the place and ``after`` from it on. The place is where the rank sum is
    farthest from what it would be by chance (as of Pettitt, "A Non-parametric Approach to the Change-point Problem",
    1979), moved to where the fewest values are nearer to the other side's median: ranks alone draw it to the middle.
    The p-value of ``test`` there is multiplied by the number of places (Bonferroni), so that having chosen among them
    makes nothing look surer than it is. It takes the values for independent of each other.
    """
    places = range(before, len(series) - after + 1)
    if not places:
        return None
    place = _settled(series, places, _farthest(series, places))
    return Split(place, min(1.0, test(series[place:], series[:place]) * len(places)))


def _farthest(series: Sequence[float], places: range) -> int:
    """The place where the rank sum of what stands before is the most deviations away from what is expected."""
    ranks = doubled_ranks(series)
    squares = _squares(ranks)
    total, best, farthest = sum(ranks[: places[0]]), places[0], -1.0
    for place in places:
        distance, spread = _distance(len(ranks), squares, place, total)
        if spread and distance / spread > farthest:
            best, farthest = place, distance / spread
        total += ranks[place]
    return best


def _settled(series: Sequence[float], places: range, at: int) -> int:
    """The place near ``at`` where most values are on the side of the medians on which they stand."""
    old, new = median(series[:at]), median(series[at:])
    if old == new:
        return at
    middle, sign = (old + new) / 2, 1 if new > old else -1
    fits = [1 if (value - middle) * sign < 0 else -1 for value in series]
    score, best, highest = sum(fits[: places[0]]), at, -math.inf
    for place in places:
        if (score, -abs(place - at)) > (highest, -abs(best - at)):
            best, highest = place, score
        score += fits[place]
    return best


def doubled_ranks(values: Sequence[float]) -> list[int]:
    """Twice the rank of each value from 1 on, equal ones sharing the mean of their ranks: whole numbers all."""
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0] * len(values)
    start = 0
    while start < len(order):
        end = start
        while end < len(order) and values[order[end]] == values[order[start]]:
            end += 1
        for place in order[start:end]:
            ranks[place] = start + 1 + end
        start = end
    return ranks


def _distance(whole: int, squares: int, size: int, total: int) -> tuple[float, float]:
    """How far a sum of ``size`` of ``whole`` doubled ranks is from the expected one, and its standard deviation."""
    expected = size * (whole + 1)
    variance = size * (whole - size) * (squares / whole - (whole + 1) ** 2) / max(whole - 1, 1)
    return abs(total - expected), math.sqrt(max(variance, 0.0))


def _squares(ranks: Sequence[int]) -> int:
    return sum(rank * rank for rank in ranks)


def _normal_two_sided(distance: float, spread: float) -> float:
    if not spread:
        return 1.0
    return min(1.0, math.erfc(max(distance - 1, 0.0) / spread / math.sqrt(2)))  # 1 is half a doubled rank's step


@lru_cache(maxsize=4096)
def _exact_rank_sum(ranks: tuple[int, ...], size: int, total: int) -> float:
    expected = size * (len(ranks) + 1)
    ways = _ways(ranks, size)
    far = sum(number for reached, number in enumerate(ways) if abs(reached - expected) >= abs(total - expected))
    return far / math.comb(len(ranks), size)


@lru_cache(maxsize=256)
def _ways(ranks: tuple[int, ...], size: int) -> list[int]:
    """In how many ways ``size`` of the ranks have each sum.

    The polynomials of the counting are whole numbers with a slot of bits for each sum, so that one shift and one
    addition of Python's own do what would be a loop over all sums.
    """
    slot = math.comb(len(ranks), size).bit_length()
    counts = [1] + [0] * size
    for rank in ranks:
        for chosen in range(size, 0, -1):
            counts[chosen] += counts[chosen - 1] << (rank * slot)
    found, rest, mask = [], counts[size], (1 << slot) - 1
    whole = rest.to_bytes((rest.bit_length() + 7) // 8, "little")
    for reached in range(rest.bit_length() // slot + 1):
        first = reached * slot
        piece = int.from_bytes(whole[first // 8 : (first + slot) // 8 + 1], "little")
        found.append(piece >> first % 8 & mask)
    return found


def _log_comb(size: int, chosen: int) -> float:
    return math.lgamma(size + 1) - math.lgamma(chosen + 1) - math.lgamma(size - chosen + 1)
