"""Which commands are started directly, which go to a shell, and which cannot be started."""

from __future__ import annotations

from pathlib import Path

import pytest

from exlib.engine.command import DEFAULT_SHELL, argv_for
from exlib.engine.executor import CannotStart

ENV = {"PATH": "/usr/bin:/bin"}


@pytest.mark.parametrize("command", ["ls", "ls -l  /tmp", "cp --target-directory=/tmp a,b c:d e@f x%y"])
def test_plain_words_need_no_shell(command: str) -> None:
    program, *words = argv_for(command, DEFAULT_SHELL, ENV, "/")
    assert program.startswith("/")
    assert words == command.split()[1:]


@pytest.mark.parametrize(
    "command",
    ["echo -e x", "A=1 ls", "ls *", "ls $HOME", "ls ~", "ls > x", "ls; ls", "ls &", "if true", "cd /tmp", "ls 'a'",
     "a\tb", "ls\nls", "no-such-program-x", "! ls", "ls #x", "time ls", "exit 3", " ls"],
)  # fmt: skip
def test_what_a_shell_could_read_differently_goes_to_the_shell(command: str) -> None:
    assert argv_for(command, DEFAULT_SHELL, ENV, "/") == ("/bin/sh", "-c", command)


def test_without_a_shell_quotes_hold_words_together() -> None:
    assert argv_for("ls 'a b' \"c\"", None, ENV, "/")[1:] == ("a b", "c")
    for command, reason in [("ls 'a", "cannot be split"), ("  ", "is empty"), ("no-such-program-x", "no such program")]:
        with pytest.raises(CannotStart, match=reason):
            argv_for(command, None, ENV, "/")


def test_another_shell_is_looked_up_and_must_be_there() -> None:
    program, *words = argv_for("x | y", ("bash", "-eu", "-c"), ENV, "/")
    assert program.endswith("/bash")
    assert words == ["-eu", "-c", "x | y"]
    with pytest.raises(CannotStart, match="the shell /no/sh does not exist"):
        argv_for("x", ("/no/sh", "-c"), ENV, "/")


def test_relative_programs_and_path_entries_start_at_the_jobs_directory(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    for path in (tmp_path / "here", tmp_path / "bin" / "there"):
        path.write_text("")
        path.chmod(0o755)
    assert argv_for("./here", DEFAULT_SHELL, ENV, str(tmp_path))[0] == f"{tmp_path}/./here"
    assert argv_for("there", DEFAULT_SHELL, {"PATH": "bin"}, str(tmp_path))[0] == f"{tmp_path}/bin/there"
