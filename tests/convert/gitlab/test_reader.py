"""What becomes of a configuration: jobs, their order, their conditions, and what is said of each construct."""

from __future__ import annotations

from typing import Any

import pytest

from exlib.convert.account import Account
from exlib.convert.draft import guard_of
from exlib.convert.gitlab.reader import read
from exlib.convert.source import Source
from exlib.convert.wishes import Wishes
from exlib.errors import InputError
from tests.convert.converting import assert_fixed_point, fates, imported


def jobs(text: str, **variables: str) -> dict[str, dict[str, Any]]:
    """The jobs by their ids."""
    documents, _ = imported(text, "gitlab", wishes=Wishes(variables=variables))
    return {job["id"]: job for document in documents for job in document["jobs"]}


def waits(text: str, **variables: str) -> dict[str, list[str]]:
    """What each job waits for."""
    return {name: job.get("dependencies", []) for name, job in jobs(text, **variables).items()}


def refusal(text: str, **variables: str) -> str:
    """The message with which a text is refused."""
    with pytest.raises(InputError) as raised:
        read(Source(text.encode(), "ci.yml"), Wishes(variables=variables), Account())
    return f"{raised.value.place} {raised.value}"


# Order


def test_stages_are_barriers() -> None:
    text = "stages: [s, t, u]\nc: {stage: u, script: x}\na: {stage: s, script: x}\nb: {stage: t, script: x}\n"
    assert waits(text) == {"a": [], "b": ["a"], "c": ["b"]}


def test_a_barrier_reaches_back_over_stages_whose_jobs_do_not_wait() -> None:
    text = """
a: {stage: build, script: x}
b: {stage: test, needs: [], script: x}
c: {stage: deploy, script: x}
"""
    assert waits(text) == {"a": [], "b": [], "c": ["a", "b"]}


def test_pre_and_post_stand_around_all_stages() -> None:
    text = "z: {stage: .post, script: x}\nm: {script: x}\na: {stage: .pre, script: x}\n"
    assert waits(text) == {"a": [], "m": ["a"], "z": ["m"]}


def test_jobs_of_a_matrix_are_named_as_there() -> None:
    text = (
        "j: {script: x, parallel: {matrix: [{A: [1, 2], B: x}, {A: [3]}]}}\nk: {stage: deploy, script: x, needs: [j]}\n"
    )
    assert waits(text)["k"] == ["j: [1, x]", "j: [2, x]", "j: [3]"]
    assert jobs(text)["j: [2, x]"]["env_variables"] == {"A": "2", "B": "x"}


def test_shares_know_their_number_if_they_ask() -> None:
    found = jobs('j: {script: "echo $CI_NODE_INDEX/$CI_NODE_TOTAL", parallel: 2}\n')
    assert found["j 2/2"]["env_variables"] == {"CI_NODE_INDEX": "2", "CI_NODE_TOTAL": "2"}


def test_needs_may_name_some_jobs_of_a_matrix() -> None:
    text = """
b: {stage: build, script: x, parallel: {matrix: [{P: [a, b], S: [c, d]}]}}
t:
  script: x
  parallel: {matrix: [{P: [a, b]}]}
  needs: [{job: b, parallel: {matrix: [{P: "$[[ matrix.P ]]"}]}}]
"""
    assert waits(text)["t: [a]"] == ["b: [a, c]", "b: [a, d]"]


