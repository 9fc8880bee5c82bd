"""The benchmark: every peer gets the same jobs, work that was not done is noticed, and it still runs."""

from __future__ import annotations

import ast
import json
import re
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path

import pytest

from bench import __main__ as command
from bench import curve, live
from bench.machine import environ
from bench.measure import Failed, Result, Run, Stand, TooLong, in_turns, run
from bench.page import keep
from bench.peers import PEERS, Peer
from bench.plot import Panel, svg
from bench.table import ABSENT, table
from bench.workloads import SHAPES, Workload

ANYWHERE = ("ex-run", "ninja", "make", "make with a log", "xargs")
"""What the test environment and the system bring."""
Jobs = dict[str, tuple[list[str], str]]


def of_json(text: str) -> Jobs:
    return {job["id"]: (job.get("dependencies", []), job["command"]) for job in json.loads(text)["jobs"]}


def of_python(text: str) -> Jobs:
    lists = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.List)]
    jobs = next(ast.literal_eval(node) for node in lists if len(node.elts) > 1)
    return {name: (needs, command) for name, needs, command in jobs}


def of_rules(pattern: str) -> Callable[[str], Jobs]:
    return lambda text: {
        name: (needs.replace(",", " ").split(), line) for name, needs, line in re.findall(pattern, text, re.MULTILINE)
    }


READ: dict[str, Callable[[str], Jobs]] = {
    "ex-run": of_json,
    "ninja": of_rules(r"^build (\w+): job(.*)\n  command_line = (.*)$"),
    "make": of_rules(r"^(j\d+):(.*)\n\t(.*)$"),
    "make with a log": of_rules(r"^(j\d+):(.*)\n\t\{ (.*); \} >logs/\1\.log .* echo \1 \$\$code"),
    "just": of_rules(r"^(j\d+):(.*)\n  @(.*)$"),
    "Task": of_rules(r"^  (j\d+):\n    deps: \[(.*)\]\n    cmds: \['(.*)'\]$"),
    "doit": of_python,
    "luigi": of_python,
    "GNU parallel": lambda text: {f"j{number}": ([], line) for number, line in enumerate(text.splitlines())},
}


def stand(name: str, workload: Workload, place: Path) -> Stand:
    return Stand(PEERS[name], workload, place, 2, environ(place))


@pytest.mark.parametrize(("shape", "wanted"), [("flat", []), ("chain", ["j58"]), ("layered", ["j9", "j10", "j11"])])
def test_a_job_needs_what_its_graph_says(shape: str, wanted: list[str]) -> None:
    jobs = {name: needs for name, needs, _ in Workload(shape, 60, "true")}
    assert list(jobs) == [f"j{number}" for number in range(60)]
    assert jobs["j59"] == wanted
    assert jobs["j0"] == []


def test_the_layered_graph_wraps_round() -> None:
    assert [needs for _, needs, _ in Workload("layered", 100, "true")][99] == ["j0", "j1", "j49"]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", READ)
def test_every_peer_gets_the_same_jobs(name: str, shape: str) -> None:
    workload = Workload(shape, 60, "cp")
    if PEERS[name].can(workload):
        wanted = {job: (needs, command) for job, needs, command in workload}
        assert READ[name](PEERS[name].write(workload)) == wanted


def test_no_peer_is_left_out() -> None:
    assert set(READ) | {"xargs"} == set(PEERS)
    assert PEERS["xargs"].write(Workload("flat", 2, "cp")) == "j0\nj1\n"


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", ANYWHERE)
def test_a_peer_does_the_work_twice(name: str, shape: str, tmp_path: Path) -> None:
    workload = Workload(shape, 10 if shape == "chain" else 55, "cp")
    if not PEERS[name].can(workload):
        return
    there = stand(name, workload, tmp_path)
    for _ in range(2):
        measured = there.run()
        assert 0 < measured.seconds < 60
        assert measured.peak > 1000


