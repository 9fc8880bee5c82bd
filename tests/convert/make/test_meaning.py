"""What make leaves behind and what the import leaves behind are the same files."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from exlib.convert.account import Account
from exlib.convert.make.reader import read
from exlib.convert.source import Source
from exlib.convert.wishes import Wishes
from tests.convert.converting import exported, files_of, run_document
from tests.convert.make.makefiles import FILES, RUNNABLE


def folder_of(path: Path, makefile: str) -> Path:
    for name, text in FILES.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text)
    (path / "Makefile").write_text(makefile)
    return path


def document_of(folder: Path, *targets: str, name: str = "Makefile") -> dict[str, object]:
    source = Source((folder / name).read_bytes(), str(folder / name))
    return read(source, Wishes(targets=targets), Account())[0].data()


def make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["make", *arguments], cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def two(tmp_path: Path) -> tuple[Path, Path]:
    (tmp_path / "made").mkdir()
    (tmp_path / "run").mkdir()
    return tmp_path / "made", tmp_path / "run"


@pytest.mark.parametrize("name", RUNNABLE)
def test_make_and_ex_run_leave_the_same_files(name: str, two: tuple[Path, Path]) -> None:
    for folder in two:
        folder_of(folder, RUNNABLE[name])
    assert make(two[0]).returncode == 0
    done = run_document(document_of(two[1]), two[1])
    assert done.returncode == 0, done.stderr
    assert files_of(two[0]) == files_of(two[1])
    assert len(files_of(two[0])) > len(FILES) + 1


@pytest.mark.parametrize("name", RUNNABLE)
def test_the_import_written_as_a_makefile_leaves_them_too(name: str, two: tuple[Path, Path]) -> None:
    for folder in two:
        folder_of(folder, RUNNABLE[name])
    assert make(two[0]).returncode == 0
    written = exported(document_of(two[1]), "make")[0][0].content
    assert isinstance(written, str)
    (two[1] / "again.txt").write_text(written)
    done = make(two[1], "-f", "again.txt")
    assert done.returncode == 0, done.stderr
    (two[1] / "again.txt").unlink()
    assert files_of(two[0]) == files_of(two[1])


@pytest.mark.parametrize("name", RUNNABLE)
def test_import_export_import_is_a_fixed_point(name: str, tmp_path: Path) -> None:
    folder = folder_of(tmp_path, RUNNABLE[name])
    first = document_of(folder)
    written = exported(first, "make")[0][0].content
    (folder / "again.txt").write_text(str(written))
    again = document_of(folder, name="again.txt")
    assert again == first
    assert exported(again, "make")[0][0].content == written


def test_what_is_up_to_date_is_left_alone_and_what_is_not_is_made(two: tuple[Path, Path]) -> None:
    text = RUNNABLE["patterns"] + "\nprog: log\nlog: ; echo log > $@\n"
    for folder in two:
        folder_of(
            folder, text.replace("cp $< $@;", "cp $< $@; echo $@ >> ran;").replace("cat $^", "echo $@ >> ran; cat $^")
        )
    document = document_of(two[1])
    for again in ("", "b.c", "prog", "log"):
        for folder in two:
            if again and folder.joinpath(again).exists():
                folder.joinpath(again).unlink() if again != "b.c" else folder.joinpath(again).write_text("new\n")
        assert make(two[0]).returncode == 0
        assert run_document(document, two[1]).returncode == 0
        assert files_of(two[0]) == files_of(two[1]), again
    assert (two[0] / "ran").read_text().split() == ["a.o", "b.o", "prog", "b.o", "prog", "prog", "prog"]


@pytest.mark.parametrize("handed", ["x.h:", "x.h: y.h\ny.h:", "x.h: y.h"])
def test_a_file_whose_rule_says_nothing_is_as_old_as_it_is(handed: str, two: tuple[Path, Path]) -> None:
    text = f"x.o: x.c x.h\n\tcat x.c x.h > x.o; echo ran >> log\n{handed}\n"
    for folder in two:
        folder_of(folder, text)
        for at, name in enumerate(["x.c", "x.h", "y.h"]):
            (folder / name).write_text(name)
            os.utime(folder / name, (10**9 + at, 10**9 + at))
    document = document_of(two[1])
    for change in ("", "again", "x.h", "y.h", "x.c"):
        for folder in two:
            if (folder / change).is_file():
                os.utime(folder / change, (2 * 10**9, 2 * 10**9))
                os.utime(folder / "x.o", (2 * 10**9 - 9, 2 * 10**9 - 9))
        assert make(two[0]).returncode == 0
        assert run_document(document, two[1]).returncode == 0
        assert files_of(two[0]) == files_of(two[1]), change
        for folder in two:
            for name in ("x.c", "x.h", "y.h"):
                os.utime(folder / name, (10**9, 10**9))


def test_a_file_that_is_not_there_counts_as_made_each_time(two: tuple[Path, Path]) -> None:
    for folder in two:
        folder_of(folder, "out: FORCE\n\techo ran >> out\nFORCE:\n")
    document = document_of(two[1])
    for _ in range(2):
        assert make(two[0]).returncode == run_document(document, two[1]).returncode == 0
    assert files_of(two[0]) == files_of(two[1])
    assert (two[0] / "out").read_text() == "ran\nran\n"


def test_a_failure_stops_what_needs_it_and_keeps_its_exit_code(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "all: a ; touch never\na:\n\tfalse\n\ttouch never\n")
    done = run_document(document_of(folder), folder)
    assert done.returncode == 1
    assert not (folder / "never").exists()


def test_what_a_failed_recipe_left_is_deleted_where_make_would(two: tuple[Path, Path]) -> None:
    for folder in two:
        folder_of(folder, ".DELETE_ON_ERROR:\nall: t\nt: a.c\n\techo half > $@\n\tfalse\n")
    assert make(two[0]).returncode == 2
    assert run_document(document_of(two[1]), two[1]).returncode == 1
    assert files_of(two[0]) == files_of(two[1])


def test_a_file_that_nothing_makes_stops_the_job_as_it_stops_make(two: tuple[Path, Path]) -> None:
    for folder in two:
        folder_of(folder, ".PHONY: all\nall: group\n\ttouch never\ngroup: nowhere\n")
    assert make(two[0]).returncode == 2
    assert run_document(document_of(two[1]), two[1]).returncode == 1
    assert files_of(two[0]) == files_of(two[1])


def test_several_goals_are_made_in_their_order(two: tuple[Path, Path]) -> None:
    for folder in two:
        folder_of(folder, "x: y ; echo x >> out\ny: ; echo y >> out\nz: ; echo z >> out\n")
    assert make(two[0], "z", "x").returncode == 0
    assert run_document(document_of(two[1], "z", "x"), two[1]).returncode == 0
    assert files_of(two[0]) == files_of(two[1])
