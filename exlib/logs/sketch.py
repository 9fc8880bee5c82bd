"""Quantiles of a stream of spans in little memory: buckets whose bounds grow by two per cent.

DDSketch (Masson, Rim and Lee, VLDB 2019): a value x falls into bucket ceil(log(x, gamma)), and a quantile is the middle
of the bucket that holds it, which is at most ERROR of the value away from it. From a microsecond to a year that is some
1,600 buckets at the most; what is shorter than a microsecond counts as nothing.
"""

from __future__ import annotations

import math

ERROR = 0.01
"""How far a quantile may be from the true one, as a share of it. The ends, the sum and the number are exact."""
_GAMMA = (1 + ERROR) / (1 - ERROR)
_SCALE = 1 / math.log(_GAMMA)
_LEAST = 1e-6


class Sketch:
    """Takes spans in seconds; tells their number, sum, ends and quantiles."""

    __slots__ = ("_buckets", "_none", "count", "least", "most", "total")

    def __init__(self) -> None:
        self.count = 0
        self.total = 0.0
        self.least = math.inf
        self.most = 0.0
        self._none = 0
        self._buckets: dict[int, int] = {}

    def add(self, value: float) -> None:
        """Take a span."""
        self.count += 1
        self.total += value
        if value < self.least:
            self.least = value
        if value > self.most:
            self.most = value
        if value < _LEAST:
            self._none += 1
        else:
            bucket = math.ceil(math.log(value) * _SCALE)
            self._buckets[bucket] = self._buckets.get(bucket, 0) + 1

    def quantile(self, share: float) -> float | None:
        """The span that ``share`` of all do not exceed, by the nearest rank; None if there are none."""
        if not self.count:
            return None
        rank = max(math.ceil(share * self.count), 1)
        if rank >= self.count:
            return self.most
        seen = self._none
        if rank <= seen:
            return self.least
        for bucket in sorted(self._buckets):
            seen += self._buckets[bucket]
            if seen >= rank:
                middle = 2 * _GAMMA**bucket / (_GAMMA + 1)
                return min(max(middle, self.least), self.most)
        return self.most

    @property
    def mean(self) -> float | None:
        """The mean; None of none."""
        return self.total / self.count if self.count else None
