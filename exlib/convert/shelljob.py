"""One job as a text for ``/bin/sh`` that does by itself what ex-run does for it, but for what the target does.

A job of a command alone is that command. Values of secrets are never written: the text asks for them in the
environment.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from exlib.convert.outgoing import OutJob
from exlib.convert.shellchecks import allowed, shell_check
from exlib.convert.shellwords import word
from exlib.environment import is_secret, layered
from exlib.workflow import DEFAULT_TIMEOUT, Check

ASPECTS = frozenset(["env", "working_dir", "timeout", "retries", "shell", "checks"])
"""What a target may do itself, and say of its keys itself; ``env`` and ``working_dir`` are the workflow's too."""
_SH = ("/bin/sh", "-c")
_RETRY_KEYS = ("retry_delay", "retry_backoff", "retry_jitter", "max_retry_time", "retry_on_status")


def script(job: OutJob, *, done: frozenset[str] = frozenset()) -> str:
    """The text, without a line feed at its end; of the keys that are in it, the account is told.

    ``done`` are the aspects that the target sees to. The text can stand in ``( … )`` or be given to ``sh -c``.
    """
    lines = [*_variables(job, done), *_directory(job, done)]
    body = _body(job, done)
    retried = "retries" not in done and job.job.retry.limit > 0
    if retried:
        lines += ["attempt() (", *body, ")", *_loop(job)]
    else:
        lines += body
    job.exact("command", "description")
    return "\n".join(lines)


def environment(job: OutJob) -> tuple[dict[str, str], list[str]]:
    """The variables of a job over the workflow's that are no secrets, and the names of those that are."""
    declared = layered({}, job.workflow.env, job.job.env) if job.job.env else layered({}, job.workflow.env)
    named = frozenset(job.workflow.secrets)
    secret = [name for name in declared if is_secret(name, named)]
    return {name: value for name, value in declared.items() if name not in secret}, secret


def _variables(job: OutJob, done: frozenset[str]) -> Iterator[str]:
    if "env" in done:
        return
    values, secret = environment(job)
    yield from (f': "${{{name}:?it is a secret, and has to be in the environment}}"' for name in secret)
    yield from (f"export {name}={word(value)}" for name, value in values.items())
    if secret:
        job.manual("env_variables", f"the values of secrets are not written: set {', '.join(secret)}")
    else:
        job.exact("env_variables")


def _directory(job: OutJob, done: frozenset[str]) -> Iterator[str]:
    if "working_dir" in done:
        return
    for path in (job.workflow.working_dir, job.job.working_dir):
        if path:
            yield f"cd {_home(path)} || exit 1"
    job.exact("working_dir")


def _home(path: str) -> str:
    return f'"$HOME"{word(path[1:]) if path[1:] else ""}' if path == "~" or path.startswith("~/") else word(path)


def _body(job: OutJob, done: frozenset[str]) -> list[str]:
    """The command with its checks and its limit; more than one line if there is more than the command."""
    command = _command(job, done)
    if "checks" in done:
        return [command]
    before = list(_checks(job, job.job.pre_checks, "pre_checks"))
    after = list(_checks(job, job.job.post_checks, "post_checks"))
    if not before and not after:
        return [command]
    lines = [f"{line} || exit 1" for line in before]
    if not after:
        return [*lines, command]
    inner = command if _is_simple(job, done) else f"(\n{command}\n)"
    return [*lines, f"{inner} || exit $?", *(f"{line} || exit 1" for line in after)]


def _is_simple(job: OutJob, done: frozenset[str]) -> bool:
    return _command(job, done) != job.job.command


def _command(job: OutJob, done: frozenset[str]) -> str:
    """The command as it stands if the shell that reads it is the right one and nothing limits it; else as one word."""
    limit = None if "timeout" in done else _limit(job)
    argv = _SH if "shell" in done or job.job.shell is None else job.job.shell
    if job.job.shell is None:
        argv = ()
    if "shell" not in done:
        job.exact("shell")
    if limit is None and argv == _SH:
        return job.job.command
    words = [*map(shlex.quote, argv), shlex.quote(job.job.command)] if argv else [_words(job.job.command)]
    return " ".join([*(["timeout", "-k", "10", f"{limit:g}"] if limit is not None else []), *words])


def _words(command: str) -> str:
    return " ".join(map(shlex.quote, shlex.split(command)))


def _limit(job: OutJob) -> float | None:
    """Seconds that are stated for the job; the limit that holds where nothing is stated is not written."""
    stated = "timeout" in job.raw or job.job.timeout != DEFAULT_TIMEOUT
    if job.job.timeout is not None and stated:
        job.approximated("timeout", "by timeout(1), which ends the command's own processes alone")
        return job.job.timeout
    job.exact("timeout")
    return None


def _loop(job: OutJob) -> Iterator[str]:
    """Try again until it succeeds, as often as the job says."""
    retry = job.job.retry
    yield f"tries=0; delay={_whole(retry.delay)}"
    yield "until attempt; do"
    yield "  code=$?"
    if retry.on_exit_codes:
        codes = "|".join(str(code) for code in sorted(retry.on_exit_codes))
        yield f"  case $code in {codes}) ;; *) exit $code ;; esac"
        job.exact("retry_on_exit_codes")
    yield f'  [ "$tries" -lt {retry.limit} ] || exit $code'
    yield '  tries=$((tries + 1)); sleep "$delay"'
    if retry.backoff != 1:
        yield f'  delay=$(awk "BEGIN {{ print $delay * {retry.backoff:g} }}")'
    yield "done"
    job.exact("max_retries", "retry_delay", "retry_backoff")
    for key in _RETRY_KEYS[2:]:
        job.dropped(key, "the loop that tries again in the script has no such limit")


def _whole(seconds: float) -> str:
    return f"{seconds:g}"


def _checks(job: OutJob, checks: tuple[Check, ...], key: str) -> Iterator[str]:
    """Commands for the checks; what cannot be tried there keeps the job from running, or from succeeding."""
    beyond = []
    for check in checks:
        command = shell_check(check, job.job.id)
        if command is None:
            beyond.append(check.name)
            yield allowed(f"{check.name} can be tried by ex-run alone", job.job.id)
        else:
            yield command
    if beyond:
        job.manual(key, f"{', '.join(beyond)}: the job fails until EX_ALLOW names it")
    else:
        job.exact(key)