def false_peer(text: str) -> Peer:
    return Peer("false", "sh", lambda workload: text, lambda workload, workers: ["input"])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("cp small out/j0; cp small out/j1", "2 of 3 jobs ran"),
        ("cp small out/j1; sleep 0.02; cp small out/j0; cp small out/j2", "j1 ran before one of j0"),
        ("echo first; echo no way >&2; exit 3", "exit code 3: no way"),
        ("exit 1", "nothing was said"),
    ],
)
def test_work_that_was_not_done_is_noticed(text: str, words: str, tmp_path: Path) -> None:
    there = Stand(false_peer(text), Workload("chain", 3, "cp"), tmp_path, 2, environ(tmp_path))
    with pytest.raises(Failed, match=words):
        there.run()


def test_files_of_the_run_before_do_not_count(tmp_path: Path) -> None:
    there = Stand(
        false_peer("[ -e out/j0 ] || cp small out/j0"), Workload("flat", 1, "cp"), tmp_path, 2, environ(tmp_path)
    )
    there.run()
    with pytest.raises(Failed, match="0 of 1 jobs ran"):
        there.run()


def test_what_takes_too_long_is_ended_with_its_children(tmp_path: Path) -> None:
    with pytest.raises(TooLong):
        run(["sh", "-c", "sleep 60 & echo $! > child; wait"], tmp_path, environ(tmp_path), limit=0.5)
    child = Path("/proc", (tmp_path / "child").read_text().strip(), "stat")
    assert not child.exists() or child.read_text().rpartition(")")[2].split()[0] == "Z"


def test_the_peak_is_the_commands_not_the_benchmarks(tmp_path: Path) -> None:
    """The kernel counts what a child shares with its parent before the exec; this process is far larger than that."""
    large = [sys.executable, "-IS", "-c", "b'x' * 50_000_000"]
    assert 48 < run(large, tmp_path, environ(tmp_path)).peak / 1024 < 80
    assert run(["true"], tmp_path, environ(tmp_path)).peak / 1024 < 10


def timed(*seconds: float) -> Callable[[], Run]:
    left = iter(seconds)
    return lambda: Run(next(left), 2048, 0)


def test_the_first_round_is_not_counted() -> None:
    [result] = in_turns({"a": timed(9.0, 1.0, 3.0, 2.0)}, 3).values()
    assert [run.seconds for run in result.runs] == [1.0, 3.0, 2.0]
    assert result.seconds == 2.0


def test_what_is_slow_runs_twice_and_what_fails_once() -> None:
    results = in_turns({"slow": timed(30.0, 40.0), "failing": failing, "quick": timed(1, 1, 1, 1)}, 3)
    assert [len(result.runs) for result in results.values()] == [2, 0, 3]
    assert (results["failing"].word, results["failing"].reason) == ("fails", "exit code 1: no")


def failing() -> Run:
    raise Failed("exit code 1: no")


def test_commands_take_turns() -> None:
    called: list[str] = []

    def call(name: str) -> Callable[[], Run]:
        return lambda: called.append(name) or Run(1, 1, 0)  # type: ignore[func-returns-value]

    in_turns({name: call(name) for name in "ab"}, 2)
    assert "".join(called) == "ababab"


def test_the_table_has_medians_ratios_peaks_and_their_mean() -> None:
    def ran(*seconds: float) -> Result:
        return Result([Run(value, 3 * 1024, 0) for value in seconds])

    results = {
        Workload("flat", 1000, "true"): {"ex-run": ran(1, 2, 9), "ninja": ran(1), "just": Result(word="too long")},
        Workload("chain", 1000, "true"): {
            "ex-run": ran(16),
            "ninja": ran(2),
            "just": Result(word="fails", reason="why"),
        },
    }
    text = table(results, ["ex-run", "ninja", "just", "xargs"])
    lines = [line.split(maxsplit=1) for line in text.splitlines() if line]
    rows = {line[0]: " ".join(line[-1].split()) for line in reversed(lines)}
    assert rows["1,000"] == "jobs flat, true chain, true peak MiB"
    assert "1,000 jobs: 4.00   (2.00 to 8.00)" in text
    assert rows["ex-run"] == "2.000 ×2.00 16.000 ×8.00* 3"
    assert rows["xargs"] == f"{ABSENT.word} {ABSENT.word}"
    assert rows["just,"] == "chain-1000-true: why"


