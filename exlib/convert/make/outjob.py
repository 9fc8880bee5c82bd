"""A job as a rule: what it is called, what it waits for, how its command stands in a recipe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from exlib.convert.make.quoting import assignable, assigned, is_comment, is_recipe_line, recipe_lines
from exlib.convert.make.recipe import Shell, Step, compose, decomposed
from exlib.convert.notes import note
from exlib.convert.outgoing import OutJob
from exlib.convert.shell.carried import IN_TEXT, carried
from exlib.convert.shell.oneline import one_line
from exlib.environment import is_secret
from exlib.workflow import DEFAULT_TIMEOUT

TITLE = "make"


class Goal(NamedTuple):
    """A rule: its target, whether it is phony, and its lines."""

    target: str
    phony: bool
    lines: list[str]


def written_job(
    job: OutJob, targets: Mapping[str, str], given: Mapping[str, str] | None, file: list[Step] | None
) -> Goal:
    """The rule of a job; ``given`` are the variables that the makefile sets, None for all; ``file``: its lines."""
    target = targets[job.job.id]
    variables = _variables(job, target) if given is None else None
    if given is None and variables is None:
        given = job.workflow.env
    done, said = set[str](), set[str]()
    lines: list[str] = []
    if variables is not None:
        done.add("env")
        said.add("env_variables")
        lines += variables
        job.exact("env_variables")
    shell = native_shell(job, variables is not None)
    if shell is not None:
        done.add("shell")
        said.add("shell")
        lines += [f"{target}: private SHELL := {assigned(shell.program)}"]
        lines += [f"{target}: private .SHELLFLAGS := {assigned(shell.flags)}"] if shell.flags != "-c" else []
        job.exact("shell")
    if file is not None:
        said |= {"inputs", "outputs"}
        job.exact("inputs", "outputs")
    done_keys = frozenset(done)
    text, keys = carried(job, TITLE, done=done_keys, said=said, given=given or {})
    keys |= _named(job, target)
    above, behind = _description(job, keys)
    steps = file if file is not None else _steps(text)
    body = [line for step in steps for line in _recipe(step)]
    left = f"{target}:" if file is None or len(job.raw["outputs"]) == 1 else f"{' '.join(job.raw['outputs'])} &:"
    rule = f"{left} {_needs(job, targets, file is not None)}".rstrip()
    comment = [f"# {note(keys, to_line_end=True)}"] if keys else []
    job.exact("id")
    if not job.job.waits:
        job.exact("dependencies")
    return Goal(target, file is None, [*lines, *comment, *above, f"{rule}{behind}", *body])


def _named(job: OutJob, target: str) -> dict[str, Any]:
    return {} if target == job.job.id else {"id": job.job.id}


def _variables(job: OutJob, target: str) -> list[str] | None:
    lines = []
    for name, value in job.job.env.items():
        if is_secret(name, job.workflow.secrets) or not assignable(name, value):
            return None
        lines.append(f"{target}: private export {name} := {assigned(value)}")
    return lines


def native_shell(job: OutJob, plain_env: bool) -> Shell | None:
    """The shell that make itself can start for the command; None if it is the usual one, or more goes with it."""
    argv = job.job.shell
    if argv is None or "shell" not in job.raw or len(argv) < 2 or not plain_env:
        return None
    shell = Shell(argv[0], " ".join(argv[1:]))
    stated = [key for key in IN_TEXT if key not in ("shell", "env_variables") and job.raw.get(key)]
    if stated or job.workflow.working_dir or job.job.retry.limit or job.job.waits or shell.is_default:
        return None
    if job.job.timeout not in (None, DEFAULT_TIMEOUT):
        return None
    words = [shell.program, *argv[1:]]
    if shell.key is None or any(set(word) & set(" \t\n#$\"'\\") for word in words):
        return None
    return shell if shell.is_posix or "\n" not in job.job.command else None


def _steps(text: str) -> list[Step]:
    """The lines of the recipe: as they were, where the text is what they become again, else one that holds it all."""
    steps = decomposed(text)
    if steps is not None and compose(steps, Shell()).command == text:
        return steps
    return [Step(text)]


def _recipe(step: Step) -> list[str]:
    if is_recipe_line(step.text):
        lines = recipe_lines(step.text)
        return [f"\t-{lines[0][1:]}"] if step.ignored else lines
    return recipe_lines(("-" if step.ignored else "") + one_line(step.text, " \\\n"))


def _needs(job: OutJob, targets: Mapping[str, str], file: bool) -> str:
    waits = [targets[name] for name in dict.fromkeys(job.job.dependencies)]
    if not file:
        return " ".join(waits)
    inputs = [str(name) for name in job.raw["inputs"]]
    order = [name for name in waits if name not in inputs]
    return " ".join([*inputs, *(["|", *order] if order else [])])


def _description(job: OutJob, keys: dict[str, Any]) -> tuple[list[str], str]:
    """The lines above a rule and what stands behind it; text that no comment brings back goes into the note."""
    text = job.job.description
    if not text:
        return [], ""
    lines = text.split("\n")
    if not all(map(is_comment, lines)) or any("executioner: {" in line for line in lines):
        keys["description"] = text
        return [], ""
    return ([], f" ## {text}") if len(lines) == 1 else ([f"# {line}" for line in lines], "")
