"""One step of a DAG as a job."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from exlib.console import printable
from exlib.convert.dagu.commands import (
    given,
    leave_unwritten,
    need_command,
    redirect,
    say_not_done,
    shelled,
    take_command,
    take_failures,
)
from exlib.convert.dagu.conditions import take_conditions
from exlib.convert.dagu.keeping import kept
from exlib.convert.dagu.keys import BEYOND, as_new, field
from exlib.convert.dagu.scene import Scene
from exlib.convert.dagu.values import OF_DAGU, Variable, names_in, static, variables
from exlib.convert.draft import guard
from exlib.convert.notes import read_note
from exlib.convert.yaml.tree import Node

_PLAIN_TYPES = frozenset(["", "command", "shell"])
_NATIVE = frozenset(["name", "id", "description", "working_dir", "command", "exec", "script", "shell", "depends",
                     "retry_policy", "timeout_sec", "env"])  # fmt: skip
"""Keys that a job says as well."""
_NO_WORD = {
    "mail_on_error": "kept in x-source; mail is of whole runs",
    "signal_on_stop": "kept in x-source; a job is ended by SIGTERM",
    "log_output": "kept in x-source; a job has one log", "params": "kept in x-source",
    "shell_packages": "kept in x-source: install them before",
}  # fmt: skip


def job_of(scene: Scene, node: Node, name: str) -> dict[str, Any]:
    """Add the job of a step, without its dependencies."""
    job = scene.draft.job(name, "true")
    for reason in (*scene.elsewhere, *scene.doubts):
        guard(job, reason)
    if not node.is_map and given(node).strip():
        job["command"] = shelled(scene, job, None, node.text)
        if scene.elsewhere:
            leave_unwritten(job, scene.elsewhere[0])
            scene.account.manual(node.place, "step", f"{scene.elsewhere[0]}: write its command", job=job["id"])
        else:
            scene.account.exact(node.place, "step", job=job["id"])
        _guard_unknown(scene, job, [node.text])
        if guarded(job) or job["command"] != node.text:
            keep(scene, job, node)
        _describe(scene, node, job)
        return job
    described = _describe(scene, node, job)
    take_command(scene, node, job)
    _settings(scene, node, job)
    _limits(scene, node, job)
    take_conditions(scene, field(node, "preconditions"), job)
    reasons = [*scene.elsewhere, *_beyond(scene, node, job)] or need_command(scene, node, job)
    if reasons:
        leave_unwritten(job, reasons[0])
        say_not_done(scene, node, job)
    else:
        redirect(scene, node, job)
        take_failures(scene, node, job)
    _guard_unknown(scene, job, _texts(node))
    odd = {as_new(key) for key in node.members} - _NATIVE
    if odd or guarded(job) or job["command"].startswith("set -- "):
        keep(scene, job, node)
    if described:
        job.setdefault("x-source", {})["comment"] = described
    return job


def keep(scene: Scene, job: dict[str, Any], node: Node) -> None:
    """Keep the step as it is, for the way back."""
    plain = kept(scene, node) if node.is_map else {"command": node.text}
    for key in ("name", "depends", "description", "id"):
        if key != "id" or "name" not in node.members:
            plain.pop(key, None)
    elsewhere = str(plain.get("type", "")) not in _PLAIN_TYPES or {"container", "shell"} & plain.keys()
    if ("command" in plain or "script" in plain) and not elsewhere:
        plain["shell"] = "direct" if scene.shell is False else scene.shell
    job.setdefault("x-source", {})["step"] = plain


def guarded(job: Mapping[str, Any]) -> bool:
    """Whether something has to be true before the job runs."""
    return bool(job.get("pre_checks"))


def _describe(scene: Scene, node: Node, job: dict[str, Any]) -> str:
    """The description, else the comments above; what of them is not in the job."""
    for key in ("name", "id"):
        if found := node.get(key):
            same = found.text == job["id"] or key == "id"
            tell = scene.account.exact if same else scene.account.approximated
            tell(found.place, key, "" if same else f"the job is called {job['id']}", job=job["id"])
    comments = [*scene.tree.above(node), *scene.tree.within(node)]
    comments = [comment for comment in comments if read_note(comment.text) is None]
    for comment in comments:
        scene.account.exact(scene.tree.place(comment), "comment", "kept", job=job["id"])
    said = "\n".join(comment.text for comment in comments if comment.text)
    stated = node.get("description")
    if stated is not None and stated.text:
        job["description"] = stated.text
        scene.account.exact(stated.place, "description", job=job["id"])
        return said
    if said:
        job["description"] = said
    return ""


def _settings(scene: Scene, node: Node, job: dict[str, Any]) -> None:
    place = field(node, "working_dir")
    if place is not None:
        path = static(given(place))
        if path is None:
            guard(job, "its directory is told by a command there")
            scene.account.manual(place.place, "working_dir", "a command tells it: state working_dir", job=job["id"])
        else:
            job |= {"working_dir": path} if path else {}
            scene.account.exact(place.place, "working_dir", job=job["id"])
    found: dict[str, str] = {}
    for variable in variables(node.get("env")):
        if not say_variable(scene, variable, found, job["id"]):
            guard(job, f"only a run of Dagu tells {variable.name}")
    if found:
        job["env_variables"] = found


def say_variable(scene: Scene, variable: Variable, into: dict[str, str], job: str | None = None) -> bool:
    """Take a variable whose value is known; whether it is."""
    if variable.value is None:
        reason = f"only a run of Dagu tells its value: give it with --var {variable.name}=…"
        scene.account.manual(variable.at.whole, variable.name, reason, job=job)
        return False
    into[variable.name] = variable.value
    scene.account.exact(variable.at.whole, variable.name, job=job)
    return True


def _limits(scene: Scene, node: Node, job: dict[str, Any]) -> None:
    timeout = field(node, "timeout_sec")
    if timeout is not None:
        seconds = timeout.plain()
        if isinstance(seconds, int | float) and seconds is not True and seconds > 0:
            job["timeout"] = seconds
            scene.account.exact(timeout.place, "timeout_sec", job=job["id"])
        else:
            scene.account.dropped(timeout.place, "timeout_sec", "it is no number above 0", job=job["id"])
    policy = field(node, "retry_policy")
    if policy is None:
        return
    limit, delay, backoff = (field(policy, key) for key in ("limit", "interval_sec", "backoff"))
    times = limit.plain() if limit is not None else 0
    seconds = delay.plain() if delay is not None else 0
    numbers = isinstance(times, int) and isinstance(seconds, int | float) and not {type(times), type(seconds)} & {bool}
    if not numbers or times < 0 or seconds < 0:
        scene.account.manual(
            policy.whole, "retry_policy", "only a run tells how often: state max_retries", job=job["id"]
        )
        return
    factor = backoff.plain() if backoff is not None else 1
    factor = 2 if factor is True else factor if isinstance(factor, int | float) and factor > 0 else 1
    job |= {
        "max_retries": times,
        "retry_delay": seconds,
        "retry_backoff": factor,
        "retry_jitter": 0,
        "max_retry_time": 0,
    }
    codes = field(policy, "exit_code")
    if codes is not None and codes.items and all(isinstance(one.plain(), int) for one in codes.items):
        job["retry_on_exit_codes"] = [one.plain() for one in codes.items]
    if field(policy, "max_interval_sec") is not None:
        why = "delays grow without the limit of max_interval_sec"
        scene.account.approximated(policy.whole, "retry_policy", why, job=job["id"])
    else:
        scene.account.exact(policy.whole, "retry_policy", job=job["id"])


def _beyond(scene: Scene, node: Node, job: dict[str, Any]) -> list[str]:
    """The reasons why no job can do it: it waits for a person, who writes its command."""
    reasons: list[str] = []
    kind = node.get("type") or node.get("executor")
    if kind is not None:
        kind_name = kind.text if kind.is_scalar else (kind.get("type") or kind).text
        if kind_name in _PLAIN_TYPES:
            scene.account.exact(kind.whole, "type", job=job["id"])
        else:
            reasons.append(f"it is a step of the kind {printable(kind_name) or 'unknown'}")
            _wait(scene, job, kind, "type", reasons[-1])
    for key, reason in BEYOND.items():
        found = field(node, key)
        if found is None:
            continue
        if key == "with" and kind is not None:
            scene.account.dropped(found.whole, key, "kept in x-source", job=job["id"])
        elif key == "approval":
            guard(job, reason)
            scene.account.exact(found.whole, key, "by EX_ALLOW", job=job["id"])
        else:
            reasons.append(reason)
            _wait(scene, job, found, key, reason)
    for key, reason in _NO_WORD.items():
        found = field(node, key)
        if found is not None:
            scene.account.dropped(found.whole, key, reason, job=job["id"])
    output = node.get("output")
    if output is not None:
        scene.account.dropped(output.whole, "output", "kept in x-source; no job hands a value on, and steps that read "
                              "it wait for a person", job=job["id"])  # fmt: skip
    return reasons


def _wait(scene: Scene, job: dict[str, Any], node: Node, key: str, reason: str) -> None:
    guard(job, reason)
    scene.account.manual(node.whole, key, f"{reason}: write its command", job=job["id"])


def _texts(node: Node) -> list[str]:
    """Every text in a step but for its name and its dependencies."""
    pending, found = [value for key, value in node.members.items() if key not in ("name", "depends", "output")], []
    while pending:
        one = pending.pop()
        pending += [*one.items, *one.members.values()]
        found.append(one.text)
    return found


def _guard_unknown(scene: Scene, job: dict[str, Any], texts: list[str]) -> None:
    for name in sorted(names_in(texts)):
        base = re.split(r"[.:\[]", name, maxsplit=1)[0]
        if OF_DAGU.fullmatch(base):
            guard(job, f"it reads {base}, which Dagu alone sets")
        elif base in scene.unknown:
            guard(job, f"it reads {base}, {scene.unknown[base]}")
        elif re.fullmatch(r"[A-Za-z_][\w-]*\..+", name):
            guard(job, f"it reads {name} of another step")
