"""What a step runs, as the command of its job."""

from __future__ import annotations

import re
import shlex
from typing import Any

from exlib.convert.dagu.keys import field
from exlib.convert.dagu.scene import Scene
from exlib.convert.dagu.values import POSITIONAL, static
from exlib.convert.draft import guard
from exlib.convert.shell.words import failing, word
from exlib.convert.yaml.tree import Node


def shell_of(node: Node | None) -> str | bool | None:
    """A shell as a job names it; None if none is named. Raises InputError for what is none."""
    if node is None or (node.is_scalar and not node.text):
        return None
    text = shlex.join(one.text for one in node.items) if node.is_list else node.text
    return False if text == "direct" else text


def shelled(scene: Scene, job: dict[str, Any], shell: str | bool | None, text: str) -> str:
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


def take_command(scene: Scene, node: Node, job: dict[str, Any]) -> None:
    """Take what a step runs as the command of its job."""
    shell_node = node.get("shell")
    shell = shell_of(shell_node)
    command, script, direct = node.get("command"), node.get("script"), node.get("exec")
    if script is not None and not given(script).strip():
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
                tell.approximated(one.whole, _name_of(one), "the script is read from /dev/stdin", job=job["id"])
            elif one is not None:
                tell.exact(one.whole, _name_of(one), job=job["id"])
    elif command is not None:
        texts = [one.text for one in command.items] if command.is_list else [given(command)]
        text = texts[0] if len(texts) == 1 else " &&\n".join(f"(\n{one}\n)" for one in texts)
        job["command"] = shelled(scene, job, shell, text) if texts else "true"
        tell.exact(command.whole, "command", job=job["id"])


def given(node: Node) -> str:
    """The text of a scalar; empty for a null."""
    return node.text if node.plain() is not None else ""


def tell_nothing(scene: Scene, node: Node, key: str, job: dict[str, Any]) -> None:
    """Say of an empty value that it is nothing."""
    scene.account.exact(node.whole, key, "there is nothing in it", job=job["id"])


def need_command(scene: Scene, node: Node, job: dict[str, Any]) -> list[str]:
    """The reason why a step is not done by doing nothing: it has nothing to run."""
    if any(key in node.members for key in ("command", "script", "exec")) and job["command"].strip():
        return []
    guard(job, "it has no command")
    scene.account.manual(node.place, "step", "it has no command: write one", job=job["id"])
    return ["it has no command"]


def leave_unwritten(job: dict[str, Any], reason: str) -> None:
    """Give a job that nothing here can do a command that fails: to allow it is not to do it."""
    job["command"] = failing(f"{reason}: it fails until a person writes its command")
    job.pop("shell", None)


def say_not_done(scene: Scene, node: Node, job: dict[str, Any]) -> None:
    """Say of what is around the command of such a job that it is kept alone."""
    for key in ("stdout", "stderr", "continue_on"):
        found = field(node, key)
        if found is not None:
            scene.account.dropped(found.whole, key, "kept in x-source; its command is to be written", job=job["id"])


def _name_of(node: Node) -> str:
    return node.path.rsplit(".", 1)[-1]


def _script(scene: Scene, job: dict[str, Any], shell: str | bool | None, script: str, program: str) -> str:
    """A script for the shell as it is; one for another program by way of that program's standard input."""
    first = re.match(r"#!\s*(.+)", script)
    if not program and first:
        program = first[1].removeprefix("/usr/bin/env ").strip()
    name = program.split()[0].rsplit("/", 1)[-1] if program.split() else ""
    if name in ("sh", "bash", "dash", "ksh", "zsh"):
        return shelled(scene, job, program, script)
    if not program:
        return shelled(scene, job, shell, script)
    end = "END_OF_SCRIPT"
    while end in script:
        end += "_"
    last = "" if script.endswith("\n") else "\n"
    return f"{program} /dev/stdin <<'{end}'\n{script}{last}{end}"


def redirect(scene: Scene, node: Node, job: dict[str, Any]) -> None:
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


def take_failures(scene: Scene, node: Node, job: dict[str, Any]) -> None:
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
