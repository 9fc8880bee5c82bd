"""What a difference means, in words: the critical path, levels, jobs at the same time, what runs again."""

from __future__ import annotations

from collections.abc import Iterator

from exlib.console import plural
from exlib.delta.difference import Difference, Redone
from exlib.delta.meaning import MOST, Meaning, Moved, Pairs
from exlib.report.delta_words import chain, listed
from exlib.report.sheet import Cell, Code, Facts, Line, Piece, Section

_SHOWN = 8


def meaning_section(found: Difference) -> Section:
    """The section, whatever the format."""
    if not found.delta:
        return Section("What it means", [])
    facts = [*_graph(found.meaning), *_behind(found.meaning), *_resume(found)]
    return Section("What it means", [Facts(facts)] if facts else [])


def _graph(means: Meaning) -> Iterator[tuple[str, Cell]]:
    if means.critical is None or means.levels is None:
        yield "graph", "one of the documents has jobs that wait for each other in a circle"
        return
    before, after = means.critical
    if before != after:
        yield "critical path", Line((f"{plural(len(after), 'job')}: ", *chain(after)))
        yield "it was", Line((f"{plural(len(before), 'job')}: ", *chain(before)))
    one, other = means.levels
    if one != other or means.moved:
        number = f"{other:,} as before" if one == other else f"{other:,}, there were {one:,}"
        yield "levels", Line((number, *_moved(means.moved)))
    if means.able is None or means.unable is None:
        yield "at once", f"pairs are not counted for more than {MOST:,} jobs"
        return
    if means.able.number:
        yield "now at once", Line(tuple(_pairs(means.able, "may run at the same time, which they could not")))
    if means.unable.number:
        yield "not at once", Line(tuple(_pairs(means.unable, "can no longer run at the same time")))


def _moved(moved: tuple[Moved, ...]) -> Iterator[Piece]:
    if moved:
        yield f"; {plural(len(moved), 'job')} on another: "
        yield from listed([one.job for one in moved], _SHOWN)


def _pairs(pairs: Pairs, word: str) -> Iterator[Piece]:
    yield f"{plural(pairs.number, 'pair')} of jobs {word}: "
    for number, (job, other) in enumerate(pairs.examples):
        yield from ("; " if number else "", Code(other), " and ", Code(job))
    if pairs.number > len(pairs.examples):
        yield f" and {pairs.number - len(pairs.examples):,} more"


def _behind(means: Meaning) -> Iterator[tuple[str, Cell]]:
    if means.downstream:
        number = plural(len(means.downstream), "job")
        yield "downstream", Line((f"{number} behind what changed: ", *listed(means.downstream)))


def _resume(found: Difference) -> Iterator[tuple[str, Cell]]:
    if found.redone is None:
        documents = " and ".join(found.unsound)
        yield "a resume", f"not told, nor what jobs inherit: ex-validate finds errors in {documents}"
    elif found.redone.again:
        again = [job for job, _ in found.redone.again]
        yield "a resume", Line((f"runs {plural(len(again), 'job')}: ", *listed(again), _kept(found.redone)))
    else:
        yield "a resume", "runs nothing again"


def _kept(redone: Redone) -> str:
    return f"; {redone.reused:,} done already" if redone.reused else ""
