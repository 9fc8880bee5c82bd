"""The difference as a JSON Patch (RFC 6902): applied to the first document as data, it gives the second.

Jobs are told by their places in the list, so each operation on one is preceded by a test of its id: applied to another
document, the patch fails instead of spoiling it. Lists but that of the jobs are replaced as a whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from exlib.delta.model import Rename
from exlib.delta.order import rising
from exlib.document import Document
from exlib.workflow.keys import job_id

Operation = dict[str, Any]


def patch(before: Document, after: Document, renamed: Sequence[Rename] = ()) -> list[Operation]:
    """The operations in order. Values stand in them as they are, secrets too: without them nothing could be applied."""
    one, other = before.data, after.data
    if not (_plain(before) and _plain(after)):
        return list(_members("", one, other))
    rest = [{key: value for key, value in data.items() if key != "jobs"} for data in (one, other)]
    return [*_jobs(one["jobs"], other["jobs"], {one.before: one.after for one in renamed}), *_members("", *rest)]


def _plain(document: Document) -> bool:
    """Whether every job has an id of its own."""
    ids = [job_id(raw) for raw in document.jobs]
    return isinstance(document.data.get("jobs"), list) and None not in ids and len(set(ids)) == len(ids)


def _jobs(old: Sequence[Any], new: Sequence[Any], names: Mapping[str, str]) -> Iterator[Operation]:
    """Jobs that went or moved are removed, from the last; then the others are edited, and then come what came."""
    wanted = {str(job_id(raw)): raw for raw in new}
    places = {job: number for number, job in enumerate(wanted)}
    ids = [names.get(job, job) for job in (str(job_id(raw)) for raw in old)]
    common = [job for job in ids if job in places]
    still = {common[at] for at in rising([places[job] for job in common])}
    for at in range(len(old) - 1, -1, -1):
        if ids[at] not in still:
            yield from (_test(at, old[at]), {"op": "remove", "path": f"/jobs/{at}"})
    left = [(raw, job) for raw, job in zip(old, ids, strict=True) if job in still]
    for at, (raw, job) in enumerate(left):
        edits = list(_members(f"/jobs/{at}", raw, wanted[job]))
        yield from [_test(at, raw), *edits] if edits else ()
    for job, place in places.items():
        if job not in still:
            yield {"op": "add", "path": f"/jobs/{place}", "value": wanted[job]}


def _test(at: int, raw: Mapping[str, Any]) -> Operation:
    key = "id" if "id" in raw else "job_id"
    return {"op": "test", "path": f"/jobs/{at}/{key}", "value": raw[key]}


def _members(place: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Operation]:
    """What makes one object the other, members of members too."""
    for key, before in old.items():
        path = f"{place}/{key.replace('~', '~0').replace('/', '~1')}"
        if key not in new:
            yield {"op": "remove", "path": path}
        elif isinstance(before, dict) and isinstance(new[key], dict):
            yield from _members(path, before, new[key])
        elif not _identical(before, new[key]):
            yield {"op": "replace", "path": path, "value": new[key]}
    for key, after in new.items():
        if key not in old:
            yield {"op": "add", "path": f"{place}/{key.replace('~', '~0').replace('/', '~1')}", "value": after}


def _identical(one: Any, other: Any) -> bool:
    return repr(one) == repr(other) or json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
