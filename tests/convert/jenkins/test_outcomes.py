"""Runs that become unstable: what hangs on that is recorded in the text of a job, or waits for a person."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.convert.converting import assert_fixed_point, run_document
from tests.convert.jenkins.pipelines import guarded, job, pipeline, read, stage

POST = "\n".join(
    f"{part} {{ sh 'echo {part} >>log' }}"
    for part in ("always", "success", "unstable", "failure", "unsuccessful", "cleanup")
)


@pytest.mark.parametrize(
    ("steps", "ran"),
    [
        ("sh 'true'", "always success cleanup"),
        ("unstable('x')", "always unstable unsuccessful cleanup"),
        ("unstable 'x'\n error 'y'", "always failure unsuccessful cleanup"),
        ("warnError('x') { sh 'false' }", "always unstable unsuccessful cleanup"),
        ("warnError('x') { sh 'true' }", "always success cleanup"),
        ("dir('d') { retry(2) { timeout(5) { unstable 'x' } } }", "always unstable unsuccessful cleanup"),
        ("catchError { sh 'false' }", "always failure unsuccessful cleanup"),
        ("catchError(buildResult: 'UNSTABLE') { sh 'false' }", "always unstable unsuccessful cleanup"),
        ("catchError(buildResult: 'SUCCESS') { sh 'false' }", "always success cleanup"),
        (
            "catchError(buildResult: null, stageResult: 'UNSTABLE') { sh 'false' }",
            "always failure unsuccessful cleanup",
        ),
        (
            "catchError(buildResult: 'SUCCESS', stageResult: 'UNSTABLE') { sh 'false' }",
            "always unstable unsuccessful cleanup",
        ),
    ],
)
def test_the_parts_of_post_run_by_the_outcome_of_their_stage(steps: str, ran: str, tmp_path: Path) -> None:
    made = job(steps, f"post {{ {POST} }}")
    assert guarded(made) is None
    run_document({"jobs": [made]}, tmp_path)
    assert (tmp_path / "log").read_text().split() == ran.split()


def test_the_file_of_the_outcome_is_left_nowhere(tmp_path: Path) -> None:
    made = job("unstable 'x'", "post { success { sh 'touch shipped' } }")
    (tmp_path / "t").mkdir()
    assert run_document({"jobs": [made]}, tmp_path, TMPDIR=str(tmp_path / "t")).returncode == 0
    assert not (tmp_path / "shipped").exists()
    assert not list((tmp_path / "t").iterdir())


@pytest.mark.parametrize("report", ["junit '*.xml'", "recordIssues(qualityGates: [x])", "xunit(x)"])
@pytest.mark.parametrize("in_post", [True, False])
def test_what_a_report_finds_is_not_known(report: str, in_post: bool) -> None:
    steps = "sh 'make'" if in_post else f"sh 'make'\n{report}"
    post = f"post {{ {f'always {{ {report} }};' if in_post else ''} success {{ sh 'ship' }} }}"
    document, entries = read(pipeline(stage(steps, more=post)))
    reason = f"post success depends on what {report.split('(')[0].split()[0]} finds"
    assert guarded(document["jobs"][0]) == reason
    assert [each.fate for each in entries if each.construct == "success"] == ["manual"]


@pytest.mark.parametrize("report", ["junit testResults: 'x', skipMarkingBuildUnstable: true", "archiveArtifacts 'x'"])
def test_a_report_that_judges_nothing_holds_nothing_up(report: str) -> None:
    assert guarded(job(f"sh 'make'\n{report}", "post { success { sh 'ship' } }")) is None


@pytest.mark.parametrize(
    ("steps", "held"),
    [
        ("unstable 'x'", True),
        ("warnError('x') { sh 'y' }", True),
        ("junit 'x'", True),
        ("catchError { sh 'y' }", True),
        ("catchError(buildResult: 'SUCCESS', stageResult: 'FAILURE') { sh 'y' }", False),
        ("sh 'y'", False),
    ],
)
def test_success_of_a_pipeline_waits_where_a_stage_may_not_succeed(steps: str, held: bool) -> None:
    text = pipeline(stage(steps, "a") + "\n" + stage("sh 'z'", "b")).rstrip()[:-1]
    document, entries = read(text + "post { success { sh 'ship' } }\n}\n")
    last = document["jobs"][-1]
    assert guarded(last) == ("post success depends on how a ended" if held else None)
    assert guarded(document["jobs"][0]) is None
    assert [each.fate for each in entries if each.construct == "success"] == ["manual" if held else "exact"]


def test_reports_in_post_of_the_pipeline_come_before_its_success() -> None:
    text = pipeline(stage("sh 'x'", "a")).rstrip()[:-1]
    document = read(text + "post { success { sh 'ship' }\n always { junit 'x' } }\n}\n")[0]
    assert guarded(document["jobs"][-1]) == "post success depends on how a ended"


def test_success_of_a_stage_waits_for_what_earlier_stages_made_of_the_run() -> None:
    ship = "post { success { sh 'ship' } }"
    document = read(pipeline("\n".join([stage("sh 1", "a", ship), stage("junit 'x'", "b"), stage("sh 2", "c", ship)])))
    assert [guarded(each) for each in document[0]["jobs"]] == [None, None, "post success depends on how b ended"]


def test_stages_are_skipped_after_one_that_may_be_unstable() -> None:
    branches = "\n".join([stage("unstable 'x'", "p"), stage("sh 1", "q")])
    chain = f"stage('r') {{ stages {{\n{stage('sh 2', 's')}\n{stage('sh 3', 't')}\n}} }}"
    text = pipeline(
        f"{stage('sh 0', 'o')}\nstage('side') {{ parallel {{\n{branches}\n{chain}\n}} }}\n{stage('sh 4', 'u')}",
        "options { skipStagesAfterUnstable() }",
    )
    document, entries = read(text)
    assert {each["id"]: guarded(each) is not None for each in document["jobs"]} == {
        "o": False, "p": False, "q": False, "s": False, "t": True, "u": True,
    }  # fmt: skip
    assert [each.fate for each in entries if each.construct == "skipStagesAfterUnstable"] == ["manual"]
    assert_fixed_point(text, "jenkins")


def test_an_option_about_unstable_runs_means_nothing_where_none_is() -> None:
    document, entries = read(pipeline(stage("sh 0", "a"), "options { skipStagesAfterUnstable() }"))
    assert guarded(document["jobs"][0]) is None
    assert [each.fate for each in entries if each.construct == "skipStagesAfterUnstable"] == ["exact"]


@pytest.mark.parametrize("steps", ["unstable 'x'", "junit 'x'", "sh 'a'\n warnError('x') { sh 'b' }"])
def test_they_come_back(steps: str) -> None:
    more = f"{stage(steps, 'a', f'post {{ {POST} }}')}\n{stage('sh 1', 'b', 'post { success { echo 1 } }')}"
    text = pipeline(more, "options { skipStagesAfterUnstable() }").rstrip()[:-1]
    assert_fixed_point(f"{text}post {{ success {{ sh 'ship' }} }}\n}}\n", "jenkins")
