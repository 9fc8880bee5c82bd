"""Documents of the original program's users, and recorded scientific workflows, through the real pipe."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.corpus import place, standins, wfformat
from tests.graphs import of_jobs

ROOT = Path(__file__).resolve().parents[1]


class Ran(NamedTuple):
    """What a pipe did: the exit code of each stage, how each job ended, everything said, and the jobs' logs."""

    codes: list[int]
    jobs: dict[str, str]
    said: str
    logs: dict[str, str]
    events: list[dict[str, Any]]


def pipe(line: str, cwd: Path, document: str | bytes, **environ: str) -> Ran:
    """Run a pipe of tools on a document at $DOC; ex-run of it takes $RUN, where history, logs and events go."""
    there = cwd.parent / "there"
    there.mkdir()
    (there / "doc.json").write_bytes(document if isinstance(document, bytes) else document.encode())
    names = {"DOC": f"{there}/doc.json", "RUN": f"--db {there}/db --log-dir {there}/logs --events {there}/events"}
    script = f"{line}\necho ${{PIPESTATUS[@]}} >&3"
    reading, writing = os.pipe()
    answer = subprocess.run(
        ["bash", "-c", f"exec 3>&{writing}\n{script}"],
        cwd=cwd,
        env={**os.environ, **names, **environ},
        pass_fds=[writing],
        capture_output=True,
        check=False,
    )
    os.close(writing)
    codes = [int(word) for word in os.fdopen(reading).read().split()]
    events = [json.loads(event) for event in _text(there / "events").splitlines()]
    jobs = {event["job"]: _ending(event) for event in events if event["event"] == "job_finished"}
    logs = {path.name.split(".")[0]: _text(path) for path in sorted((there / "logs").rglob("*.log"))}
    return Ran(codes, jobs, answer.stderr.decode(), logs, events)


