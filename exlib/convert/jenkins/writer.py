"""A declarative pipeline: a stage for each job, side by side where the order allows it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from exlib.convert.account import Place
from exlib.convert.jenkins import schedules
from exlib.convert.jenkins.concealed import concealed
from exlib.convert.jenkins.groovytext import comment, quoted, value
from exlib.convert.jenkins.jobs import POST
from exlib.convert.jenkins.layout import Chain, Layout, layout
from exlib.convert.jenkins.parameters import default_given, named_by
from exlib.convert.jenkins.stagetext import StageText
from exlib.convert.notes import note
from exlib.convert.outgoing import Outgoing, OutJob
from exlib.convert.shell.carried import unstated
from exlib.convert.wishes import File, Wishes
from exlib.environment import is_secret

_STEP = "    "
_NOTED = (
    "application_name", "max_workers", "parallel", "inherit_shell_env", "log_dir", "mask_logs", "security_policy",
    "dependency_plugins", "email_address", "email_on_success", "email_on_failure", "smtp_server", "smtp_port",
    "smtp_security", "smtp_user", "smtp_password_file", "smtp_from", "secrets",
)  # fmt: skip
_DEFAULTS = (
    "default_timeout", "default_max_retries", "default_retry_delay", "default_retry_backoff", "default_retry_jitter",
    "default_max_retry_time", "default_retry_on_exit_codes",
)  # fmt: skip


def write(outgoing: Outgoing, _wishes: Wishes) -> list[File]:
    """The one file."""
    return [File("", _Pipeline(outgoing).text())]


class _Pipeline:
    def __init__(self, outgoing: Outgoing) -> None:
        self._out = outgoing
        self._kept = outgoing.kept("jenkins")
        self._after = self._last_ones()
        jobs = [job for job in outgoing.jobs if job not in self._after]
        self._jobs = {job.job.id: job for job in jobs}
        workflow = outgoing.workflow
        edges = {job.job.id: list(job.job.dependencies) for job in jobs}
        side_by_side = workflow.parallel and workflow.max_workers > 1
        self._layout: Layout = layout(list(edges), edges, side_by_side=side_by_side)
        self._fast = not workflow.continue_on_error

    def text(self) -> str:
        """The pipeline; of the keys that are in it the account is told."""
        stages = list(self._stages())
        lines = [
            *self._description(),
            *_strings(self._kept.get("before")),
            "pipeline {",
            *self._note(),
            *(line for text in _strings(self._kept.get("comments")) for line in comment(text, _STEP)),
            f"{_STEP}{_texts(self._kept).get('agent') or 'agent any'}",
            *_block("libraries", _strings(self._kept.get("libraries")), _STEP),
            *_block("parameters", _strings(self._kept.get("parameters")), _STEP),
            *_block("environment", list(self._environment()), _STEP),
            *_block("options", _strings(self._kept.get("options")), _STEP),
            *_block("triggers", _strings(self._kept.get("triggers")) or schedules.triggers(self._out), _STEP),
            *_block("tools", _strings(self._kept.get("tools")), _STEP),
            f"{_STEP}stages {{",
            *stages,
            f"{_STEP}}}",
            *self._post(),
            "}",
            *_strings(self._kept.get("after")),
        ]
        self._say()
        return "\n".join(lines) + "\n"

    def _description(self) -> list[str]:
        text = self._out.workflow.description
        return comment(text, "") if text else []

    def _note(self) -> Iterator[str]:
        raw = self._out.raw
        keys = {
            key: raw[key] for key in (*_NOTED, *_DEFAULTS, "continue_on_error") if key in raw and not self._derived(key)
        }
        if keys := dict(sorted(keys.items())) | unstated(self._out):
            yield f"{_STEP}// {note(keys)}"

    def _derived(self, key: str) -> bool:
        """Whether a reader finds it in the pipeline itself."""
        raw = self._out.raw
        widest = max((len(block) for block in self._layout.blocks), default=1)
        if key == "continue_on_error":
            return widest > 1 or not raw[key]
        if key == "secrets" or (key == "parallel" and not raw[key]):
            return not raw[key]
        if key in ("parallel", "max_workers") and widest > 1:
            return raw.get("max_workers") == widest and bool(raw.get("parallel"))
        return key == "default_timeout" and (raw[key] is None or self._has_option("timeout"))

    def _has_option(self, name: str) -> bool:
        return any(text.startswith(name) for text in _strings(self._kept.get("options")))

    def _environment(self) -> Iterator[str]:
        """Variables; parameters and what only Groovy knows as the source had them."""
        raw = _texts(self._kept.get("environment"))
        parameters = dict(map(named_by, _strings(self._kept.get("parameters"))))
        for name, text in raw.items():
            yield f"{name} = {text}"
        out, named = self._out, self._out.workflow.secrets
        absent = []
        for name, text in out.workflow.env.items():
            if name in raw or (name in parameters and default_given(parameters[name], text)):
                continue
            if is_secret(name, named) or concealed(out, text):
                absent.append(name)
                yield f"{name} = credentials({quoted(name)})"
            else:
                yield f"{name} = {value(text)}"
        known = {*raw, *out.workflow.env, *parameters}
        for name in named if not self._kept else ():
            if name not in known and not any(name in job.job.env for job in out.jobs):
                absent.append(name)
                yield f"{name} = credentials({quoted(name)})"
        if absent:
            out.manual("env_variables", f"make credentials with the ids {', '.join(absent)}: values are not written")
        else:
            out.exact("env_variables")

    # Stages

    def _stages(self) -> Iterator[str]:
        indent = _STEP * 2
        for number, block in enumerate(self._layout.blocks, 1):
            if len(block) == 1:
                for job in block[0]:
                    yield from self._stage(job, indent)
                continue
            yield f"{indent}stage({quoted(self._free(f'Side by side {number}'))}) {{"
            if self._fast:
                yield f"{indent}{_STEP}failFast true"
                for name in (name for chain in block for name in chain):
                    reason = "failFast ends the stages beside it when it fails, which ex-run does not"
                    self._jobs[name].approximated("continue_on_error", reason)
            yield f"{indent}{_STEP}parallel {{"
            for chain in block:
                yield from self._chain(chain, indent + _STEP * 2)
            yield f"{indent}{_STEP}}}"
            yield f"{indent}}}"

    def _chain(self, chain: Chain, indent: str) -> Iterator[str]:
        if len(chain) == 1:
            yield from self._stage(chain[0], indent)
            return
        yield f"{indent}stage({quoted(self._free(f'{chain[0]} and what follows'))}) {{"
        yield f"{indent}{_STEP}stages {{"
        for job in chain:
            yield from self._stage(job, indent + _STEP * 2)
        yield f"{indent}{_STEP}}}"
        yield f"{indent}}}"

    def _free(self, name: str) -> str:
        """A name that no job has."""
        while name in self._jobs:
            name += "_"
        return name

    def _stage(self, name: str, indent: str) -> list[str]:
        job = self._jobs[name]
        waits = self._layout.waits[name]
        wanted = list(job.job.dependencies)
        order = {"of": wanted, "instead_of": waits} if set(wanted) != set(waits) else None
        if name in self._layout.stricter:
            job.approximated("dependencies", f"its stage waits for all before it: {', '.join(waits)}")
        else:
            job.exact("dependencies")
        return StageText(job, self._kept, self._has_option, order).stage(indent)

    # What comes after

    def _last_ones(self) -> list[OutJob]:
        """The jobs that were parts of ``post``, if they still come after all others."""
        kept = {job.job.id: _texts(job.kept("jenkins")).get("after", "") for job in self._out.jobs}
        found = [job for job in self._out.jobs if kept[job.job.id] in POST]
        others = [job for job in self._out.jobs if job not in found]
        parts = [kept[job.job.id] for job in found]
        needed = {name for job in others for name in job.job.dependencies}
        if not found or not others or len(set(parts)) != len(parts):
            return []
        reached = {job.job.id for job in others if job.job.id not in needed}
        for job in found:
            if set(job.job.dependencies) != reached or kept[job.job.id] in _texts(self._kept.get("post")):
                return []
            reached = {job.job.id}
        return found

    def _post(self) -> Iterator[str]:
        rest = _texts(self._kept.get("post"))
        if not self._after and not rest:
            return
        yield f"{_STEP}post {{"
        for job in self._after:
            part = str(job.kept("jenkins")["after"])
            if job.job.description:
                yield from comment(job.job.description, _STEP * 2)
            job.exact("description")
            yield f"{_STEP * 2}{part} {{"
            yield from StageText(job, self._kept, self._has_option, None).steps(_STEP * 3)
            yield f"{_STEP * 2}}}"
            job.exact("dependencies")
        for part, text in rest.items():
            yield from _block(part, [text], _STEP * 2)
        yield f"{_STEP}}}"

    def _say(self) -> None:
        out, raw = self._out, self._out.raw
        out.exact("description", "application_name", "working_dir", *_DEFAULTS)
        out.exact("secrets") if not self._out.workflow.secrets else out.manual(
            "secrets", "Jenkins hides what comes from credentials: make them"
        )
        if raw.get("parallel") and self._out.workflow.max_workers > 1:
            widest = max((len(block) for block in self._layout.blocks), default=1)
            out.exact("parallel")
            if widest > self._out.workflow.max_workers:
                out.approximated("max_workers", f"Jenkins runs up to {widest} stages at once")
            else:
                out.exact("max_workers")
        else:
            out.exact("parallel", "max_workers")
        place = Place(out.document.name)
        widest = max((len(block) for block in self._layout.blocks), default=1)
        if not self._fast:
            out.approximated("continue_on_error", "stages side by side go on, those after them do not start")
        elif widest == 1:
            out.exact("continue_on_error")
        else:
            out.said.add("continue_on_error")
            reason = "failFast ends what runs side by side, which ex-run lets go on to its end"
            out.account.approximated(place, "continue_on_error", reason)
        if "default_timeout" not in raw and any("timeout" not in job.raw for job in out.jobs):
            reason = "ex-run ends a job after three hours where nothing is stated; Jenkins has no limit"
            out.account.approximated(place, "default_timeout", reason)
        for key in _NOTED:
            if key not in out.said and key in raw:
                out.dropped(key, "Jenkins has no word for it; a comment keeps it")


def _block(name: str, lines: Sequence[str], indent: str) -> Iterator[str]:
    if lines:
        yield f"{indent}{name} {{"
        yield from (f"{indent}{_STEP}{line}" for line in lines)
        yield f"{indent}}}"


def _strings(kept: Any) -> list[str]:
    """What was kept as a list of texts; a document may hold anything there."""
    return [text for text in kept if isinstance(text, str)] if isinstance(kept, list) else []


def _texts(kept: Any) -> dict[str, str]:
    return {key: text for key, text in kept.items() if isinstance(text, str)} if isinstance(kept, dict) else {}
