"""A plan as a POSIX shell script that runs the same jobs, one after another; what it cannot do is said in it.

Values of variables are written as words that the script's own shell expands, so that a reference to what the caller
has in the environment stays one, and secrets are never in the script: they have to be in the caller's environment.
"""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from textwrap import wrap

from exlib.console import plural, printable, span
from exlib.convert.shell.words import word
from exlib.engine.site import Site
from exlib.environment import DEFAULT_INHERITED, NAME, is_secret, layered
from exlib.graph import Graph
from exlib.masking import Mask
from exlib.workflow import DEFAULT_TIMEOUT, Job, Workflow

_FUNCTIONS = """\
ended=0
bad=' '
begin() {{ printf '%s\\n' "[$1/{count}] $2" >&2; }}
fail() {{ code=$?; printf '%s\\n' "$2 failed with exit code $code" >&2; bad="$bad$1 "; ended=1; }}
stop() {{ fail "$@"; exit 1; }}
skip() {{ printf '%s\\n' "$2 is skipped: what it depends on did not succeed" >&2; bad="$bad$1 "; }}
run() {{ exec env {environment} "$@" </dev/null; }}
"""


def as_shell(workflow: Workflow, site: Site, order: Sequence[int], mask: Mask) -> str:
    """The script; ``order`` are the jobs' places in the document, dependencies first."""
    script = _Script(workflow, site, mask)
    jobs = [line for number, node in enumerate(order, 1) for line in script.job(number, node)]
    functions = _FUNCTIONS.format(count=len(order), environment=" ".join(script.environment()))
    return "\n".join([*_opening(workflow, script.usual), functions, *script.needed(), *jobs, "exit $ended"]) + "\n"


def _opening(workflow: Workflow, usual: float | None) -> Iterator[str]:
    ends = "lets the job run without end" if usual is None else f"ends the job after {span(usual)}"
    text = (
        "Written by ex-plan. This script keeps no history and no logs (EX_LOG is /dev/null), cannot be resumed, and "
        "runs nothing in parallel. Retries, timeouts, checks and waits of ex-run are not in it; each is named at its "
        f"job. Where no timeout is named, ex-run {ends}. Paths are those of the machine on which it was written."
    )
    yield "#!/bin/sh"
    jobs = plural(len(workflow.jobs), "job")
    yield f"# {printable(workflow.name)}: {jobs}, one after another in the order of ex-run."
    yield "#"
    yield from (f"# {line}" for line in wrap(text, 98))
    yield ""


