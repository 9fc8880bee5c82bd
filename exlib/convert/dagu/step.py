"""One step of a DAG as a job."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from exlib.convert.account import Account
from exlib.convert.dagu.keys import as_new, field
from exlib.convert.dagu.values import OF_DAGU, POSITIONAL, Variable, names_in, static, variables
from exlib.convert.draft import Draft, guard
from exlib.convert.notes import read_note
from exlib.convert.shellwords import word
from exlib.convert.yamltree import Node, Tree

DEFAULT_SHELL = "sh -e"
"""What Dagu uses where no shell is named: that of the user, which ends at the first failure."""
_PLAIN_TYPES = frozenset(["", "command", "shell"])
_NATIVE = frozenset(["name", "id", "description", "working_dir", "command", "exec", "script", "shell", "depends",
                     "retry_policy", "timeout_sec", "env"])  # fmt: skip
"""Keys that a job says as well."""
OF_AUTHOR = frozenset(["env", "params", "with", "step_types", "artifacts", "dotenv"])
"""Keys that hold names of the author's own, or that kept their spelling."""
_BEYOND = {
    "call": "it starts another workflow of Dagu", "parallel": "it starts another workflow of Dagu several times",
    "container": "it runs in a container", "approval": "a person has to approve it", "messages": "it asks a model",
    "agent": "it asks a model", "llm": "it asks a model", "tools": "it asks a model", "repeat_policy": "it is repeated",
    "routes": "it chooses what runs next", "value": "it chooses what runs next", "with": "it has options of its kind",
    "worker_selector": "it runs on a chosen worker",
}  # fmt: skip
_NO_WORD = {
    "mail_on_error": "kept in x-source; mail is of whole runs",
    "signal_on_stop": "kept in x-source; a job is ended by SIGTERM",
    "log_output": "kept in x-source; a job has one log", "params": "kept in x-source",
    "shell_packages": "kept in x-source: install them before",
}  # fmt: skip


class Scene:
    """What the steps of one DAG share."""

    def __init__(self, tree: Tree, draft: Draft, account: Account) -> None:
        self.tree = tree
        self.draft = draft
        self.account = account
        self.shell: str | bool = DEFAULT_SHELL
        self.places: list[str] = []
        """The values of parameters without a name."""
        self.unknown: dict[str, str] = {}
        """Names that only a run of Dagu gives a value, with the reason."""
        self.elsewhere: list[str] = []
        """Why steps may not run here as they do there."""


def job_of(scene: Scene, node: Node, name: str) -> dict[str, Any]:
    """Add the job of a step, without its dependencies."""
    job = scene.draft.job(name, "true")
    for reason in scene.elsewhere:
        guard(job, reason)
    if not node.is_map and _given(node).strip():
        job["command"] = _shelled(scene, job, None, node.text)
        scene.account.exact(node.place, "step", job=job["id"])
        _guard_unknown(scene, job, [node.text])
        if guarded(job) or job["command"] != node.text:
            keep(scene, job, node)
        _describe(scene, node, job)
        return job
    described = _describe(scene, node, job)
    _commands(scene, node, job)
    _settings(scene, node, job)
    _need_command(scene, node, job)
    _limits(scene, node, job)
    _conditions(scene, field(node, "preconditions"), job)
    _beyond(scene, node, job)
    _redirect(scene, node, job)
    _continue(scene, node, job)
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


def _shelled(scene: Scene, job: dict[str, Any], shell: str | bool | None, text: str) -> str:
    """The text, with the shell of the job set; it gets the parameters without names as its own."""
    wanted = scene.shell if shell is None else shell
    if wanted is False and ("$" in text or "`" in text or "\n" in text):
        wanted = "/bin/sh"  # what Dagu itself would put in there
    if wanted is False:
        job["shell"] = False
    elif wanted not in ("/bin/sh", True):
        job["shell"] = wanted
    if scene.places and POSITIONAL.search(text) and wanted is not False:
        return f"set -- {shlex.join(scene.places)}\n{text}"
    return text


