"""The steps of a job as one command: each in its own shell, one after another, as a runner would start them.

A job of one plain step is that step's script, with its shell as the job's. Else the command is a text for ``sh`` that
runs a program a step. What steps hand on to those after them (``GITHUB_ENV``, ``GITHUB_OUTPUT``, ``GITHUB_PATH``) is
read between them by functions that stand at the beginning of the text, where it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from exlib.convert.github.conditions import ALWAYS, FAILURE, SUCCESS
from exlib.convert.github.references import Naming, plain_value
from exlib.convert.github.runner import FIXED, GIVEN, HANDED, READING, SPEAKS
from exlib.convert.github.shells import command, quoted
from exlib.convert.github.steps import Step
from exlib.convert.github.templates import Pieces, known_text
from exlib.environment import NAME, REFERENCE


class Text(NamedTuple):
    """What a job runs: keys of the document."""

    command: str
    shell: str | None
    working_dir: str
    env: Mapping[str, str]


class Plan(NamedTuple):
    """What the text of a job is made from. ``env`` are the job's variables, ``exports`` those of the workflow that the
    document cannot say; ``outputs`` are variables by steps and their outputs."""

    job: str
    workflow: str
    steps: tuple[Step, ...]
    env: tuple[tuple[str, Pieces], ...]
    exports: tuple[tuple[str, Pieces], ...]
    outputs: Mapping[tuple[str, str], str]
    naming: Naming
    ignored: bool = False


def job_text(plan: Plan) -> Text:
    """The command of a job with its shell, its directory and its variables."""
    values = {name: plain_value(pieces, plan.naming) for name, pieces in plan.env}
    inherited = [(name, pieces) for name, pieces in plan.exports if name not in values]
    exports = [*inherited, *((name, pieces) for name, pieces in plan.env if values[name] is None)]
    env = {name: value for name, value in values.items() if value is not None}
    runs = [step for step in plan.steps if step.script or step.foreign]
    if not runs and not plan.ignored:
        return Text("true", None, "", env)
    if not exports and len(runs) == 1 and (text := _alone(runs[0], plan, env)):
        return text
    lines = list(_prologue(plan, exports))
    handing = bool(_handed(plan))
    if all(step.when == SUCCESS for step in runs) and not plan.ignored:
        lines = ["set -e", *lines, *(line for step in runs for line in _straight(step, plan.naming, handing))]
    else:
        lines = ["_code=0", *lines, *(line for step in runs for line in _conditional(step, plan.naming, handing))]
        lines += _end(plan)
    return Text("\n".join(lines), None, "", env)


def _end(plan: Plan) -> Iterator[str]:
    if plan.ignored:
        yield f'[ "$_code" -eq 0 ] || echo {quoted(f"{plan.job} failed, which does not count")} >&2'
    else:
        yield 'exit "$_code"'


def _alone(step: Step, plan: Plan, env: Mapping[str, str]) -> Text | None:
    """The script itself, where nothing else has to be said of the step."""
    directory = known_text(step.directory)
    values = {name: plain_value(pieces, plan.naming) for name, pieces in step.env}
    if (
        step.foreign or step.shell.file or step.limit or step.ignored or plan.ignored
        or step.when not in (SUCCESS, ALWAYS) or _handed(plan) or _asked(plan)
        or directory is None or directory.startswith("~") or REFERENCE.search(directory)
        or None in values.values() or any(f"${{{name}}}" in (values[name] or "") for name in env if name in values)
    ):  # fmt: skip
        return None
    own = {name: value for name, value in values.items() if value is not None}
    setting = None if step.shell.argv == ("sh",) else step.shell.setting
    return Text(step.script, setting, "" if directory == "." else directory, {**env, **own})


def _texts(plan: Plan) -> Iterator[str]:
    for step in plan.steps:
        yield step.script
        for pieces in (step.directory, *(pieces for _, pieces in step.env)):
            yield "".join(p if isinstance(p, str) else plan.naming.stand(p).name for p in pieces)


def _asked(plan: Plan) -> list[str]:
    """Variables of a runner that a text asks for and that can be given."""
    found = {name for text in _texts(plan) for name in SPEAKS.findall(text)}
    found |= {p for _, pieces in (*plan.env, *plan.exports) for p in _names(pieces, plan.naming)}
    return sorted(found & GIVEN - set(HANDED))


def _names(pieces: Pieces, naming: Naming) -> Iterator[str]:
    yield from (naming.stand(piece).name for piece in pieces if not isinstance(piece, str))


def _handed(plan: Plan) -> bool:
    return bool(plan.outputs) or any(name in step.script for step in plan.steps for name in HANDED)


def _prologue(plan: Plan, exports: list[tuple[str, Pieces]]) -> Iterator[str]:
    fixed = {**FIXED, "GITHUB_JOB": quoted(plan.job), "GITHUB_WORKFLOW": quoted(plan.workflow)}
    yield from (f"export {name}={fixed[name]}" for name in _asked(plan))
    yield from (f"export {name}={_word(pieces, plan.naming)}" for name, pieces in exports)
    if not _handed(plan):
        return
    yield READING
    ours = {key: name for key, name in plan.outputs.items() if any(step.id == key[0] for step in plan.steps)}
    if ours:
        yield f"export {' '.join(f'{name}=' for name in dict.fromkeys(ours.values()))}"
        yield "handed_output() {"
        yield "  case $_step:$1 in"
        yield from (f"    {quoted(f'{ident}:{output}')}) {name}=$2 ;;" for (ident, output), name in ours.items())
        yield "  esac"
        yield "}"
    else:
        yield "handed_output() { :; }"


def _straight(step: Step, naming: Naming, handing: bool) -> Iterator[str]:
    yield f"# {step.label}"
    if step.foreign:
        yield f"echo {_missing(step)} >&2"
        yield "exit 1"
        return
    yield _run(step, naming) + (f" || echo {_ignored(step)} >&2" if step.ignored else "")
    if handing:
        yield f"handed_on {quoted(step.id or '-')}"


def _conditional(step: Step, naming: Naming, handing: bool) -> Iterator[str]:
    yield f"# {step.label}"
    tests = {SUCCESS: '[ "$_code" -ne 0 ] || ', FAILURE: '[ "$_code" -eq 0 ] || ', ALWAYS: ""}
    body = f"{{ echo {_missing(step)} >&2; false; }}" if step.foreign else _run(step, naming)
    failed = f"echo {_ignored(step)} >&2" if step.ignored else "_code=$?"
    yield f"{tests[step.when]}{body} || {failed}"
    if handing and not step.foreign:
        yield f"handed_on {quoted(step.id or '-')}"


def _missing(step: Step) -> str:
    return quoted(f"{step.foreign} is not translated: put commands in its place")


def _ignored(step: Step) -> str:
    return quoted(f'step "{step.label}" failed, which does not count')


def _run(step: Step, naming: Naming) -> str:
    named = [(name, _word(pieces, naming)) for name, pieces in step.env]
    own = {name for name, _ in step.env}
    # A shell would let an assignment see those before it; GitHub and env(1) let none see another.
    linked = any(own & {*_names(pieces, naming)} - {name} for name, pieces in step.env)
    before = "".join(f"{name}={word} " for name, word in named if NAME.match(name) and not linked)
    odd = "".join(f"{quoted(name)}={word} " for name, word in named if linked or not NAME.match(name))
    before += f"env {odd}" if odd else ""
    before += f"timeout -k 10 {step.limit:g} " if step.limit else ""
    run = command(step.shell, step.script, before)
    place = known_text(step.directory)
    if place in ("", "."):
        return run
    cd = "cd -- " if place is not None and place.startswith("-") else "cd "
    return f"({cd}{_word(step.directory, naming)} && {run})"


def _word(pieces: Pieces, naming: Naming) -> str:
    made = [quoted(p) if isinstance(p, str) else f'"${{{naming.stand(p).name}?}}"' for p in pieces if p]
    return "".join(made) or "''"
