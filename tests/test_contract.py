"""The contract that every tool keeps, rule by rule, tool by tool; real processes, real terminals."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exlib.commands import contract
from exlib.errors import UsageError
from exlib.launch import COMMANDS

TOOLS = [f"ex-{name}" for name in COMMANDS]
READERS = ["ex-validate", "ex-filter", "ex-fmt", "ex-merge", "ex-optimize", "ex-run", "ex-visualize", "ex-convert"]
"""Tools that take a document."""
FILTERS = ["ex-validate", "ex-filter", "ex-merge", "ex-optimize", "ex-convert"]
"""Tools that pass one on."""
DOCUMENT = (
    b'{"jobs": [\n  {"id": "a", "command": "true"},\n  {"id": "b", "command": "true", "dependencies": ["a"]}\n]}\n'
)
CYCLE = b'{"jobs": [{"id": "a", "command": "true", "dependencies": ["a"]}]}'
ESCAPE = b"\x1b["


def ran(*argv: str, data: bytes = b"", environ: dict[str, str] | None = None, **more: Any) -> Any:
    settings = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more}
    return subprocess.run(argv, input=data, env={**os.environ, **(environ or {})}, check=False, timeout=120, **settings)


def shell(line: str, cwd: Path, data: bytes = b"") -> Any:
    return ran("bash", "-c", line, data=data, cwd=cwd)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A directory with a sound document and one that waits for itself."""
    (tmp_path / "nightly.json").write_bytes(DOCUMENT)
    (tmp_path / "cycle.json").write_bytes(CYCLE)
    return tmp_path


@pytest.mark.parametrize("tool", READERS)
@pytest.mark.parametrize("data", [b"", b" \n\t\n"], ids=["nothing", "blanks"])
@pytest.mark.parametrize("argv", [[], ["-"]], ids=["no FILE", "-"])
def test_empty_stdin_means_that_the_stage_before_failed(tool: str, argv: list[str], data: bytes, place: Path) -> None:
    result = ran(tool, *argv, data=data, cwd=place)
    assert (result.returncode, result.stdout) == (3, b"")
    assert result.stderr == f"{tool}: error: standard input is empty: the stage before this one failed\n".encode()


@pytest.mark.parametrize("tool", READERS)
def test_no_file_at_a_terminal_is_short_help_and_2(tool: str, place: Path) -> None:
    master, slave = pty.openpty()
    try:
        result = subprocess.run([tool], stdin=slave, capture_output=True, cwd=place, timeout=60, check=False)
    finally:
        os.close(master)
        os.close(slave)
    assert (result.returncode, result.stdout) == (2, b"")
    assert result.stderr.startswith(f"Usage: {tool} ".encode())
    assert f"'{tool} --help'".encode() in result.stderr
    assert len(result.stderr.splitlines()) < 8


@pytest.mark.parametrize("tool", READERS)
def test_a_missing_file_names_the_nearest(tool: str, place: Path) -> None:
    result = ran(tool, "nigthly.json", cwd=place)
    assert (result.returncode, result.stdout) == (2, b"")
    assert b"nigthly.json" in result.stderr
    assert b"no such file or directory" in result.stderr
    assert b"nightly.json" in result.stderr


@pytest.mark.parametrize("tool", READERS)
def test_a_directory_is_no_document(tool: str, place: Path) -> None:
    result = ran(tool, ".", cwd=place)
    assert (result.returncode, result.stdout) == (2, b"")
    assert b"is a directory" in result.stderr


@pytest.mark.parametrize("tool", [*READERS, "ex-plan"])
@pytest.mark.parametrize("lines", [1, 3])
def test_a_stream_of_events_is_no_document(tool: str, lines: int, place: Path) -> None:
    argv = ["--events", "events.jsonl", "--log-dir", "logs", "--db", "h.db"]
    assert ran("ex-run", "-q", *argv, "nightly.json", cwd=place).returncode == 0
    stream = (place / "events.jsonl").read_bytes().splitlines(keepends=True)
    (place / "some.jsonl").write_bytes(b"".join(stream[:lines]))
    result = ran(tool, "some.jsonl", cwd=place)
    assert (result.returncode, result.stdout) == (2, b"")
    assert b"stream of events" in result.stderr
    assert (b"--events FILE" if tool == "ex-visualize" else b"ex-analyze-logs FILE") in result.stderr


