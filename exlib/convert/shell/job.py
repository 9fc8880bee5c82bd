"""One job as a text for ``/bin/sh`` that does by itself what ex-run does for it, but for what the target does.

A job of a command alone is that command. Values of secrets are never written: the text asks for them in the
environment. The text may stand in ``( … )`` or be given to ``sh -c``, and does not mind ``-e`` or ``pipefail``, but
for a command that stands there alone.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator, Mapping

from exlib.convert.account import Place
from exlib.convert.outgoing import Outgoing, OutJob
from exlib.convert.shell.checks import allowed, direct, shell_check
from exlib.convert.shell.loop import CHECKED, Loop
from exlib.convert.shell.words import number, word
from exlib.environment import REFERENCE, expand, is_secret, layered, references
from exlib.masking import Mask
from exlib.workflow import Check

ASPECTS = frozenset(["env", "working_dir", "timeout", "retries", "shell", "checks"])
"""What a target may do itself, and say of its keys itself; ``env`` and ``working_dir`` are the workflow's too."""
_SH = ("/bin/sh", "-c")
_EX_ATTEMPT = "EX_ATTEMPT"
_OWN = ("EX_RUN_ID", "EX_JOB_ID", _EX_ATTEMPT)
_LOG = "EX_LOG"
"""The file that has what the command prints; it is printed when the job ends, and removed."""
_HOME = re.compile(r"~[A-Za-z_][\w-]*|~")


def script(job: OutJob, *, done: frozenset[str] = frozenset(), given: Mapping[str, str] = {}) -> str:
    """The text, without a line feed at its end; of the keys that are in it, the account is told.

    ``done`` are the aspects that the target sees to, ``given`` the variables that it sets, with their values.
    """
    retried = "retries" not in done and job.job.retry.limit > 0
    timed = "timeout" not in done and job.job.timeout is not None and job.states_limit
    loop = Loop(job, timed) if retried else None
    directory, variables = _directory(job, done, loop), [*_variables(job, done, given), *_own(job, done, loop)]
    body = [*directory, *variables] if _comes_first(job) else [*variables, *directory]
    body += _body(job, done, loop, alone=not body)
    job.exact("description")
    if "retries" in done and counts_attempts(job):
        job.manual("command", f"each attempt sees {_EX_ATTEMPT}=1: what retries it there does not tell the number")
    else:
        job.exact("command")
    return "\n".join(loop.around(body) if loop is not None else body)


def held(job: OutJob) -> list[str]:
    """Lines that keep a job from running by itself if it waits for something that ex-run alone can wait for."""
    if not job.job.waits:
        return []
    names = ", ".join(wait.plugin for wait in job.job.waits)
    return [f"{allowed(f'it waits for {names}, which ex-run alone can', job.job.id)} || exit 1"]


def environment(job: OutJob) -> tuple[dict[str, str], list[str]]:
    """The variables of a job over the workflow's that are no secrets, and the names of those that are.

    The variables stand in an order in which each may refer to those before it. A reference that is left in a value is
    to what the caller has in the environment, a secret among them.
    """
    whole = job.workflow
    declared = {**whole.env, **job.job.env}
    secret = [name for name in declared if is_secret(name, whole.secrets)]
    full = layered({}, whole.env, job.job.env)
    hide = Mask(full[name] for name in secret if REFERENCE.sub("", full[name]))
    layers = [
        {name: value for name, value in layer.items() if name not in secret and hide.text(value) == value}
        for layer in (whole.env, job.job.env)
    ]
    secret += [name for name in declared if name not in secret and not any(name in layer for layer in layers)]
    return _ordered(layered({}, *layers)), secret


def _ordered(values: Mapping[str, str]) -> dict[str, str]:
    """Values that refer to themselves, which is to the caller's, go before those that refer to them in turn."""
    result: dict[str, str] = {}
    pending = dict(values)
    while pending:
        free = [
            name
            for name, value in pending.items()
            if not any(other in pending and other != name for other in references(value))
        ]
        if not free:  # a circle: what is defined only through itself stays as it is written, so as no reference
            return {**result, **pending}
        for name in free:
            result[name] = pending.pop(name)
    return result


def _variables(job: OutJob, done: frozenset[str], given: Mapping[str, str]) -> Iterator[str]:
    if "env" in done:
        return
    values, secret = environment(job)
    yield from (f': "${{{name}:?it is a secret, and has to be in the environment}}"' for name in secret)
    yield from (f"export {name}={word(value)}" for name, value in values.items() if given.get(name) != value)
    if secret:
        job.manual("env_variables", f"the values of secrets are not written: set {', '.join(secret)}")
    else:
        job.exact("env_variables")


def _own(job: OutJob, done: frozenset[str], loop: Loop | None) -> Iterator[str]:
    """The variables that ex-run adds, where the job speaks of them."""
    values = ("0", shlex.quote(job.job.id), '"$((tries + 1))"' if loop is not None else "1")
    for name, value in zip(_OWN, values, strict=True):
        if speaks_of(job, name, done=done):
            yield f"export {name}={value}"
    if speaks_of(job, _LOG, done=done):
        yield f"{_LOG}=$(mktemp) || exit {loop.error if loop is not None else 1}"
        yield f"export {_LOG}"
        yield f'trap \'cat "${_LOG}"; rm -f "${_LOG}"\' EXIT'


def speaks_of(job: OutJob, name: str, *, done: frozenset[str] = frozenset()) -> bool:
    """Whether the command, or a check that the text is to make, names a variable; a part of the name will do."""
    checks = [] if "checks" in done else [*job.job.pre_checks, *job.job.post_checks]
    return any(name in text for text in (job.job.command, *(str(check.params) for check in checks)))


