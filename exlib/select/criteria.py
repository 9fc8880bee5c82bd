"""What the options of a filter mean, as sets of jobs.

Selectors of one kind add up, different kinds narrow each other. Then the selection grows along the
graph, then it may be inverted, and what is excluded leaves last.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import translate

from exlib.errors import AnswerNo, UsageError
from exlib.select.roster import Roster, nearest

REGEX_PREFIX = "re:"


@dataclass(frozen=True, slots=True)
class Criteria:
    """One field an option; ``among`` are ids chosen elsewhere, with the words that say how."""

    jobs: Sequence[str] = ()
    patterns: Sequence[str] = ()
    keywords: Sequence[str] = ()
    tags: Sequence[str] = ()
    until: Sequence[str] = ()
    origins: Sequence[str] = ()
    among: frozenset[str] | None = None
    among_option: str = "--failed"
    with_deps: bool = False
    with_dependents: bool = False
    invert: bool = False
    exclude: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Kind:
    """What one kind of selector chose, and which of its words chose nothing."""

    option: str
    nodes: set[int]
    idle: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Selection:
    """The jobs to keep, in document order, and remarks on words that matched no job."""

    kept: list[int]
    remarks: list[str]


def select(roster: Roster, criteria: Criteria) -> Selection:
    """Apply the criteria. Raises UsageError for an unknown id or a bad pattern, AnswerNo if nothing is left."""
    kinds = list(_kinds(roster, criteria))
    excluded = _matching("--exclude-pattern", criteria.exclude, roster.ids, _pattern)
    chosen = set(range(len(roster)))
    for kind in kinds:
        chosen &= kind.nodes
    if criteria.invert:
        if not kinds:
            raise UsageError(
                "--invert needs something to invert", mend="add a selector, e.g. --pattern 'PR_*' --invert"
            )
        chosen = set(range(len(roster))) - _grown(roster, criteria, chosen)
    else:
        chosen = _grown(roster, criteria, chosen)
    kept = chosen - excluded.nodes
    if not kept:
        reason, mend = _why_none(roster, kinds, chosen, criteria)
        raise AnswerNo(f"no job is selected: {reason}", mend=mend)
    remarks = [f"{kind.option} {quoted(word)} matches no job" for kind in (*kinds, excluded) for word in kind.idle]
    return Selection(sorted(kept), remarks)


def quoted(word: str) -> str:
    """A word as one types it in a shell."""
    return "'" + word.replace("'", "'\\''") + "'"


def _grown(roster: Roster, criteria: Criteria, chosen: set[int]) -> set[int]:
    """With what the chosen need and what needs them, each counted from the chosen themselves."""
    needed = roster.graph.ancestors(chosen) if criteria.with_deps else set()
    needing = roster.graph.descendants(chosen) if criteria.with_dependents else set()
    return chosen | needed | needing


def _kinds(roster: Roster, criteria: Criteria) -> Iterator[Kind]:
    if criteria.jobs:
        yield Kind("--job", roster.nodes(criteria.jobs, "--job"))
    if criteria.patterns:
        yield _matching("--pattern", criteria.patterns, roster.ids, _pattern)
    if criteria.keywords:
        descriptions = [roster.description(node).casefold() for node in range(len(roster))]
        yield _matching("--keyword", criteria.keywords, descriptions, _keyword)
    if criteria.tags:
        yield _tagged(roster, criteria.tags)
    if criteria.until:
        ends = roster.nodes(criteria.until, "--until")
        yield Kind("--until", ends | roster.graph.ancestors(ends))
    if criteria.origins:
        starts = roster.nodes(criteria.origins, "--from")
        yield Kind("--from", starts | roster.graph.descendants(starts))
    if criteria.among is not None:
        nodes = {roster.index[name] for name in criteria.among if name in roster.index}
        yield Kind(criteria.among_option, nodes)


Matcher = Callable[[str], object]


def _matching(option: str, words: Sequence[str], texts: Sequence[str], compiled: Callable[[str, str], Matcher]) -> Kind:
    nodes: set[int] = set()
    idle: list[str] = []
    for word in dict.fromkeys(words):
        match = compiled(option, word)
        found = {node for node, text in enumerate(texts) if match(text)}
        nodes |= found
        if not found:
            idle.append(word)
    return Kind(option, nodes, idle)


def _pattern(option: str, pattern: str) -> Matcher:
    """A glob matches the whole id; a regular expression, after ``re:``, any part of it."""
    if not pattern.startswith(REGEX_PREFIX):
        return re.compile(translate(pattern)).match
    expression = pattern.removeprefix(REGEX_PREFIX)
    try:
        return re.compile(expression).search
    except (re.error, RecursionError, OverflowError) as error:
        raise UsageError(f"{option} {quoted(pattern)} is not a regular expression: {error}") from None


def _keyword(option: str, word: str) -> Matcher:
    if not word.strip():
        raise UsageError(f"{option} needs a word")
    folded = word.casefold()
    return lambda text: folded in text


def _tagged(roster: Roster, wanted: Sequence[str]) -> Kind:
    by_tag: dict[str, set[int]] = {tag: set() for tag in wanted}
    for node in range(len(roster)):
        for tag in roster.tags(node):
            if tag in by_tag:
                by_tag[tag].add(node)
    return Kind("--tag", set().union(*by_tag.values()), [tag for tag, nodes in by_tag.items() if not nodes])


def _why_none(roster: Roster, kinds: Sequence[Kind], chosen: set[int], criteria: Criteria) -> tuple[str, str | None]:
    """Which option is to blame, and what may have been meant."""
    count = len(roster)
    if not count:
        return "the document has no jobs", None
    if chosen:
        return f"--exclude-pattern removes all of the selection ({_jobs(len(chosen))})", None
    if criteria.invert:
        return f"--invert, and the selection was the whole document ({_jobs(count)})", None
    barren = [kind for kind in kinds if not kind.nodes]
    if barren:
        return _barren(roster, barren[0], criteria)
    found = ", ".join(f"{kind.option} {len(kind.nodes)}" for kind in kinds)
    return f"no job is in what every option selects ({found} of {_jobs(count)})", "different options narrow each other"


def _barren(roster: Roster, kind: Kind, criteria: Criteria) -> tuple[str, str | None]:
    said = " ".join(map(quoted, kind.idle))
    if kind.option == "--tag":
        tags = sorted({tag for node in range(len(roster)) for tag in roster.tags(node)})
        near = next(filter(None, nearest(kind.idle, tags)), None)
        known = f"the tags are {', '.join(tags[:8])}" + (", …" if len(tags) > 8 else "")
        return f"none has the tag {said}", f'did you mean "{near}"?' if near else known if tags else "no job has a tag"
    if kind.option == "--pattern":
        regex = any(set(word) & set("^$|()+\\") and not word.startswith(REGEX_PREFIX) for word in kind.idle)
        mend = f"a regular expression starts with {REGEX_PREFIX}, this is a glob" if regex else None
        return f"no id matches {said}", mend or f'ids are like "{roster.ids[0]}"; a glob matches the whole id'
    if kind.option == "--keyword":
        return f"{said} is in no description", None
    if criteria.among:
        return f"{kind.option} has no job of this document", None
    return f"{kind.option} finds that every job succeeded", None


def _jobs(count: int) -> str:
    return "1 job" if count == 1 else f"{count:,} jobs"
