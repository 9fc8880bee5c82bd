"""The boundary: which tool runs, and what every way of failing says and returns."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from exlib.launch import COMMANDS

ROOT = Path(__file__).resolve().parents[1]
LAUNCHERS = sorted((ROOT / "bin").iterdir())

EXPLODING = '''
import os, signal, sys
import click
from exlib.commands import contract
from exlib.errors import AnswerNo, InputError, StorageError

@contract.tool("ex-explode")
@click.argument("how")
@click.option("--size", type=int)
@click.option("--dry-run", is_flag=True)
def command(console, how, size, dry_run):
    """A tool that fails as it is told to."""
    match how:
        case "bug": raise RuntimeError("the moon is out")
        case "recursion": deep(0)
        case "no": raise AnswerNo("nothing matched", mend="try another pattern")
        case "input": raise InputError("not JSON", place="x.json:1:2")
        case "storage": raise StorageError("cannot write x")
        case "interrupt": os.kill(os.getpid(), signal.SIGINT)
        case "write-little": contract.write_output("little")
        case "write": contract.write_output(b"x" * 100_000)
        case "abort": raise click.Abort
        case "import": import no_such_module
        case "memory": raise MemoryError
        case "seven": return 7
        case "fine": return None
        case "descriptors":
            with open(__file__) as opened:
                assert opened.fileno() > 2, opened.fileno()

def deep(n): return deep(n + 1)
'''


@pytest.fixture
def explode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The command line of a tool that lives in a directory of its own, leaves its files there and fails as told."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    (tmp_path / "explode.py").write_text(EXPLODING)
    program = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); import exlib.commands; "
        f"exlib.commands.__path__.append({str(tmp_path)!r}); from exlib.launch import main; "
        "sys.exit(main(['ex-explode', *sys.argv[1:]]))"
    )
    return [sys.executable, "-c", program]


def ran(argv: list[str], **settings: object) -> subprocess.CompletedProcess[str]:
    given: dict[str, object] = {"stdin": subprocess.DEVNULL, "timeout": 60, **settings}
    return subprocess.run(argv, capture_output=True, text=True, check=False, **given)  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("how", "code", "said"),
    [
        ("no", 1, "ex-explode: error: nothing matched\n  mend: try another pattern\n"),
        ("input", 2, "x.json:1:2: error: not JSON\n"),
        ("storage", 74, "ex-explode: error: cannot write x\n"),
        ("interrupt", 130, ""),
        ("abort", 130, ""),
        ("seven", 7, ""),
        ("fine", 0, ""),
        ("descriptors", 0, ""),
    ],
)
def test_how_a_failure_is_told(explode: list[str], how: str, code: int, said: str) -> None:
    result = ran([*explode, how])
    assert (result.returncode, result.stderr, result.stdout) == (code, said, "")


@pytest.mark.parametrize("how", ["bug", "recursion", "import", "memory"])
def test_a_bug_leaves_a_traceback_in_a_file_and_none_on_the_terminal(
    explode: list[str], how: str, tmp_path: Path
) -> None:
    result = ran([*explode, how])
    assert result.returncode == 70
    assert "Traceback" not in result.stderr
    assert result.stderr.startswith("ex-explode: error: a bug of ours: ")
    [file] = re.findall(r"please report it with (\S+)", result.stderr)
    assert Path(file).parent == tmp_path
    assert Path(file).read_text().startswith("Traceback (most recent call last)")
    assert Path(file).stat().st_mode & 0o077 == 0


def test_a_bug_without_a_place_for_the_traceback_is_told_all_the_same(explode: list[str]) -> None:
    nowhere = "import tempfile; tempfile.tempdir = '/nonexistent'; "
    result = ran([explode[0], "-c", nowhere + explode[2], "bug"])
    assert result.returncode == 70
    assert result.stderr.startswith("ex-explode: error: a bug of ours: RuntimeError: the moon is out\n  mend: ")
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["fine", "--dryrun"], "ex-explode: error: no such option '--dryrun'\n  mend: did you mean --dry-run? see"),
        (["fine", "--zzz"], "ex-explode: error: no such option '--zzz'\n  mend: see 'ex-explode --help'\n"),
        (["fine", "--size", "x"], "invalid value for '--size': 'x' is not a valid integer\n"),
        (["fine", "--size"], "ex-explode: error: option '--size' requires an argument\n"),
        (["fine", "more"], "ex-explode: error: got unexpected extra argument (more)\n"),
        ([], "ex-explode: error: missing argument 'HOW'\n"),
    ],
)
def test_a_wrong_command_line_is_told_in_our_words(explode: list[str], argv: list[str], said: str) -> None:
    result = ran([*explode, *argv])
    assert (result.returncode, result.stdout) == (2, "")
    assert said in result.stderr
    assert "see 'ex-explode --help'" in result.stderr


@pytest.mark.parametrize("unbuffered", [False, True])
@pytest.mark.parametrize(
    ("argv", "what"),
    [(["write"], "to standard output"), (["write-little"], "to standard output"), (["fine", "--help"], "")],
    ids=" ".join,
)
def test_a_full_disk_under_stdout_is_told(
    explode: list[str], argv: list[str], what: str, unbuffered: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONUNBUFFERED", "1" if unbuffered else "")
    with open("/dev/full", "w") as full:
        result = subprocess.run([*explode, *argv], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert result.returncode == 74
    assert result.stderr.startswith(f"ex-explode: error: cannot write {what}")
    assert result.stderr.endswith(": no space left on device\n")
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("unbuffered", [False, True])
def test_a_full_disk_under_the_overview_is_told(unbuffered: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONUNBUFFERED", "1" if unbuffered else "")
    with open("/dev/full", "w") as full:
        result = subprocess.run(["executioner"], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert result.returncode == 74
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("closing", "how", "code", "said"),
    [
        (">&-", "write", 74, "ex-explode: error: cannot write to standard output: it is closed\n"),
        (">&-", "descriptors", 0, ""),
        ("<&-", "descriptors", 0, ""),
        ("<&- >&-", "descriptors", 0, ""),
        ("2>&-", "no", 1, ""),
        ("<&- >&- 2>&-", "descriptors", 0, ""),
        ("<&- >&- 2>&-", "bug", 70, ""),
    ],
)
def test_closed_descriptors(explode: list[str], closing: str, how: str, code: int, said: str) -> None:
    result = ran(["bash", "-c", f'"$@" {closing}', "bash", *explode, how])
    assert (result.returncode, result.stderr) == (code, said)


def test_a_stderr_that_nobody_reads_changes_no_exit_code(explode: list[str]) -> None:
    with open("/dev/full", "w") as full:
        result = subprocess.run([*explode, "no"], stdout=subprocess.PIPE, stderr=full, check=False)
    assert (result.returncode, result.stdout) == (1, b"")


def test_a_filter_dies_of_sigpipe(explode: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as pipe:
        result = subprocess.run([*explode, "write"], stdout=pipe, stderr=subprocess.PIPE, check=False)
    assert (result.returncode, result.stderr) == (-signal.SIGPIPE, b"")


def test_an_interrupt_while_reading_stdin_is_130() -> None:
    """Ctrl-C at a tool that waits for its input: no traceback, the interrupted code."""
    reader, writer = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-c", _ANNOUNCE, str(ROOT)],
        stdin=reader,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"reading\n"
    for _ in range(30):
        process.send_signal(signal.SIGINT)  # it is lost on a process that is about to read, but does not yet
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=1)
            break
    _, said = process.communicate(timeout=30)
    os.close(reader)
    os.close(writer)
    assert (process.returncode, said) == (130, b"")


_ANNOUNCE = """
import sys
sys.path[0] = sys.argv[1]
from exlib.commands.contract import reading
from exlib.launch import main
read = reading.read_bytes
def announce(file):
    print("reading", flush=True)
    return read(file)
