"""The peers: how each one's input for a workload is written, and what starts it.

All get the same commands, are told to be quiet and to run so many jobs at a time, and write to the same file system.
Where a peer gives a command to a shell and where it does not is its own affair: it is part of what it costs.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from bench.workloads import PROGRAMS, Workload

INPUT = "input"
"""The file that a peer reads, in the directory where it runs."""


@dataclass(frozen=True)
class Peer:
    """A tool that runs jobs."""

    name: str
    program: str
    write: Callable[[Workload], str]
    """The text of its input file."""
    arguments: Callable[[Workload, str], list[str]]
    """What follows the program on its command line, for a number of workers."""
    ending: str = ""
    """Of its input file's name."""
    any_graph: bool = True
    """Whether it knows dependencies."""
    remembers: tuple[str, ...] = ()
    """What it leaves behind that would make the next run another one: it is moved out of the way."""
    needs: tuple[str, ...] = ()
    """Directories that have to be there."""
    environ: dict[str, str] = field(default_factory=dict)
    """Variables for it alone."""

    def argv(self, workload: Workload, workers: int) -> list[str]:
        """Its command line, to be started in the directory of its input file."""
        return [self.program, *self.arguments(workload, str(workers))]

    def can(self, workload: Workload) -> bool:
        """Whether it can run this graph at all."""
        return workload.flat or self.any_graph

    def found(self, path: str) -> str | None:
        """Where its program is, or None."""
        return shutil.which(self.program, path=path)


def _document(workload: Workload) -> str:
    jobs = [
        {"id": name, "command": command, **({"dependencies": needs} if needs else {})}
        for name, needs, command in workload
    ]
    return json.dumps({"application_name": "bench", "jobs": jobs}, indent=2)


def _ninja(workload: Workload) -> str:
    builds = (f"build {name}: job {' '.join(needs)}\n  command_line = {command}\n" for name, needs, command in workload)
    return "rule job\n  command = $command_line\n" + "".join(builds)


def _make(workload: Workload) -> str:
    return _makefile(workload, lambda name, command: f"\t{command}\n")


def _make_with_a_log(workload: Workload) -> str:
    """Output of each job in a file, and its exit code in a job log; no times, which would cost a process each."""
    return _makefile(
        workload,
        lambda name, command: (
            f"\t{{ {command}; }} >logs/{name}.log 2>&1; code=$$?; echo {name} $$code >>joblog; exit $$code\n"
        ),
    )


def _makefile(workload: Workload, recipe: Callable[[str, str], str]) -> str:
    names = " ".join(name for name, _, _ in workload)
    rules = (f"{name}: {' '.join(needs)}\n{recipe(name, command)}" for name, needs, command in workload)
    return f"all: {names}\n.PHONY: all {names}\n{''.join(rules)}"


def _just(workload: Workload) -> str:
    """Only what needs several says that these may run at once: that costs a thread for each of them."""
    names = " ".join(name for name, _, _ in workload)
    recipes = (
        f"{'[parallel]' if len(needs) > 1 else ''}\n{name}: {' '.join(needs)}\n  @{command}\n"
        for name, needs, command in workload
    )
    return f"[parallel]\nall: {names}\n{''.join(recipes)}"


def _task(workload: Workload) -> str:
    """Without ``run: once`` a dependency would run again for each job that needs it."""
    names = ", ".join(name for name, _, _ in workload)
    tasks = (
        f"  {name}:\n    deps: [{', '.join(needs)}]\n    cmds: ['{command}']\n" for name, needs, command in workload
    )
    return f"version: '3'\nrun: once\nsilent: true\ntasks:\n  default:\n    deps: [{names}]\n{''.join(tasks)}"


def _doit(workload: Workload) -> str:
    return f"""JOBS = {_as_lines(workload)}


def task_jobs():
    for name, needs, command in JOBS:
        yield {{"basename": name, "actions": [command], "task_dep": needs}}
"""


def _luigi(workload: Workload) -> str:
    """luigi believes that a task was done when its target is there, so that each job leaves one."""
    return f"""import subprocess
from pathlib import Path

import luigi

JOBS = {{name: (needs, command) for name, needs, command in {_as_lines(workload)}}}


class Job(luigi.Task):
    name = luigi.Parameter()

    def requires(self):
        return [Job(name) for name in JOBS[self.name][0]]

    def output(self):
        return luigi.LocalTarget(f"done/{{self.name}}")

    def run(self):
        subprocess.run(JOBS[self.name][1], shell=True, check=True)
        Path(self.output().path).touch()


class All(luigi.WrapperTask):
    def requires(self):
        return [Job(name) for name in JOBS]
"""


def _as_lines(jobs: Iterable[tuple[str, list[str], str]]) -> str:
    """A literal of Python, a job a line."""
    return "[\n" + "".join(f"    {job!r},\n" for job in jobs) + "]"


def _commands(workload: Workload) -> str:
    return "".join(f"{command}\n" for _, _, command in workload)


def _names(workload: Workload) -> str:
    return "".join(f"{name}\n" for name, _, _ in workload)


PEERS = {
    peer.name: peer
    for peer in (
        Peer("ex-run", "ex-run", _document, lambda _, workers: ["-q", "-j", workers, INPUT]),
        Peer(
            "ninja",
            "ninja",
            _ninja,
            lambda _, workers: ["--quiet", "-j", workers, "-f", INPUT],
            remembers=(".ninja_log", ".ninja_deps"),
        ),
        Peer("make", "make", _make, lambda _, workers: ["-rRs", "-j", workers, "-f", INPUT]),
        Peer(
            "make with a log",
            "make",
            _make_with_a_log,
            lambda _, workers: ["-rRs", "-j", workers, "-f", INPUT],
            remembers=("joblog",),
            needs=("logs",),
        ),
        Peer("just", "just", _just, lambda _, workers: ["--quiet", "--jobs", workers, "--justfile", INPUT]),
        Peer(
            "Task",
            "task",
            _task,
            lambda _, workers: ["--concurrency", workers, "--taskfile", f"{INPUT}.yml"],
            ending=".yml",
        ),
        Peer(
            "doit",
            "doit",
            _doit,
            lambda _, workers: ["run", "-n", workers, "-r", "error-only", "-f", f"{INPUT}.py", "--db-file", "doit.db"],
            ending=".py",
            remembers=("doit.db",),
        ),
        Peer(
            "GNU parallel",
            "parallel",
            _commands,
            lambda _, workers: ["--will-cite", "-j", workers, "--joblog", "joblog", "-a", INPUT],
            any_graph=False,
            remembers=("joblog",),
        ),
        Peer(
            "xargs",
            "xargs",
            _names,
            lambda workload, workers: ["-P", workers, "-I", "{name}", "-a", INPUT, *PROGRAMS[workload.program].split()],
            any_graph=False,
        ),
        Peer(
            "luigi",
            "luigi",
            _luigi,
            lambda _, workers: [
                *("--module", INPUT, "All", "--local-scheduler", "--no-lock"),
                *("--workers", workers, "--log-level", "ERROR"),
            ],
            ending=".py",
            remembers=("done",),
            needs=("done",),
            environ={"PYTHONPATH": "."},
        ),
    )
}
"""In the order of the table."""
