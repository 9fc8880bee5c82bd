"""One job as a stage, its settings and its steps."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from exlib.convert.draft import ALLOWED, guard_of
from exlib.convert.jenkins.durations import stated
from exlib.convert.jenkins.groovytext import comment, quoted, script, value
from exlib.convert.jenkins.ledger import digest
from exlib.convert.jenkins.shell import plain_script
from exlib.convert.notes import note
from exlib.convert.outgoing import OutJob
from exlib.convert.shell.carried import meaning
from exlib.convert.shell.job import environment
from exlib.convert.shell.job import script as shell_text

_STEP = "    "
_NOTED = ("tags", "priority", "inputs", "outputs", "continue_on_error", "detach")
_TRIES = ("retry_delay", "retry_backoff", "retry_jitter", "max_retry_time", "retry_on_status")
_SIMPLE = re.compile(r"[^$~]+")


class StageText:
    """The lines for one job; ``order`` is what its dependencies are where the stages say something else."""

    def __init__(
        self, job: OutJob, pipeline: Mapping[str, Any], has_option: Callable[[str], bool], order: dict[str, Any] | None
    ) -> None:
        self._job = job
        self._pipeline = pipeline
        self._has_option = has_option
        self._order = order
        self._meaning: dict[str, Any] = {}
        kept = job.kept("jenkins")
        self._same = kept.get("made") == digest(job.job.command) and isinstance(kept.get("steps"), str)
        """Whether the steps of the source still are what the job does."""
        self._kept = (
            kept if self._same or "steps" not in kept else {**kept, "post": None, "steps": None, "within": None}
        )

    def stage(self, indent: str) -> list[str]:
        """The stage."""
        inner = indent + _STEP
        job = self._job
        lines = comment(job.job.description, indent) if job.job.description else []
        job.exact("description")
        lines.append(f"{indent}stage({quoted(job.job.id)}) {{")
        steps = list(self.steps(inner + _STEP))
        lines += [*self._note(inner)]
        if isinstance(agent := self._kept.get("agent"), str):
            lines.append(inner + agent)
        lines += _section("tools", self._listed("tools"), inner)
        lines += _section("environment", list(self._environment()), inner)
        lines += _section("options", [*self._listed("options"), *self._limits()], inner)
        lines += self._asked(inner)
        lines += [f"{inner}steps {{", *steps, f"{inner}}}"]
        if isinstance(post := self._kept.get("post"), str):
            lines += _section("post", [post], inner)
        job.exact("id")
        return [*lines, f"{indent}}}"]

    def _listed(self, key: str) -> list[str]:
        found = self._kept.get(key)
        return [text for text in found if isinstance(text, str)] if isinstance(found, list) else []

    def _note(self, indent: str) -> Iterator[str]:
        job, raw = self._job, self._job.raw
        keys = {key: raw[key] for key in _NOTED if key in raw}
        if self._order is not None:
            keys["dependencies"] = self._order
        if self._folder():
            keys["working_dir"] = job.job.working_dir
        if self._tries() and (job.job.retry.delay or job.job.retry.max_time):
            retry = job.job.retry
            keys |= {"retry_delay": retry.delay, "retry_backoff": retry.backoff, "retry_jitter": retry.jitter}
            keys |= {"max_retry_time": retry.max_time}
            if "retry_on_status" in raw:
                keys["retry_on_status"] = raw["retry_on_status"]
            for key in _TRIES:
                job.dropped(key, "Jenkins tries again at once; a comment keeps it")
        elif not job.job.retry.limit or self._tries():
            job.exact(*_TRIES)
        if not job.job.retry.limit and "default_max_retries" in job.settings:
            keys["max_retries"] = 0
        keys |= self._meaning
        for key in _NOTED:
            job.dropped(key, "Jenkins has no word for it; a comment keeps it")
        if keys:
            yield f"{indent}// {note(keys)}"

    def _environment(self) -> Iterator[str]:
        job = self._job
        raw = self._kept.get("environment")
        raw = raw if isinstance(raw, dict) else {}
        yield from (f"{name} = {text}" for name, text in raw.items() if isinstance(text, str))
        absent = []
        hidden = environment(job)[1]
        for name, text in job.job.env.items():
            if name in raw:
                continue
            if name in hidden:
                absent.append(name)
                yield f"{name} = credentials({quoted(name)})"
            else:
                yield f"{name} = {value(text)}"
        if absent:
            job.manual("env_variables", f"make credentials with the ids {', '.join(absent)}: values are not written")
        else:
            job.exact("env_variables")

    # Limits

    def _within(self, name: str) -> bool:
        """Whether the steps of the source hold it already."""
        found = self._kept.get("within")
        return self._same and isinstance(found, list) and name in found

    def _loops(self) -> bool:
        """Whether the script tries again by itself, as not every failure is worth it; the limit is of each attempt."""
        retry = self._job.job.retry
        return bool(retry.limit and not self._same and (retry.on_exit_codes or "retry_on_status" in self._job.raw))

    def _limit(self) -> float | None:
        job = self._job
        if self._loops():
            return None
        if job.job.timeout is None or self._within("timeout"):
            return None
        return job.job.timeout if job.states_limit and not self._is_everyones("timeout") else None

    def _is_everyones(self, key: str) -> bool:
        """Whether the pipeline says it for all its stages."""
        return key not in self._job.raw and self._has_option(key)

    def _tries(self) -> int:
        """How often in all Jenkins is to try; 0 where the script does it, or nothing."""
        job = self._job
        if job.job.retry.limit == 0 or self._loops() or self._within("retry"):
            return 0
        if "max_retries" not in job.raw and self._has_option("retry"):
            return 0
        return job.job.retry.limit + 1

    def _limits(self) -> Iterator[str]:
        """Limits as options; where there are two the steps hold them, so that the order is plain."""
        limit, tries = self._limit(), self._tries()
        if self._same or not (limit and tries):
            if tries:
                yield f"retry({tries})"
            if limit:
                yield f"timeout({stated(limit)})"
        if "timeout" not in self._job.said:
            self._job.exact("timeout")
        self._job.exact("max_retries")

    def _asked(self, indent: str) -> list[str]:
        """What has to be answered or decided before: as the source had it, else a question."""
        job, lines = self._job, []
        if when := self._listed("when"):
            lines += _section("when", when, indent)
        reason = guard_of(job.raw)
        known = reason is not None and self._kept.get("guard") == digest(reason)
        if isinstance(kept := self._kept.get("input"), str):
            lines.append(indent + kept)
            return lines
        if known and (self._same or "steps" not in job.kept("jenkins")):
            reason = None  # it comes of what the source says, and that stands here again
        if job.job.waits:
            said = "it waits for something outside: " + ", ".join(wait.plugin for wait in job.job.waits)
            reason = f"{reason}; {said}" if reason else said
            job.manual("dependencies", "a plugin of ex-run decides it there: a person is asked")
        if reason:
            lines += _section("input", [f"message {quoted(reason)}"], indent)
        return lines

    # Steps

    def steps(self, indent: str) -> Iterator[str]:
        """The steps: those of the source, else one script."""
        job = self._job
        if self._same:
            job.exact("command", "shell", "working_dir", "pre_checks", "post_checks", "retry_on_exit_codes")
            yield indent + str(self._kept["steps"])
            return
        limit, tries = self._limit(), self._tries()
        wrappers = [f"retry({tries})", f"timeout({stated(limit)})"] if limit and tries else []
        if folder := self._folder():
            wrappers.append(f"dir({quoted(folder)})")
            job.exact("working_dir")
        for depth, wrapper in enumerate(wrappers):
            yield f"{indent}{_STEP * depth}{wrapper} {{"
        inside = indent + _STEP * len(wrappers)
        text = self._script()
        self._meaning = self._meant(text)
        yield f"{inside}sh {script(text, inside)}"
        for depth in reversed(range(len(wrappers))):
            yield f"{indent}{_STEP * depth}}}"

    def _meant(self, text: str) -> dict[str, Any]:
        """What a reader of the script has to be told."""
        found = plain_script(text)
        if found is None:
            return {}
        native = {"env_variables"} if self._loops() else {"env_variables", "timeout"}
        native |= {"working_dir"} if self._folder() else set()
        native |= {"max_retries", *_TRIES} if not self._loops() else set()
        return meaning(self._job, found.text, native=native)

    def _folder(self) -> str | None:
        """The folder of the job, where ``dir`` can say it."""
        job = self._job
        path = job.job.working_dir
        if self._same or job.workflow.working_dir or not path or not _SIMPLE.fullmatch(path):
            return None
        return path

    def _script(self) -> str:
        """The text for sh, which runs it by ``sh -xe`` unless its first line names another shell."""
        job = self._job
        job.job = job.job._replace(pre_checks=tuple(each for each in job.job.pre_checks if each.name != ALLOWED))
        done = {"env"} if self._loops() else {"env", "timeout", "retries"}
        done |= {"working_dir"} if self._folder() else set()
        checked = job.job.pre_checks or job.job.post_checks
        looped = "retries" not in done and job.job.retry.limit
        moved = "working_dir" not in done and (job.job.working_dir or job.workflow.working_dir)
        plain = job.job.shell is not None and not checked and not looped and not moved
        text = shell_text(job, done=frozenset({*done, "shell"} if plain else done))
        if not plain:
            return f"#!/bin/sh\n{text}"
        job.exact("shell")
        words = job.job.shell[:-1] if job.job.shell else ()
        if words == ("sh", "-xe"):
            return text if not text.startswith("#!") else f" {text}"
        if words == ("/bin/sh",):
            return f"#!/bin/sh\n{text}"
        return f"#!/usr/bin/env -S {' '.join(map(_word, words))}\n{text}"


def _word(text: str) -> str:
    return text if re.fullmatch(r"[\w./:=+-]+", text) else '"' + re.sub(r'(["\\$])', r"\\\1", text) + '"'


def _section(name: str, lines: list[str], indent: str) -> list[str]:
    return [f"{indent}{name} {{", *(f"{indent}{_STEP}{line}" for line in lines), f"{indent}}}"] if lines else []
