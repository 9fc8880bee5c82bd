"""Pipelines run as a runner of GitLab would run them, without the reader's code: one shell a job, stage by stage."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

SETTINGS = ("stages", "variables", "default", "workflow", "include")


def parsed(text: str) -> dict[str, Any]:
    """The configuration as a YAML library reads it."""
    data = YAML(typ="safe", pure=True).load(text)
    assert isinstance(data, dict)
    return data


def run_by_hand(text: str, folder: Path) -> dict[str, int]:
    """Run the jobs of plain pipelines (no extends, rules, parallel) in a folder: their exit codes by name."""
    config = parsed(text)
    jobs = {name: job for name, job in config.items() if name not in SETTINGS and not name.startswith(".")}
    stages = [".pre", *config.get("stages", ["build", "test", "deploy"]), ".post"]
    codes: dict[str, int] = {}
    failed_stage = len(stages)
    pending = sorted(jobs, key=lambda name: stages.index(jobs[name].get("stage", "test")))
    while pending:
        name = next(each for each in pending if all(_name(need) not in pending for need in jobs[each].get("needs", [])))
        pending.remove(name)
        job = {**config.get("default", {}), **jobs[name]}
        place = stages.index(job.get("stage", "test"))
        needed = [_name(need) for need in job.get("needs", [])]
        held = any(codes.get(need) != 0 for need in needed) if "needs" in job else failed_stage < place
        if held:
            continue
        codes[name] = _run(name, job, config.get("variables", {}), folder)
        if codes[name] and _is_allowed(job, codes[name]):
            codes[name] = 0
        elif codes[name]:
            failed_stage = min(failed_stage, place)
    return codes


def _name(need: Any) -> str:
    return str(need["job"]) if isinstance(need, dict) else str(need)


def _is_allowed(job: Mapping[str, Any], code: int) -> bool:
    allowed = job.get("allow_failure", False)
    if isinstance(allowed, dict):
        codes = allowed["exit_codes"]
        return code in (codes if isinstance(codes, list) else [codes])
    return bool(allowed)


def _run(name: str, job: Mapping[str, Any], top: Mapping[str, Any], folder: Path) -> int:
    variables = {key: _text(value) for key, value in {**top, **job.get("variables", {})}.items()}
    environ = {**os.environ, "CI_JOB_NAME": name}
    environ |= {key: _expanded(value, variables, 0) for key, value in variables.items()}
    main = [*_lines(job.get("before_script", [])), *_lines(job["script"])]
    code = 1
    for _ in range(1 + int(job.get("retry", 0))):
        code = _shell(main, folder, environ)
        after = _lines(job.get("after_script", []))
        if after:
            _shell(after, folder, {**environ, "CI_JOB_STATUS": "failed" if code else "success"})
        if not code:
            break
    return code


def _text(value: Any) -> str:
    if isinstance(value, dict):
        value = value["value"]
    return "" if value is None else str(value)


def _expanded(value: str, variables: Mapping[str, str], depth: int) -> str:
    def found(match: re.Match[str]) -> str:
        if match[0] == "$$":
            return "$"
        name = match[1] or match[2]
        return _expanded(variables[name], variables, depth + 1) if name in variables and depth < 9 else ""

    return re.sub(r"\$\$|\$\{(\w+)\}|\$(\w+)", found, value)


def _lines(script: Any) -> list[str]:
    if isinstance(script, str):
        return [script]
    return [line for item in script for line in _lines(item)]


def _shell(lines: list[str], folder: Path, environ: Mapping[str, str]) -> int:
    text = "set -eo pipefail\n" + "\n".join(lines)
    done = subprocess.run(["bash", "-c", text], cwd=folder, env=dict(environ), stdin=subprocess.DEVNULL,
                          capture_output=True, check=False, timeout=60)  # fmt: skip
    return done.returncode
