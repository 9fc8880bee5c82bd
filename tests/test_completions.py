"""Completions: what is committed is what the commands say today, and the shells take it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from exlib.completion.model import commands
from exlib.completion.shells import FILES
from exlib.launch import COMMANDS

ROOT = Path(__file__).resolve().parents[1]
DIRECTORY = ROOT / "completions"
TOOLS = [*(f"ex-{name}" for name in COMMANDS), "executioner"]
SYNTAX = {"executioner.bash": ["bash", "-n"], "_executioner": ["zsh", "-n"], "executioner.fish": ["fish", "-n"]}


@pytest.mark.parametrize("name", FILES)
def test_the_committed_file_is_what_the_commands_say(name: str) -> None:
    assert (DIRECTORY / name).read_text(encoding="utf-8") == FILES[name](commands()), "run 'make completions'"


def test_the_directory_holds_nothing_else() -> None:
    assert sorted(path.name for path in DIRECTORY.iterdir()) == sorted(FILES)


def test_every_shell_that_is_here_parses_its_file() -> None:
    parsed = []
    for name, command in SYNTAX.items():
        if shutil.which(command[0]):
            result = subprocess.run([*command, str(DIRECTORY / name)], capture_output=True, text=True, check=False)
            assert (result.returncode, result.stderr) == (0, ""), name
            parsed.append(name)
    assert "executioner.bash" in parsed


def complete(directory: Path, *words: str) -> list[str]:
    """What bash offers at the end of ``words``, the last of them being typed."""
    script = (
        f"source '{DIRECTORY}/executioner.bash'; COMP_WORDS=(\"$@\") COMP_CWORD=$(($# - 1)); "
        'entry=$(complete -p "$1") || exit 9; [[ $entry == *"-F _executioner"* ]] || exit 8; '
        '_executioner; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    result = subprocess.run(
        ["bash", "-c", script, "bash", *words], capture_output=True, text=True, check=True, cwd=directory
    )
    assert result.stderr == ""
    return [line for line in result.stdout.splitlines() if line]


@pytest.mark.parametrize("tool", TOOLS)
def test_bash_completes_every_tool(tool: str, tmp_path: Path) -> None:
    assert "--help" in complete(tmp_path, tool, "--")
    assert complete(tmp_path, tool, "--colo") == ["--color"]


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("ex-run", "--color", ""), ["auto", "always", "never"]),
        (("ex-run", "--color", "=", "al"), ["always"]),
        (("ex-run", "--color", "="), ["auto", "always", "never"]),
        (("ex-run", "--workers", ""), ["auto"]),
        (("ex-run", "-j", "a"), ["auto"]),
        (("ex-run", "--resume", ""), ["last"]),
        (("ex-run", "--timeout", ""), []),
        (("ex-history", "show", ""), ["last"]),
        (("ex-history", "--db", "x", "logs", "-f", "la"), ["last"]),
        (("ex-history", "logs", "last", "la"), []),
        (("executioner", "history", "show", "l"), ["last"]),
        (("ex-validate", "--explain", "E107"), ["E107"]),
        (("ex-validate", "--ignore", "E107"), []),
        (("ex-validate", "--format", "j"), ["json", "junit"]),
        (("ex-filter", "-o", ""), ["file.json", "folder"]),
        (("ex-validate", ""), ["file.json", "folder"]),
        (("ex-run", "--log-dir", ""), ["folder"]),
        (("executioner", ""), [*COMMANDS, "help"]),
        (("executioner", "va"), ["validate"]),
        (("executioner", "validate", "--form"), ["--format"]),
        (("executioner", "help", "r"), ["run"]),
        (("executioner", "--list"), ["--list-runs"]),
        (("executioner", "-c", "f"), ["file.json", "folder"]),
        (("executioner", "history", "mark"), ["mark-success"]),
        (("ex-history", "mark"), ["mark-success"]),
        (("ex-history", "mark-success", "--rea"), ["--reason"]),
        (("executioner", "history", "export", "--format", "jo"), ["joblog"]),
    ],
)
def test_bash_offers(words: tuple[str, ...], offered: list[str], tmp_path: Path) -> None:
    (tmp_path / "file.json").touch()
    (tmp_path / "folder").mkdir()
    assert sorted(complete(tmp_path, *words)) == sorted(offered)
