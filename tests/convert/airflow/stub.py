"""Airflow as far as a DAG file needs it: operators that remember what they were given, and run in order."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

_TEMPLATE_FILES = (".sh", ".bash")


class DAG:
    """The DAG that is made at the moment."""

    made: DAG

    def __init__(self, **keys: Any) -> None:
        self.keys = keys
        self.tasks: dict[str, BashOperator] = {}
        DAG.made = self

    def __enter__(self) -> DAG:
        return self

    def __exit__(self, *_: object) -> None:
        return None


class BashOperator:
    """A task: its keys, and the tasks before it."""

    def __init__(self, *, task_id: str, bash_command: str, **keys: Any) -> None:
        assert task_id not in DAG.made.tasks
        self.task_id, self.bash_command, self.keys = task_id, bash_command, keys
        self.before: list[str] = []
        DAG.made.tasks[task_id] = self

    def __rshift__(self, other: BashOperator) -> BashOperator:
        other.before.append(self.task_id)
        return other

    def __rrshift__(self, others: list[BashOperator]) -> BashOperator:
        self.before += [each.task_id for each in others]
        return self

    def run(self, variables: dict[str, str], conf: dict[str, str]) -> int:
        """Run the command as Airflow does, its templates filled in."""
        environ = {name: rendered(value, variables, conf) for name, value in self.keys.get("env", {}).items()}
        assert self.keys["append_env"] is True
        command = rendered(self.bash_command, variables, conf)
        result = subprocess.run(
            ["bash", "-c", command],
            cwd=self.keys["cwd"],
            env={**os.environ, **environ},
            check=False,
            stdin=subprocess.DEVNULL,
        )
        return result.returncode


_RAW = re.compile(r"\{% raw %\}(.*?)\{% endraw %\}", re.DOTALL)
_TEXT = re.compile(r'\{\{ "((?:[^"\\]|\\.)*)" \}\}')
_VARIABLE = re.compile(r"\{\{ var\.value\.(\w+) \}\}")
_CONF = re.compile(r"\{\{ \(dag_run\.conf or \{\}\)\.get\('(\w+)', ''\) \}\}")


def rendered(text: str, variables: dict[str, str], conf: dict[str, str]) -> str:
    """A template filled in, as far as ours go; a text that ends like the name of a template is taken for one."""
    assert not text.endswith(_TEMPLATE_FILES), f"Airflow would look for the file {text!r}"
    if whole := _RAW.fullmatch(text):
        return whole[1]
    if whole := _TEXT.fullmatch(text):
        return whole[1].encode("ascii", "backslashreplace").decode("unicode-escape")
    if whole := _VARIABLE.fullmatch(text):
        return variables[whole[1]]
    if whole := _CONF.fullmatch(text):
        return conf.get(whole[1], "")
    assert not re.search(r"\{[{%#]", text), f"an unknown template: {text}"
    return text.removesuffix("\n")


def loaded(source: str, folder: Path, monkeypatch: pytest.MonkeyPatch, *, version: int = 3) -> DAG:
    """The DAG of a file, with the modules of a version of Airflow in place."""
    bash = {"BashOperator": BashOperator}
    modules: dict[str, dict[str, Any]] = {
        "airflow": {"DAG": DAG}, "airflow.operators": {}, "airflow.operators.bash": bash,
    }  # fmt: skip
    if version == 3:
        modules = {
            "airflow": {}, "airflow.sdk": {"DAG": DAG}, "airflow.providers": {}, "airflow.providers.standard": {},
            "airflow.providers.standard.operators": {},
            "airflow.providers.standard.operators.bash": bash,
        }  # fmt: skip
    for name, content in modules.items():
        module = ModuleType(name)
        module.__dict__.update(content, __path__=[])
        monkeypatch.setitem(sys.modules, name, module)
    file = folder / "dag.py"
    file.write_text(source)
    exec(compile(source, str(file), "exec"), {"__file__": str(file), "__name__": "dag"})
    file.unlink()
    return DAG.made


def run_all(dag: DAG, variables: dict[str, str] | None = None, conf: dict[str, str] | None = None) -> dict[str, int]:
    """The exit codes of all tasks, each run after those before it if they succeeded."""
    codes: dict[str, int] = {}
    waiting = dict(dag.tasks)
    while waiting:
        ready = [task for task in waiting.values() if all(before in codes for before in task.before)]
        assert ready, "a circle"
        for task in ready:
            del waiting[task.task_id]
            if all(codes[before] == 0 for before in task.before):
                codes[task.task_id] = task.run(variables or {}, conf or {})
            else:
                codes[task.task_id] = -1
    return codes