@pytest.mark.parametrize("tool", READERS)
@pytest.mark.parametrize("data", [b"{", b"[]", b'{"jobs": NaN}', b"\xff\xfe{\x00", b"hello"])
def test_what_is_not_a_document_is_refused_with_its_place(tool: str, data: bytes, place: Path) -> None:
    result = ran(tool, data=data, cwd=place)
    assert (result.returncode, result.stdout) == (2, b"")
    assert result.stderr.startswith(b"<stdin>:1:")


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("wrong", ["--quite", "--no-such-option-at-all"])
def test_an_unknown_option_is_2_and_names_the_nearest(tool: str, wrong: str, place: Path) -> None:
    result = ran(tool, wrong, data=DOCUMENT, cwd=place)
    assert (result.returncode, result.stdout) == (2, b"")
    assert result.stderr.startswith(f"{tool}: error: no such option '{wrong}'\n  mend: ".encode())
    assert (b"did you mean" in result.stderr and b"--quiet" in result.stderr) == (wrong == "--quite")
    assert f"see '{tool} --help'".encode() in result.stderr


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("option", ["--color", "--verbose=1"])
def test_a_misused_option_is_2(tool: str, option: str, place: Path) -> None:
    result = ran(tool, option, data=DOCUMENT, cwd=place)
    assert (result.returncode, result.stdout) == (2, b"")
    assert result.stderr.startswith(f"{tool}: error: ".encode())


