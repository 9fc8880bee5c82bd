"""Pictures by Graphviz: both ways to it, and an end to it whatever it does."""

from __future__ import annotations

import os
import re
import select
import sys
import time
from pathlib import Path

import pytest

from exlib.errors import AnswerNo, UsageError
from exlib.render import plot
from exlib.render.plot import plotted
from tests.corpus import place, wfformat
from tests.render.pictures import DIAMOND, chain, picture, workflow

BEGINNINGS = {"svg": b"<?xml", "png": b"\x89PNG\r\n", "pdf": b"%PDF-"}
SMALL = picture(workflow(DIAMOND), critical=True)


def only(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if way not in plot.ways():
        pytest.skip(f"no Graphviz by way of {way}")
    monkeypatch.setattr(plot, "ways", lambda: [way])


@pytest.mark.parametrize("form", plot.FORMATS)
def test_a_picture_from_the_wheel(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    only("wheel", monkeypatch)
    assert plotted(SMALL, form).product.startswith(BEGINNINGS[form])


@pytest.mark.parametrize("form", plot.FORMATS)
def test_a_picture_from_a_program_called_dot(form: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # Whether the system has one or not: this one is asked by the graphviz package as the real one would be.
    if "system" in plot.ways():
        assert plotted(SMALL, form).product.startswith(BEGINNINGS[form])
    stand_in(tmp_path, monkeypatch, f'echo "$@" >{tmp_path}/args; cat >{tmp_path}/dot; echo picture')
    assert plotted(SMALL, form).product == b"picture\n"
    assert f"-T{form}" in (tmp_path / "args").read_text()
    assert '"prepare" -> "left"' in (tmp_path / "dot").read_text()


def stand_in(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """A ``dot`` on PATH that does what the script says, and no other Graphviz."""
    program = folder / "bin" / "dot"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    monkeypatch.setattr(plot, "ways", lambda: ["system"])


def test_what_takes_too_long_is_ended_with_all_that_it_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "alive")
    stand_in(tmp_path, monkeypatch, f"exec 3>{tmp_path}/alive; sleep 600 & sleep 600")
    reader = os.open(tmp_path / "alive", os.O_RDONLY | os.O_NONBLOCK)
    begun = time.monotonic()
    with pytest.raises(AnswerNo, match=r"4 boxes and 4 arrows after 1\.0s") as refused:
        plotted(SMALL, "svg", limit=1.0)
    assert time.monotonic() - begun < 60
    assert "--collapse-prefix" in (refused.value.mend or "")
    assert select.select([reader], [], [], 30)[0], "somebody still holds the other side"
    assert os.read(reader, 1) == b""
    os.close(reader)


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo 'Error: no layout' >&2; exit 1", "no layout"),
        ("kill -SEGV $$", "could not draw"),
        ("exit 3", "could not"),
    ],
)
def test_what_fails_says_why(script: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(tmp_path, monkeypatch, script)
    with pytest.raises(AnswerNo, match=said):
        plotted(SMALL, "svg")


def test_a_broken_program_gives_way_to_the_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    only("wheel", monkeypatch)
    stand_in(tmp_path, monkeypatch, "exit 1")
    monkeypatch.setattr(plot, "ways", lambda: ["system", "wheel"])
    assert plotted(SMALL, "png").product.startswith(BEGINNINGS["png"])


def test_a_library_that_crashes_takes_nobody_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pygraphviz.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(plot, "ways", lambda: ["wheel"])
    with pytest.raises(AnswerNo, match="it was ended by SIGSEGV"):
        plotted(SMALL, "svg")


def test_without_graphviz_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plot, "ways", list)
    with pytest.raises(UsageError) as refused:
        plotted(SMALL, "svg")
    assert "executioner[viz]" in (refused.value.mend or "")


def test_the_modules_beside_the_plotter_stand_in_for_nothing() -> None:
    """``dot``, ``text`` or ``page`` could be imported for a package's module of that name, were they on its path."""
    assert "-P" in plot.argv_of("dot", "svg", "wheel", 60)
    assert plot.argv_of("dot", "svg", "wheel", 60)[0] == sys.executable


@pytest.mark.parametrize("path", place.documents("wfinstances"))
def test_recorded_workflows_are_drawn(path: Path) -> None:
    import json

    shown = picture(json.loads(wfformat.document(path)), critical=True, levels=True)
    svg = plotted(shown, "svg").product
    assert svg.count(b'class="node"') == len(shown.boxes) + len({box.level for box in shown.boxes})


def test_a_thousand_jobs_are_drawn_within_the_limit() -> None:
    jobs = {f"job_{n}": [f"job_{m}" for m in range(max(n - 7, 0), n, 2)] for n in range(1_000)}
    assert plotted(picture(workflow(jobs)), "svg").product.count(b'class="node"') == 1_000


def test_far_more_than_graphviz_lays_out_in_time_is_placed_by_us(monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = {f"job_{n}": [f"job_{m}" for m in {n * 7 % (n or 1), n // 2, n // 3} if m < n] for n in range(1_500)}
    for way in plot.ways():
        monkeypatch.setattr(plot, "ways", lambda way=way: [way])
        svg = plotted(picture(workflow(jobs), levels=True), "svg").product.decode()
        places = dict(re.findall(r"<title>(job_\d+)</title>\s*<path[^>]* d=\"(M[-\d.]+,[-\d.]+)", svg))
        assert len(places) == len(set(places.values())) == 1_500
        assert svg.count('class="edge"') > 1_500


def test_an_empty_and_a_long_one() -> None:
    assert plotted(picture({"jobs": []}), "svg").product.startswith(BEGINNINGS["svg"])
    assert plotted(picture(workflow(chain([f"j{n}" for n in range(120)]))), "pdf").product.startswith(BEGINNINGS["pdf"])


def test_a_png_that_few_programs_show_is_remarked_on(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = picture(workflow(chain(["a", "b"])))
    assert not plot.plotted(shown, "png").remark
    monkeypatch.setattr(plot, "LARGE", 1_000)
    assert re.fullmatch(r"a picture of \d+ by \d+ pixels, 0 MB: html and svg .*", plot.plotted(shown, "png").remark)
    assert not plot.plotted(shown, "svg").remark
