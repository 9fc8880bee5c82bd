"""``parallel``: one job as several, named as GitLab names them, and the choice of some of them in ``needs``."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from exlib.convert.gitlab.parts import Part

_MOST = 200
_BLOCK = re.compile(r"\$\[\[\s*matrix\.([\w-]+)\s*\]\]")


class Share(NamedTuple):
    """One of the jobs that a job is: its name, its number from 1 of ``total``, its variables from the matrix."""

    name: str
    number: int = 0
    total: int = 0
    variables: Mapping[str, str] = {}


def shares(name: str, parallel: Part | None) -> list[Share]:
    """The jobs that a job is; itself alone without ``parallel``."""
    if parallel is None or parallel.is_null:
        return [Share(name)]
    if isinstance(parallel.value, int) and not isinstance(parallel.value, bool):
        count = parallel.value
        if not 1 <= count <= _MOST:
            raise parallel.refuse(f"parallel must be from 1 to {_MOST}")
        return [Share(f"{name} {index}/{count}", index, count) for index in range(1, count + 1)]
    matrix = parallel.get("matrix")
    if matrix is None or not matrix.is_list or not matrix.items:
        raise parallel.refuse("parallel must be a number, or a matrix that is a list of maps")
    rows = [row for part in matrix.items for row in rows_of(part)]
    if len(rows) > _MOST:
        raise parallel.refuse(f"the matrix makes {len(rows)} jobs: up to {_MOST} are read")
    return [Share(f"{name}: [{', '.join(row.values())}]", index, len(rows), row) for index, row in enumerate(rows, 1)]


def rows_of(part: Part) -> list[dict[str, str]]:
    """All combinations of the values of a map. Raises InputError for what is no map of values."""
    if not part.is_map or not part.members:
        raise part.refuse("a matrix is a list of maps, each with a variable at least")
    columns: list[list[str]] = []
    for name, values in part.members.items():
        listed = values.items if values.is_list else [values]
        if not listed or not all(each.is_scalar for each in listed):
            raise values.refuse(f"the matrix has no plain values for {name}")
        columns.append([each.text for each in listed])
    if math.prod(len(column) for column in columns) > _MOST:
        raise part.refuse(f"the matrix makes more than {_MOST} jobs")
    return [dict(zip(part.members, row, strict=True)) for row in itertools.product(*columns)]


def chosen(wanted: Part, found: Iterable[Share], own: Share) -> list[Share]:
    """Those of a job's shares that ``needs: parallel: matrix`` names; ``own`` is the one that needs them."""
    matrix = wanted.get("matrix")
    if matrix is None or not matrix.is_list:
        raise wanted.refuse("it must be a matrix")
    rows = [_with_own(row, own, part) for part in matrix.items for row in rows_of(part)]
    return [share for share in found if any(row.items() <= share.variables.items() for row in rows)]


def _with_own(row: Mapping[str, str], own: Share, part: Part) -> dict[str, str]:
    """The row with the values of the job's own matrix put in."""

    def value(match: re.Match[str]) -> str:
        if match[1] not in own.variables:
            raise part.refuse(f"the job has no {match[1]} in a matrix of its own")
        return own.variables[match[1]]

    return {name: _BLOCK.sub(value, text) for name, text in row.items()}