def shell_of(node: Node | None) -> str | bool | None:
    """A shell as a job names it; None if none is named. Raises InputError for what is none."""
    if node is None or (node.is_scalar and not node.text):
        return None
    text = shlex.join(one.text for one in node.items) if node.is_list else node.text
    return False if text == "direct" else text


def _commands(scene: Scene, node: Node, job: dict[str, Any]) -> None:
    shell_node = node.get("shell")
    shell = shell_of(shell_node)
    command, script, direct = node.get("command"), node.get("script"), node.get("exec")
    if script is not None and not _given(script).strip():
        tell_nothing(scene, script, "script", job)
        script = None
    tell = scene.account
    if shell_node is not None and isinstance(shell, str) and ("$" in shell or "`" in shell):
        guard(job, "its shell is told by a variable")
        tell.manual(shell_node.whole, "shell", "a variable tells it: state shell", job=job["id"])
        shell = "/bin/sh"
    elif shell_node is not None:
        tell.exact(shell_node.whole, "shell", job=job["id"])
    if direct is not None:
        program, arguments = direct.get("command"), direct.get("args")
        if program is None:
            raise direct.refuse("it needs a command")
        words = [program.text, *(one.text for one in arguments.items)] if arguments is not None else [program.text]
        job |= {"command": shlex.join(words), "shell": False}
        tell.exact(direct.whole, "exec", job=job["id"])
    elif script is not None:
        job["command"] = _script(scene, job, shell, script.text, command.text if command is not None else "")
        by_stdin = job["command"] != script.text and "/dev/stdin" in job["command"]
        for one in (script, command):
            if one is not None and by_stdin:
                tell.approximated(one.whole, _key(one), "the script is read from /dev/stdin", job=job["id"])
            elif one is not None:
                tell.exact(one.whole, _key(one), job=job["id"])
    elif command is not None:
        texts = [one.text for one in command.items] if command.is_list else [_given(command)]
        text = texts[0] if len(texts) == 1 else " &&\n".join(f"(\n{one}\n)" for one in texts)
        job["command"] = _shelled(scene, job, shell, text) if texts else "true"
        tell.exact(command.whole, "command", job=job["id"])


def _need_command(scene: Scene, node: Node, job: dict[str, Any]) -> None:
    """A step that has nothing to run, and nothing else to do, is not done by doing nothing."""
    if any(field(node, key) is not None for key in ("type", "executor", *_BEYOND)):
        job["command"] = job["command"] if job["command"].strip() else "true"
    elif not any(key in node.members for key in ("command", "script", "exec")) or not job["command"].strip():
        job["command"] = "true"
        guard(job, "it has no command")
        scene.account.manual(node.place, "step", "it has no command: write one", job=job["id"])


def _given(node: Node) -> str:
    """The text of a scalar; empty for a null."""
    return node.text if node.plain() is not None else ""


def tell_nothing(scene: Scene, node: Node, key: str, job: dict[str, Any]) -> None:
    """Say of an empty value that it is nothing."""
    scene.account.exact(node.whole, key, "there is nothing in it", job=job["id"])


def _key(node: Node) -> str:
    return node.path.rsplit(".", 1)[-1]


def _script(scene: Scene, job: dict[str, Any], shell: str | bool | None, script: str, program: str) -> str:
    """A script for the shell as it is; one for another program by way of that program's standard input."""
    first = re.match(r"#!\s*(.+)", script)
    if not program and first:
        program = first[1].removeprefix("/usr/bin/env ").strip()
    name = program.split()[0].rsplit("/", 1)[-1] if program.split() else ""
    if name in ("sh", "bash", "dash", "ksh", "zsh"):
        return _shelled(scene, job, program, script)
    if not program:
        return _shelled(scene, job, shell, script)
    end = "END_OF_SCRIPT"
    while end in script:
        end += "_"
    last = "" if script.endswith("\n") else "\n"
    return f"{program} /dev/stdin <<'{end}'\n{script}{last}{end}"