def test_an_optional_need_may_be_absent() -> None:
    text = "a: {script: x, needs: [{job: none, optional: true}]}\n"
    assert waits(text) == {"a": []}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: {script: x, needs: [none]}\n", "there is no job none"),
        ("a: {script: x, needs: [a]}\n", "needs itself"),
        ("a: {script: x, needs: [b]}\nb: {script: x, needs: [a]}\n", "in a circle"),
        ("a: {stage: build, script: x, needs: [b]}\nb: {script: x}\n", "of a later stage"),
        ("a: {stage: none, script: x}\n", "there is no stage none"),
        ("a: {script: x, needs: [b]}\nb: {script: x, rules: [{when: never}]}\n", "not in the pipeline"),
        ("a: {script: x, dependencies: [none]}\n", "there is no job none"),
        ("a: {image: x}\n", "has no script"),
        ("a: {script: [{x: y}]}\n", "must be text"),
        ("a: {script: [yes]}\n", "takes this for something else"),
        ("a: {extends: .none, script: x}\n", "there is no .none to extend"),
        (".a: {extends: .b}\n.b: {extends: .a}\nc: {extends: .a, script: x}\n", "leads back to itself"),
        ("a: {script: [!reference [a, script]]}\n", "leads back to itself"),
        ("a: {script: [!reference [.b, c]]}\n", "there is no .b c to refer to"),
        ("a: {script: x, timeout: soon}\n", "no length of time"),
        ("a: {script: x, retry: 3}\n", "up to 2 times"),
        ("a: {script: x, when: perhaps}\n", "when cannot be perhaps"),
        ("a: {script: x, rules: [{if: '${A}'}]}\n", "write $A"),
        ("a: {script: x, parallel: 0}\n", "from 1 to 200"),
        ("a: {script: x}\na: {script: y}\n", "twice"),
        ("- a\n", "a map of jobs"),
        ("include: {remote: 'https://x/y.yml'}\n", "in files that are not read"),
    ],
)
def test_what_gitlab_refuses_is_refused_with_its_line(text: str, said: str) -> None:
    message = refusal(text)
    assert said in message
    assert message.startswith("ci.yml:")


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("ci.yml", "a: {script: x}\n", "ci"),
        ("shop/.gitlab-ci.yml", "a: {script: x}\n", "shop"),
        ("<stdin>", "a: {script: x}\n", "pipeline"),
        ("ci.yml", "workflow: {name: Nightly}\na: {script: x}\n", "Nightly"),
    ],
)
def test_the_name_of_a_pipeline(name: str, text: str, expected: str) -> None:
    assert imported(text, "gitlab", name=name)[0][0]["application_name"] == expected


# What is inherited


def test_extends_merges_maps_and_replaces_lists() -> None:
    text = """
.one: {variables: {A: 1, B: 1}, script: [one, one], retry: 1}
.two: {variables: {B: 2, C: 2}, before_script: [before]}
.both: {extends: [.one, .two]}
job: {extends: .both, variables: {C: 3}, script: [own]}
"""
    job = jobs(text)["job"]
    assert job["command"] == "before\nown"
    assert job["env_variables"] == {"A": "1", "B": "2", "C": "3"}
    assert job["max_retries"] == 1


def test_references_lead_through_references() -> None:
    text = """
.a: {script: [one]}
.b: {script: [!reference [.a, script], two], variables: {V: x}}
job: {script: [!reference [.b, script], three], variables: {W: !reference [.b, variables, V]}}
"""
    job = jobs(text)["job"]
    assert job["command"] == "one\ntwo\nthree"
    assert job["env_variables"] == {"W": "x"}


def test_defaults_are_taken_unless_the_job_says_otherwise() -> None:
    text = """
default: {before_script: [d], timeout: 2h, retry: 2}
a: {script: a}
b: {before_script: [], timeout: 90 minutes, script: b}
c: {inherit: {default: [timeout]}, script: c}
d: {inherit: {default: false}, script: d}
"""
    found = jobs(text)
    assert [found[name]["command"] for name in "abcd"] == ["d\na", "b", "c", "d"]
    assert [found[name].get("timeout") for name in "abcd"] == [None, 5400, None, 3600]
    assert imported(text, "gitlab")[0][0]["default_timeout"] == 7200
    assert [found[name].get("max_retries") for name in "abcd"] == [2, 2, None, None]


def test_variables_that_are_not_inherited_are_unset() -> None:
    text = "variables: {A: 1, B: 2}\na: {inherit: {variables: [B]}, script: x}\n"
    assert jobs(text)["a"]["command"] == "unset A\nx"


def test_values_are_those_of_yaml_1_1() -> None:
    documents, _ = imported("variables: {A: yes, B: 1.10, C: 'yes', D: 010}\na: {script: x}\n", "gitlab")
    assert documents[0]["env_variables"] == {"A": "true", "B": "1.1", "C": "yes", "D": "8"}


