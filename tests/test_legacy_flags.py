"""The original program's flags: what each becomes, what does not go together, and that the samples are sound."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from exlib.commands.contract import Forward
from exlib.commands.executioner import command
from exlib.console import Console
from exlib.errors import UsageError


def translated(*argv: str) -> list[str]:
    """The command line of today, as one would type it."""
    with command.make_context("executioner", list(argv), obj=Console()) as context:
        forward = command.invoke(context)
    assert isinstance(forward, Forward)
    return [f"ex-{forward.command}", *forward.arguments]


def ran(*argv: str, cwd: Path, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(argv, cwd=cwd, input=given, capture_output=True, text=True, check=False, timeout=120)


RUN = {
    "-c wf.json": "-- wf.json",
    "--config=wf.json --parallel --workers 4": "--parallel --workers=4 -- wf.json",
    "--sequential": "--sequential -- jobs_config.json",
    "--dry-run": "--dry-run -- jobs_config.json",
    "--skip a,b --skip c": "--skip=a --skip=b --skip=c -- jobs_config.json",
    "--env A=1": "--env=A=1 -- jobs_config.json",
    "--env A=1,B=2": "--env=A=1 --env=B=2 -- jobs_config.json",
    "--env A=1,2,3": "--env=A=1,2,3 -- jobs_config.json",
    "--env A=1,B=2,3": "--env=A=1,B=2,3 -- jobs_config.json",
    "--continue-on-error": "--continue-on-error -- jobs_config.json",
    "--resume-from 12": "--resume=12 -- jobs_config.json",
    "--resume-from 12 --resume-failed-only": "--resume=12 --failed-only -- jobs_config.json",
    "--visible": "--show-env -- jobs_config.json",
    "--debug": "--verbose -- jobs_config.json",
    "--verbose": "--verbose -- jobs_config.json",
    "--quiet --color never --dry-run": "--quiet --color=never --dry-run -- jobs_config.json",
}
HISTORY = {
    "--list-runs": "list",
    "--list-runs nightly --limit 5": "list --application=nightly --limit=5",
    "--list-runs --limit 5": "list --limit=5",
    "--show-run 12": "show 12",
}


@pytest.mark.parametrize(("legacy", "today"), RUN.items())
def test_runs(legacy: str, today: str) -> None:
    assert translated(*legacy.split()) == ["ex-run", *today.split()]


@pytest.mark.parametrize(("legacy", "today"), HISTORY.items())
def test_history(legacy: str, today: str) -> None:
    assert translated(*legacy.split()) == ["ex-history", *today.split()]


def test_mark_success_never_asks_and_keeps_the_reason() -> None:
    assert translated("--mark-success", "-r", "12", "-j", "a,b", "-c", "x.json", "--reason", "done by hand") == [
        "ex-history",
        "mark-success",
        "--yes",
        "--reason=done by hand",
        "--",
        "12",
        "a",
        "b",
    ]


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        ("--list-runs --show-run 3", "does not go with"),
        ("--list-runs --parallel", "--parallel does not go with --list-runs"),
        ("--limit 3", "--limit means nothing without --list-runs"),
        ("-r 3", "-r means nothing without --mark-success"),
        ("--mark-success -r 3", "--mark-success needs -j"),
        ("--mark-success -j a", "--mark-success needs -r"),
        ("--resume-failed-only", "--resume-failed-only needs the run to resume"),
        ("--sample-config --dry-run", "--dry-run does not go with --sample-config"),
    ],
)
def test_what_makes_no_sense_is_refused(argv: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        translated(*argv.split())
    assert said in caught.value.message
    assert caught.value.mend


@pytest.mark.parametrize("flag", ["--sample-config", "--simple-config"])
def test_samples_are_valid_documents_and_nothing_else(flag: str, tmp_path: Path) -> None:
    printed = ran("executioner", flag, cwd=tmp_path)
    assert (printed.returncode, printed.stderr) == (0, "")
    assert json.loads(printed.stdout)["jobs"]
    checked = ran("ex-validate", "--check", "--strict", cwd=tmp_path, given=printed.stdout)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


@pytest.mark.parametrize("flag", ["--sample-config", "--simple-config"])
def test_samples_run(flag: str, tmp_path: Path) -> None:
    (tmp_path / "jobs_config.json").write_text(ran("executioner", flag, cwd=tmp_path).stdout)
    result = ran("executioner", "--parallel", "--workers", "2", cwd=tmp_path)
    assert result.returncode == 0, result.stderr


def test_the_flags_of_the_original_from_start_to_resume(tmp_path: Path) -> None:
    document = {
        "application_name": "legacy",
        "jobs": [
            {"id": "a", "command": 'echo "$A and $B" > a.txt'},
            {"id": "b", "command": "test -e mended", "dependencies": ["a"]},
            {"id": "c", "command": "touch c.txt", "dependencies": ["b"]},
            {"id": "d", "command": "exit 9"},
        ],
    }
    (tmp_path / "wf.json").write_text(json.dumps(document))
    first = ran("executioner", "-c", "wf.json", "--skip", "d", "--env", "A=1,B=2", "--parallel", cwd=tmp_path)
    assert first.returncode == 1, first.stderr
    assert (tmp_path / "a.txt").read_text() == "1 and 2\n"
    assert not (tmp_path / "c.txt").exists()

    listed = ran("executioner", "--list-runs", "legacy", "--limit", "1", cwd=tmp_path)
    assert listed.returncode == 0, listed.stderr
    assert "legacy" in listed.stdout

    (tmp_path / "mended").touch()
    again = ran("executioner", "-c", "wf.json", "--resume-from", "1", "--skip", "d", cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert (tmp_path / "c.txt").exists()

    marked = ran("executioner", "--mark-success", "-r", "1", "-j", "d", cwd=tmp_path)
    assert marked.returncode == 0, marked.stderr
    shown = ran("executioner", "--show-run", "1", cwd=tmp_path)
    assert shown.returncode == 0, shown.stderr
    assert "marked with executioner --mark-success" in shown.stdout


def test_a_dry_run_of_the_original(tmp_path: Path) -> None:
    (tmp_path / "wf.json").write_text('{"jobs": [{"id": "only_job", "command": "touch started"}]}')
    result = ran("executioner", "-c", "wf.json", "--dry-run", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "only_job" in result.stdout + result.stderr
    assert not (tmp_path / "started").exists()


def test_an_unknown_flag_names_the_nearest_and_where_they_are_listed(tmp_path: Path) -> None:
    result = ran("executioner", "--continue-on-eror", cwd=tmp_path)
    assert result.returncode == 2
    assert result.stderr == (
        "executioner: error: no such option '--continue-on-eror'\n"
        "  mend: did you mean --continue-on-error? see 'executioner help flags'\n"
    )
