"""Where a plan's durations come from: the history, the timeouts, what a person says, or one unit each."""

from collections.abc import Mapping
from typing import NamedTuple

from exlib.errors import AnswerNo, InputError
from exlib.simulation.durations import (
    Durations,
    from_mapping,
    from_past,
    from_timeouts,
    of_one_unit,
    read_mapping,
)
from exlib.simulation.past import Past, judged
from exlib.workflow import Workflow


class Source(NamedTuple):
    """The durations, what recent runs tell of each job, and ids in what a person said that no job has."""

    durations: Durations
    past: Mapping[str, Past]
    unknown: list[str]


def find(choice: str | None, workflow: Workflow, db: str | None) -> Source:
    """``choice`` is history, timeout, unit, JSON or a file with JSON; None is history where there is any, else unit.

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
    given = read_mapping(*_text(choice))
    ids = {job.id for job in jobs}
    name = "--durations" if choice.lstrip().startswith("{") else choice
    return Source(from_mapping(jobs, given, f"as given by {name}"), past, [job for job in given if job not in ids])


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
            f"--durations: cannot read {choice}: {reason}", mend="say history, timeout, unit, a file, or JSON"
        ) from None
