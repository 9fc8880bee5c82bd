"""The stages of a pipeline and their order: one after the other, side by side, one for each cell of a matrix."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from exlib.convert.jenkins import settings
from exlib.convert.jenkins.context import Context, body_of, sections
from exlib.convert.jenkins.jobs import POST, Jobs
from exlib.convert.jenkins.ledger import Ledger, literal_text
from exlib.convert.jenkins.scope import text_of
from exlib.convert.jenkins.syntax import Call, Closure, Literal, Node
from exlib.convert.jenkins.variables import environment, unmoved

_BESIDE = frozenset(["agent", "environment", "tools", "options", "when", "input", "post", "failFast"])
_INNER = frozenset(["steps", "stages", "parallel", "matrix"])
_STAGE = _BESIDE | _INNER
_MATRIX = frozenset(["axes", "excludes", "stages"]) | _BESIDE
MOST_CELLS = 2500


class Stages:
    """Jobs from stages. Each method takes the jobs that come before, and returns those that what follows waits for."""

    def __init__(self, ledger: Ledger, jobs: Jobs, *, fail_fast: bool) -> None:
        """``fail_fast``: an option of the pipeline says so for all."""
        self._ledger = ledger
        self._jobs = jobs
        self._always_fast = fail_fast
        self.fast: list[bool] = []
        """Of each place where stages are side by side, whether a failure ends the others."""
        self.widest = 1
        self._edges: list[tuple[dict[str, Any], dict[str, Any]]] = []

    def sequence(self, block: Call, context: Context, before: Sequence[str]) -> list[str]:
        """Stages one after the other."""
        reached = list(before)
        for each in self._stages(block):
            reached = self.stage(each, context, reached)
        return reached

    def _stages(self, block: Call) -> list[Call]:
        found = []
        for each in body_of(self._ledger, block):
            if not isinstance(each, Call) or each.name != "stage" or each.of is not None:
                if isinstance(each, Call) and each.name == "failFast" and block.name == "parallel":
                    self._ledger.say("approximated", each.at, "failFast", "failFast", settings.RUNNING)
                    continue
                raise self._ledger.refuse(each.at, f"{block.name} takes stages alone", "stage('name') { … }")
            found.append(each)
        if not found:
            raise self._ledger.refuse(block.at, f"there is no stage in {block.name}")
        return found

    def stage(self, call: Call, outer: Context, before: Sequence[str]) -> list[str]:
        """One stage, whatever is in it."""
        name = self._name(call)
        found = sections(self._ledger, body_of(self._ledger, call), _STAGE, f"stage {name!r}")
        inner = [found[key] for key in found if key in _INNER]
        if len(inner) != 1:
            said = "nothing to do" if not inner else f"{inner[0].name} and {inner[1].name}"
            raise self._ledger.refuse(call.at, f"stage {name!r} has {said}", "one of steps, stages, parallel, matrix")
        full = name + outer.suffix
        path = f"{outer.path or 'stages.'}{name}."
        context = outer.with_(scope=outer.scope.within(name), path=path)
        context, held = self._settings(found, context)
        if held is False:
            self._ledger.say("dropped", call.at, path[:-1], "stage", "its condition does not hold: it is left out")
            return list(before)
        what = inner[0]
        self._ledger.head("exact", call.at, path[:-1], "stage")
        if what.name == "steps":
            self._ledger.head("exact", what.at, f"{path}steps", "steps")
            body_of(self._ledger, what)
            job = self._jobs.add(call, full, what, context, before, found.get("post"))
            self._note_order(call, job)
            return [job["id"]]
        reached = self._within(what, context, before, found)
        if "post" in found:
            reached = self.post(found["post"], context, reached, full)
        return reached

    def _within(self, what: Call, context: Context, before: Sequence[str], found: dict[str, Call]) -> list[str]:
        if what.name != "stages":
            if context.beside:
                raise self._ledger.refuse(
                    what.at, "stages side by side within stages side by side: Jenkins refuses them", "take them apart"
                )
            context = context.with_(beside=True)
        if what.name == "matrix":
            return self._matrix(what, context, before, settings.flag(found.get("failFast")))
        self._ledger.head("exact", what.at, f"{context.path}{what.name}", what.name)
        if what.name == "stages":
            return self.sequence(what, context, before)
        inside = any(
            settings.flag(each) for each in body_of(self._ledger, what) if getattr(each, "name", "") == "failFast"
        )
        self._side_by_side(settings.flag(found.get("failFast")) or inside)
        branches = [(each, context) for each in self._stages(what)]
        return self._join(before, [self.stage(each, inner, before) for each, inner in branches], len(branches))

    def _side_by_side(self, fast: bool) -> None:
        self.fast.append(fast or self._always_fast)

    def _join(self, before: Sequence[str], ends: Sequence[list[str]], width: int) -> list[str]:
        """What follows waits for all branches; one in which nothing is left stands for what comes before."""
        self.widest = max(self.widest, width)
        some = [end for end in ends if end != list(before)]
        return list(dict.fromkeys(itertools.chain.from_iterable(some))) if some else list(before)

    def _settings(self, found: dict[str, Call], context: Context) -> tuple[Context, bool | None]:
        """The context inside a stage, and whether its condition holds."""
        ledger = self._ledger
        if "failFast" in found:
            at, path = found["failFast"].at, f"{context.path}failFast"
            if settings.flag(found["failFast"]):
                ledger.say("approximated", at, path, "failFast", settings.RUNNING)
            else:
                ledger.say("dropped", at, path, "failFast", "it is the same without")
        for name, read in (
            ("agent", settings.agent),
            ("environment", environment),
            ("tools", settings.tools),
            ("options", settings.options),
        ):
            if name in found:
                context = read(ledger, found[name], context)
        held: bool | None = True
        if "when" in found:
            context, held = settings.when(ledger, found["when"], context)
        if "input" in found:
            context = settings.asked(ledger, found["input"], context)
        return context, held

    def _name(self, call: Call) -> str:
        text = literal_text(call.args[0]) if len(call.args) == 1 and not call.named else None
        if text is None or not text.strip():
            raise self._ledger.refuse(call.at, "a stage needs a name that is a plain text", "stage('name') { … }")
        return text

    # The matrix

    def _matrix(self, call: Call, context: Context, before: Sequence[str], fast: bool) -> list[str]:
        path = f"{context.path}matrix."
        found = sections(self._ledger, body_of(self._ledger, call), _MATRIX, "a matrix")
        for needed in ("axes", "stages"):
            if needed not in found:
                raise self._ledger.refuse(call.at, f"a matrix needs {needed}")
        self._ledger.head("exact", call.at, path[:-1], "matrix")
        axes = self._axes(found["axes"], path)
        excluded = self._excludes(found.get("excludes"), path, dict(axes))
        self._side_by_side(fast or settings.flag(found.get("failFast")))
        count = 1
        for _, values in axes:
            count *= len(values)
        if count > MOST_CELLS:
            raise self._ledger.refuse(call.at, f"this matrix has {count} cells, more than {MOST_CELLS}")
        ends: list[list[str]] = []
        self._ledger.head("exact", found["stages"].at, f"{path}stages", "stages")
        for chosen in itertools.product(*(values for _, values in axes)):
            cell = dict(zip((name for name, _ in axes), chosen, strict=True))
            if not any(all(cell[name] in listed for name, listed in each) for each in excluded):
                ends.append(self._cell(found, cell, context.with_(path=path), before))
        return self._join(before, ends, len(ends))

    def _cell(self, found: dict[str, Call], cell: dict[str, str], outer: Context, before: Sequence[str]) -> list[str]:
        scope = outer.scope.within()
        for name, value in cell.items():
            scope.declare(name, (value,))
        suffix = f"{outer.suffix} ({', '.join(cell.values())})"
        env, guards = unmoved(outer, {**outer.env, **cell}, set(cell))
        context = outer.with_(scope=scope, env=env, suffix=suffix, guards=guards)
        context, held = self._settings(found, context)
        if held is False:
            return list(before)
        reached = self.sequence(found["stages"], context, before)
        if "post" in found:
            reached = self.post(found["post"], context, reached, f"matrix{suffix}")
        return reached

    def _axes(self, call: Call, path: str) -> list[tuple[str, list[str]]]:
        axes: list[tuple[str, list[str]]] = []
        for each in body_of(self._ledger, call):
            name, values, negated = self._axis(each)
            if negated or any(name == other for other, _ in axes):
                raise self._ledger.refuse(each.at, f"the axis {name} takes values, and stands once")
            self._ledger.say("exact", each.at, f"{path}axes.{name}", "axis")
            axes.append((name, values))
        if not axes:
            raise self._ledger.refuse(call.at, "there is no axis in axes")
        self._ledger.head("exact", call.at, f"{path}axes", "axes")
        return axes

    def _axis(self, node: Node) -> tuple[str, list[str], bool]:
        """The name, the values, and whether all but these are meant."""
        if not isinstance(node, Call) or node.name != "axis":
            raise self._ledger.refuse(node.at, "axis { name …; values … } belongs here")
        found = sections(
            self._ledger, body_of(self._ledger, node), frozenset(["name", "values", "notValues"]), "an axis"
        )
        listed = found.get("values", found.get("notValues"))
        name = found.get("name")
        if listed is None or name is None or len(found) != 2 or len(name.args) != 1:
            raise self._ledger.refuse(node.at, "an axis has a name and values")
        texts = [
            each.value for each in (*name.args, *listed.args) if isinstance(each, Literal) and each.value is not None
        ]
        if len(texts) != 1 + len(listed.args) or not listed.args or not str(texts[0]).isidentifier():
            raise self._ledger.refuse(node.at, "the name and the values of an axis are plain texts")
        return str(texts[0]), [text_of(text) for text in texts[1:]], listed.name == "notValues"

    def _excludes(self, call: Call | None, path: str, axes: dict[str, list[str]]) -> list[list[tuple[str, list[str]]]]:
        """Of each exclude its axes with the values that are excluded."""
        found: list[list[tuple[str, list[str]]]] = []
        if call is None:
            return found
        for each in body_of(self._ledger, call):
            if not isinstance(each, Call) or each.name != "exclude":
                raise self._ledger.refuse(each.at, "exclude { axis { … } } belongs here")
            one = []
            for node in body_of(self._ledger, each):
                name, values, negated = self._axis(node)
                if name not in axes:
                    raise self._ledger.refuse(node.at, f"there is no axis {name}", f"there are {', '.join(axes)}")
                one.append((name, [value for value in axes[name] if value not in values] if negated else values))
            if not one:
                raise self._ledger.refuse(each.at, "an exclude needs an axis")
            self._ledger.say("exact", each.at, f"{path}excludes", "exclude")
            found.append(one)
        self._ledger.head("exact", call.at, f"{path}excludes", "excludes")
        return found

    # What comes after

    def post(self, call: Call, context: Context, before: Sequence[str], name: str = "") -> list[str]:
        """What runs after several stages, as jobs; after a failure nothing of it runs here."""
        ledger, path = self._ledger, f"{context.path}post"
        ledger.head("exact", call.at, path, "post")
        reached = list(before)
        found = sections(ledger, body_of(ledger, call), POST, "post")
        for part in ("always", "success", "cleanup"):
            if part not in found:
                continue
            each, where = found[part], f"{path}.{part}"
            body_of(ledger, each)
            if part != "success":
                ledger.head("approximated", each.at, where, part, "it runs after success alone")
            if not self._does_something(each, context, where, reached):
                if part == "success":
                    ledger.head("exact", each.at, where, part)
                continue
            inner = context.with_(path=f"{path}.", when=(), asked="")
            job = self._jobs.add(each, f"{name} post {part}".strip(), each, inner, reached, last=True)
            if not name:
                job.setdefault("x-source", {})["after"] = part
            reached = [job["id"]]
            if part == "success":
                self._jobs.outcomes.hangs(job["id"], each, where, ())
        for part, each in found.items():
            if part not in ("always", "success", "cleanup"):
                reason = (
                    "nothing runs after a failure here"
                    if part in ("failure", "unsuccessful")
                    else "nothing here knows of that result"
                )
                ledger.say("dropped", each.at, f"{path}.{part}", part, reason)
        return reached

    def _does_something(self, each: Call, context: Context, path: str, before: Sequence[str]) -> bool:
        """Whether a step of it is left here; else it is spoken of, and no job is made."""
        from exlib.convert.jenkins.steps import REPORTING, SWEEPING, TELLING, Steps

        assert isinstance(each.body, Closure)
        quiet = REPORTING | SWEEPING | TELLING
        names = [node.name if isinstance(node, Call) and node.of is None else "" for node in each.body.statements]
        if all(name in quiet for name in names):
            steps = Steps(self._ledger, path, "", context.scope, after=True)
            steps.commands(each.body)
            for job in before[:1]:
                self._jobs.outcomes.may_be(job, steps.results)
            return False
        return True

    # Notes

    def _note_order(self, call: Call, job: dict[str, Any]) -> None:
        note = self._jobs.note_of(call).get("dependencies")
        if isinstance(note, dict):
            self._edges.append((job, note))

    def apply_notes(self) -> None:
        """Let jobs wait for what a note says, where the stages still stand as they did when it was written."""
        place = {job["id"]: at for at, job in enumerate(self._jobs.draft.jobs)}
        changes = []
        for job, note in self._edges:
            wanted, instead = note.get("of"), note.get("instead_of")
            here = place[job["id"]]
            if instead != job.get("dependencies", []) or not isinstance(wanted, list):
                continue
            if all(isinstance(each, str) and place.get(each, here) < here for each in wanted):
                changes.append((job, wanted))
        for job, wanted in changes:
            job.pop("dependencies", None)
            if wanted:
                job["dependencies"] = wanted
