"""The shell's answer to whether a file is current."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from exlib.convert.shell.current import newer_line, unless_current, unless_there

NAMES = ["plain", "-n", "(x", "a b", "it's", "$x", "!", "d/e"]


def runs(line: str, folder: Path) -> bool:
    """Whether what stands behind the line is run."""
    done = subprocess.run(["sh", "-c", f"{line}\necho ran"], cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout.endswith("ran\n")


def aged(folder: Path, name: str, seconds: int) -> None:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.touch()
    os.utime(path, ns=(1_000_000_000, (1 + seconds) * 1_000_000_000))


@pytest.mark.parametrize("target", NAMES)
@pytest.mark.parametrize("need", NAMES)
def test_nothing_is_run_where_nothing_is_newer(target: str, need: str, tmp_path: Path) -> None:
    if target == need:
        return
    line = unless_current([target], [need])
    aged(tmp_path, need, 0)
    assert runs(line, tmp_path)
    aged(tmp_path, target, 0)
    assert not runs(line, tmp_path)
    aged(tmp_path, need, 1)
    assert runs(line, tmp_path)
    aged(tmp_path, target, 2)
    assert not runs(line, tmp_path)
    (tmp_path / need).unlink()
    assert runs(line, tmp_path)


def test_each_of_several_outputs_counts(tmp_path: Path) -> None:
    line = unless_current(["a", "b"], [])
    aged(tmp_path, "a", 0)
    assert runs(line, tmp_path)
    aged(tmp_path, "b", 0)
    assert not runs(line, tmp_path)


def test_a_missing_file_fails(tmp_path: Path) -> None:
    assert not runs(unless_there("it's"), tmp_path)
    aged(tmp_path, "it's", 0)
    assert runs(unless_there("it's"), tmp_path)


def test_what_is_newer_is_named(tmp_path: Path) -> None:
    for name, age in (("a", 0), ("b", 2), ("t", 1)):
        aged(tmp_path, name, age)
    line = f'{newer_line("t", ["a", "b"])}; echo "$newer"'
    assert subprocess.run(["sh", "-c", line], cwd=tmp_path, capture_output=True, text=True, check=True).stdout == "b\n"
    (tmp_path / "t").unlink()
    assert (
        subprocess.run(["sh", "-c", line], cwd=tmp_path, capture_output=True, text=True, check=True).stdout == "a b\n"
    )


def test_what_lies_in_a_directory_does_not_count(tmp_path: Path) -> None:
    aged(tmp_path, "folder/inner", 9)
    aged(tmp_path, "t", 5)
    os.utime(tmp_path / "folder", (1, 1))
    assert not runs(unless_current(["t"], ["folder"]), tmp_path)
