"""From a workflow to a picture: which boxes and arrows it has, and what is written on them. No drawing here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from exlib.analysis.reduction import reduced
from exlib.analysis.timing import Timing, timing
from exlib.console import names, plural, printable, span
from exlib.graph import Graph
from exlib.render.choice import Choice
from exlib.render.collapse import collapsed
from exlib.render.labels import shortened
from exlib.render.measures import WORST_FIRST, Ending, Measures
from exlib.render.picture import Arrow, Box, Picture
from exlib.workflow import Job, Workflow

MANY = 100
"""Boxes above which implied arrows are left out unless somebody wants them."""
_RIBBON = 2.2
"""Boxes in the widest level for each level, above which a drawing that leads down is more than four times as wide."""
_ABREAST = 5
"""Boxes that may always stand side by side."""
_LONGEST = {"description": 120, "command": 90}
"""Columns after which a line of a label is cut."""


def compose(workflow: Workflow, choice: Choice, measures: Measures, mask: Callable[[str], str] = str) -> Picture:
    """The picture of a workflow; ``mask`` hides the values of secrets in whatever is shown of its texts."""
    return _Composer(workflow, choice, measures, mask).picture()


class _Composer:
    """Jobs are counted by their places in the workflow, boxes by theirs in the picture."""

    def __init__(self, workflow: Workflow, choice: Choice, measures: Measures, mask: Callable[[str], str]) -> None:
        self._workflow, self._choice, self._measures, self._mask = workflow, choice, measures, mask
        self._jobs = workflow.jobs
        self._graph = Graph([job.id for job in self._jobs], [job.dependencies for job in self._jobs])
        self._knot = _numbered(self._graph.knots())
        self._sound = self._without_cycles() if self._knot else self._graph
        self._timing = timing(self._sound, [measures.durations.get(job.id, 1.0) for job in self._jobs])
        critical = [] if self._knot or not choice.critical else self._timing.critical
        self._critical = dict.fromkeys(critical)
        self._steps = set(pairwise(critical))
        self._notes: list[str] = []

    def picture(self) -> Picture:
        """Around, collapse, reduce, label: in this order."""
        shown = self._shown()
        groups = self._groups(shown)
        home = {node: number for number, members in enumerate(groups.values()) for node in members}
        arrows = self._arrows(home)
        ghosts = self._ghosts(shown)
        inner = Graph([str(n) for n in range(len(groups))], _wanted(len(groups), arrows))
        arrows = self._checked(arrows, inner, list(groups))
        inner = Graph(inner.ids, _wanted(len(groups), (arrow for arrow in arrows if not _odd(arrow))))
        if self._choice.reduce or (self._choice.reduce is None and len(groups) > MANY):
            arrows = self._reduced(arrows, inner)
        level = _levels(inner)
        boxes = [self._box(name, members, level[n]) for n, (name, members) in enumerate(groups.items())]
        boxes += [self._ghost(name, min(level[home[node]] for node in nodes)) for name, nodes in ghosts.items()]
        for number, nodes in enumerate(ghosts.values(), len(groups)):
            arrows += [Arrow(number, target, wrong=True) for target in dict.fromkeys(home[node] for node in nodes)]
        return Picture(
            title=printable(self._workflow.name),
            boxes=boxes,
            arrows=arrows,
            direction=self._choice.direction or _direction(level),
            levels=self._choice.levels,
            note="; ".join(self._notes),
            run=self._measures.run,
            critical=self._amount() if self._critical else "",
        )

    def _without_cycles(self) -> Graph:
        """What is left for orders and times where jobs wait for each other."""
        ids, knot = self._graph.ids, self._knot
        wanted = [
            [ids[other] for other in others if other not in knot or knot[other] != knot.get(node)]
            for node, others in enumerate(self._graph.dependencies)
        ]
        return Graph(ids, wanted)

    def _shown(self) -> list[int]:
        """All jobs, or those within some steps of the chosen ones, against and along the arrows."""
        if not self._choice.around:
            return list(range(len(self._jobs)))
        middle = {self._graph.index[name] for name in self._choice.around}
        near = set(middle)
        for steps in (self._graph.dependencies, self._graph.dependents):
            edge = middle
            seen = set(middle)
            for _ in range(self._choice.depth):
                edge = {other for node in edge for other in steps[node]} - seen
                seen |= edge
            near |= seen
        listed = names([printable(name) for name in self._choice.around], len(self._choice.around))
        within = plural(self._choice.depth, "step")
        self._notes.append(f"{len(near):,} of {plural(len(self._jobs), 'job')}: within {within} of {listed}")
        return sorted(near)

    def _groups(self, shown: Sequence[int]) -> dict[str, list[int]]:
        """The members of every box by its id, in document order."""
        found = collapsed([self._jobs[node] for node in shown], self._choice.prefixes, self._choice.tags)
        owner = {shown[place]: name for name, places in found.items() for place in places}
        taken = {self._jobs[node].id for node in shown if node not in owner}
        groups: dict[str, list[int]] = {}
        for node in shown:
            name = owner.get(node)
            while name in taken:  # a job may be called as a group is
                name = f"{name} "
            groups.setdefault(self._jobs[node].id if name is None else name, []).append(node)
        if owner:
            self._notes.append(f"{plural(len(found), 'group')} of {plural(len(owner), 'job')}")
        return groups

    def _arrows(self, home: Mapping[int, int]) -> list[Arrow]:
        """One arrow for all dependencies between two boxes."""
        found: dict[tuple[int, int], Arrow] = {}
        for node in home:
            for other in self._graph.dependencies[node]:
                if other not in home:
                    continue
                wrong = node in self._knot and self._knot[node] == self._knot.get(other)
                ends = home[other], home[node]
                if ends[0] == ends[1] and not wrong:
                    continue  # inside a group
                old = found.get(ends, Arrow(*ends, merged=0))
                found[ends] = old._replace(
                    merged=old.merged + 1,
                    wrong=old.wrong or wrong,
                    critical=old.critical or (other, node) in self._steps,
                )
        return list(found.values())

    def _checked(self, arrows: list[Arrow], inner: Graph, groups: Sequence[str]) -> list[Arrow]:
        """Arrows on circles that only collapsing made are marked, and told."""
        knots = inner.knots()
        place = _numbered(knots)
        made = [
            knot
            for n, knot in enumerate(knots)
            if not any(a.wrong and place.get(a.source) == n == place.get(a.target) for a in arrows)
        ]
        if made:
            one = names([f'"{printable(groups[box])}"' for box in made[0]], len(made[0]))
            self._notes.append(f"the circle between {one} is of the groups, the jobs have none")
        of = _numbered(made)
        return [
            arrow._replace(mutual=arrow.source in of and of[arrow.source] == of.get(arrow.target)) for arrow in arrows
        ]

    def _reduced(self, arrows: list[Arrow], inner: Graph) -> list[Arrow]:
        """Without those that a longer way implies; the critical path and what is wrong stay."""
        thin = reduced(inner)
        kept = [
            arrow
            for arrow in arrows
            if _odd(arrow) or arrow.critical or arrow.source in thin.dependencies[arrow.target]
        ]
        if len(kept) < len(arrows):
            self._notes.append(f"{plural(len(arrows) - len(kept), 'implied arrow')} left out")
        return kept

    def _ghosts(self, shown: Sequence[int]) -> dict[str, list[int]]:
        """Which jobs wait for each id that is not in the document."""
        among = set(shown)
        ghosts: dict[str, list[int]] = {}
        for node, name in self._graph.missing:
            if node in among:
                ghosts.setdefault(name, []).append(node)
        return ghosts

    def _ghost(self, name: str, level: int) -> Box:
        return Box(name, printable(name), ["not in the document"], max(level - 1, 0), missing=True)

    def _box(self, name: str, members: Sequence[int], level: int) -> Box:
        critical = any(node in self._critical for node in members)
        if len(members) == 1 and self._jobs[members[0]].id == name:
            job = self._jobs[members[0]]
            ending = self._measures.endings.get(job.id)
            status = ending.status if ending else ("pending" if self._measures.run else None)
            detail = self._detail(members[0], ending) if self._choice.details else {}
            lines = list(filter(None, (self._line(label, job, ending) for label in self._choice.labels)))
            return Box(job.id, printable(job.id), lines, level, status, critical, detail=detail)
        ids = [self._jobs[node].id for node in members]
        statuses = [self._status(node) for node in members] if self._measures.run else []
        lines = [plural(len(members), "job"), *self._group_lines(members, statuses)]
        status = min(statuses, key=WORST_FIRST.index) if statuses else None
        return Box(name, printable(name.rstrip()), lines, level, status, critical, members=ids)

    def _status(self, node: int) -> str:
        ending = self._measures.endings.get(self._jobs[node].id)
        return ending.status if ending else "pending"

    def _group_lines(self, members: Sequence[int], statuses: Sequence[str]) -> Iterable[str]:
        if statuses:
            counts = Counter(statuses)
            yield ", ".join(f"{counts[status]} {status}" for status in WORST_FIRST if counts[status])
        elif "duration" in self._choice.labels:
            known = [self._measures.typical.get(self._jobs[node].id) for node in members]
            if seconds := [second for second in known if second is not None]:
                yield f"~{span(sum(seconds))} in all"

    def _line(self, label: str, job: Job, ending: Ending | None) -> str:
        if label == "duration":
            return self._took(job, ending)
        text = {"description": job.description, "command": job.command}.get(label, "")
        first = self._mask(text).strip().partition("\n")[0]
        return shortened(printable(first), _LONGEST.get(label, 0)) if first else ""

    def _took(self, job: Job, ending: Ending | None) -> str:
        """How long it took in the run that is shown, else takes as a rule, else may take."""
        if self._measures.run:
            ran = ending is not None and ending.started is not None and ending.duration is not None
            tries = f", {ending.attempts} tries" if ending is not None and ending.attempts > 1 else ""
            return f"{span(ending.duration or 0)}{tries}" if ending is not None and ran else ""
        typical = self._measures.typical.get(job.id)
        if typical is not None:
            return f"~{span(typical)}"
        if self._measures.typical or job.timeout is None:
            return ""
        return f"≤ {span(job.timeout)}"

    def _amount(self) -> str:
        if not self._measures.basis:
            return plural(len(self._critical), "job")
        return f"{span(self._timing.makespan)} {self._measures.basis}"

    def _detail(self, node: int, ending: Ending | None) -> Mapping[str, Any]:
        job, mask = self._jobs[node], self._mask
        checks = [f"before: {check.name}" for check in job.pre_checks]
        checks += [f"after: {check.name}" for check in job.post_checks]
        told = {
            "description": mask(job.description),
            "command": mask(job.command),
            "tags": list(job.tags),
            "env": list(job.env),
            "checks": checks,
            "waits": [wait.plugin for wait in job.waits],
            "timeout": job.timeout,
            "retries": job.retry.limit,
            "typical": self._measures.typical.get(job.id),
        }
        if self._measures.basis and not self._knot:
            told |= _times(self._timing, node)
        if ending is not None:
            told |= {
                "started": ending.started,
                "duration": ending.duration,
                "attempts": ending.attempts,
                "reason": mask(ending.reason) if ending.reason else None,
                "log": ending.log,
                "tail": mask(ending.tail),
            }
        return {key: value for key, value in told.items() if value not in (None, "", [])}


def _times(found: Timing, node: int) -> dict[str, float]:
    return {"start": found.start[node], "slack": found.slack[node]}


def _odd(arrow: Arrow) -> bool:
    """Whether no order of the boxes can keep it."""
    return arrow.wrong or arrow.mutual or arrow.source == arrow.target


def _wanted(count: int, arrows: Iterable[Arrow]) -> list[list[str]]:
    wanted: list[list[str]] = [[] for _ in range(count)]
    for arrow in arrows:
        wanted[arrow.target].append(str(arrow.source))
    return wanted


def _numbered(groups: Sequence[Sequence[int]]) -> dict[int, int]:
    return {node: number for number, group in enumerate(groups) for node in group}


def _direction(level: Sequence[int]) -> str:
    """Down, unless that would be a ribbon: a box is some three times as wide as it is high."""
    widest = max(Counter(level).values(), default=1)
    return "LR" if widest > max(_RIBBON * len(set(level)), _ABREAST) else "TB"


def _levels(graph: Graph) -> list[int]:
    level = [0] * len(graph)
    for number, nodes in enumerate(graph.levels()):
        for node in nodes:
            level[node] = number
    return level