def _text(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def _ending(event: dict[str, Any]) -> str:
    """One line for how a job ended: its status, the number of its attempts unless it is one, and why."""
    tries = f" x{event['attempts']}" if event["attempts"] > 1 else ""
    return " ".join(filter(None, [event["status"] + tries, event["reason"]]))


def after(status: str, chain: str) -> dict[str, str]:
    """The jobs of a chain, each skipped because of the one before; the first is named to begin with."""
    ids = chain.split()
    return {
        job: f'skipped its dependency "{before}" {"was skipped" if n else status}'
        for n, (before, job) in enumerate(itertools.pairwise(ids))
    }


def stopped(by: str, ids: str) -> dict[str, str]:
    return dict.fromkeys(ids.split(), f'cancelled not started: job "{by}" ended as failed')


def every(status: str, ids: str) -> dict[str, str]:
    return dict.fromkeys(ids.split(), status)


def differing(jobs: dict[str, str], expected: dict[str, str]) -> dict[str, tuple[str | None, str | None]]:
    """Jobs that did not end as expected; an expectation may leave the end of a reason unsaid, and name two endings."""
    return {
        job: (jobs.get(job), expected.get(job))
        for job in jobs.keys() | expected.keys()
        if job not in jobs or job not in expected or not jobs[job].startswith(tuple(expected[job].split(" | ")))
    }


PRS = " ".join(f"PR_10{n}" for n in "4699 4719 4739 4740 4681 4682 4180 4181 4221 4459 4460 4780 4781".split())
FAILED = "ended as failed"
NO_SCRIPT = "failed exit code 2"  # python3 cannot open it
NO_INPUT = "pre-check check_file_exists: no file is called input.sql in {place}"
FAILURES = {
    "success_job1": NO_SCRIPT,
    **after(FAILED, "success_job1 failure_job1 dependent_on_failed"),
    **stopped("success_job1", "success_job2 timeout_job"),
}
ELSEWHERE: dict[str, dict[str, str]] = {
    "96.0": {
        "critical_check": "failed exit code 1",
        **after(FAILED, f"critical_check {PRS} run_cmd_1 run_cmd_2"),
    },
    "basic_test": {"job4": NO_SCRIPT, **after(FAILED, "job4 job1 job2 job3")},
    "child_executioner": every("success", "echo_hello"),
    "failures_test": FAILURES,
    "failures_test_array": FAILURES,
    "failures_test_comma_string": FAILURES,
    "mark_success_test": {
        "extract_data": "success",
        "transform_data": "failed exit code 1",
        **after(FAILED, "transform_data validate_data load_to_warehouse generate_report send_notifications"),
    },
    "maximal_job_test": {"job1": f"failed x3 {NO_INPUT}"},
    "nested_executioner": {
        "echo_hello": "success",
        "echo_nested_executioner": "failed exit code 127",
        **after(FAILED, "echo_nested_executioner echo_goodbye"),
    },
    "parallel_failure_race_test": {
        **every("success", "will_succeed_1 will_succeed_2"),
        "will_fail_1": "failed exit code 1",
        **after(FAILED, "will_fail_1 depends_on_failure"),
        **after(FAILED, "will_fail_1 depends_on_mixed"),
        # Whether its dependencies or the failure come first is the race of the name.
        "depends_on_success": 'success | cancelled not started: job "will_fail_1" ended as failed',
    },
    "parallel_test": {
        **every(NO_SCRIPT, "independent_job1 independent_job2 independent_job3"),
        # Which of the three fails first is a race.
        "dependent_job1": 'skipped its dependency "independent_job1" ended as failed'
        ' | skipped its dependency "independent_job2" ended as failed'
        ' | cancelled not started: job "independent_job3" ended as failed',
        "dependent_job2": 'skipped its dependency "dependent_job1" was skipped'
        ' | skipped its dependency "independent_job3" ended as failed',
    },
    "prconfig.minimal": {
        "PR_104699": "failed exit code 127",
        **stopped("PR_104699", PRS.removeprefix("PR_104699")),
    },
    "retry_test_config": {"always_fail": "failed x6 exit code 1"},
    "shell_commands_test": every("success", "shell_pipe shell_redirect shell_and shell_var cleanup"),
    "test_env": every("success", "echo_global echo_job echo_cli"),
    "test_env_interpolation": every("success", "show_oracle_home show_all_paths test_circular"),
    "test_pre_post_checks": {"job1": f"failed {NO_INPUT}"},
    "test_shell_env_default": every("success", "test_default"),
}
"""How each document runs where its author's scripts and programs are absent."""
REFUSED = {
    "circular_deps_test": ["16:30: error E304: ", "circular dependency: job_a -> job_c -> job_b -> job_a"],
    "invalid_config_bad_types": ["5:13: error E203: ", "jobs must be a list of jobs"],
    "missing_deps_test": ["25:30: error E302: ", '"non_existent_job"', "35:38: error E302: ", '"another_missing_job"'],
}


@pytest.mark.parametrize("path", place.documents("executioner"))
def test_every_document_is_spoken_of(path: Path) -> None:
    assert (path.stem in ELSEWHERE) != (path.stem in REFUSED)


@pytest.mark.parametrize("name", ELSEWHERE)
def test_a_document_runs_elsewhere_and_fails_only_where_something_is_absent(name: str, tmp_path: Path) -> None:
    here = tmp_path / "here"
    here.mkdir()
    # One document writes to /tmp, where two tests at a time would meet.
    document = place.document("executioner", f"{name}.json").read_text().replace("/tmp/", f"{here}/")
    ran = pipe("ex-validate $DOC | ex-run -C . $RUN", here, document)
    expected = {job: ending.format(place=here) for job, ending in ELSEWHERE[name].items()}
    assert differing(ran.jobs, expected) == {}, ran.said
    assert ran.codes == [0, int(set(expected.values()) != {"success"})]
    assert "bug" not in ran.said
    assert ran.events[-1]["event"] == "run_finished"
    assert sum(ran.events[-1]["counts"].values()) == len(expected)


@pytest.mark.parametrize("name", REFUSED)
def test_a_document_is_refused_for_the_reason_that_its_name_states(name: str, tmp_path: Path) -> None:
    document = place.document("executioner", f"{name}.json").read_bytes()
    (tmp_path / "here").mkdir()
    ran = pipe("ex-validate $DOC | ex-run -C . $RUN", tmp_path / "here", document)
    assert ran.codes == [1, 3]
    assert [part for part in REFUSED[name] if part not in ran.said] == []
    assert (ran.jobs, ran.logs) == ({}, {})


@pytest.mark.parametrize("name", REFUSED)
def test_ex_run_alone_refuses_it_too(name: str, tmp_path: Path) -> None:
    document = place.document("executioner", f"{name}.json").read_bytes()
    (tmp_path / "here").mkdir()
    ran = pipe("ex-run -C . $RUN $DOC", tmp_path / "here", document)
    assert ran.codes == [2]
    assert [part for part in REFUSED[name] if part not in ran.said] == []
    assert (ran.jobs, ran.logs) == ({}, {})


AT_HOME: dict[str, tuple[str, dict[str, str]]] = {
    "96.0": ("--skip critical_check", every("success", f"{PRS} run_cmd_1 run_cmd_2")),
    "basic_test": ("", every("success", "job1 job2 job3 job4")),
    "failures_test": (
        "--continue-on-error",
        {
            **every("success", "success_job1 success_job2"),
            "failure_job1": "failed exit code 1",
            **after(FAILED, "failure_job1 dependent_on_failed"),
            "timeout_job": "timeout ran longer than its timeout of 1",
        },
    ),
    "maximal_job_test": ("", every("success", "job1")),
    "nested_executioner": ("", every("success", "echo_hello echo_nested_executioner echo_goodbye")),
    "parallel_test": (
        "",
        every("success", "independent_job1 independent_job2 independent_job3 dependent_job1 dependent_job2"),
    ),
    "prconfig.minimal": ("", every("success", PRS)),
    # Its command writes what its post-check must find.
    "test_pre_post_checks": ("", {"job1": "failed post-check check_no_ora_errors: ./logs/output.log:1: "}),
}
"""How documents run where the programs and scripts that they name are: by ex-run's further options."""


@pytest.mark.parametrize("name", AT_HOME)
def test_a_document_runs_to_the_end_with_the_programs_it_names(name: str, tmp_path: Path) -> None:
    path = place.document("executioner", f"{name}.json")
    home = tmp_path / "home"
    home.mkdir()
    standins.furnish(home, path.parent, ROOT / "bin" / "executioner")
    options, expected = AT_HOME[name]
    document = standins.moved(path.read_text(), home).replace('"timeout": 10', '"timeout": 1')
    line = f"ex-validate $DOC | ex-run -C {home} {options} $RUN"
    ran = pipe(line, home, document, PATH=f"{os.environ['PATH']}:{home}/bin")
    left_out = options.removeprefix("--skip ")
    assert differing({job: ending for job, ending in ran.jobs.items() if job != left_out}, expected) == {}, ran.said
    assert ran.codes == [0, int(set(expected.values()) != {"success"})]
    if name == "nested_executioner":
        assert "child_executioner: 1 job succeeded" in ran.logs["echo_nested_executioner"]


@pytest.mark.parametrize(
    ("name", "options", "job", "log"),
    [
        ("test_env", "", "echo_global", "SHWETAL_GLOBAL\n"),
        ("test_env", "", "echo_job", "SHWETAL_JOB\n"),
        ("test_env", "--env CLI_MSG=a,b", "echo_cli", "a,b\n"),
        ("test_env", "--env GLOBAL_MSG=over", "echo_global", "over\n"),
        ("test_env_interpolation", "", "show_oracle_home", "ORACLE_HOME=/opt/oracle/database/dbhome_19c\n"),
        (
            "test_env_interpolation",
            "--env VERSION=23",
            "show_oracle_home",
            "ORACLE_HOME=/opt/oracle/database/dbhome_23\n",
        ),
        ("test_env_interpolation", "", "test_circular", "VAR1=${VAR2} VAR2=${VAR1}\n"),
        ("shell_commands_test", "", "shell_pipe", "Hello, world!\n"),
    ],
)
def test_what_jobs_see_and_print(name: str, options: str, job: str, log: str, tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    document = place.document("executioner", f"{name}.json").read_text().replace("/tmp/", f"{tmp_path}/here/")
    ran = pipe(f"ex-run -C . {options} $RUN $DOC", tmp_path / "here", document)
    assert ran.logs.get(job) == log, ran.said


@pytest.mark.parametrize("path", place.documents("wfinstances"))
def test_recorded_workflows_pass_unchanged(path: Path, tmp_path: Path) -> None:
    document = wfformat.document(path)
    for tool in (["ex-validate"], ["ex-filter", "--pattern", "*"]):
        answer = subprocess.run(tool, input=document, capture_output=True, check=True)
        assert answer.stdout == document


LARGEST = ["1000genome-chameleon-18ch-250k-001.json", "cycles-chameleon-10l-1c-9p-001.json"]
"""The recording with the most tasks, and the one with the most edges."""


def test_these_are_the_largest() -> None:
    place.document("wfinstances", LARGEST[0])
    paths = place.paths("wfinstances")
    assert max(paths, key=lambda path: len(wfformat.tasks(path))).name == LARGEST[0]
    assert max(paths, key=lambda path: len(wfformat.edges(path))).name == LARGEST[1]


@pytest.mark.parametrize("name", LARGEST)
def test_the_largest_recordings_run_in_the_order_of_their_edges(name: str, tmp_path: Path) -> None:
    path = place.document("wfinstances", name)
    (tmp_path / "here").mkdir()
    line = "ex-validate $DOC | ex-filter --pattern '*' | ex-run --parallel --workers 4 $RUN"
    ran = pipe(line, tmp_path / "here", wfformat.document(path))
    assert ran.codes == [0, 0, 0], ran.said
    assert ran.jobs == dict.fromkeys((task["id"] for task in wfformat.tasks(path)), "success")
    edges = wfformat.edges(path)
    assert len(edges) > 900
    assert out_of_order(ran.events, edges) == []


@pytest.mark.parametrize("name", LARGEST)
def test_jobs_that_are_filtered_out_leave_the_order_they_imposed(name: str, tmp_path: Path) -> None:
    path = place.document("wfinstances", name)
    (tmp_path / "here").mkdir()
    dropped = "*[02468]"
    line = f"ex-validate $DOC | ex-filter --exclude-pattern '{dropped}' | ex-run --parallel --workers 4 $RUN"
    ran = pipe(line, tmp_path / "here", wfformat.document(path))
    graph = of_jobs([(task["id"], task["parents"]) for task in wfformat.tasks(path)])
    kept = {node for node, job in enumerate(graph.ids) if job[-1] not in "02468"}
    assert ran.jobs.keys() == {graph.ids[node] for node in kept}
    imposed = [
        (graph.ids[node], graph.ids[other]) for node in kept for other in graph.ancestors([node]) if other in kept
    ]
    assert any(edge not in set(wfformat.edges(path)) for edge in imposed)
    assert out_of_order(ran.events, imposed) == []


def out_of_order(events: list[dict[str, Any]], edges: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The (task, parent) whose task began, in the stream of events, before its parent had finished."""
    places = {(event["event"], event.get("job")): n for n, event in enumerate(events)}
    return [edge for edge in edges if places["job_finished", edge[1]] > places["attempt_started", edge[0]]]
