from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from exlib.errors import InputError
from exlib.plugins.checks import CHECKS, run_bound, run_instantly
from exlib.plugins.verdict import PluginContext, Verdict
from exlib.workflow import Check


def run(name: str, cwd: Path, env: Mapping[str, str] | None = None, /, **params: Any) -> Verdict:
    return run_bound(CHECKS[name], params, PluginContext(env or {}, str(cwd)))


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs/clean.log").write_text("SQL> select 1\n1 row selected\n")
    (tmp_path / "logs/ora.log").write_text("SQL> select\n\nORA-00942: table or view does not exist\nORA-2\n")
    (tmp_path / "logs/sp2.log").write_text('SP2-0310: unable to open file "x.sql"\n')
    (tmp_path / "empty").touch()
    return tmp_path


@pytest.mark.parametrize(
    ("name", "params", "message"),
    [
        ("check_file_exists", {"path": "logs/clean.log"}, "logs/clean.log exists"),
        ("check_file_exists", {"path": "logs/*.log"}, "logs/clean.log exists"),
        ("check_file_exists", {"path": "empty"}, "empty exists"),
        ("check_file_not_empty", {"path": "logs/clean.log"}, "logs/clean.log holds 29 bytes"),
        ("check_file_not_empty", {"path": "logs/?????.log"}, "logs/clean.log holds 29 bytes"),
        ("check_file_not_empty", {"path": "logs/*"}, "3 files hold 126 bytes, none is empty"),
        ("check_no_ora_errors", {"log_file": "logs/clean.log"}, "no line has ORA- in logs/clean.log"),
        ("check_no_ora_errors", {"log_file": "logs/[cs]*.log"}, "no line has ORA- in 2 files"),
        ("check_no_ora_errors", {"log_file": "empty"}, "no line has ORA- in empty"),
        ("check_no_ora_or_sp2_errors", {"log_file": "logs/c*"}, "no line has ORA- or SP2- in logs/clean.log"),
        ("check_pattern", {"path": "logs/clean.log", "pattern": r"\d rows?"}, "logs/clean.log:2: 1 row selected"),
        ("check_pattern", {"log_file": "logs/[co]*.log", "pattern": "^SQL"}, "each of 2 files matches /^SQL/"),
        ("check_no_pattern", {"path": "logs/*", "pattern": "(?i)fatal"}, "no line has /(?i)fatal/ in 3 files"),
        (
            "check_no_pattern",
            {"path": "logs/clean.log", "pattern": "^select"},
            "no line has /^select/ in logs/clean.log",
        ),
    ],
)
def test_a_check_that_passes(logs: Path, name: str, params: dict[str, Any], message: str) -> None:
    assert run(name, logs, **params) == Verdict(True, message)


@pytest.mark.parametrize(
    ("name", "params", "message"),
    [
        ("check_file_exists", {"path": "none.log"}, "no file is called none.log in {cwd}"),
        ("check_file_exists", {"path": "/none/x.log"}, "no file is called /none/x.log"),
        ("check_file_exists", {"path": "none*.log"}, "no file matches none*.log in {cwd}"),
        ("check_file_exists", {"path": "logs"}, "logs is a directory, not a file"),
        ("check_file_exists", {"path": ""}, "the path is empty"),
        ("check_file_exists", {"path": "~/x"}, "no file ~/x: ~ is not expanded here, write ${{HOME}}"),
        ("check_file_exists", {"path": "${{NO}}/x"}, "no file ${{NO}}/x: NO is not set in the job's environment"),
        ("check_file_not_empty", {"path": "empty"}, "empty is empty"),
        ("check_file_not_empty", {"path": "none"}, "no file is called none in {cwd}"),
        ("check_no_ora_errors", {"log_file": "logs/*.log"}, "logs/ora.log:3: ORA-00942: table or view does not exist"),
        ("check_no_ora_errors", {"log_file": "logs/*.txt"}, "no file matches logs/*.txt in {cwd}"),
        ("check_no_ora_errors", {"log_file": "logs"}, "logs is a directory, not a file"),
        (
            "check_no_ora_or_sp2_errors",
            {"log_file": "logs/s*"},
            'logs/sp2.log:1: SP2-0310: unable to open file "x.sql"',
        ),
        ("check_no_ora_or_sp2_errors", {"log_file": "no"}, "no file is called no in {cwd}"),
        ("check_pattern", {"path": "logs/*.log", "pattern": "^SQL"}, "logs/sp2.log: no line matches /^SQL/"),
        ("check_pattern", {"path": "no*", "pattern": "x"}, "no file matches no* in {cwd}"),
        ("check_no_pattern", {"path": "logs/clean.log", "pattern": "row"}, "logs/clean.log:2: 1 row selected"),
        ("check_no_pattern", {"path": "no", "pattern": "x"}, "no file is called no in {cwd}"),
    ],
)
def test_a_check_that_does_not_pass(logs: Path, name: str, params: dict[str, Any], message: str) -> None:
    given = {key: value.replace("{{", "{").replace("}}", "}") for key, value in params.items()}
    assert run(name, logs, **given) == Verdict(False, message.format(cwd=logs))


