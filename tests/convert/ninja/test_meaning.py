"""What ninja leaves behind and what the import leaves behind are the same files."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from exlib.convert.account import Account
from exlib.convert.ninja.reader import read
from exlib.convert.source import Source
from exlib.convert.wishes import Wishes
from tests.convert.converting import exported, files_of, run_document

FILES = {
    "a.c": "a\n", "b b.c": "b\n", "list.txt": "x\n",
    "inner/sub.ninja": "mode = inner\nrule show\n  command = echo $mode $outer > $out\nbuild inner.txt: show\n",
    "more.ninja": "mode = changed\nbuild more.txt: copy a.c\n",
}  # fmt: skip

RUNNABLE = {
    "files": """
rule copy
  command = cp $in $out
  description = COPY $out
rule cat
  command = cat $in > $out
build obj/a.o: copy a.c | list.txt
build obj/b$ b.o: copy b$ b.c || obj/a.o
build prog: cat obj/a.o obj/b$ b.o
default prog
""",
    "scopes": """
outer = o
mode = top
rule copy
  command = cp $in $out && echo $mode $extra ${mode}x $$HOME_NOT >> $out
include more.ninja
subninja inner/sub.ninja
build own.txt: copy a.c
  mode = own
  extra = $mode more
build last.txt: copy a.c
  extra = end
""",
    "implicit outputs and phony": """
rule two
  command = echo 1 > one && echo 2 > two && echo ran >> log
rule cat
  command = cat $in one two > $out
build one | two: two
build both: phony one two
build x$:y: cat a.c | both
build all: phony x$:y
default all
""",
    "response files and validations": """
rule respond
  command = cat $rspfile $in > $out
  rspfile = $out.rsp
  rspfile_content = it's $in_newline $out
rule check
  command = echo checked > $out
  pool = console
pool slow
  depth = 2
build r: respond a.c list.txt |@ valid
  pool = slow
build valid: check a.c
default r
""",
    "lines that go on": """
words = one $
    two $
    three
rule say
  command = echo $words '$$(not)' && $
      echo again > $out
build said: say
""",
}


def folder_of(path: Path, text: str) -> Path:
    for name, content in FILES.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(content)
    (path / "build.ninja").write_text(text)
    return path


def document_of(folder: Path, *targets: str, name: str = "build.ninja") -> dict[str, object]:
    source = Source((folder / name).read_bytes(), str(folder / name))
    return read(source, Wishes(targets=targets), Account())[0].data()


def ninja(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["ninja", *arguments], cwd=folder, capture_output=True, text=True, check=False)


def left_in(folder: Path) -> dict[str, bytes]:
    return {name: content for name, content in files_of(folder).items() if not name.startswith(".ninja")}


@pytest.fixture
def two(tmp_path: Path) -> tuple[Path, Path]:
    (tmp_path / "made").mkdir()
    (tmp_path / "run").mkdir()
    return tmp_path / "made", tmp_path / "run"


@pytest.mark.parametrize("name", RUNNABLE)
def test_ninja_and_ex_run_leave_the_same_files(name: str, two: tuple[Path, Path]) -> None:
    for folder in two:
        folder_of(folder, RUNNABLE[name])
    done = ninja(two[0])
    assert done.returncode == 0, done.stdout
    run = run_document(document_of(two[1]), two[1])
    assert run.returncode == 0, run.stderr
    assert left_in(two[0]) == left_in(two[1])
    assert len(left_in(two[0])) > len(FILES) + 1


@pytest.mark.parametrize("name", RUNNABLE)
def test_the_import_written_for_ninja_leaves_them_too(name: str, two: tuple[Path, Path]) -> None:
    for folder in two:
        folder_of(folder, RUNNABLE[name])
    assert ninja(two[0]).returncode == 0
    written = exported(document_of(two[1]), "ninja")[0][0].content
    (two[1] / "again.txt").write_text(str(written))
    done = ninja(two[1], "-f", "again.txt")
    assert done.returncode == 0, done.stdout + done.stderr
    (two[1] / "again.txt").unlink()
    assert left_in(two[0]) == left_in(two[1])


@pytest.mark.parametrize("name", RUNNABLE)
def test_import_export_import_is_a_fixed_point(name: str, tmp_path: Path) -> None:
    folder = folder_of(tmp_path, RUNNABLE[name])
    first = document_of(folder)
    written = exported(first, "ninja")[0][0].content
    (folder / "again.txt").write_text(str(written))
    again = document_of(folder, name="again.txt")
    assert again == first
    assert exported(again, "ninja")[0][0].content == written


def test_what_is_up_to_date_is_left_alone_and_what_is_not_is_made(two: tuple[Path, Path]) -> None:
    text = (
        RUNNABLE["files"]
        .replace("cp $in $out", "cp $in $out && echo $out >> log")
        .replace("cat $in", "echo prog >> log; cat $in")
    )
    for folder in two:
        folder_of(folder, text.replace(" || obj/a.o", " | obj/a.o"))
    document = document_of(two[1])
    for again in ("", "list.txt", "prog"):
        for folder in two:
            if again == "prog":
                (folder / again).unlink()
            elif again:
                (folder / again).write_text("new\n")
        assert ninja(two[0]).returncode == 0
        assert run_document(document, two[1]).returncode == 0
        assert left_in(two[0]) == left_in(two[1]), again
    assert (two[1] / "log").read_text().count("\n") == 3 + 3 + 1
