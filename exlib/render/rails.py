"""The lines beside a list of jobs that show who waits for whom, one row a job, as ``git log --graph`` has them.

A rail leads down from each job to the last one that waits for it. A job stands below its dependencies; a rail that ends
in it turns towards it or has it at its foot, one that goes on has a branch to it. Two rails that merely cross do not
touch. A job with nothing above it never stands right below another's place, lest it seem to wait for that one.
"""

from collections.abc import Sequence
from typing import NamedTuple


class Row(NamedTuple):
    """One job and the signs before it; ``place`` is the column of the job's own sign, two characters a column.

    A sign is a set of the sides that its line goes to, of ``u``, ``d``, ``l`` and ``r``; ``x`` is a crossing.
    """

    box: int
    place: int
    signs: Sequence[str]


def rails(order: Sequence[int], sources: Sequence[Sequence[int]], targets: Sequence[Sequence[int]]) -> list[Row]:
    """Rows for the boxes in ``order``, which follows the arrows; ``sources`` and ``targets`` are by box."""
    left = [len(others) for others in targets]
    tracks: list[int | None] = []
    fresh: set[int] = set()  # columns whose job in the row above has nothing below it
    rows = []
    for box in order:
        wanted = set(sources[box])
        touched = {column for column, other in enumerate(tracks) if other in wanted}
        for other in wanted:
            left[other] -= 1
        ended = {column for column in touched if not left[tracks[column] or 0]}
        place = min(ended) if ended else _free(tracks, fresh, touched)
        tracks += [None] * (place + 1 - len(tracks))
        rows.append(Row(box, place, _signs(tracks, place, touched, ended)))
        for column in ended:
            tracks[column] = None
        tracks[place] = box if left[box] else None
        fresh = set() if left[box] else {place}
        while tracks and tracks[-1] is None:
            tracks.pop()
    return rows


def _free(tracks: Sequence[int | None], fresh: set[int], touched: set[int]) -> int:
    """The nearest column without a rail, at best right of the rails that lead here."""
    free = [column for column, box in enumerate(tracks) if box is None and column not in fresh]
    beyond = len(tracks) if len(tracks) not in fresh else len(tracks) + 1
    if touched:
        free = [column for column in free if column > min(touched)]
    return min([*free, beyond])


def _signs(tracks: Sequence[int | None], place: int, touched: set[int], ended: set[int]) -> list[str]:
    reach = touched | {place}
    first, last = min(reach), max(reach)
    signs = []
    for column, box in enumerate(tracks):
        across = first <= column <= last
        if column == place:
            sign = "o"
        elif column in touched:
            sign = "u" + ("" if column in ended else "d")
        elif box is not None:
            sign = "x" if across else "ud"
            across = False
        else:
            sign = ""
        if across and column != place:
            sign += ("l" if column > first else "") + ("r" if column < last else "")
        signs.append(sign)
    return signs
