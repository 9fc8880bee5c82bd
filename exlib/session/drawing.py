"""From a document to a picture: what the history knows is joined in, secrets are hidden, and what is odd is told."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from exlib.console import Console, plural, printable
from exlib.document import Document
from exlib.errors import InputError, UsageError
from exlib.findings import Finding
from exlib.masking import UNMASKED, Mask
from exlib.render.choice import Choice
from exlib.render.collapse import idle
from exlib.render.compose import MANY, compose
from exlib.render.measures import Ending, Measures, reckoned
from exlib.render.picture import Picture
from exlib.render.sketch import sketch
from exlib.workflow import Workflow


class Wish(NamedTuple):
    """What is to be drawn: the options of the picture, the run whose statuses it shows, and the history.

    ``events`` are the bytes of a stream that shows a run instead, and what it is called.

    ``lasting`` is for what has to come out alike everywhere: the history is read only if somebody names it or a run.
    """

    choice: Choice
    run: str | None = None
    db: str | None = None
    lasting: bool = False
    events: tuple[bytes, str] | None = None


def drawn(document: Document, wish: Wish, console: Console) -> Picture:
    """The picture of a document. Raises our errors for jobs and runs that are not there."""
    workflow, errors = sketch(document)
    _tell_errors(document, errors, workflow, console)
    _refuse_unknown_jobs(workflow, wish.choice.around)
    _tell_idle(workflow, wish.choice, console)
    measures = _measures(workflow, wish, console)
    shows_texts = wish.choice.details or not {"description", "command"}.isdisjoint(wish.choice.labels)
    mask = _mask(document, workflow) if shows_texts else UNMASKED
    if wish.choice.details and measures.endings:
        from exlib.report.outcomes import with_tails

        measures = measures._replace(endings=with_tails(measures.endings, mask))
    picture = compose(workflow, wish.choice, measures, mask.text)
    _tell_notes(picture, wish.choice, console)
    return picture


def _measures(workflow: Workflow, wish: Wish, console: Console) -> Measures:
    """What the history knows, if it is asked for anything."""
    measures = Measures()
    wanted = wish.choice.critical or wish.choice.details or "duration" in wish.choice.labels
    if wish.run is not None or (wanted and not (wish.lasting and wish.db is None)):
        from exlib.history.store import NoHistory

        try:
            measures = _from_history(workflow, wish, console)
        except NoHistory:
            if wish.run is not None or wish.db is not None:
                raise
    if wish.events is not None:
        measures = _with_events(measures, workflow, *wish.events, console)
    durations, basis = reckoned(workflow.jobs, measures.typical)
    if wish.choice.critical:
        ignored = wish.lasting and wish.db is None
        _tell_basis(workflow, measures.typical, basis, console, ignored=ignored)
    return measures._replace(durations=durations, basis=basis)


def _from_history(workflow: Workflow, wish: Wish, console: Console) -> Measures:
    from exlib.history.lookup import find_run
    from exlib.history.sqlite import open_store
    from exlib.report.outcomes import caption, of_run

    store = open_store(wish.db, readonly=True)
    try:
        typical = store.typical_durations(workflow.name)
        if wish.run is None:
            return Measures(typical)
        run = find_run(store, f"last:{workflow.name}" if wish.run == "last" else wish.run)
        whole = "." not in wish.run
        endings = of_run(store, run, whole=whole)
    finally:
        store.close()
    _tell_other(run.application, workflow, f"run {run.run}", console)
    _tell_absent(endings, workflow, f"run {run.run}", console)
    return Measures(typical, endings=endings, run=caption(run, whole=whole))


def _with_events(measures: Measures, workflow: Workflow, raw: bytes, name: str, console: Console) -> Measures:
    from exlib.logs.reading.events import last_states
    from exlib.report.outcomes import of_events

    standing = last_states(raw, name)
    for damage in standing.damages[:1]:
        console.warn(f"{name}:{damage.line}: {printable(damage.why)}: lines that cannot be read are passed over")
    if standing.run is None or not standing.jobs:
        raise InputError(f"{name} has no event of a job", mend="it is what ex-run --events wrote")
    endings, run = of_events(standing), standing.run
    said = f"by the events of {printable(os.path.basename(name))}"
    if run.run is not None:
        said = f"run {run.run}, {run.status}, {said}"
    if run.application:  # a stream that begins in the middle of its run does not have it
        _tell_other(run.application, workflow, f"the run in {printable(name)}", console)
    _tell_absent(endings, workflow, name, console)
    return measures._replace(endings=endings, run=said)


def _tell_other(application: str, workflow: Workflow, run: str, console: Console) -> None:
    if application != workflow.name:
        own, other = printable(workflow.name), printable(application)
        console.warn(f'{run} is one of "{other}", this document is "{own}"')


def _tell_absent(endings: Mapping[str, Ending], workflow: Workflow, source: str, console: Console) -> None:
    absent = endings.keys() - {job.id for job in workflow.jobs}
    if absent:
        console.note(f"{plural(len(absent), 'job')} of {source} not in this document")


def _mask(document: Document, workflow: Workflow) -> Mask:
    """What hides the values of secrets, wherever a run of this document would."""
    from exlib.engine.site import Site
    from exlib.masking.documents import secret_values

    site = Site(workflow, os.environ, {}, os.curdir)
    return Mask(site.secret_values() | secret_values(document, workflow.secrets))


def _refuse_unknown_jobs(workflow: Workflow, wanted: Sequence[str]) -> None:
    known = {job.id for job in workflow.jobs} if wanted else ()
    for name in wanted:
        if name not in known:
            from exlib.rules.nearest import Nearest

            near = Nearest(known).to(name)
            mend = f'did you mean "{printable(near)}"?' if near else "'ex-filter --list' shows every id"
            raise UsageError(f'--around: no job has the id "{printable(name)}"', mend=mend)


def _tell_idle(workflow: Workflow, choice: Choice, console: Console) -> None:
    """Warn of groups that nothing is in; that is no error, as a filter before may have taken their jobs away."""
    for option, word, near in idle(workflow.jobs, choice.prefixes, choice.tags):
        who = "no id has more parts than that" if word.isdigit() else "it matches no job"
        mend = f'; did you mean "{printable(near)}"?' if near else ""
        console.warn(f'{option} "{printable(word)}": {who}{mend}')


def _tell_errors(document: Document, errors: Sequence[Finding], workflow: Workflow, console: Console) -> None:
    if not errors:
        return
    from exlib.session.redaction import without_secrets

    first = without_secrets(errors[:1], document, os.environ, workflow.secrets)[0]
    more = f" (and {len(errors) - 1} more: 'ex-validate' shows them)" if len(errors) > 1 else ""
    job = f'job "{printable(first.job)}": ' if first.job is not None else ""
    console.warn(f"{printable(first.place)}: {first.code}: {job}{printable(first.message)}{more}")


def _tell_basis(
    workflow: Workflow, typical: Mapping[str, float], basis: str, console: Console, *, ignored: bool
) -> None:
    """Say what the critical path is made of; ``ignored`` is that past runs were not asked, whether there are any."""
    none = "past runs do not count in pages unless db=FILE names them" if ignored else "there are no past runs"
    if basis == "by past runs":
        unknown = sum(job.id not in typical for job in workflow.jobs)
        rest = f"; {plural(unknown, 'job')} that never succeeded count as the median" if unknown else ""
        console.note(f"critical path: by the durations of past runs{rest}")
    elif basis:
        console.note(f"critical path: by timeouts, as {none}")
    else:
        console.note(f"critical path: by the number of jobs, as {none} and all timeouts are alike")


def _tell_notes(picture: Picture, choice: Choice, console: Console) -> None:
    """Say what the picture does of its own accord; whether a circle is one of the workflow is no small matter."""
    for part in picture.note.split("; ") if picture.note else ():
        if part.startswith("the circle"):
            console.warn(part)
        elif part.endswith("left out") and choice.reduce is None:
            console.note(f"{part}, as there are more than {MANY} boxes; --no-reduce draws them")