# Conditions


def test_a_rule_that_cannot_be_decided_guards_the_job_and_holds_what_follows() -> None:
    text = "a: {stage: build, script: x, rules: [{if: '$X == \"1\"'}]}\nb: {script: x}\n"
    found = jobs(text)
    assert "hangs on X" in str(guard_of(found["a"]))
    assert guard_of(found["b"]) is None
    assert found["b"]["dependencies"] == ["a"]


def test_rules_are_decided_by_var() -> None:
    text = """
a: {stage: build, script: x, rules: [{if: $X == "1", variables: {V: one}}, {when: never}]}
b: {script: x}
"""
    assert jobs(text, X="1")["a"]["env_variables"] == {"V": "one"}
    assert guard_of(jobs(text, X="1")["a"]) is None
    assert list(jobs(text, X="2")) == ["b"]


def test_what_comes_of_every_rule_alike_is_decided() -> None:
    assert guard_of(jobs("a: {script: x, rules: [{if: $X}, {when: on_success}]}\n")["a"]) is None
    assert list(jobs("a: {script: x, rules: [{if: $X, when: never}]}\nb: {script: x}\n")) == ["b"]


def test_rules_may_set_needs() -> None:
    text = """
a: {stage: build, script: x}
b: {stage: build, script: x}
c: {script: x, needs: [a], rules: [{if: $X == "1", needs: [b]}, {when: on_success}]}
"""
    assert waits(text, X="1")["c"] == ["b"]
    assert waits(text, X="2")["c"] == ["a"]
    assert guard_of(jobs(text)["c"]) is not None


@pytest.mark.parametrize("condition", ["changes: [x]", "exists: [x]"])
def test_files_are_not_looked_at(condition: str) -> None:
    assert guard_of(jobs(f"a: {{script: x, rules: [{{{condition}}}]}}\n")["a"]) is not None


@pytest.mark.parametrize(
    ("policy", "branch", "expected"),
    [
        ("only: [main]", "main", True),
        ("only: [main]", "other", False),
        ("only: [/^rel-/]", "rel-1", True),
        ("except: [main]", "main", False),
        ("except: {refs: [main], variables: [$X]}", "main", False),
        ("only: {refs: [main], variables: ['$X == \"1\"']}", "other", False),
        ("only: [branches]", "main", True),
    ],
)
def test_only_and_except_are_decided_by_the_branch(policy: str, branch: str, expected: bool) -> None:
    text = f"a: {{script: x, {policy}}}\nb: {{script: x}}\n"
    found = jobs(text, CI_COMMIT_BRANCH=branch)
    assert ("a" in found) is expected
    assert guard_of(jobs(text)["a"]) is not None


def test_a_pipeline_for_a_branch_has_no_tag_and_no_merge_request() -> None:
    text = (
        "a: {script: x, rules: [{if: $CI_COMMIT_TAG}]}\nb: {script: x, rules: [{if: $CI_MERGE_REQUEST_IID == null}]}\n"
    )
    assert list(jobs(text, CI_COMMIT_BRANCH="main")) == ["b"]
    assert guard_of(jobs(text, CI_COMMIT_BRANCH="main")["b"]) is None
    assert guard_of(jobs(text, CI_COMMIT_TAG="v1")["a"]) is None


def test_only_by_another_thing_stays_open() -> None:
    assert guard_of(jobs("a: {script: x, only: [schedules]}\n", CI_COMMIT_BRANCH="main")["a"]) is not None


def test_a_job_started_by_hand_holds_what_needs_it_and_no_later_stage() -> None:
    text = """
a: {stage: build, when: manual, script: x}
m: {stage: build, when: manual, allow_failure: false, script: x}
r: {stage: build, rules: [{when: manual}], script: x}
b: {needs: [a], script: x}
c: {script: x}
"""
    assert waits(text)["b"] == ["a"]
    assert waits(text)["c"] == ["m", "r"]
    assert {name for name, job in jobs(text).items() if guard_of(job)} == {"a", "m", "r"}