def _settings(scene: Scene, node: Node, job: dict[str, Any]) -> None:
    place = field(node, "working_dir")
    if place is not None:
        path = static(_given(place))
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


def _conditions(scene: Scene, node: Node | None, job: dict[str, Any]) -> None:
    if node is None:
        return
    job["pre_checks"] = [*job.get("pre_checks", ()), *checks_of(node)]
    reason = "an unmet condition fails the job, where Dagu skips it; what depends on it does not run either way"
    scene.account.approximated(node.whole, "preconditions", reason, job=job["id"])


def checks_of(node: Node) -> Iterator[dict[str, Any]]:
    """Conditions as checks. Raises InputError for what is none."""
    for one in node.items if node.is_list else [node]:
        condition = one if one.is_scalar else one.get("condition") or one.get("command")
        if condition is None or not condition.is_scalar or not condition.text.strip():
            raise one.refuse("a precondition needs a condition")
        expected, negate = one.get("expected"), one.get("negate")
        unless = negate is not None and negate.plain() is True
        if expected is None:
            params: dict[str, Any] = {"command": f"! {{ {condition.text}\n}}" if unless else condition.text}
        else:
            params = {"command": f'said="{_quoted(condition.text)}"\n' + _compare(expected.text, unless)}
        yield {"name": "check_command", "params": params}


def _quoted(text: str) -> str:
    """Text within double quotes of a shell, in which references and backticks stay alive."""
    pieces = re.split(r"(`[^`]*`)", text)
    return "".join(
        piece if at % 2 else piece.replace("\\", "\\\\").replace('"', '\\"') for at, piece in enumerate(pieces)
    )


def _compare(expected: str, unless: bool) -> str:
    if expected.startswith("re:"):
        return f"{'! ' if unless else ''}printf '%s\\n' \"$said\" | grep -Eq -e {shlex.quote(expected[3:])}"
    return f'[ "$said" {"!=" if unless else "="} {word(expected)} ]'


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
    for key, reason in _BEYOND.items():
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


def _redirect(scene: Scene, node: Node, job: dict[str, Any]) -> None:
    """Where a step writes what it prints, as Dagu does: behind what is there."""
    signs = []
    for key, sign in (("stdout", ">>"), ("stderr", "2>>")):
        found = node.get(key)
        if found is None:
            continue
        path = static(found.text)
        if path is None or job.get("shell") is False:
            scene.account.dropped(found.whole, key, "kept in x-source; it is in the log of the job", job=job["id"])
            continue
        signs.append(sign + word(path))
        scene.account.approximated(found.place, key, "it is no longer in the log of the job", job=job["id"])
    if signs:
        job["command"] = f"exec {' '.join(signs)}\n{job['command']}"


def _continue(scene: Scene, node: Node, job: dict[str, Any]) -> None:
    """A failure that does not hold back what follows: the command ends well all the same."""
    found = field(node, "continue_on")
    if found is None:
        return
    failure = field(found, "failure")
    always = found.text == "failed" or (failure is not None and failure.plain() is True)
    codes = field(found, "exit_code")
    listed = [one.text for one in (codes.items if codes.is_list else [codes])] if codes is not None else []
    if job.get("shell") is False or not (always or (listed and all(code.isdigit() for code in listed))):
        reason = "kept in x-source; a failure or an unmet condition holds back what depends on it"
        scene.account.dropped(found.whole, "continue_on", reason, job=job["id"])
        return
    shell = job.get("shell", "/bin/sh")
    ends = "true" if always else f"case $? in {'|'.join(listed)}) ;; *) exit $? ;; esac"
    job["command"] = f"{shell} -c {shlex.quote(job['command'])} || {ends}"
    job.pop("shell", None)
    reason = "the job counts as done in spite of it"
    if job.get("max_retries") and always:
        reason += ", and is not tried again"
    scene.account.approximated(found.whole, "continue_on", reason, job=job["id"])


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