@pytest.mark.parametrize(
    ("name", "params", "message"),
    [
        ("check_file_exists", {}, 'parameter "path" is missing'),
        ("check_file_exists", {"pth": "x"}, 'parameter "pth" is unknown (did you mean "path"?)'),
        ("check_file_exists", {"path": 7}, 'parameter "path" must be a string, got 7'),
        ("check_no_ora_errors", {"path": "x"}, 'parameter "path" is unknown (it takes "log_file")'),
        ("check_pattern", {"path": "x"}, 'parameter "pattern" is missing'),
        ("check_pattern", {"pattern": "x"}, 'parameter "path" is missing'),
        ("check_pattern", {"pattern": "x", "path": "a", "log_file": "a"}, "two names of one parameter"),
        ("check_no_pattern", {"pattern": "(", "path": "a"}, "not a regular expression: missing ), unterminated"),
        ("check_command", {"command": "true", "expect_exit_code": True}, "must be an integer, got True"),
        ("check_command", {"command": "true", "expect_output": "["}, "not a regular expression"),
        ("check_disk_space", {"path": "."}, "how much space is required is missing"),
        ("check_disk_space", {"min_percent": 101}, "out of range: 101"),
        ("check_disk_space", {"min_gb": "5"}, "must be a number, got '5'"),
    ],
)
def test_wrong_parameters_are_told_and_do_not_pass(
    tmp_path: Path, name: str, params: dict[str, Any], message: str
) -> None:
    verdict = run(name, tmp_path, **params)
    assert not verdict.passed
    assert message in verdict.message


def test_variables_are_expanded_and_what_they_make_is_judged(logs: Path) -> None:
    env = {"DIR": str(logs / "logs"), "NAME": "clean", "BAD": "("}
    assert run("check_no_ora_errors", logs, env, log_file="${DIR}/${NAME}.log").passed
    assert not run("check_no_ora_errors", logs, env, log_file="${DIR}/*.log").passed
    broken = run("check_pattern", logs, env, path="empty", pattern="${BAD}")
    assert "not a regular expression" in broken.message


def test_a_name_with_glob_characters_means_that_file_too(tmp_path: Path) -> None:
    (tmp_path / "run[1].log").write_text("ORA-1\n")
    assert run("check_file_exists", tmp_path, path="run[1].log").passed
    assert not run("check_no_ora_errors", tmp_path, log_file="run[1].log").passed


def test_a_directory_with_glob_characters_is_taken_as_it_is(tmp_path: Path) -> None:
    cwd = tmp_path / "[x]*"
    cwd.mkdir()
    (cwd / "a.log").write_text("fine\n")
    assert run("check_no_ora_errors", cwd, log_file="*.log") == Verdict(True, "no line has ORA- in a.log")


