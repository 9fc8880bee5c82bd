"""The conditions of when: true, false, or waiting for a person."""

from __future__ import annotations

import pytest

from exlib.convert.jenkins.conditions import glob
from exlib.convert.jenkins.scope import matched
from exlib.convert.wishes import Wishes
from tests.convert.jenkins.pipelines import guarded, order, pipeline, read, stage

TOP = "environment { SET = 'yes'; LATE = \"${env.BUILD_ID}\" }\n"
TOP += "  parameters { booleanParam(name: 'P', defaultValue: true); string(name: 'T') }"


def outcome(condition: str, **variables: str) -> bool | None:
    """Whether a stage runs: None if it waits."""
    text = pipeline(stage("echo 'x'", more=f"when {{ {condition} }}") + "\n" + stage("echo 'y'", "t"), TOP)
    jobs = read(text, wishes=Wishes(variables=variables))[0]["jobs"]
    return False if len(jobs) == 1 else None if guarded(jobs[0]) else True


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("expression { true }", True),
        ("expression { return false }", False),
        ("expression { 'a' == 'a' && !('b' == 'c') }", True),
        ("expression { env.SET == 'yes' }", True),
        ("expression { SET != 'yes' }", False),
        ("expression { SET in ['no', 'yes'] }", True),
        ("expression { SET ==~ /y.s/ }", True),
        ("expression { SET ==~ /(y|e)*s+/ }", None),
        ("expression { SET.contains('z') }", False),
        ("expression { SET.startsWith('y') || unknown() }", True),
        ("expression { false && unknown() }", False),
        ("expression { true && unknown() }", None),
        ("expression { echo 'x'; true }", None),
        ("expression { params.P }", None),
        ("expression { P == 'true' }", None),
        ("expression { LATE == 'x' }", None),
        ("expression { 1 == '1' }", None),
        ("expression { sh(script: 'true', returnStatus: true) == 0 }", None),
        ("environment name: 'SET', value: 'yes'", True),
        ("environment name: 'SET', value: 'YES'", False),
        ("environment name: 'SET', value: 'YES', ignoreCase: true", True),
        ("environment name: 'OTHER', value: 'x'", None),
        ("equals expected: 'yes', actual: SET", True),
        ("equals expected: 2, actual: currentBuild.number", None),
        ("not { equals expected: 1, actual: 2 }", True),
        ("not { branch 'x' }", None),
        ("allOf { expression { true }; expression { false } }", False),
        ("allOf { expression { true }; branch 'x' }", None),
        ("allOf { expression { false }; branch 'x' }", False),
        ("anyOf { expression { true }; branch 'x' }", True),
        ("anyOf { expression { false }; branch 'x' }", None),
        ("anyOf { not { expression { true } }; expression { false } }", False),
        ("branch 'main'", None),
        ("tag 'v*'", None),
        ("buildingTag()", None),
        ("changeRequest()", None),
        ("changeset '**/*.c'", None),
        ("triggeredBy 'TimerTrigger'", None),
        ("isRestartedRun()", None),
        ("beforeAgent true; expression { true }", True),
        ("expression { true }; expression { false }", False),
        ("expression { true }; branch 'x'", None),
    ],
)
def test_what_is_known_here_decides(condition: str, expected: bool | None) -> None:
    assert outcome(condition) is expected


@pytest.mark.parametrize(
    ("condition", "given", "expected"),
    [
        ("branch 'main'", {"BRANCH_NAME": "main"}, True),
        ("branch 'main'", {"BRANCH_NAME": "dev"}, False),
        ("branch 'Main'", {"BRANCH_NAME": "main"}, None),
        ("branch 'release/*'", {"BRANCH_NAME": "release/1"}, True),
        ("branch 'release/*'", {"BRANCH_NAME": "release/1/2"}, False),
        ("branch pattern: 'r-\\\\d+', comparator: 'REGEXP'", {"BRANCH_NAME": "r-12"}, True),
        ("branch pattern: 'r-*', comparator: 'EQUALS'", {"BRANCH_NAME": "r-12"}, False),
        ("branch null", {"BRANCH_NAME": "main"}, None),
        ("tag 'v*'", {"TAG_NAME": "v1"}, True),
        ("buildingTag()", {"TAG_NAME": "v1"}, True),
        ("buildingTag()", {"TAG_NAME": ""}, False),
        ("changeRequest()", {"CHANGE_ID": "7"}, True),
        ("changeRequest target: 'main'", {"CHANGE_ID": "7"}, None),
        ("expression { params.P }", {"P": "true"}, True),
        ("expression { params.P }", {"P": "false"}, False),
        ("expression { !params.P }", {"P": "false"}, True),
        ("expression { params.P == true }", {"P": "true"}, True),
        ("expression { params.P == 'true' }", {"P": "true"}, None),
        ("expression { P }", {"P": "false"}, None),
        ("expression { params.Q }", {"Q": "false"}, None),
        ("expression { params.Q }", {"Q": "yes"}, True),
        ("expression { params.T }", {"T": "false"}, True),
        ("expression { env.Q }", {"Q": ""}, False),
        ("expression { params.T == 'x' }", {"T": "y"}, False),
        ("environment name: 'OTHER', value: 'x'", {"OTHER": "x"}, True),
    ],
)
def test_a_variable_that_is_given_decides(condition: str, given: dict[str, str], expected: bool | None) -> None:
    assert outcome(condition, **given) is expected


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("a/**/b", "a/b", True),
        ("a/**/b", "a/x/y/b", True),
        ("a/", "a/x", True),
        ("**", "x/y", True),
        ("a*", "ab/c", False),
        ("a?c", "abc", True),
        ("[ab]", "a", False),
        ("", "", True),
    ],
)
def test_patterns_of_paths(pattern: str, text: str, expected: bool) -> None:
    assert glob(pattern, text) is expected


def test_a_stage_that_is_left_out_does_not_break_the_order() -> None:
    text = pipeline(
        "\n".join(
            [stage("echo 'a'", "a"), stage("echo 'b'", "b", "when { expression { false } }"), stage("echo 'c'", "c")]
        )
    )
    assert order(read(text)[0]) == {"a": [], "c": ["a"]}


def test_a_condition_around_stages_holds_for_each() -> None:
    both = f"{stage('echo 1', 'a')}\n{stage('echo 2', 'b', 'when { tag 1 }')}"
    inner = f"stage('g') {{ when {{ branch 'x' }}\n stages {{\n{both}\n }} }}"
    jobs = read(pipeline(inner))[0]["jobs"]
    assert [guarded(each) for each in jobs] == ["when branch 'x'", "when branch 'x'; when tag 1"]
    assert [each["x-source"]["when"] for each in jobs] == [["branch 'x'"], ["branch 'x'", "tag 1"]]


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("a*" * 12 + "b", "a" * 900, None),
        ("(a|a)" * 20, "a" * 20 + "c", None),
        ("a?" * 30 + "a" * 30, "a" * 29, None),
        ("(?=a)a", "a", None),
        (r"(a)\1", "aa", None),
        (".*a.*", "b" * 900, None),
        (r"release[-/]\d+\.\d+", "release/1.2", True),
        ("main|master|feature/[A-Z?]+", "main", True),
    ],
)
def test_a_pattern_that_could_take_its_time_is_not_tried(pattern: str, text: str, found: bool | None) -> None:
    assert matched(pattern, text) is found