def counts_attempts(job: OutJob) -> bool:
    """Whether a job asks which attempt it is, so that a target that retries it without telling cannot do so."""
    return job.job.retry.limit > 0 and speaks_of(job, _EX_ATTEMPT)


def _directory(job: OutJob, done: frozenset[str], loop: Loop | None) -> list[str]:
    if "working_dir" in done:
        return []
    job.exact("working_dir")
    failed = loop.error if loop is not None else 1
    return [f"cd {path} || exit {failed}" for path in _steps(job)]


def _paths(job: OutJob) -> list[str]:
    """The directories on the way, with what the workflow says of the variables in them."""
    known = layered({}, {name: text for name, text in job.workflow.env.items() if not _is_secret(job, name)})
    return [expand(path, known) for path in (job.workflow.working_dir, job.job.working_dir) if path]


def _steps(job: OutJob) -> Iterator[str]:
    paths = _paths(job)
    if not any("${" in path or path.startswith("~") for path in paths):
        paths = [os.path.normpath(os.path.join("", *paths))] if paths else []
    yield from (_entered(path) for path in paths if path != ".")


def _entered(path: str) -> str:
    home = _HOME.match(path)
    if home and path[home.end() :][:1] in ("", "/"):
        rest = path[home.end() :]
        return (home[0] if home[0] != "~" else '"$HOME"') + (word(rest) if rest else "")
    if "${" in path:
        return f"-- {word(path)}"
    path = os.path.normpath(path)
    return word(path if path.startswith("/") else f"./{path}")


def _comes_first(job: OutJob) -> bool:
    """Whether the directory depends on a variable that is the job's own: a path means the caller's."""
    paths = _paths(job)
    names = {name for path in paths for name in references(path)}
    names |= {"HOME"} if any(path.startswith("~") for path in paths) else set()
    return bool(names & {*job.job.env, *job.workflow.env})


def _is_secret(job: OutJob, name: str) -> bool:
    return is_secret(name, job.workflow.secrets)


def _body(job: OutJob, done: frozenset[str], loop: Loop | None, *, alone: bool) -> list[str]:
    """The command with its checks and its limit; more than one line if there is more than the command."""
    checked = "checks" not in done
    failed = loop.check if loop is not None else CHECKED
    before = list(_checks(job, job.job.pre_checks, "pre_checks")) if checked else []
    after = list(_checks(job, job.job.post_checks, "post_checks")) if checked else []
    # Behind other lines the command is one word: whatever it says, it ends where it ends.
    command = _command(job, done, whole=alone and not after and not before and loop is None)
    if speaks_of(job, _LOG, done=done):
        command += f' >>"${_LOG}" 2>&1'
    lines = [*(f"{line} || exit {failed}" for line in before), command]
    if after:
        lines[-1] += " || exit $?"
    return [*lines, *(f"{line} || exit {failed}" for line in after)]


def _command(job: OutJob, done: frozenset[str], *, whole: bool) -> str:
    """The command as it stands if the shell that reads it is the right one and nothing limits it; else as one word."""
    limit = None if "timeout" in done else limited(job)
    command, shell = job.job.command, job.job.shell
    if "shell" not in done:
        job.exact("shell")
    before = "" if limit is None else f"timeout -k 10 {number(limit)} "
    if not command.strip():
        return ":"
    if shell is None:
        return before + direct(command)
    if limit is None and ("shell" in done or shell == _SH) and (whole or _is_plain(command)):
        return command if _says_something(command) else f"{command}\n:"
    return before + " ".join(map(shlex.quote, [*shell, command]))


def _is_plain(command: str) -> bool:
    """Whether the command is nothing but words, which mean the same wherever they stand."""
    return re.fullmatch(r"[\w@%+:,./-][\w@%+=:,./-]*(?: [\w@%+=:,./-]+)*", command) is not None and not re.match(
        r"\w+=|(?:\.|break|cd|continue|do|done|elif|else|esac|eval|exec|exit|export|fi|for|function|if|in|read|readonly"
        r"|return|select|set|shift|source|then|time|trap|umask|unset|until|wait|while)(?: |$)",
        command,
    )


def _says_something(command: str) -> bool:
    return any(line.strip() and not line.lstrip().startswith("#") for line in command.split("\n"))


def say_no_limit(outgoing: Outgoing) -> None:
    """Say once of a document that states no limit that a text has none, where ex-run has its own."""
    if any(not job.states_limit for job in outgoing.jobs):
        place = Place(outgoing.document.name, 1, 1, "default_timeout")
        reason = "a job may run for ever there; ex-run ends it after three hours, as nothing is stated"
        outgoing.account.approximated(place, "default_timeout", reason)


def limited(job: OutJob) -> float | None:
    """Seconds that are stated for the job; the limit that holds where nothing is stated is not written."""
    if job.job.timeout is not None and job.states_limit:
        job.approximated("timeout", "by timeout(1), for the command without its checks")
        return job.job.timeout
    job.exact("timeout")
    return None


def _checks(job: OutJob, checks: tuple[Check, ...], key: str) -> Iterator[str]:
    """Commands for the checks; what cannot be tried there keeps the job from running, or from succeeding."""
    beyond = []
    for check in checks:
        command = shell_check(check, job.job.id, allow_shell=job.workflow.allow_shell)
        if command is None:
            beyond.append(check.name)
            yield allowed(f"{check.name} can be tried by ex-run alone", job.job.id)
        else:
            yield command
    if beyond:
        job.manual(key, f"{', '.join(beyond)}: the job fails until EX_ALLOW names it")
    else:
        job.exact(key)
