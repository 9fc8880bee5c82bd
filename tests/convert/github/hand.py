"""The steps of a job run as GitHub documents it, without the reader: a file a script, the documented command line."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

COMMANDS = {
    None: ["bash", "-e", "{0}"],
    "bash": ["bash", "--noprofile", "--norc", "-eo", "pipefail", "{0}"],
    "sh": ["sh", "-e", "{0}"],
    "python": ["python", "{0}"],
}


def workflow(*steps: dict[str, Any], **keys: Any) -> str:
    """A workflow of one job; JSON is YAML."""
    job = {"runs-on": "ubuntu-latest", "steps": list(steps)} | keys.pop("job", {})
    return json.dumps({"on": "push", **keys, "jobs": {"a": job}})


def run_by_hand(steps: list[dict[str, Any]], folder: Path, aside: Path, env: dict[str, str]) -> bool:
    """Run the steps in a folder; whether the job succeeds. ``if`` is one of the status functions or nothing."""
    env = {**os.environ, "CI": "true", **env}
    failed = False
    for number, step in enumerate(steps):
        if {"always()": False, "failure()": not failed, None: failed}[step.get("if")]:
            continue
        files = {name: aside / f"{name}.{number}" for name in ("GITHUB_ENV", "GITHUB_PATH", "GITHUB_OUTPUT")}
        for file in files.values():
            file.write_text("")
        script = aside / f"script{number}"
        script.write_text(step["run"])
        command = COMMANDS.get(step.get("shell")) or step["shell"].split()
        done = subprocess.run(
            [word.replace("{0}", str(script)) for word in command],
            cwd=folder / step.get("working-directory", "."),
            env={**env, **step.get("env", {}), **{name: str(file) for name, file in files.items()}},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        failed = failed or (done.returncode != 0 and not step.get("continue-on-error"))
        env |= handed(files["GITHUB_ENV"].read_text())
        for line in files["GITHUB_PATH"].read_text().splitlines():
            env["PATH"] = f"{line}:{env['PATH']}"
    return not failed


def handed(text: str) -> dict[str, str]:
    """NAME=value and NAME<<END lines."""
    lines = iter(text.split("\n"))
    found = {}
    for line in lines:
        at, here = line.find("="), line.find("<<")
        if here >= 0 and (at < 0 or here < at):
            end, value = line[here + 2 :], []
            for inner in lines:
                if inner == end:
                    break
                value.append(inner)
            found[line[:here]] = "\n".join(value)
        elif at >= 0:
            found[line[:at]] = line[at + 1 :]
    return found