def test_links_are_followed_and_a_broken_one_is_named(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("x")
    (tmp_path / "good").symlink_to("real")
    (tmp_path / "bad").symlink_to("gone")
    assert run("check_file_exists", tmp_path, path="good").passed
    assert run("check_file_exists", tmp_path, path="bad").message == "bad is a symbolic link to nothing"
    assert run("check_no_ora_errors", tmp_path, log_file="*d").message == "bad is a symbolic link to nothing"


def test_a_pipe_or_socket_is_never_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.chdir(tmp_path)  # the name of a socket may have only about 100 bytes
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")
        for name in ("pipe", "socket"):
            expected = Verdict(False, f"{name} is a device, pipe or socket, not a file")
            assert run("check_no_ora_errors", tmp_path, log_file=name) == expected
            assert run("check_file_exists", tmp_path, path=name) == expected


def test_a_line_is_shown_printable_and_cut(tmp_path: Path) -> None:
    (tmp_path / "x.log").write_bytes(b"\x1b[31mORA-1\x07" + b"y" * 10_000)
    message = run("check_no_ora_errors", tmp_path, log_file="x.log").message
    assert message.startswith("x.log:1: \\x1b[31mORA-1\\x07yyy")
    assert len(message) < 300


def test_disk_space_is_compared_with_what_the_file_system_says(tmp_path: Path) -> None:
    room = os.statvfs(tmp_path)
    free_gb = room.f_bavail * room.f_frsize / (1 << 30)
    assert run("check_disk_space", tmp_path, min_gb=free_gb / 2, min_mb=1, min_percent=0).passed
    assert "GB are required" in run("check_disk_space", tmp_path, min_gb=free_gb * 2).message
    assert "MB are required" in run("check_disk_space", tmp_path, min_mb=free_gb * 2048, min_gb=0).message
    assert "100 % are required" in run("check_disk_space", tmp_path, min_percent=100).message
    missing = run("check_disk_space", tmp_path, path="none", min_gb=0)
    assert missing == Verdict(False, f"cannot ask for the free space of {tmp_path}/none: no such file or directory")


def test_instant_checks_run_in_this_process_and_others_refuse(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    assert run_instantly(Check("check_file_exists", {"path": "${N}"}), env={"N": "a"}, cwd=str(tmp_path)).passed
    for name in ("check_no_ora_errors", "check_command", "check_unheard_of"):
        with pytest.raises(InputError, match=name):
            run_instantly(Check(name, {}), env={}, cwd=str(tmp_path))


def test_only_what_is_answered_at_once_is_instant() -> None:
    instant = {name for name, kind in CHECKS.items() if kind.instant}
    assert instant == {"check_file_exists", "check_file_not_empty", "check_disk_space", "check_allowed"}


@pytest.mark.parametrize("allowed", ["all", "load", "test, load", "load,test"])
def test_what_a_person_allows_passes(tmp_path: Path, allowed: str) -> None:
    found = run("check_allowed", tmp_path, {"EX_ALLOW": allowed, "EX_JOB_ID": "load"}, reason="by hand")
    assert found == Verdict(True, "EX_ALLOW allows it: by hand")


@pytest.mark.parametrize("allowed", ["", "loa", "load2", "alle", "load all"])
def test_nothing_else_allows_a_job(tmp_path: Path, allowed: str) -> None:
    found = run("check_allowed", tmp_path, {"EX_ALLOW": allowed, "EX_JOB_ID": "load"}, reason="if: ${X} is unknown")
    assert found == Verdict(False, "if: ${X} is unknown; EX_ALLOW=load lets it run")


def test_a_job_that_inherits_nothing_can_be_allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EX_ALLOW", "load")
    assert run("check_allowed", tmp_path, {"EX_JOB_ID": "load"}, reason="by hand").passed
    assert not run("check_allowed", tmp_path, {"EX_JOB_ID": "loads"}, reason="by hand").passed
    assert not run("check_allowed", tmp_path, {"EX_JOB_ID": "load", "EX_ALLOW": "other"}, reason="by hand").passed


def test_a_job_whose_id_holds_a_comma_or_a_blank_can_be_allowed(tmp_path: Path) -> None:
    env = {"EX_JOB_ID": "a, b"}
    assert run("check_allowed", tmp_path, env, reason="by hand").message == "by hand; EX_ALLOW='a, b' lets it run"
    assert run("check_allowed", tmp_path, {**env, "EX_ALLOW": "a, b"}, reason="by hand").passed