def test_what_runs_after_a_failure_is_left_out_with_what_needs_it() -> None:
    text = """
a: {stage: build, script: x}
f: {script: x, when: on_failure}
g: {stage: deploy, needs: [f], script: x}
z: {stage: deploy, when: always, script: x}
"""
    entries = imported(text, "gitlab")[1]
    assert waits(text) == {"a": [], "z": ["a"]}
    assert fates(entries)["f.script"] == fates(entries)["g.script"] == "dropped"
    assert fates(entries)["z.when"] == "approximated"


def test_a_delayed_job_sleeps_first() -> None:
    job = jobs("a: {script: x, when: delayed, start_in: 30 minutes}\n")["a"]
    assert job["command"] == "sleep 1800\nx"
    assert job["timeout"] == 3600 + 1800


def test_a_workflow_that_cannot_be_decided_guards_what_comes_first() -> None:
    text = "workflow: {rules: [{if: $X}]}\na: {stage: build, script: x}\nb: {script: x}\n"
    found = jobs(text)
    assert guard_of(found["a"]) is not None
    assert guard_of(found["b"]) is None
    assert jobs(text, X="") == {}
    assert guard_of(jobs(text, X="1")["a"]) is None


# What is not done here


@pytest.mark.parametrize("key", ["trigger: {project: a/b}", "release: {tag_name: x}, script: x", "run: [{name: a}]"])
def test_what_is_not_done_here_waits_for_a_person(key: str) -> None:
    found = jobs(f"a: {{stage: build, {key}}}\nb: {{script: x}}\n")
    assert guard_of(found["a"]) is not None
    assert found["b"]["dependencies"] == ["a"]


def test_a_trigger_never_becomes_a_success() -> None:
    assert jobs("a: {trigger: x/y}\n")["a"]["command"].endswith("exit 1")


def test_needs_of_another_pipeline_wait_for_a_person() -> None:
    text = "a: {script: x, needs: [{project: x/y, job: z, ref: main, artifacts: true}]}\n"
    assert guard_of(jobs(text)["a"]) is not None


def test_variables_that_only_gitlab_sets_are_named_once() -> None:
    text = (
        'a: {script: ["echo $CI_COMMIT_SHA", "echo $CI_COMMIT_SHA $CI_JOB_STAGE"]}\nb: {script: echo $CI_COMMIT_SHA}\n'
    )
    documents, entries = imported(text, "gitlab")
    assert [entry.place.path for entry in entries if entry.construct == "variable of GitLab"] == ["a.script[0]"]
    assert documents[0]["jobs"][0]["env_variables"] == {"CI_JOB_STAGE": "test"}
    told, entries = imported(text, "gitlab", wishes=Wishes(variables={"CI_COMMIT_SHA": "abc"}))
    assert told[0]["env_variables"] == {"CI_COMMIT_SHA": "abc"}
    assert not [entry for entry in entries if entry.fate == "manual"]


def test_a_secret_that_was_told_is_not_written() -> None:
    text = "a: {script: echo $CI_JOB_TOKEN}\n"
    documents, entries = imported(text, "gitlab", wishes=Wishes(variables={"CI_JOB_TOKEN": "hush-hush"}))
    assert "hush" not in str(documents)
    assert [entry.fate for entry in entries if entry.construct == "variable of GitLab"] == ["manual"]


def test_variables_of_a_report_reach_the_jobs_that_get_its_files() -> None:
    text = """
a: {stage: build, script: "echo V=1 > a.env", artifacts: {reports: {dotenv: a.env}}}
b: {script: "echo $V"}
c: {stage: build, script: x}
d: {needs: [c], script: x}
"""
    found = jobs(text)
    assert "a.env" in found["b"]["command"]
    assert "a.env" not in found["d"]["command"]


def test_comments_describe_their_jobs_and_stay_with_them() -> None:
    text = "# about all\n\n# builds it\n# and more\na:\n  # inside\n  script: x # beside\n"
    documents, _ = imported(text, "gitlab")
    job = documents[0]["jobs"][0]
    assert job["description"] == "builds it\nand more"
    assert job["x-source"]["comments"] == ["inside", "beside"]
    assert documents[0]["x-source"]["comments"] == ["about all"]


