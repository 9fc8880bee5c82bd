"""A workflow as a bash script that runs its jobs one after another, with their checks, retries and timeouts."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from exlib.convert.bash.runner import RUNNER, USAGE
from exlib.convert.notes import note, read_note
from exlib.convert.outgoing import Outgoing, OutJob
from exlib.convert.shell.job import environment, held, say_no_limit, script
from exlib.convert.wishes import File, Wishes
from exlib.environment import DEFAULT_INHERITED, is_secret

FORM = "script"
"""The key of the first note that says that the script is one of ours."""
_NOTED = frozenset(["x-source", "jobs", "description", "$schema"])


def write(outgoing: Outgoing, _wishes: Wishes) -> list[File]:
    """The script."""
    numbers = {job.job.id: number for number, job in enumerate(outgoing.jobs, 1)}
    texts = [text_of(job) for job in outgoing.jobs]
    ids = " ".join(shlex.quote(name) for name in numbers)
    lines = [*_opening(outgoing), f"ids=({ids})", f"run=({' '.join(_runner(outgoing))})", RUNNER]
    for job, (shell, text) in zip(outgoing.jobs, texts, strict=True):
        lines += [*_job(job, shell, text, numbers), ""]
    _account(outgoing)
    return [File("", "\n".join([*lines, "finish"]) + "\n")]


def text_of(job: OutJob) -> tuple[str, str]:
    """The shell that reads a job, and what it reads: the command alone where the job is nothing else."""
    if is_plain(job):
        job.exact("command", "description", "shell")
        return " ".join((job.job.shell or ())[:-1]), job.job.command
    return "/bin/sh", "\n".join([*held(job), script(job)])


def is_plain(job: OutJob) -> bool:
    """Whether the job is a command for a shell and nothing besides that a script has to do."""
    one, whole = job.job, job.workflow
    around = one.env or whole.env or one.working_dir or whole.working_dir or one.pre_checks or one.post_checks
    limit = one.timeout is not None and job.states_limit
    if around or limit or one.retry.limit or one.waits or "EX_" in one.command or not one.command.strip():
        return False
    return one.shell is not None and all(map(_is_simple, one.shell))


def _is_simple(word: str) -> bool:
    return shlex.quote(word) == word


def _opening(outgoing: Outgoing) -> Iterator[str]:
    whole = outgoing.workflow
    yield "#!/usr/bin/env bash"
    keys = {key: value for key, value in outgoing.raw.items() if key not in _NOTED}
    hidden = [name for job in outgoing.jobs[:1] for name in environment(job)[1] if name in whole.env]
    if keys.get("env_variables"):
        keys["env_variables"] = _public(keys["env_variables"], hidden)
    for key in [key for key in keys if is_secret(key) and key != "secrets"]:
        del keys[key]
    # A value that holds that of a secret is one too, and is not there to tell so when the script is read back.
    secret = dict.fromkeys(name for job in outgoing.jobs for name in environment(job)[1] if not is_secret(name))
    if secret:
        keys["secrets"] = list(dict.fromkeys([*(keys.get("secrets") or ()), *secret]))
    keys.pop("name", None)
    keys["application_name"] = whole.name
    yield f"# {note({'form': FORM, **dict(sorted({**keys, **_described(outgoing.raw)}.items()))})}"
    yield from _comment(outgoing.workflow.description, {})
    kept = outgoing.kept("bash").get("comments")
    if isinstance(kept, list) and kept:
        yield ""
        yield from (f"# {line}".rstrip() for line in kept if isinstance(line, str) and "\n" not in line)
    yield ""
    yield f"# {USAGE}"


def _public(values: Mapping[str, Any], secret: list[str]) -> dict[str, Any]:
    return {name: f"${{{name}}}" if name in secret else value for name, value in values.items()}


def _described(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The description as a note where comments would not bring it back."""
    text = raw.get("description")
    return {} if not isinstance(text, str) or not text or _comes_back(text) else {"description": text}


