"""Parts that nothing links, side by side in a rectangle of good proportions."""

from __future__ import annotations

from collections.abc import Sequence


def parts(count: int, edges: Sequence[tuple[int, int]]) -> list[list[int]]:
    """The nodes of each part, in order; parts in the order of their first node."""
    linked: list[list[int]] = [[] for _ in range(count)]
    for source, target in edges:
        linked[source].append(target)
        linked[target].append(source)
    seen = [False] * count
    found: list[list[int]] = []
    for root in range(count):
        if seen[root]:
            continue
        seen[root] = True
        part = [root]
        for node in part:  # grows while it is read
            for other in linked[node]:
                if not seen[other]:
                    seen[other] = True
                    part.append(other)
        found.append(sorted(part))
    return found


def packed(sizes: Sequence[tuple[float, float]], gap: float, aspect: float) -> list[tuple[float, float]]:
    """The left upper corner of each rectangle (breadth, depth), on shelves: the deepest first, then as they come.

    Around large ones is more room, so that one sees what belongs together.
    """
    gaps = [min(4 * gap, gap + depth / 8) for _, depth in sizes]
    area = sum((breadth + gap) * (depth + gap) for (breadth, depth), gap in zip(sizes, gaps, strict=True))
    widest = max([(area * aspect) ** 0.5, *(breadth for breadth, _ in sizes)])
    corners = [(0.0, 0.0)] * len(sizes)
    left = top = shelf = 0.0
    for place in sorted(range(len(sizes)), key=lambda place: (-sizes[place][1], place)):
        breadth, depth = sizes[place]
        if left and left + breadth > widest:
            left, top, shelf = 0.0, top + shelf, 0.0
        corners[place] = (left, top)
        left += breadth + gaps[place]
        shelf = max(shelf, depth + gaps[place])
    return corners