def test_comments_between_the_lines_of_a_job_belong_to_the_whole() -> None:
    documents, _ = imported("a:\n  stage: test\n# old: line\n  script: x\n", "gitlab")
    assert documents[0]["x-source"]["comments"] == ["old: line"]
    assert "comments" not in documents[0]["jobs"][0]["x-source"]


RICH = {
    "kept": """
# about
stages: [build, test]
workflow: {name: n, auto_cancel: {on_new_commit: none}, rules: [{if: $X, variables: {W: 1}}]}
variables: {A: "1", B: {value: "2", description: which, options: ["2", "3"]}, C: {value: "$x", expand: false}}
default: {image: {name: a, entrypoint: [""]}, tags: [t], services: [s]}
# builds
a:
  stage: build
  # inner
  script: [one, "two: $CI_JOB_NAME"]
  after_script: [after]
  artifacts: {paths: [x], reports: {dotenv: v.env}, when: always}
  cache: {key: k, paths: [c]}
  environment: {name: e, url: https://u}
  coverage: /x/
  resource_group: r
  interruptible: true
  allow_failure: {exit_codes: [3, 4]}
  retry: 2
b:
  stage: test
  parallel: {matrix: [{P: [p, "q r"]}]}
  script: x
  timeout: 1h 30m
  retry: {max: 1, when: [script_failure, job_execution_timeout], exit_codes: 5}
c: {stage: test, needs: [a], script: x, when: manual, allow_failure: false}
d: {stage: test, needs: [{job: a, artifacts: false}], script: x, rules: [{if: $Y, when: manual}, {exists: [f]}]}
e: {stage: test, trigger: {include: child.yml}, only: [main]}
f: {stage: test, needs: [{project: p, job: j, ref: r}], script: x}
g: {script: x, when: delayed, start_in: 5 minutes}
h: {script: x, rules: [{if: $Y, needs: [a]}, {when: on_success}]}
pages: {script: x, release: {tag_name: v, description: d}, secrets: {K: {vault: x/y}}, id_tokens: {T: {aud: x}}}
""",
    "unread": """
include: [{remote: 'https://x/y.yml'}, {template: Z.yml}]
a: {extends: .there, script: x}
b: {script: [!reference [.there, script], y]}
c: {stage: deploy, needs: [there], script: z}
d: {stage: deploy, script: z}
""",
    "optional": """
stages: [s, t, u]
a: {stage: s, script: x, rules: [{if: $X}]}
b: {stage: t, script: x}
c: {stage: t, script: x, needs: [a]}
d: {stage: t, script: x, needs: [{job: a, optional: true}]}
e: {stage: u, script: x, needs: [{job: b, optional: true}]}
""",
    "strange": """
"a 'b' $C é: [x]":
  script: ["echo 'it''s \\"$X\\"' # no comment", ' starts with a blank', "tab\\there", "a\\n\\nb"]
  variables: {"D": "5$$ and %A% and 100%", E: "*x", F: "- y", G: "a: b", H: "# z"}
"1": {script: x}
"null": {script: ":"}
"yes": {script: "!x"}
""",
}


@pytest.mark.parametrize("text", RICH.values(), ids=RICH)
def test_import_and_export_are_a_fixed_point(text: str) -> None:
    assert_fixed_point(text, "gitlab")


@pytest.mark.parametrize("text", RICH.values(), ids=RICH)
def test_nothing_of_it_is_left_unread(text: str) -> None:
    _, entries = imported(text, "gitlab")
    assert not [entry.place.path for entry in entries if entry.reason == "nothing here reads it"]


def test_a_job_may_have_its_script_in_a_file_that_was_not_read() -> None:
    text = "include: [{template: Security/SAST.gitlab-ci.yml}]\nsast: {stage: test, variables: {A: 1}}\n"
    job = jobs(text)["sast"]
    assert job["command"].endswith("exit 1")
    assert "missing from what was not read" in str(guard_of(job))
    assert_fixed_point(text, "gitlab")


