"""A job as a step of Dagu, in Dagu's own words where it has them."""

from __future__ import annotations

import math
import shlex
from typing import Any

from exlib.convert.dagu.notes import mark
from exlib.convert.outgoing import OutJob
from exlib.convert.shell.job import counts_attempts, environment, script

_DONE = frozenset(["env", "working_dir", "timeout", "retries", "shell"])
_SH = ("/bin/sh", "-c")
_CHECKS = ("pre_checks", "post_checks")


def written(job: OutJob, extra: dict[str, Any]) -> dict[str, Any]:
    """The step without its name and what it waits for; ``extra`` gets what only a note can say."""
    step: dict[str, Any] = {}
    raw = job.raw
    if raw.get("description"):
        step["description"] = raw["description"]
    if raw.get("working_dir"):
        step["working_dir"] = raw["working_dir"]
    job.exact("working_dir", "continue_on_error")
    # Dagu does not tell a step which attempt it is: the text of one that asks makes the attempts itself.
    looped = counts_attempts(job)
    step |= _text(job, extra, looped) | _env(job)
    return step if looped else step | _timeout(job) | _retry(job, extra)


def _text(job: OutJob, extra: dict[str, Any], looped: bool) -> dict[str, Any]:
    """What it runs, with its checks in it, which fail the step as they fail the job."""
    raw, argv = job.raw, job.job.shell
    around = looped or bool(job.job.pre_checks or job.job.post_checks)
    done = _DONE - {"retries", "timeout"} if looped else _DONE
    text = script(job, done=done - {"shell"} if around and argv != _SH else done)
    job.exact("shell")
    if text != job.job.command:
        extra |= {"of": mark(text), "command": job.job.command}
        extra |= {key: raw[key] for key in (*_CHECKS, "shell") if raw.get(key) or raw.get(key) is False}
    if looped:
        extra["run"] = _attempts(job)
    if argv is None and not around:
        words = shlex.split(job.job.command)
        return {"exec": {"command": words[0], "args": words[1:]}} if words else {"command": "true"}
    step: dict[str, Any] = {"script" if "\n" in text and not text.startswith("#!") else "command": text}
    if argv is not None and argv != _SH and not around:
        step["shell"] = raw["shell"] if isinstance(raw.get("shell"), str) else shlex.join(argv[:-1])
    return step


def _attempts(job: OutJob) -> dict[str, Any]:
    """The keys that the loop of a text stands for."""
    retry = job.job.retry
    keys: dict[str, Any] = {"max_retries": retry.limit, "retry_delay": retry.delay, "retry_backoff": retry.backoff}
    keys |= {"retry_jitter": retry.jitter, "max_retry_time": retry.max_time, "timeout": job.job.timeout}
    stated = {key: job.raw[key] for key in ("retry_on_status", "retry_on_exit_codes") if job.raw.get(key)}
    if retry.on_exit_codes and "retry_on_exit_codes" not in job.raw:
        stated["retry_on_exit_codes"] = sorted(retry.on_exit_codes)
    return {key: value for key, value in keys.items() if value is not None} | stated


def _env(job: OutJob) -> dict[str, Any]:
    values, secret = environment(job)
    own = job.raw.get("env_variables") or {}
    env = [{name: as_text(value)} for name, value in own.items() if name in values]
    hidden = [name for name in own if name in secret]
    if hidden:
        job.manual("env_variables", f"the values of secrets are not written: set {', '.join(hidden)}")
    else:
        job.exact("env_variables")
    return {"env": env} if env else {}


def _timeout(job: OutJob) -> dict[str, Any]:
    seconds = job.job.timeout
    if seconds is None:
        job.exact("timeout")
        return {}
    whole = max(1, math.ceil(seconds))
    if whole == seconds:
        job.exact("timeout")
    else:
        job.approximated("timeout", "a timeout is of whole seconds there")
    return {"timeout_sec": whole}


def _retry(job: OutJob, extra: dict[str, Any]) -> dict[str, Any]:
    retry = job.job.retry
    stated = "max_retries" in job.raw
    if not retry.limit and not stated:
        job.exact("retry_delay", "retry_backoff", "retry_jitter", "max_retry_time", "retry_on_exit_codes",
                  "retry_on_status")  # fmt: skip
        return {}
    policy: dict[str, Any] = {"limit": retry.limit, "interval_sec": math.ceil(retry.delay)}
    if retry.backoff != 1:
        policy["backoff"] = retry.backoff
    if retry.on_exit_codes:
        policy["exit_code"] = sorted(retry.on_exit_codes)
    job.exact("max_retries", "retry_backoff", "retry_on_exit_codes")
    told = {"retry_delay": retry.delay} if policy["interval_sec"] != retry.delay else {}
    told |= {"retry_jitter": retry.jitter} if retry.jitter else {}
    told |= {"max_retry_time": retry.max_time} if retry.max_time else {}
    for key in ("retry_delay", "retry_jitter", "max_retry_time"):
        if key in told:
            extra[key] = told[key]
            job.approximated(key, "kept in a comment; Dagu waits whole seconds, neither spread nor capped")
        else:
            job.exact(key)
    return {"retry_policy": policy}


def as_text(value: Any) -> str:
    """The value of a variable as its job sees it."""
    if value is None:
        return ""
    return ("true" if value else "false") if isinstance(value, bool) else str(value)
