"""A DAG: the jobs as BashOperators, their limits and retries as Airflow has them, their order by ``>>``."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import NamedTuple

from exlib.convert.account import Place
from exlib.convert.airflow.pythontext import Names, block, literal, untemplated
from exlib.convert.draft import guard_of
from exlib.convert.outgoing import Outgoing, OutJob
from exlib.convert.shell.checks import allowed
from exlib.convert.shell.job import environment, script
from exlib.convert.wishes import File, Wishes
from exlib.environment import REFERENCE, is_secret

_HEAD = """\
import datetime
import os

try:
    from airflow.providers.standard.operators.bash import BashOperator
    from airflow.sdk import DAG
except ImportError:  # Airflow 2
    from airflow import DAG
    from airflow.operators.bash import BashOperator

HERE = os.path.dirname(os.path.abspath(__file__))
"""
_STEP = "    "
_SAME_IN_BOTH = re.compile(r"(?:[\w\s./:,=@%+\"'\-*?]|\$\w+|\$\{\w+\}|&&|\|\||;|\|(?!&)|>>?(?![&(])|\\\n)*", re.ASCII)
"""What bash reads as sh does: nothing with braces, brackets or backslashes."""
_BASH_ALONE = re.compile(r"\b(?:time|function|source|let|select|declare|local|coproc|echo -|printf -v|read)\b|==")
_SCHEDULE = re.compile(r"[-*/,0-9A-Za-z]+(?: [-*/,0-9A-Za-z]+){4}|@(?:yearly|annually|monthly|weekly|daily|hourly)")
_ALLOW = "{{ (dag_run.conf or {}).get('EX_ALLOW', '') }}"
_ZONE = re.compile(r"[A-Za-z][\w+/-]*", re.ASCII)
_GOES_ON = "after a failure Airflow goes on with jobs that do not depend on it"
_UNWRITTEN = "the values of secrets are not written"
_PLUGIN = "a plugin of ex-run decides it there: EX_ALLOW in the configuration of a run lets it go on"


class _Task(NamedTuple):
    """A job with its names."""

    job: OutJob
    key: str
    variable: str


def write(outgoing: Outgoing, _wishes: Wishes) -> list[File]:
    """The one file."""
    names = Names()
    tasks = []
    for job in outgoing.jobs:
        key = names.key(job.job.id)
        tasks.append(_Task(job, key, names.variable(key)))
        job.exact("id")
    head = _HEAD.replace("import os\n", "import os\n\nimport pendulum\n", 1) if _zone(outgoing) else _HEAD
    lines = [*_docstring(outgoing), head, *_dag(outgoing)]
    _account(outgoing)
    for number, task in enumerate(tasks):
        lines += [""] if number else []
        lines += _operator(task)
    lines += _order(tasks)
    return [File("", "\n".join(lines) + "\n")]


def _docstring(outgoing: Outgoing) -> Iterator[str]:
    name = " ".join(outgoing.workflow.name.split())
    yield f"# {name.encode('ascii', 'backslashreplace').decode()}: a workflow of jobs, as a DAG of Airflow."


def _dag(outgoing: Outgoing) -> Iterator[str]:
    """The head of the DAG."""
    workflow = outgoing.workflow
    yield "with DAG("
    yield f"{_STEP}dag_id={literal(Names().key(workflow.name))},"
    if workflow.description:
        yield f"{_STEP}description={block(workflow.description, _STEP)},"
    schedule = _schedule(outgoing)
    yield f"{_STEP}schedule={literal(schedule) if schedule else None},"
    yield f"{_STEP}start_date={_start(outgoing)},"
    yield f"{_STEP}catchup=False,"
    yield f"{_STEP}max_active_runs=1,"
    yield f"{_STEP}max_active_tasks={workflow.max_workers if workflow.parallel else 1},"
    yield "):"
    outgoing.exact("application_name", "description", "parallel", "max_workers")
    outgoing.exact("default_timeout", "default_max_retries", "default_retry_delay", "default_retry_backoff")
    if workflow.continue_on_error:
        outgoing.exact("continue_on_error")
    else:
        outgoing.approximated("continue_on_error", _GOES_ON)
    if outgoing.workflow.inherit_shell_env is True:
        outgoing.exact("inherit_shell_env")
    else:
        outgoing.approximated("inherit_shell_env", "jobs see all of the environment of the worker")
    outgoing.exact("working_dir", "allow_shell")
    secret = [name for name in workflow.env if is_secret(name, workflow.secrets)]
    if secret:
        outgoing.manual("env_variables", f"{_UNWRITTEN}: set the Variables of Airflow {', '.join(secret)}")
    else:
        outgoing.exact("env_variables")
    if outgoing.workflow.secrets:
        outgoing.manual("secrets", f"set the Variables of Airflow {', '.join(outgoing.workflow.secrets)}")
    else:
        outgoing.exact("secrets")


def _schedule(outgoing: Outgoing) -> str | None:
    """The schedule that the source of the document had."""
    kept = outgoing.raw.get("x-source")
    found = kept.get("schedule") if isinstance(kept, dict) else None
    return found if isinstance(found, str) and _SCHEDULE.fullmatch(found) else None


def _zone(outgoing: Outgoing) -> str | None:
    """The time zone of the schedule."""
    kept = outgoing.raw.get("x-source")
    found = kept.get("timezone") if isinstance(kept, dict) else None
    return found if isinstance(found, str) and _ZONE.fullmatch(found) else None


def _start(outgoing: Outgoing) -> str:
    """A moment long ago, in the time zone that the schedule counts in."""
    zone = _zone(outgoing)
    if zone is None:
        return "datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc)"
    return f"pendulum.datetime(2024, 1, 1, tz={literal(zone)})"


def _account(outgoing: Outgoing) -> None:
    """What the document leaves to the defaults of ex-run, and what of its schedules is not in the file."""
    place, raw = Place(outgoing.document.name), outgoing.raw
    if "default_timeout" not in raw and any("timeout" not in job.raw for job in outgoing.jobs):
        reason = "ex-run ends a job after three hours where nothing is stated; Airflow has no limit of its own"
        outgoing.account.approximated(place, "default_timeout", reason)
    if "continue_on_error" not in raw:
        outgoing.account.approximated(place, "continue_on_error", _GOES_ON)
    for speaker in (outgoing, *outgoing.jobs):
        kept = speaker.raw.get("x-source")
        found = kept.get("schedule") if isinstance(kept, dict) else None
        if found and (speaker is not outgoing or _schedule(outgoing) is None):
            speaker.manual("x-source", "its schedule is not in the DAG: set one in Airflow")


def _operator(task: _Task) -> Iterator[str]:
    job, inner = task.job, _STEP * 2
    yield f"{_STEP}{task.variable} = BashOperator("
    yield f"{inner}task_id={literal(task.key)},"
    if doc := _doc(task):
        yield f"{inner}doc={block(doc, inner)},"
    done = {"timeout"}
    variables, in_text = _variables(job)
    done |= set() if in_text else {"env"}
    folder = _folder(job)
    done |= {"working_dir"} if folder else set()
    limits = list(_limits(job))
    looped = bool(job.job.retry.limit and not limits)
    if looped:
        done.discard("timeout")  # it is the limit of each attempt, and the text tries again by itself
    else:
        done.add("retries")
    yield f"{inner}bash_command={block(untemplated(_command(job, frozenset(done))), inner)},"
    yield f"{inner}cwd={folder or 'HERE'},"
    if variables:
        yield f"{inner}env={{"
        yield from (f"{inner}{_STEP}{literal(name)}: {literal(value)}," for name, value in variables.items())
        yield f"{inner}}},"
    yield f"{inner}append_env=True,"
    yield f"{inner}skip_on_exit_code=None,"
    yield from (f"{inner}{limit}," for limit in limits)
    if job.job.timeout is not None and job.states_limit and not looped:
        yield f"{inner}execution_timeout=datetime.timedelta(seconds={job.job.timeout:g}),"
    if not looped:
        job.exact("timeout")
    if job.job.priority:
        yield f"{inner}priority_weight={job.job.priority},"
        yield f"{inner}weight_rule='absolute',"
    job.exact("priority")
    yield f"{_STEP})"


def _doc(task: _Task) -> str:
    """The description, after the id where the task is called otherwise."""
    job = task.job.job
    return "\n\n".join(each for each in (job.id if job.id != task.key else "", job.description) if each)


def _command(job: OutJob, done: frozenset[str]) -> str:
    """The text for bash, which hands what it could read otherwise than sh to sh."""
    text = script(job, done=done)
    if job.job.waits:
        plugins = ", ".join(wait.plugin for wait in job.job.waits)
        text = f"{allowed(f'it waits for {plugins}', job.job.id)} || exit 1\n{text}"
        job.manual("dependencies", _PLUGIN)
    if not _SAME_IN_BOTH.fullmatch(text) or _BASH_ALONE.search(text):
        text = f"exec /bin/sh -c {shlex.quote(text)}"
    return text


def _variables(job: OutJob) -> tuple[dict[str, str], bool]:
    """The variables that the operator sets, and whether the others have to be set in the text.

    They refer to others where they have ``${NAME}``, which Airflow does not look up.
    """
    values, secret = environment(job)
    used = [name for name in job.workflow.secrets if name not in secret and re.search(rf"\b{name}\b", job.job.command)]
    found = {name: f"{{{{ var.value.{name} }}}}" for name in (*secret, *used)}
    if guard_of(job.raw) is not None or job.job.waits:
        found["EX_ALLOW"] = _ALLOW
    in_text = any(REFERENCE.search(value) for value in values.values())
    if in_text:
        return found, True
    if secret:
        job.manual("env_variables", f"{_UNWRITTEN}: set the Variables of Airflow {', '.join(secret)}")
    else:
        job.exact("env_variables")
    return {**{name: untemplated(value) for name, value in values.items()}, **found}, False


def _folder(job: OutJob) -> str | None:
    """The folder as an expression; None where the shell has to look something up in it."""
    paths = [path for path in (job.workflow.working_dir, job.job.working_dir) if path]
    if any("$" in path or "{" in path or untemplated(path) != path for path in paths):
        return None
    if not paths or not (paths[0].startswith(("/", "~")) or paths[-1].startswith(("/", "~"))):
        job.approximated("working_dir", "a relative path starts at the folder of the DAG's file")
    else:
        job.exact("working_dir")
    parts = [f"os.path.expanduser({literal(path)})" if path.startswith("~") else literal(path) for path in paths]
    return f"os.path.join({', '.join(['HERE', *parts])})" if parts else "HERE"


def _limits(job: OutJob) -> Iterator[str]:
    """Retries as Airflow counts and spaces them; none where only some failures are worth one."""
    retry = job.job.retry
    stated = {"retry_on_status", "retry_on_exit_codes"} & set(job.raw)
    if not retry.limit or retry.on_exit_codes or stated:
        return
    yield f"retries={retry.limit}"
    yield f"retry_delay=datetime.timedelta(seconds={retry.delay:g})"
    if retry.backoff > 1 and retry.delay:
        yield "retry_exponential_backoff=True"
        job.approximated("max_retries", "Airflow doubles the delay each time, and spreads it in its own way")
    else:
        job.exact("max_retries")
    job.exact("retry_delay", "retry_backoff")
    job.dropped("retry_jitter", "Airflow spreads delays in its own way")
    job.dropped("max_retry_time", "Airflow tries as often as is stated, however late")


def _order(tasks: list[_Task]) -> Iterator[str]:
    """The edges."""
    variables = {task.job.job.id: task.variable for task in tasks}
    lines = []
    for task in tasks:
        before = [variables[name] for name in dict.fromkeys(task.job.job.dependencies)]
        if before:
            listed = before[0] if len(before) == 1 else f"[{', '.join(before)}]"
            lines.append(f"{_STEP}{listed} >> {task.variable}")
        if not task.job.job.waits:
            task.job.exact("dependencies")
    yield from (["", *lines] if lines else [])