def test_no_job_runs_by_itself_where_files_were_not_read() -> None:
    found = jobs(RICH["unread"])
    free = [name for name, job in found.items() if not job.get("dependencies") and guard_of(job) is None]
    assert free == []
    assert "exit 1" in found["b"]["command"]


# What pipelines are for


MERGE_REQUEST = {"CI_PIPELINE_SOURCE": "merge_request_event"}


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("", False),
        (", except: [schedules]", False),
        (", only: [merge_requests]", True),
        (", only: [branches]", False),
        (", only: [main]", False),
        (", only: [/./]", False),
        (", only: {variables: [$CI]}", False),
        (", rules: [{when: on_success}]", True),
    ],
)
def test_without_a_word_jobs_are_for_branches_and_tags(keys: str, expected: bool) -> None:
    text = f"a: {{script: x{keys}}}\nb: {{script: x, rules: [{{when: on_success}}]}}\n"
    assert ("a" in jobs(text, **MERGE_REQUEST)) is expected
    assert ("a" in jobs(text, CI_MERGE_REQUEST_IID="7", **MERGE_REQUEST)) is expected


def test_where_the_workflow_has_rules_jobs_are_for_what_these_let_in() -> None:
    text = "workflow: {rules: [{if: $CI_MERGE_REQUEST_IID}]}\na: {script: x}\nb: {script: x, except: [schedules]}\n"
    assert list(jobs(text, CI_MERGE_REQUEST_IID="7", **MERGE_REQUEST)) == ["a", "b"]


def test_a_merge_request_has_neither_branch_nor_tag() -> None:
    text = "a: {script: x, rules: [{if: $CI_COMMIT_BRANCH == null && $CI_COMMIT_TAG == null}]}\n"
    assert guard_of(jobs(text, **MERGE_REQUEST)["a"]) is None


def test_a_policy_says_which_variable_is_not_known() -> None:
    found = guard_of(jobs("a: {script: x, only: {variables: [$FOO]}}\n")["a"])
    assert found == "only cannot be decided: $FOO is not known"
    assert guard_of(jobs("a: {script: x, only: [main]}\n")["a"]) == "only cannot be decided: the ref is not known"


# Which variables rules see


def test_rules_do_not_see_what_a_job_does_not_inherit() -> None:
    text = "variables: {D: 'yes', E: 'yes'}\na: {script: x, inherit: {variables: %s}, rules: [{if: '$D == \"yes\"'}]}\n"
    assert "$D" in str(guard_of(jobs(text % "false")["a"]))
    assert "$D" in str(guard_of(jobs(text % "[E]")["a"]))
    assert guard_of(jobs(text % "[D]")["a"]) is None
    assert guard_of(jobs(text % "false", D="yes")["a"]) is None


WORKFLOW = """
workflow: {rules: [{if: '%s', variables: {DEPLOY: "no"}}, {when: always}]}
variables: {DEPLOY: "yes"}
a: {script: x, rules: [{if: '$DEPLOY == "yes"'}]}
b: {script: x, rules: [{if: '$DEPLOY == "no"'}]}
c: {script: x, variables: {DEPLOY: own}, rules: [{if: '$DEPLOY == "own"'}]}
"""


def test_rules_see_the_variables_of_the_workflow_over_those_of_the_configuration() -> None:
    assert list(jobs(WORKFLOW % "$CI")) == ["b", "c"]
    assert imported(WORKFLOW % "$CI", "gitlab")[0][0]["env_variables"] == {"DEPLOY": "no"}
    assert list(jobs(WORKFLOW % "$CI", DEPLOY="yes")) == ["a"]


def test_what_the_workflow_may_set_is_not_known() -> None:
    found = jobs(WORKFLOW % "$OPEN")
    assert ["$DEPLOY ==" in str(guard_of(found[name])) for name in "abc"] == [True, True, False]


def test_rules_see_a_value_that_is_not_expanded_as_it_is() -> None:
    text = "variables: {B: x, A: {value: $B, expand: false}}\nb: {script: x}\n"
    text += "a: {script: x, rules: [{if: '$A == \"x\"'}]}\n"
    assert list(jobs(text)) == ["b"]