def test_figures_are_kept_between_their_comments(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- it -->\nold\n<!-- end of it -->\nafter\n")
    keep("it", "    new", page)
    keep("it", "    newer", page)
    assert page.read_text() == "before\n<!-- it -->\n\n    newer\n\n<!-- end of it -->\nafter\n"
    with pytest.raises(ValueError, match="has no <!-- other -->"):
        keep("other", "text", page)


def test_the_pages_have_the_comments() -> None:
    for page, name in ((Path(command.__file__).with_name("README.md"), "the table"), (curve.PAGE, "the curve")):
        text = page.read_text(encoding="utf-8")
        assert text.index(f"<!-- {name} -->\n") < text.index(f"<!-- end of {name} -->\n")


def test_the_plot_is_well_formed_and_inside_its_panels() -> None:
    text = svg("A & B", [Panel("cost", "ms", {"ex-run": [(1000, 0.8), (100_000, 7.3)], "ninja": [(1000, 0.4)]})])
    root = ElementTree.fromstring(text)
    dots = [(float(dot.get("cx", "")), float(dot.get("cy", ""))) for dot in root.iter() if dot.tag.endswith("circle")]
    assert len(dots) == 3
    assert all(28 < x < 872 and 78 <= y <= 260 for x, y in dots)
    assert dots[1][0] > dots[0][0]
    assert dots[1][1] < dots[0][1] < dots[2][1]


def test_the_whole_of_it_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small = ["--jobs", "10", "--runs", "1", "--graphs", "flat", "--program", "cp", "--in", str(tmp_path)]
    assert command.main([*small, "--peers", *ANYWHERE]) == 0
    out = capsys.readouterr().out
    for name in ANYWHERE:
        assert re.search(rf"^{name} +\d\.\d+ ×\d+\.\d\d +\d+$", out, re.MULTILINE), out
    assert re.search(r"ex-run, one job +\d\.\d{3}", out)
    assert not list(tmp_path.iterdir())


def test_the_curve_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert curve.main(["--jobs", "10", "30", "--runs", "1", "--in", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert re.search(r"^ +30 +\d+\.\d{3} +\d+\.\d{3} +\d+\.\d\d +\d+\.\d\d +\d+ +\d+$", out, re.MULTILINE), out
    assert re.search(r"start to the first of 30 jobs: [0-9.]+ s", out)


def test_the_live_view_is_measured_on_a_terminal(tmp_path: Path) -> None:
    document = tmp_path / "flat.json"
    document.write_text(PEERS["ex-run"].write(Workload("flat", 3, "true")))
    variables = {**environ(tmp_path), "EX_DB": str(tmp_path / "history.db")}
    _, shown = live.on_a_terminal(["ex-run", str(document)], tmp_path, variables)
    _, quiet = live.on_a_terminal(["ex-run", "-q", str(document)], tmp_path, variables)
    assert shown > 0 == quiet
    with pytest.raises(Failed, match="exit code 2"):
        live.on_a_terminal(["ex-run", "nowhere.json"], tmp_path, variables)


def test_what_would_take_too_long_by_its_time_for_fewer_jobs_is_not_begun() -> None:
    def taking(seconds: float) -> Result:
        return Result(runs=[Run(seconds, 0, 0.0)])

    results = {
        Workload("flat", 100, "true"): {"ex-run": taking(1.0), "luigi": taking(12.1), "just": Result(word="fails")}
    }
    assert command._hopeless(Workload("flat", 1000, "true"), results) == {"luigi"}
    assert command._hopeless(Workload("flat", 900, "true"), results) == set()
    assert command._hopeless(Workload("chain", 1000, "true"), results) == set()
