"""One job of a document as the lines of a job of GitLab."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from exlib.convert.draft import ALLOWED, guard_of
from exlib.convert.gitlab import durations
from exlib.convert.gitlab.hidden import Hidden
from exlib.convert.gitlab.keywords import BEYOND, BY_HAND, GUARDED, KEPT, MANUAL, NOTED, STRANGE, UNREAD
from exlib.convert.gitlab.scripts import SHELL, Scripts, by_sh, taken_apart
from exlib.convert.gitlab.values import is_predefined, outgoing
from exlib.convert.gitlab.yamltext import entry
from exlib.convert.notes import note, read_note
from exlib.convert.outgoing import Outgoing, OutJob
from exlib.convert.shell.carried import meaning
from exlib.convert.shell.job import script
from exlib.convert.shell.words import word
from exlib.environment import is_secret, references

FORMAT = "gitlab"
_CONDITIONS = ("rules", "only", "except", "when")
_MOST_RETRIES = 2
_MOST_NEEDS = 50
_MONTH = 2_592_000.0
_REASONS = {"FAILED": "script_failure", "TIMEOUT": "job_execution_timeout", "ERROR": "runner_system_failure"}
_RETRY_KEYS = (
    "max_retries", "retry_delay", "retry_backoff", "retry_jitter", "max_retry_time", "retry_on_status",
    "retry_on_exit_codes",
)  # fmt: skip
_DELAYS = ("retry_delay", "retry_backoff", "retry_jitter", "max_retry_time")
_INNER = r"(?:[^\"\\`$!]|\$\w+|\$\{\w+\})*"
_WORD = rf"(?:[\w./:,@%+*?=-]|\$\w+|\$\{{\w+\}}|\"{_INNER}\"|'[^'\\]*')+"
_SIMPLE = re.compile(rf"{_WORD}(?:(?: | && | \|\| | >> ?| > ?){_WORD})*", re.ASCII)
_SHELLS_DIFFER = re.compile(r"\n|==|\becho\s+-|\b(?:time|source|exec|set)\b")
"""What is simple and yet not the same to all shells."""
_PERCENT = re.compile(r"%[A-Za-z_]\w*%")


def _is_simple(text: str) -> bool:
    """Whether a text means the same to all shells, and with ``-e`` and ``pipefail``."""
    return _SIMPLE.fullmatch(text) is not None and not _SHELLS_DIFFER.search(text)


class JobText:
    """A job on its way out. ``in_script`` are variables that GitLab cannot set as they are meant."""

    def __init__(
        self,
        job: OutJob,
        whole: Outgoing,
        names: Mapping[str, str],
        top: Mapping[str, Any],
        stages: list[str] | None,
        hidden: Hidden,
    ) -> None:
        self._job = job
        self._whole = whole
        self._names = names
        self._top = top
        self._stages = stages
        self._hidden = hidden
        self._kept = job.kept(FORMAT)
        ours = self._kept.get("in_script")
        ours = ours if isinstance(ours, list) else []
        self.in_script = [name for name in self._beyond() if not top or name in ours]
        self._meaning: dict[str, Any] = {}

    @staticmethod
    def value(text: str) -> Any:
        """The value of a variable; a map where GitLab would expand what it must not."""
        if _PERCENT.search(text) and not references(text):
            return {"value": text, "expand": False}
        return outgoing(text)

    def lines(self) -> Iterator[str]:
        """The lines, beginning with an empty one."""
        keys = self._keys()
        description = self._description()
        comments = self._kept.get("comments")
        yield ""
        yield from (f"# {line}".rstrip() for line in description)
        head, *rest = entry(self._names[self._job.job.id], keys, 0)
        yield head
        if unsaid := self._note(told=bool(description)):
            yield f"  # {note(unsaid)}"
        if isinstance(comments, list):
            yield from (f"  # {comment}".rstrip() for comment in comments)
        yield from rest

    def _keys(self) -> dict[str, Any]:
        job, kept = self._job, self._kept
        scripts, text = self._scripts()
        keys: dict[str, Any] = {}
        if self._stages is not None and "stage" in kept:
            keys["stage"] = kept["stage"]
        keys |= {key: kept[key] for key in KEPT if key in kept}
        keys |= self._needs()
        if variables := self._variables():
            keys["variables"] = variables
        keys |= self._conditions()
        keys |= self._limit()
        keys |= self._retry(scripts.attempts)
        if scripts.allowed is None:
            keys["allow_failure"] = True
        elif scripts.allowed:
            keys["allow_failure"] = {"exit_codes": sorted(scripts.allowed)}
        elif kept.get("allow_failure") is False and guard_of(job.raw) is not None:
            keys["allow_failure"] = False
        if "trigger" not in keys and "run" not in keys:
            keys["script"] = [text]
            if scripts.after:
                keys["after_script"] = [scripts.after]
        return keys

    def _needs(self) -> dict[str, Any]:
        job = self._job
        optional = self._kept.get("optional_needs")
        optional = optional if isinstance(optional, list) else []
        needed: list[Any] = [
            {"job": self._names[other], "optional": True} if other in optional else self._names[other]
            for other in job.job.dependencies
        ]
        if job.job.waits:
            job.manual("dependencies", "a plugin cannot be waited for there: the job is started by hand")
        elif len(needed) > _MOST_NEEDS:
            job.manual("dependencies", f"GitLab lets a job need {_MOST_NEEDS} others: part them into stages")
        else:
            job.approximated("dependencies", "each job has a machine of its own there: hand files on by artifacts")
        return {"needs": needed} if needed or self._stages is not None else {}

    # The command

    def _scripts(self) -> tuple[Scripts, str]:
        """What the command does, and its text for GitLab's shell."""
        job = self._job
        guardless = tuple(check for check in job.job.pre_checks if check.name != ALLOWED)
        checked = bool(guardless or job.job.post_checks)
        job.job = job.job._replace(pre_checks=guardless)
        is_own = job.job.shell is not None and " ".join(job.job.shell) in (SHELL, f"{SHELL} -c")
        done = {"env", "timeout"} | ({"shell"} if is_own else set())
        if job.job.retry.limit <= _MOST_RETRIES:
            done.add("retries")
        text = script(job, done=frozenset(done))
        exports = "\n".join(f"export {name}={word(self._all_env()[name])}" for name in self.in_script)
        if is_own:
            job.exact("shell")
        if is_own and not checked and text == job.job.command:
            scripts = taken_apart(text)
            if not exports:
                return scripts, scripts.main
        alone = text == job.job.command
        if not (is_own or _is_simple(text)) and alone:
            text = by_sh(text)  # what the text of a job puts around a command means the same to bash, under -e too
        text = "\n".join(filter(None, [exports, text]))
        native = {"env_variables", "timeout"} | (set(_RETRY_KEYS) if "retries" in done else set())
        beyond = {name: self._all_env()[name] for name in self.in_script}
        if exports or not alone:
            self._meaning = meaning(job, text, native=native, beyond=beyond)
        return Scripts(text), text

    # Variables

    def _all_env(self) -> dict[str, str]:
        return {**self._whole.workflow.env, **self._job.job.env}

    def _beyond(self) -> list[str]:
        """Variables that refer to what GitLab does not know, and those that refer to them in turn."""
        env = self._all_env()
        secrets = frozenset(self._whole.workflow.secrets)
        hidden = self._hidden.names(env)
        beyond = {
            name
            for name, value in env.items()
            for other in references(value)
            if other == name or is_secret(other, secrets) or (other not in env and not is_predefined(other))
        }
        while more := {name for name, text in env.items() if beyond & set(references(text))} - beyond:
            beyond |= more
        return [name for name in env if name in beyond and name not in hidden]

    def _variables(self) -> dict[str, Any]:
        job = self._job
        secret = self._hidden.names(job.job.env)
        if secret:
            said = f"values of secrets are not written: set {', '.join(secret)} as CI/CD variables"
            job.manual("env_variables", said)
        elif any(name in job.job.env for name in self.in_script):
            job.approximated("env_variables", "what refers to variables of the machine is set in the script")
        else:
            job.exact("env_variables")
        left = {name: text for name, text in job.job.env.items() if name not in secret and name not in self.in_script}
        return {name: self.value(text) for name, text in left.items()}

    # When it runs

    def _conditions(self) -> dict[str, Any]:
        """What keeps it from running by itself: the conditions of its source, or a person."""
        job, reason = self._job, guard_of(self._job.raw)
        if reason is None and not job.job.waits:
            return {}
        conditions = {key: self._kept[key] for key in _CONDITIONS if key in self._kept}
        if conditions:
            job.exact("pre_checks")
            return conditions
        if reason is not None and not self._own_reasons(reason):
            job.exact("pre_checks")
            return {}
        job.approximated("pre_checks", "it is started by hand there")
        return {"rules": BY_HAND}

    def _own_reasons(self, reason: str) -> str:
        """What of a reason the keys of the job and of the whole do not say by themselves."""
        workflow = self._top.get("workflow")
        said = [GUARDED[key] for key in GUARDED if key in self._kept]
        reason = STRANGE.sub("", reason) if "tags" in self._kept else reason
        said += [UNREAD] if "include" in self._top else []
        for text in said:
            reason = reason.replace(text, "")
        if isinstance(workflow, dict) and "rules" in workflow:
            reason = re.sub(r"the rules of the workflow cannot be decided: .*", "", reason)
        return reason.strip("; ")

    def _limit(self) -> dict[str, Any]:
        job = self._job
        if job.job.retry.limit > _MOST_RETRIES and job.job.timeout is not None:
            reason = "its limit holds for all of its attempts together there, as the script makes them"
            job.approximated("timeout" if "timeout" in job.raw else "max_retries", reason)
        if "timeout" not in job.raw:
            return {}
        limit = job.job.timeout
        if limit is None or limit > _MONTH:
            job.approximated("timeout", "GitLab knows no job without a limit: it is a month")
            return {"timeout": durations.words(_MONTH)}
        if limit == int(limit):
            job.exact("timeout")
        else:
            job.approximated("timeout", "GitLab counts whole seconds")
        return {"timeout": durations.words(limit)}

    def _retry(self, attempts: int) -> dict[str, Any]:
        job, retry = self._job, self._job.job.retry
        if attempts > 1:
            return {"retry": min(attempts - 1, _MOST_RETRIES)}
        if retry.limit > _MOST_RETRIES:
            return {}
        job.exact("max_retries", "retry_on_status", "retry_on_exit_codes")
        stated: dict[str, Any] = {"max": retry.limit}
        if "retry_on_status" in job.raw and len(retry.on_status) < len(_REASONS):
            stated["when"] = [_REASONS[status] for status in sorted(retry.on_status)]
        if retry.on_exit_codes:
            stated["exit_codes"] = sorted(retry.on_exit_codes)
        if not retry.limit:
            return {"retry": 0} if "max_retries" in job.raw else {}
        return {"retry": stated if len(stated) > 1 else retry.limit}

    # What GitLab has no words for

    def _description(self) -> list[str]:
        """The description as comments, if they can hold it as it is."""
        lines = self._job.job.description.split("\n")
        held = all(line and line == line.strip() and line.isprintable() and read_note(line) is None for line in lines)
        return lines if held else []

    def _note(self, *, told: bool) -> dict[str, Any]:
        job, reason = self._job, guard_of(self._job.raw)
        found: dict[str, Any] = {}
        if self._names[job.job.id] != job.job.id:
            found["id"] = job.job.id
        if reason is not None and self._is_told(reason):
            found["allowed"] = reason
        if job.job.description and not told:
            found["description"] = job.job.description
        for key in _RETRY_KEYS:
            if job.raw.get(key) and key in _DELAYS:
                found[key] = job.raw[key]
                job.approximated(key, "GitLab tries again at once; it stays in a comment")
            else:
                job.exact(key)
        for key, value in job.unsaid().items():
            if key in NOTED:
                found[key] = value
                job.dropped(key, "GitLab CI has no word for it; it stays in a comment")
        return dict(sorted(found.items())) | self._meaning

    def _is_told(self, reason: str) -> bool:
        """Whether only a note can bring the reason back."""
        if any(text in reason for text in BEYOND):
            return True
        conditions = any(key in self._kept for key in _CONDITIONS)
        return bool(self._own_reasons(reason)) and not conditions and reason != MANUAL