@pytest.mark.parametrize("key", ["changes", "exists"])
def test_even_a_list_of_no_files_decides_nothing(key: str) -> None:
    assert guard_of(jobs(f"a: {{script: x, rules: [{{{key}: []}}]}}\n")["a"]) is not None


# Where a job may run


@pytest.mark.parametrize(
    ("keys", "held"),
    [
        ("environment: production", "it deploys to an environment"),
        ("environment: {name: p, url: 'http://p'}", "it deploys to an environment"),
        ("environment: {name: p, action: start}", "it deploys to an environment"),
        ("environment: {name: p, action: stop}", None),
        ("environment: {name: p, action: verify}", None),
        ("tags: [linux]", None),
        ("tags: [saas-windows-medium-amd64]", "it is for saas-windows-medium-amd64, another system"),
        ("tags: [$KIND], variables: {KIND: macos}", "it is for macos, another system"),
        ("tags: [$KIND]", "what it runs on is not known: $KIND"),
        ("image: alpine", None),
    ],
)
def test_a_job_that_must_not_run_here_by_itself_is_guarded(keys: str, held: str | None) -> None:
    text = f"a: {{script: x, {keys}}}\nb: {{stage: deploy, script: x}}\n"
    reason = guard_of(jobs(text)["a"])
    assert reason is None if held is None else held in str(reason)
    _, entries = imported(text, "gitlab")
    said = {entry.fate for entry in entries if entry.construct == keys.split(":")[0]}
    assert said == ({"manual"} if held or "image" in keys else {"dropped"})
    assert_fixed_point(text, "gitlab")


@pytest.mark.parametrize("when", ["runner_system_failure", "[stuck_or_timeout_failure, api_failure]"])
def test_a_script_whose_failure_is_allowed_is_not_repeated_for_failures_of_a_runner(when: str) -> None:
    text = f"a: {{script: x, allow_failure: true, retry: {{max: 2, when: {when}}}}}\n"
    job = jobs(text)["a"]
    assert "for attempt in" not in job["command"]
    assert (job["max_retries"], "FAILED" in job["retry_on_status"]) == (2, False)
    assert_fixed_point(text, "gitlab")


@pytest.mark.parametrize("retry", ["2", "{max: 2, when: always}", "{max: 2, when: [script_failure, api_failure]}"])
def test_a_script_whose_failure_is_allowed_is_repeated_for_its_own(retry: str) -> None:
    job = jobs(f"a: {{script: x, allow_failure: true, retry: {retry}}}\n")["a"]
    assert "for attempt in 1 2 3; do" in job["command"]


# What is said


def test_a_misspelt_script_is_named() -> None:
    message = refusal("a:\n  image: b\n  scirpt: x\n")
    assert message.startswith("ci.yml:3 a.scirpt: the job a has no script, and no key of a job is called scirpt")


def test_no_reason_drives_the_terminal() -> None:
    text = "a: {script: x, rules: [{if: \"$A == '\\e[31m'\"}]}\n"
    _, entries = imported(text, "gitlab")
    assert any("[31m" in entry.reason for entry in entries)
    assert all(entry.reason.isprintable() for entry in entries)


@pytest.mark.parametrize("text", ["", "\n", "# nothing\n", "stages: [a]\n", "variables: {A: b}\n", ".a: {script: x}\n"])
def test_a_file_without_jobs_is_no_document(text: str) -> None:
    assert read(Source(text.encode(), "ci.yml"), Wishes(), Account()) == []


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        ("on_job_failure: all", "a failed job ends no job that runs; what is independent goes on"),
        ("on_job_failure: none", "no newer pipeline ends a run"),
        ("on_new_commit: interruptible", "no newer pipeline ends a run"),
    ],
)
def test_what_a_failure_or_a_new_commit_would_cancel_is_said(keys: str, reason: str) -> None:
    text = f"workflow: {{auto_cancel: {{{keys}}}}}\na: {{script: [echo]}}\n"
    entries = imported(text, "gitlab", name=".gitlab-ci.yml")[1]
    [found] = [entry for entry in entries if entry.construct == "auto_cancel"]
    assert (found.fate, found.reason) == ("dropped", reason)
