"""Two documents key by key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from exlib.delta.model import ABSENT, Change, Delta, JobDelta, Rename
from exlib.delta.reading import Raw, entries_of, jobs_of, oddities_of, same, settings_of, text
from exlib.delta.renames import renamed_jobs
from exlib.document import Document
from exlib.workflow.keys import env_text


def delta(before: Document, after: Document, *, renames: bool = False) -> Delta:
    """The differences; with ``renames`` jobs are followed to another id, else those come and go."""
    old, new = jobs_of(before), jobs_of(after)
    names = renamed_jobs(old, new) if renames else {}
    origin = {now: then for then, now in names.items()}
    changed = []
    for job, raw in new.items():
        then = old.get(origin.get(job, job))
        if then is not None and (changes := _job(then, raw, names)):
            changed.append(JobDelta(job, changes))
    differing = {one.job for one in changed}
    return Delta(
        added=tuple(job for job in new if job not in old and job not in origin),
        removed=tuple(job for job in old if job not in new and job not in names),
        changed=tuple(changed),
        settings=(*_changes(settings_of(before), settings_of(after), {}), *_oddities(before, after)),
        renamed=tuple(Rename(origin[job], job, job not in differing) for job in new if job in origin),
    )


def _oddities(before: Document, after: Document) -> Iterator[Change]:
    """What stands among the jobs and is none that can be named, told as a change of ``jobs`` itself."""
    old, new = (sorted(oddities_of(document), key=text) for document in (before, after))
    if text(old) != text(new):
        yield Change("jobs", old or ABSENT, new or ABSENT)


def _job(old: Raw, new: Raw, names: Mapping[str, str]) -> tuple[Change, ...]:
    # Of most jobs nothing differs, not even the spelling; == alone would take 1 for true.
    if not names and old == new and repr(old) == repr(new):
        return ()
    return tuple(_changes(old, new, names))


def _changes(old: Raw, new: Raw, names: Mapping[str, str]) -> Iterator[Change]:
    for key in dict.fromkeys([*old, *new]):
        before, after = old.get(key, ABSENT), new.get(key, ABSENT)
        if key == "dependencies" and _is_listed(before) and _is_listed(after):
            yield from _dependencies(old, new, names)
        elif key == "env_variables" and _is_table(before) and _is_table(after):
            yield from _variables(before, after)
        elif (before is ABSENT) != (after is ABSENT) or not same(before, after):
            yield Change(key, before, after)


def _dependencies(old: Raw, new: Raw, names: Mapping[str, str]) -> Iterator[Change]:
    before, after = entries_of(old, names), entries_of(new, {})
    gone = [entry for known, entry in before.items() if known not in after]
    came = [entry for known, entry in after.items() if known not in before]
    if gone or came:
        yield Change("dependencies", gone or ABSENT, came or ABSENT)


def _variables(before: Any, after: Any) -> Iterator[Change]:
    old, new = (value if isinstance(value, dict) else {} for value in (before, after))
    for name in dict.fromkeys([*old, *new]):
        one, other = old.get(name, ABSENT), new.get(name, ABSENT)
        if (one is ABSENT) != (other is ABSENT) or (one is not ABSENT and env_text(one) != env_text(other)):
            yield Change(f"env_variables.{name}", one, other)


def _is_listed(value: Any) -> bool:
    return value is ABSENT or value is None or isinstance(value, str | list)


def _is_table(value: Any) -> bool:
    return value is ABSENT or value is None or isinstance(value, dict)
