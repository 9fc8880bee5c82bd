"""One step of a DAG as a job."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from exlib.convert.dagu.commands import given, need_command, redirect, shelled, take_command, take_failures
from exlib.convert.dagu.conditions import take_conditions
from exlib.convert.dagu.keys import BEYOND, as_new, field
from exlib.convert.dagu.scene import Scene
from exlib.convert.dagu.values import OF_DAGU, Variable, names_in, static, variables
from exlib.convert.draft import guard
from exlib.convert.notes import read_note
from exlib.convert.yamltree import Node

_PLAIN_TYPES = frozenset(["", "command", "shell"])
_NATIVE = frozenset(["name", "id", "description", "working_dir", "command", "exec", "script", "shell", "depends",
                     "retry_policy", "timeout_sec", "env"])  # fmt: skip
"""Keys that a job says as well."""
OF_AUTHOR = frozenset(["env", "params", "with", "step_types", "artifacts", "dotenv"])
"""Keys that hold names of the author's own, or that kept their spelling."""
_NO_WORD = {
    "mail_on_error": "kept in x-source; mail is of whole runs",
    "signal_on_stop": "kept in x-source; a job is ended by SIGTERM",
    "log_output": "kept in x-source; a job has one log", "params": "kept in x-source",
    "shell_packages": "kept in x-source: install them before",
}  # fmt: skip


def job_of(scene: Scene, node: Node, name: str) -> dict[str, Any]:
    """Add the job of a step, without its dependencies."""
    job = scene.draft.job(name, "true")
    for reason in scene.elsewhere:
        guard(job, reason)
    if not node.is_map and given(node).strip():
        job["command"] = shelled(scene, job, None, node.text)
        scene.account.exact(node.place, "step", job=job["id"])
        _guard_unknown(scene, job, [node.text])
        if guarded(job) or job["command"] != node.text:
            keep(scene, job, node)
        _describe(scene, node, job)
        return job
    described = _describe(scene, node, job)
    take_command(scene, node, job)
    _settings(scene, node, job)
    need_command(scene, node, job)
    _limits(scene, node, job)
    take_conditions(scene, field(node, "preconditions"), job)
    _beyond(scene, node, job)
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
    plain = renamed(node.plain()) if node.is_map else {"command": node.text}
    for key in ("name", "depends", "description", "id"):
        if key != "id" or "name" not in node.members:
            plain.pop(key, None)
    elsewhere = str(plain.get("type", "")) not in _PLAIN_TYPES or {"container", "shell"} & plain.keys()
    if ("command" in plain or "script" in plain) and not elsewhere:
        plain["shell"] = "direct" if scene.shell is False else scene.shell
    job.setdefault("x-source", {})["step"] = plain


def renamed(value: Any) -> Any:
    """The value with its keys in their present spelling, but for what holds names of the author's own."""
    if isinstance(value, list):
        return [renamed(one) for one in value]
    if not isinstance(value, dict):
        return value
    found: dict[str, Any] = {}
    for key, one in value.items():
        new = as_new(key)
        if new == "executor" and isinstance(one, dict):
            found |= renamed(one)
        elif new == "executor":
            found["type"] = one
        else:
            found[new] = one if new in OF_AUTHOR else renamed(one)
    return found


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


def _beyond(scene: Scene, node: Node, job: dict[str, Any]) -> None:
    """What no job can do: it waits for a person, and does nothing by itself."""
    kind = node.get("type") or node.get("executor")
    if kind is not None:
        kind_name = kind.text if kind.is_scalar else (kind.get("type") or kind).text
        if kind_name in _PLAIN_TYPES:
            scene.account.exact(kind.whole, "type", job=job["id"])
        else:
            _wait(scene, job, kind, "type", f"it is a step of the kind {kind_name or 'unknown'}")
            job.pop("shell", None)
    for key, reason in BEYOND.items():
        found = field(node, key)
        if found is None:
            continue
        if key == "with" and kind is not None:
            scene.account.dropped(found.whole, key, "kept in x-source", job=job["id"])
        else:
            _wait(scene, job, found, key, reason)
            if key == "container":
                job.pop("shell", None)
    for key, reason in _NO_WORD.items():
        found = field(node, key)
        if found is not None:
            scene.account.dropped(found.whole, key, reason, job=job["id"])
    output = node.get("output")
    if output is not None:
        scene.account.dropped(output.whole, "output", "kept in x-source; no job hands a value on, and steps that read "
                              "it wait for a person", job=job["id"])  # fmt: skip


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
