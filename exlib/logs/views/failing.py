"""What failed in a run, each failure with the lines of its log that tell why, and what it kept from running."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from exlib.console import cut, names, plural, span
from exlib.logs.advice import advice
from exlib.logs.excerpt import Excerpt
from exlib.logs.failures import CATEGORIES, Failure
from exlib.logs.postmortem import PostMortem
from exlib.logs.views.layout import day_and_time
from exlib.report.sheet import Cell, Code, Facts, Line, Listing, Loud, Part, Piece, Points, Section, Table, Words

FAILURES = 10
"""Failed jobs told with their logs; further ones are in a table."""
_ROWS = 40
_LINKS = 6
_CAUSES = 3
_DRAGGED = 500
_COMMAND = 240
Hide = Callable[[str], str]


def failed(found: PostMortem, looks: Sequence[Excerpt], hide: Hide) -> Iterator[Section]:
    """A part for each failure, the first apart from those after it; ``looks`` are into their logs."""
    failures = found.failures.failures
    for number, (failure, look) in enumerate(zip(failures, looks, strict=False)):
        ended = failure.category == "cancelled"
        first = "What was ended" if ended else "What failed first" if len(failures) > 1 else "What failed"
        then = f"Then {failure.job.record.job} {'was ended' if ended else 'failed'}"
        parts = list(_failure(found, failure, look, hide))
        yield Section(then if number else first, parts, level=3 if number else 2)
    if len(failures) > FAILURES:
        rows: list[list[Cell]] = [
            [Code(one.job.record.job), one.category, hide(one.job.record.reason or ending(one))]
            for one in failures[FAILURES:]
        ]
        yield Section("Further failures", [Table(["Job", "Category", "Reason"], rows, most=_ROWS)], level=3)


def _failure(found: PostMortem, failure: Failure, look: Excerpt, hide: Hide) -> Iterator[Part]:
    record = failure.job.record
    facts: list[tuple[str, Cell]] = [("job", Code(record.job))]
    facts.append(("category", f"{failure.category}: {CATEGORIES[failure.category]}"))
    if record.reason and record.reason != ending(failure):
        facts.append(("reason", hide(record.reason)))
    if record.ended is not None:
        took = "" if record.duration is None else f", after {span(record.duration)}"
        into = span(max(record.ended - found.record.started, 0.0))
        facts.append(("when", f"{day_and_time(record.ended)}{took}, {into} into the run"))
    if record.retries:
        facts.append(("tries", f"{record.retries + 1}"))
    code = ending(failure)
    if code and not (record.reason or "").startswith(code):
        facts.append(("ended", code.removeprefix("ended ")))
    facts.append(("command", Code(cut(hide(record.command.strip()), _COMMAND))))
    if look.pattern is not None:
        facts.append(("known as", Line((Loud(look.pattern.name), f": {look.pattern.meaning}"))))
    yield Facts(facts)
    if look.lines:
        lit = () if look.at is None else (look.at,)
        which = "The end of its log" if look.at is None else "From its log"
        yield Listing("\n".join(look.lines), lit, f"{which}, {record.log}:", "text")
    else:
        yield Words(f"{(look.missing or 'nothing is known of its log').capitalize()}.")
    told = advice(failure, look)
    if told:
        yield Points([f"{one[:1].upper()}{one[1:]}" for one in told])


def impact(found: PostMortem) -> Iterator[Part]:
    """Which jobs never ran, by way of which others, and the time lost."""
    failures = found.failures.failures
    because = found.kept_from_running()
    if because:
        depths = found.depths()
        several = any(len(causes) > 1 for causes in because.values())
        whose = "jobs that failed; some needed several of these" if several else "a job that failed"
        yield Words(f"{plural(len(because), 'job')} never ran because of {whose}:")
        yield Points(
            [
                Line((f"{len(failure.dragged):,} because of ", Code(failure.job.record.job)))
                for failure in failures[:FAILURES]
                if failure.dragged
            ]
        )
        ways = sorted(because.items(), key=lambda item: depths.get(item[0], 0))
        rows: list[list[Cell]] = [
            [Code(job), _causes(causes), _way(found.chain(job))] for job, causes in ways[:_DRAGGED]
        ]
        yield Table(["Job", "Because of", "By way of"], rows, most=_ROWS)
        if len(ways) > _DRAGGED:
            yield Words(f"The first {_DRAGGED} of them are told.")
    if found.failures.adrift:
        adrift: list[list[Cell]] = [[Code(job), reason] for job, reason in found.failures.adrift]
        yield Words(f"{plural(len(adrift), 'job')} never ran for another reason:")
        yield Table(["Job", "Reason"], adrift, most=_ROWS)
    if found.unreached:
        listed = names(found.unreached, len(found.unreached), 120)
        yield Words(f"The run never came to {plural(len(found.unreached), 'job')}: {listed}.")
    if found.wasted:
        yield Words(f"{span(found.wasted)} were spent in tries that came to nothing.")
    if not (because or found.failures.adrift or found.unreached):
        yield Words("No job was kept from running.")


def _causes(causes: Sequence[str]) -> Cell:
    pieces: list[Piece] = []
    for cause in causes[:_CAUSES]:
        pieces += [", " if pieces else "", Code(cause)]
    more = len(causes) - _CAUSES
    return Line([*pieces, f" and {more:,} more"] if more > 0 else pieces)


def _way(chain: list[str]) -> str:
    middle = ["…"] if len(chain) > _LINKS else []
    return " > ".join([*chain[: _LINKS // 2], *middle, *chain[-_LINKS // 2 :]] if middle else chain)


def ending(failure: Failure) -> str:
    """How its command ended."""
    record = failure.job.record
    if record.signal:
        return f"ended by {record.signal}"
    return "" if record.exit_code is None else f"exit code {record.exit_code}"
