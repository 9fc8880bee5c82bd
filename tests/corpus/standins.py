"""The machine that the corpus was written for, in small: its programs, scripts and directories."""

from __future__ import annotations

import os
from pathlib import Path

OLD_HOME = "/home/sjoshi/claudelab/executioner"
OLD_LOGS = "/dba_work_area/PRs/96.0/logs/uiis03"
PROGRAMS = {
    # sqlplus /nolog @PR_1.sql LOGIN leaves its log where the post-checks look for it.
    "sqlplus": 'script=${2#@}; test "$3" = login && echo "Procedure completed." >"logs/${script%.sql}.log"',
    "authlookup": "echo login",
    "run": 'echo "$*"',
}
SCRIPTS = {
    "success_script.py": "print('done')",
    "failure_script.py": "raise SystemExit(1)",
    "timeout_script.py": "import signal; signal.pause()",
}


def furnish(place: Path, corpus: Path, executioner: Path) -> None:
    """Make ``place`` what OLD_HOME was: programs in bin/, scripts, logs, and the original's command."""
    for folder in ("bin", "logs", "test_scripts", "workflow_config"):
        (place / folder).mkdir()
    for name, body in PROGRAMS.items():
        program = place / "bin" / name
        program.write_text(f"#!/bin/sh\n{body}\n")
        program.chmod(0o755)
    for name, body in SCRIPTS.items():
        (place / "test_scripts" / name).write_text(f"{body}\n")
    (place / "input.sql").write_text("select 1 from dual;\n")
    (place / "logs" / "output.log").write_text("no errors\n")
    (place / "executioner.py").symlink_to(executioner)
    child = "child_executioner.json"
    (place / "workflow_config" / child).write_text(moved((corpus / child).read_text(), place))


def moved(document: str, place: Path) -> str:
    """A document whose paths lead to ``place`` instead of the machine it was written on."""
    return document.replace(OLD_LOGS, os.fspath(place / "logs")).replace(OLD_HOME, os.fspath(place))