reading.read_bytes = announce
sys.exit(main(["ex-validate"]))
"""


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("option", ["-h", "--help", "--version"])
def test_three_ways_to_each_tool(name: str, option: str) -> None:
    direct = ran([f"ex-{name}", option])
    umbrella = ran(["executioner", name, option])
    module = ran([sys.executable, "-m", "exlib", name, option], cwd=ROOT)
    assert direct.returncode == umbrella.returncode == module.returncode == 0
    assert direct.stderr == umbrella.stderr == ""
    assert umbrella.stdout == module.stdout
    if option == "--version":
        assert umbrella.stdout == direct.stdout
    else:
        assert umbrella.stdout.startswith(f"Usage: executioner {name} ")
        assert direct.stdout.startswith(f"Usage: ex-{name} ")
        assert ran(["executioner", "help", name]).stdout == umbrella.stdout


def test_the_table_names_every_command_module() -> None:
    modules = {path.stem for path in (ROOT / "exlib" / "commands").glob("*.py")}
    assert modules - {"__init__", "contract", "executioner"} == {name.replace("-", "_") for name in COMMANDS}
    assert {path.name for path in LAUNCHERS} == {"executioner", *(f"ex-{name}" for name in COMMANDS)}


def test_launchers_are_identical_short_and_executable() -> None:
    assert len({path.read_bytes() for path in LAUNCHERS}) == 1
    assert len(LAUNCHERS[0].read_text().splitlines()) <= 12
    assert all(os.access(path, os.X_OK) for path in LAUNCHERS)


def test_a_launcher_works_through_a_symbolic_link_from_anywhere(tmp_path: Path) -> None:
    (tmp_path / "ex-validate").symlink_to(ROOT / "bin" / "ex-validate")
    result = ran([str(tmp_path / "ex-validate"), "--version"], cwd=tmp_path)
    assert (result.returncode, result.stderr) == (0, "")


def test_a_checkout_without_an_environment_says_what_to_do(tmp_path: Path) -> None:
    checkout = tmp_path / "check out"
    shutil.copytree(ROOT / "exlib", checkout / "exlib", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "bin", checkout / "bin")
    bare = tmp_path / "bare"
    bare.mkdir()
    (bare / "python3").write_text(f'#!/bin/sh\nexec "{sys.executable}" -S -I "$@"\n')
    (bare / "python3").chmod(0o755)
    result = ran(
        [str(checkout / "bin" / "ex-run"), "--help"], env={"PATH": f"{bare}:/usr/bin:/bin", "HOME": str(tmp_path)}
    )
    assert result.returncode == 2
    assert result.stderr.endswith("has no click\n  mend: run 'make demo' in the checkout first\n")
    assert len(result.stderr.splitlines()) == 2
    (checkout / ".venv" / "bin").mkdir(parents=True)
    (checkout / ".venv" / "bin" / "python").symlink_to("/where/this/user/may/not/go")
    result = ran(
        [str(checkout / "bin" / "ex-run"), "--help"], env={"PATH": f"{bare}:/usr/bin:/bin", "HOME": str(tmp_path)}
    )
    assert result.returncode == 2
    assert f"this user cannot use {checkout}/.venv, and " in result.stderr
    assert "make demo" not in result.stderr


def test_no_file_of_the_current_directory_is_imported(tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('the wrong json')")
    (tmp_path / "exlib").mkdir()
    (tmp_path / "exlib" / "__init__.py").write_text("raise SystemExit('the wrong exlib')")
    result = ran(["ex-validate", "--version"], cwd=tmp_path)
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.parametrize("tool", ["ex-validate", "ex-run"])
def test_a_removed_current_directory_is_told(tool: str, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    document = '{"jobs": [{"id": "a", "command": "true", "working_dir": "x"}]}'
    result = ran(["bash", "-c", f"cd '{gone}' && rmdir '{gone}' && echo '{document}' | {tool}"])
    assert result.returncode == 2
    assert result.stderr.endswith(
        f"{tool}: error: the current directory does not exist any more\n  mend: go to one that does\n"
    )


def test_help_goes_down_to_the_verbs() -> None:
    wanted = ran(["executioner", "history", "list", "--help"])
    assert wanted.returncode == 0
    assert wanted.stdout.startswith("Usage: executioner history list ")
    assert ran(["executioner", "help", "history", "list"]).stdout == wanted.stdout
