"""Where a plan's durations come from: the history, the timeouts, a record, what a person says, or one unit each."""

from collections.abc import Mapping
from typing import NamedTuple

from exlib.document import Document
from exlib.errors import AnswerNo, InputError
from exlib.simulation.durations import (
    Durations,
    Guess,
    from_mapping,
    from_past,
    from_timeouts,
    of_one_unit,
    read_mapping,
)
from exlib.simulation.past import Past, judged
from exlib.workflow import Workflow, job_id


class Source(NamedTuple):
    """The durations, what recent runs tell of each job, and ids in what a person said that no job has."""

    durations: Durations
    past: Mapping[str, Past]
    unknown: list[str]


_RECORDED = ("runtimeInSeconds", "runtime")
"""What WfFormat calls the seconds that a task took; a conversion keeps them in the ``x-source`` of its job."""


def find(choice: str | None, document: Document, workflow: Workflow, db: str | None) -> Source:
    """``choice`` is history, timeout, unit, recorded, JSON or a file with JSON.

    None is history where there is any, else unit; recorded is what a conversion kept of the source's own record.
    Raises AnswerNo if history is asked for and there is none, and InputError for what cannot be read.
    """
    past, missing = _history(workflow.name, db)
    jobs = workflow.jobs
    if choice == "timeout":
        return Source(from_timeouts(jobs), past, [])
    if choice == "unit":
        return Source(of_one_unit(jobs, "as asked for"), past, [])
    if choice is None or choice == "history":
        found = from_past(jobs, past)
        if found is None and choice:
            raise AnswerNo(missing, mend="leave --durations out for one unit each, or give them: --durations FILE")
        return Source(found or of_one_unit(jobs, missing), past, [])
    if choice == "recorded":
        return Source(from_mapping(jobs, _recorded(document), "as the source of the document recorded them"), past, [])
    given = read_mapping(*_text(choice))
    ids = {job.id for job in jobs}
    name = "--durations" if choice.lstrip().startswith("{") else choice
    return Source(from_mapping(jobs, given, f"as given by {name}"), past, [job for job in given if job not in ids])


def _recorded(document: Document) -> dict[str, Guess]:
    """The seconds that the source of a document had measured. Raises AnswerNo if there are none."""
    found: dict[str, Guess] = {}
    for raw in document.jobs:
        kept = raw.get("x-source")
        for key in _RECORDED:
            seconds = kept.get(key) if isinstance(kept, dict) else None
            if isinstance(seconds, int | float) and not isinstance(seconds, bool) and seconds >= 0:
                found.setdefault(job_id(raw) or "", Guess(float(seconds), "given"))
    if not found:
        raise AnswerNo(
            f"no job of {document.name} has a recorded runtime",
            mend="documents have them that ex-convert made of WfFormat: leave --durations out, or give them",
        )
    return found


def _history(application: str, db: str | None) -> tuple[Mapping[str, Past], str]:
    """What the history knows of an application, and what is said if that is nothing."""
    from exlib.history.sqlite import open_store
    from exlib.history.store import NoHistory

    try:
        store = open_store(db, readonly=True)
    except NoHistory:
        return {}, "there is no history yet"
    try:
        return judged(store.job_samples(application)), f'no job of "{application}" has succeeded in the history'
    finally:
        store.close()


def _text(choice: str) -> tuple[str, str]:
    """JSON as it stands on the command line, or in a file of this name."""
    if choice.lstrip().startswith("{"):
        return choice, "--durations"
    try:
        with open(choice, encoding="utf-8") as stream:
            return stream.read(), choice
    except UnicodeDecodeError:
        raise InputError(f"{choice} is not UTF-8") from None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(
            f"--durations: cannot read {choice}: {reason}", mend="say history, timeout, unit, recorded, a file, or JSON"
        ) from None