def _comes_back(text: str) -> bool:
    lines = text.split("\n")
    return "\r" not in text and all(
        line == line.strip() and read_note(line) is None and line.isprintable() for line in lines
    )


def _comment(text: str, noted: Mapping[str, Any]) -> Iterator[str]:
    if text and _comes_back(text) and "description" not in noted:
        yield from (f"# {line}".rstrip() for line in text.split("\n"))


def _runner(outgoing: Outgoing) -> Iterator[str]:
    """What stands before every command: nothing much, or what keeps the caller's variables from it."""
    setting = outgoing.workflow.inherit_shell_env
    yield "env"
    if setting is True:
        return
    yield "-i"
    names = DEFAULT_INHERITED if isinstance(setting, str) else set(setting or ())
    secret = {name for job in outgoing.jobs for name in environment(job)[1]}
    yield from (f'${{{name}+"{name}=${name}"}}' for name in sorted({*names, *secret, "EX_ALLOW"}))


def _job(job: OutJob, shell: str, text: str, numbers: Mapping[str, int]) -> Iterator[str]:
    noted = _note(job, shell, text)
    yield from _comment(job.job.description, noted)
    if noted:
        yield f"# {note(noted)}"
    goes_on = job.workflow.continue_on_error or job.job.continue_on_error
    needs = [str(numbers[name]) for name in job.job.dependencies]
    words = [str(numbers[job.job.id]), "go-on" if goes_on else "stop", shell, job.job.id]
    end = "END"
    while end in text.split("\n"):
        end += "_"
    yield f"job {' '.join(map(shlex.quote, words))}{''.join(f' {need}' for need in needs)} <<'{end}'"
    yield text
    yield end
    job.exact("id", "continue_on_error")
    if job.job.waits:
        job.manual("dependencies", "what only ex-run can wait for: the job fails until EX_ALLOW names it")
    else:
        job.exact("dependencies")


def _note(job: OutJob, shell: str, text: str) -> dict[str, Any]:
    """What the lines of the job do not say by themselves."""
    raw = dict(job.raw)
    noted = {key: value for key, value in raw.items() if key not in ("id", "job_id", "job_description", *_NOTED)}
    if all(isinstance(entry, str) for entry in job.raw.get("dependencies") or ()):
        noted.pop("dependencies", None)
    if is_plain(job):
        noted.pop("command", None)
        noted.pop("shell", None)
    if isinstance(noted.get("env_variables"), dict):
        noted["env_variables"] = _public(noted["env_variables"], environment(job)[1])
    if job.job.continue_on_error and not job.workflow.continue_on_error:
        noted.pop("continue_on_error", None)
    return dict(sorted({**noted, **_described(raw)}.items()))


def _account(outgoing: Outgoing) -> None:
    """What became of the keys of the workflow itself."""
    say_no_limit(outgoing)
    outgoing.exact(
        "application_name", "description", "continue_on_error", "secrets", "inherit_shell_env", "allow_shell"
    )
    hidden = sorted({name for job in outgoing.jobs for name in environment(job)[1] if name in outgoing.workflow.env})
    if hidden:
        outgoing.manual("env_variables", f"the values of secrets are not written: set {', '.join(hidden)}")
    else:
        outgoing.exact("env_variables")
    directory = outgoing.workflow.working_dir or "/"
    if directory.startswith(("/", "~", "${")):
        outgoing.exact("working_dir")
    else:
        outgoing.approximated("working_dir", "it starts where the script is started, not at the document")
    for key in ("parallel", "max_workers"):
        outgoing.approximated(key, "the jobs run one after another")
    if outgoing.raw.get("default_timeout") is None:
        outgoing.exact("default_timeout")
    else:
        outgoing.approximated("default_timeout", "by timeout(1), for commands without their checks")
    keys = ("max_retries", "retry_delay", "retry_backoff", "max_retry_time", "retry_on_exit_codes")
    outgoing.exact(*(f"default_{key}" for key in keys))
    outgoing.approximated("default_retry_jitter", "the delays are those of the document, not spread")