class _Script:
    def __init__(self, workflow: Workflow, site: Site, mask: Mask) -> None:
        self._workflow = workflow
        self._site = site
        self._mask = mask
        self._graph = Graph([job.id for job in workflow.jobs], [job.dependencies for job in workflow.jobs])
        self._required: dict[str, None] = {}
        self._refused: list[str] = []
        self._lenient: set[int] = set()
        self._shared = layered({}, workflow.env)
        limits = Counter(job.timeout for job in workflow.jobs)
        self.usual = limits.most_common(1)[0][0] if limits else DEFAULT_TIMEOUT

    def needed(self) -> Iterator[str]:
        """What the script asks of its caller before anything starts; known once all jobs are written."""
        if self._required:
            yield "# Secrets are not written into scripts: the caller has to have them in the environment."
        for name in self._required:
            yield f': "${{{name}:?this script needs it in the environment}}"'
        for job in self._refused:
            why = f"the command of {printable(job)} holds a secret: run it with ex-run"
            yield f"echo {shlex.quote(why)} >&2; exit 2"
        if self._required or self._refused:
            yield ""

    def job(self, number: int, node: int) -> Iterator[str]:
        """The lines of one job."""
        job = self._workflow.jobs[node]
        yield from (f"# {line}" for line in self._remarks(job))
        body = self._run(job)
        if body:
            yield from self._guarded(number, node, body)
        yield ""

    def _guarded(self, number: int, node: int, body: str) -> Iterator[str]:
        """A command that ends the script if it fails, unless the job lets others go on; then what waits is skipped."""
        job = self._workflow.jobs[node]
        name = shlex.quote(printable(job.id))
        goes_on = self._workflow.continue_on_error or job.continue_on_error
        lines = [f"begin {number} {name}", f"{body} || {'fail' if goes_on else 'stop'} {node} {name}"]
        doubtful = [other for other in self._graph.dependencies[node] if other in self._lenient]
        if doubtful:
            failed = "|".join(f'*" {other} "*' for other in doubtful)
            yield f"case $bad in {failed}) skip {node} {name} ;; *)"
            yield from lines
            yield ";; esac"
        else:
            yield from lines
        if goes_on or doubtful:
            self._lenient.add(node)

    def _remarks(self, job: Job) -> Iterator[str]:
        """The job's name, and what ex-run does for it and a script does not."""
        about = f": {printable(self._mask.text(job.description))}" if job.description.strip() else ""
        yield f"{printable(job.id)}{about}"
        if job.waits:
            yield f"Not waited for here: {', '.join(printable(wait.plugin) for wait in job.waits)}."
        for checks, when in ((job.pre_checks, "before"), (job.post_checks, "after")):
            if checks:
                yield f"Not checked here {when} it: {', '.join(printable(check.name) for check in checks)}."
        if job.retry.limit:
            yield f"Not retried here: ex-run tries it up to {plural(job.retry.limit, 'more time')}."
        if job.timeout != self.usual:
            ends = "lets it run without end" if job.timeout is None else f"ends it after {span(job.timeout)}"
            yield f"Not timed here: ex-run {ends}."
        if job.detach:
            yield "Not in a session of its own here."
        if not job.command.strip():
            yield "It has nothing to run."

    def _run(self, job: Job) -> str:
        """The command in its directory with its variables; empty if there is none."""
        if not job.command.strip():
            return ""
        if self._mask.text(job.command) != job.command:
            self._refused.append(job.id)
            return "false"
        argv = [*job.shell, job.command] if job.shell else shlex.split(job.command)
        words = [*self._own(job), f"EX_JOB_ID={shlex.quote(job.id)}", *map(shlex.quote, argv)]
        return f"( cd {shlex.quote(self._site.directory(job))} && {' '.join(words)} )"

    def environment(self) -> Iterator[str]:
        """What env is told for every job: what to keep of the caller's variables, if not all, and the workflow's."""
        yield from self._kept(self._shared)
        yield from self._values(self._shared)
        yield from ("EX_RUN_ID=0", "EX_ATTEMPT=1", "EX_LOG=/dev/null")

    def _own(self, job: Job) -> Iterator[str]:
        """``run`` with the variables that are others than the workflow's, by a job's own or by what these refer to."""
        declared = layered({}, self._workflow.env, job.env) if job.env else self._shared
        own = {name: value for name, value in declared.items() if self._shared.get(name) != value}
        yield "run"
        yield from self._passed({name for name, value in own.items() if self._is_secret(name, value)})
        yield from self._values(own)

    def _kept(self, declared: Mapping[str, str]) -> Iterator[str]:
        setting = self._workflow.inherit_shell_env
        if setting is True:
            return
        yield "-i"
        names: Iterable[str] = DEFAULT_INHERITED if isinstance(setting, str) else setting or ()
        secret = {name for name, value in declared.items() if self._is_secret(name, value)}
        yield from self._passed({name for name in names if NAME.match(name)} - declared.keys() | secret)

    def _passed(self, names: Iterable[str]) -> Iterator[str]:
        """The caller's variables for a program that gets no others; nothing to do if it gets them all."""
        if self._workflow.inherit_shell_env is not True:
            yield from (f'${{{name}+"{name}=${name}"}}' for name in sorted(names))

    def _values(self, declared: Mapping[str, str]) -> Iterator[str]:
        for name, value in declared.items():
            if self._is_secret(name, value):
                self._required[name] = None
            else:
                yield f"{name}={word(value)}"

    def _is_secret(self, name: str, value: str) -> bool:
        return is_secret(name, frozenset(self._workflow.secrets)) or self._mask.text(value) != value