@pytest.mark.parametrize(
    ("options", "environ", "coloured"),
    [
        ([], {}, False),
        (["--color", "always"], {}, True),
        (["--color", "never"], {"FORCE_COLOR": "1"}, False),
        ([], {"FORCE_COLOR": "1"}, True),
        ([], {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        (["--color", "always"], {"NO_COLOR": "1"}, True),
        ([], {"NO_COLOR": "", "FORCE_COLOR": ""}, False),
    ],
)
@pytest.mark.parametrize("tool", READERS)
def test_colour(tool: str, options: list[str], environ: dict[str, str], coloured: bool, place: Path) -> None:
    result = ran(tool, *options, "absent.json", environ=environ, cwd=place)
    assert result.returncode == 2
    assert (ESCAPE in result.stderr) is coloured


@pytest.mark.parametrize("tool", READERS)
@pytest.mark.parametrize("term", ["xterm", "dumb"])
def test_a_terminal_is_coloured_unless_it_is_dumb(tool: str, term: str, place: Path) -> None:
    master, slave = pty.openpty()
    result = ran(tool, "absent.json", environ={"TERM": term}, cwd=place, stderr=slave)
    os.close(slave)
    said = os.read(master, 10_000)
    os.close(master)
    assert result.returncode == 2
    assert (ESCAPE in said) is (term == "xterm")


@pytest.mark.parametrize("tool", FILTERS)
def test_output_goes_to_a_file_instead_of_stdout(tool: str, place: Path) -> None:
    direct = ran(tool, "nightly.json", cwd=place)
    filed = ran(tool, "nightly.json", "-o", "out.json", cwd=place)
    assert direct.returncode == filed.returncode == 0
    assert filed.stdout == b""
    assert (place / "out.json").read_bytes() == direct.stdout == DOCUMENT


@pytest.mark.parametrize("tool", FILTERS)
def test_output_may_be_the_input(tool: str, place: Path) -> None:
    result = ran(tool, "nightly.json", "-o", "nightly.json", cwd=place)
    assert result.returncode == 0
    assert (place / "nightly.json").read_bytes() == DOCUMENT


@pytest.mark.parametrize(
    ("tool", "options"), [("ex-validate", []), ("ex-validate", ["--strict"]), ("ex-filter", ["--pattern", "zzz*"])]
)
def test_failure_leaves_stdout_empty_and_the_output_file_as_it_was(tool: str, options: list[str], place: Path) -> None:
    (place / "out.json").write_text("before")
    (place / "out.json").chmod(0o640)
    direct = ran(tool, *options, "cycle.json", cwd=place)
    filed = ran(tool, *options, "cycle.json", "-o", "out.json", cwd=place)
    assert direct.returncode == filed.returncode == 1
    assert direct.stdout == filed.stdout == b""
    assert (place / "out.json").read_text() == "before"
    assert sorted(path.name for path in place.iterdir()) == ["cycle.json", "nightly.json", "out.json"]


@pytest.mark.parametrize("tool", FILTERS)
def test_output_keeps_the_mode_and_the_link_and_leaves_no_temporary_file(tool: str, place: Path) -> None:
    (place / "real.json").write_text("before")
    (place / "real.json").chmod(0o640)
    (place / "link.json").symlink_to("real.json")
    assert ran(tool, "nightly.json", "-o", "link.json", cwd=place).returncode == 0
    assert (place / "link.json").is_symlink()
    assert (place / "real.json").read_bytes() == DOCUMENT
    assert (place / "real.json").stat().st_mode & 0o777 == 0o640
    assert not [path.name for path in place.iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize("tool", FILTERS)
@pytest.mark.parametrize("target", ["absent/out.json", "."])
def test_output_that_cannot_be_written_is_74(tool: str, target: str, place: Path) -> None:
    if (tool, target) == ("ex-convert", "."):
        target = "nightly.json/"  # a directory is where it writes the files of a result
    result = ran(tool, "nightly.json", "-o", target, cwd=place)
    assert (result.returncode, result.stdout) == (74, b"")
    assert f"cannot write {target}: ".encode() in result.stderr


@pytest.mark.parametrize("tool", FILTERS)
def test_output_to_a_pipe_or_device_is_written_through(tool: str, place: Path) -> None:
    result = shell(f"{tool} nightly.json -o /dev/stdout", place)
    assert (result.returncode, result.stdout) == (0, DOCUMENT)


@pytest.mark.parametrize("tool", FILTERS)
@pytest.mark.parametrize(
    ("where", "said"), [(">/dev/full", "no space left on device"), (">&-", "it is closed")], ids=["full", "closed"]
)
def test_stdout_that_takes_nothing_is_74(tool: str, where: str, said: str, place: Path) -> None:
    result = shell(f"{tool} nightly.json {where}", place)
    assert result.returncode == 74
    assert result.stderr == f"{tool}: error: cannot write to standard output: {said}\n".encode()


@pytest.mark.parametrize("tool", READERS)
def test_closed_stdin_is_empty_stdin(tool: str, place: Path) -> None:
    result = shell(f"{tool} <&-", place)
    assert (result.returncode, result.stdout) == (3, b"")


@pytest.mark.parametrize("tool", READERS)
def test_closed_stderr_changes_no_exit_code(tool: str, place: Path) -> None:
    assert shell(f"{tool} nightly.json 2>&-", place).returncode == 0
    assert shell(f"{tool} absent.json 2>&-", place).returncode == 2


@pytest.mark.parametrize("tool", FILTERS)
def test_a_filter_whose_reader_left_dies_of_sigpipe(tool: str, place: Path) -> None:
    jobs = [{"id": f"job_{number}", "command": "true", "description": "x" * 200} for number in range(2_000)]
    (place / "long.json").write_text(json.dumps({"jobs": jobs}))
    result = shell(f"{tool} long.json | true; echo ${{PIPESTATUS[0]}}", place)
    assert (result.stdout, result.stderr) == (b"141\n", b"")


def test_a_run_whose_reader_left_finishes_its_jobs(place: Path) -> None:
    jobs = [{"id": f"job_{number}", "command": f"touch done_{number}"} for number in range(20)]
    (place / "long.json").write_text(json.dumps({"jobs": jobs}))
    result = shell("ex-run --quiet --events - long.json | true; echo ${PIPESTATUS[0]}", place)
    assert result.stdout == b"0\n"
    assert len(list(place.glob("done_*"))) == 20


def test_a_run_whose_stderr_left_finishes_its_jobs(place: Path) -> None:
    jobs = [{"id": f"job_{number}", "command": f"touch done_{number}"} for number in range(20)]
    (place / "long.json").write_text(json.dumps({"jobs": jobs}))
    result = shell("{ ex-run long.json; echo $? >code; } 2>&1 | true; cat code", place)
    assert result.stdout == b"0\n"
    assert len(list(place.glob("done_*"))) == 20


def test_the_pipe_fails_as_a_whole_when_a_stage_fails(place: Path) -> None:
    result = shell("ex-validate cycle.json | ex-filter --pattern '*' | ex-run; echo ${PIPESTATUS[@]}", place)
    assert result.stdout == b"1 3 3\n"


@pytest.mark.parametrize("tool", TOOLS)
def test_version_is_one_line(tool: str, place: Path) -> None:
    result = ran(tool, "--version", cwd=place)
    assert (result.returncode, result.stderr) == (0, b"")
    assert len(result.stdout.splitlines()) == 1
    assert result.stdout.startswith(f"{tool} ".encode())


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=60) | st.text(alphabet='{}[]":,0eE\\u\x00jobs id', max_size=60).map(str.encode))
@pytest.mark.parametrize("tool", FILTERS)
def test_no_input_makes_a_bug(tool: str, data: bytes, place: Path) -> None:
    result = ran(tool, data=data, cwd=place)
    assert result.returncode in (1, 2, 3)
    assert result.stdout == b""
    assert b"a bug of ours" not in result.stderr


@pytest.mark.parametrize(
    ("wanted", "output", "form"),
    [
        (None, "-", "text"),
        (None, "x.html", "html"),
        (None, "x.HTM", "html"),
        (None, "x.json", "json"),
        ("json", "x.html", "json"),
        (None, "report", "text"),
        (None, "x.backup", "text"),
        (None, "/dev/stdout", "text"),
        (None, "/dev/fd/3", "text"),
        (None, "..", "text"),
    ],
)
def test_the_format_is_said_or_told_by_the_name(wanted: str | None, output: str, form: str) -> None:
    assert contract.chosen_format(wanted, output, ["text", "json", "html"]) == form


def test_a_name_that_tells_another_format_is_refused() -> None:
    with pytest.raises(UsageError, match=r"x\.png") as refused:
        contract.chosen_format(None, "x.png", ["text", "json"])
    assert ".txt, .json" in str(refused.value.mend)
    with pytest.raises(UsageError):
        contract.chosen_format(None, "x.jpeg", ["text"], strict=True)


def declared(name: str) -> Iterator[tuple[str, click.Command]]:
    """A tool's command and those below it."""
    command: click.Command = import_module(f"exlib.commands.{name.replace('-', '_')}").command
    yield str(command.name), command
    if isinstance(command, click.Group):
        yield from ((f"{command.name} {below}", inner) for below, inner in command.commands.items())


@pytest.mark.parametrize("module", [*COMMANDS, "executioner"])
def test_options_keep_their_meaning_in_every_tool(module: str) -> None:
    for name, command in declared(module):
        assert command.help or command.short_help
        options = {
            flag: option for option in command.params if isinstance(option, click.Option) for flag in option.opts
        }
        for flag, option in options.items():
            assert option.help, f"{name} {flag} has no help"
        if " " not in name:
            assert {"-q", "--quiet", "-v", "--verbose", "--color", "--version"} <= options.keys()
        if "--format" in options:
            assert isinstance(options["--format"].type, click.Choice)
        if "-o" in options:
            assert options["-o"] is options["--output"]
            assert options["-o"].metavar == "FILE"
