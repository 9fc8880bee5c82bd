"""Where a run takes place: the environment, directories and log files that its jobs see."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from typing import Any

from exlib.digest import sha256_hex
from exlib.engine.attempt import Place
from exlib.environment import expand, inherited, is_secret, layered
from exlib.errors import InputError
from exlib.workflow import Job, Workflow

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")
_LONGEST_NAME = 180
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,179}\Z")


class Site:
    """Resolves, for each job, what DESIGN.md's precedence says: inherited, application, job, command line."""

    def __init__(
        self, workflow: Workflow, environ: Mapping[str, str], cli_env: Mapping[str, str], cwd: str | None
    ) -> None:
        """``cwd`` overrides the document's working directory. Raises InputError if the directory cannot be used."""
        self._workflow = workflow
        self._cli_env = cli_env
        self._inherited = inherited(workflow.inherit_shell_env, environ)
        self._base = layered(self._inherited, workflow.env, cli_env)
        # A person's ~ and ${HOME} in a path mean theirs, whatever the jobs inherit.
        self._paths = {**environ, **self._base}
        self.working_dir = self._resolve(cwd) if cwd else self._resolve(workflow.working_dir, workflow.directory)
        self._encoded = _encode({**self._base, "PWD": self.working_dir})
        self._digest = sha256_hex(json.dumps([workflow.env, dict(cli_env)], sort_keys=True).encode())
        self.log_dir = ""
        self._run = ""

    def open_run(self, run: int, log_dir: str) -> None:
        """Name the run and its own log directory."""
        self._run = str(run)
        self._encoded[b"EX_RUN_ID"] = self._run.encode()
        self.log_dir = log_dir

    def place(self, job: Job, number: int) -> Place:
        """What attempt ``number`` of a job sees."""
        env, cwd = self.environment(job), self.directory(job)
        plain = env is self._base and cwd == self.working_dir
        encoded = self._encoded.copy() if plain else _encode({**env, "PWD": cwd, "EX_RUN_ID": self._run})
        log = f"{self.log_dir}/{log_name(job.id)}.{number}.log"
        encoded[b"EX_JOB_ID"] = job.id.encode()
        encoded[b"EX_ATTEMPT"] = b"%d" % number
        encoded[b"EX_LOG"] = os.fsencode(log)
        whole = self._workflow
        return Place(env, encoded, cwd, log, self.fingerprint(job), whole.dependency_plugins, whole.allow_shell)

    def environment(self, job: Job) -> Mapping[str, str]:
        """A job's variables, without the ``EX_`` ones."""
        return layered(self._inherited, self._workflow.env, job.env, self._cli_env) if job.env else self._base

    def secret_values(self) -> set[str]:
        """The values of all variables that are secrets by their names, whatever layer they come from.

        Those named as secrets count also where no job inherits them.
        """
        named = frozenset(self._workflow.secrets)
        layers = [self._base, *(self.environment(job) for job in self._workflow.jobs if job.env)]
        found = {value for env in layers for name, value in env.items() if value and is_secret(name, named)}
        return found | {self._paths[name] for name in named if self._paths.get(name)}

    def defines(self, name: str) -> bool:
        """Whether a variable has a value anywhere: in the shell, the document or the options."""
        return name in self._paths or any(name in job.env for job in self._workflow.jobs)

    def directory(self, job: Job) -> str:
        """The directory a job runs in."""
        return self._resolve(job.working_dir, self.working_dir) if job.working_dir else self.working_dir

    def log_root(self) -> str | None:
        """The directory for the logs of all runs that the document names, None if it names none."""
        named = self._workflow.log_dir
        return self._resolve(named, self.working_dir) if named else None

    def require_directory(self) -> None:
        """Raise InputError unless the working directory can be entered."""
        if not os.path.isdir(self.working_dir):
            missing = "is not a directory" if os.path.exists(self.working_dir) else "does not exist"
            raise InputError(
                f"the working directory {self.working_dir} {missing}",
                mend='create it, change "working_dir", or override it with --working-dir DIR',
            )
        if not os.access(self.working_dir, os.X_OK):
            raise InputError(f"the working directory {self.working_dir} cannot be entered: permission denied")

    def fingerprint(self, job: Job) -> str:
        """A digest of what decides a job's outcome: command, declared environment, directory, dependencies, checks."""
        facts = (
            job.command,
            self._digest,
            sorted(job.env.items()),
            self.directory(job),
            job.shell,
            sorted(job.dependencies),
            [(wait.plugin, _canonical(wait.params)) for wait in job.waits],
            [(check.name, _canonical(check.params)) for check in (*job.pre_checks, *job.post_checks)],
        )
        return sha256_hex(repr(facts).encode("utf-8", "surrogateescape"))[:16]

    def _resolve(self, path: str | None, base: str | None = None) -> str:
        if path is None:
            return os.getcwd()
        full = os.path.expanduser(expand(path, self._paths))
        return os.path.normpath(os.path.join(base or os.getcwd(), full))


def _canonical(params: Mapping[str, Any]) -> str:
    """Parameters as text that does not depend on the order of their keys."""
    return json.dumps(dict(params), sort_keys=True)


def log_name(job_id: str) -> str:
    """A file name for a job id: safe on every file system, different for different ids, never a path."""
    if _PLAIN_NAME.match(job_id):
        return job_id
    name = _UNSAFE.sub(lambda match: "".join(f"%{byte:02X}" for byte in os.fsencode(match[0])), job_id)
    if name.startswith("."):
        name = "%2E" + name[1:]
    if len(name) > _LONGEST_NAME:
        digest = sha256_hex(os.fsencode(job_id))[:16]
        name = f"{name[: _LONGEST_NAME - 17]}~{digest}"
    return name


def _encode(env: Mapping[str, str]) -> dict[bytes, bytes]:
    return {os.fsencode(key): os.fsencode(value) for key, value in env.items()}
