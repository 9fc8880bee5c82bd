"""What becomes of each construct of a workflow, and that nothing runs which GitHub might not have run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from exlib.convert.draft import guard_of
from exlib.convert.wishes import Wishes
from exlib.errors import InputError, UsageError
from tests.convert.converting import fates, imported, run_document
from tests.convert.github.hand import workflow


def jobs(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {job["id"]: job for job in document["jobs"]}


def read(text: str, split: bool = False, **variables: str) -> tuple[dict[str, Any], dict[str, str]]:
    wishes = Wishes(split_steps=split, variables={name.replace("__", "."): one for name, one in variables.items()})
    documents, entries = imported(text, "github", wishes=wishes)
    return documents[0], fates(entries)


def flow(on: Any = ("push", "pull_request"), **found: dict[str, Any]) -> str:
    """A workflow of jobs that have what is not said of them."""
    made = {
        name: {"runs-on": "ubuntu-latest", "steps": [{"run": f"echo {name}"}], **job} for name, job in found.items()
    }
    return json.dumps({"on": list(on), "jobs": made})


def test_a_job_of_one_step_is_its_script_in_its_shell() -> None:
    steps = [
        {"uses": "actions/checkout@v4"},
        {"name": "Go", "run": "make\n", "env": {"A": 1.50}, "working-directory": "x"},
    ]
    document, said = read(workflow(*steps, env={"A": "no", "B": True}, job={"timeout-minutes": 1.5}))
    job = document["jobs"][0]
    assert {key: job[key] for key in ("command", "shell", "working_dir", "timeout")} == {
        "command": "make",
        "shell": "bash -e",
        "working_dir": "x",
        "timeout": 90,
    }
    assert (document["env_variables"], job["env_variables"]) == ({"CI": "true", "A": "no", "B": "true"}, {"A": "1.5"})
    assert document["default_timeout"] == 360 * 60
    assert document["parallel"]
    assert document["continue_on_error"]
    assert said["jobs.a.steps[0]"] == "approximated"
    assert said["jobs.a.steps[1].run"] == "exact"


@pytest.mark.parametrize(
    ("stated", "setting"),
    [
        ("bash", "bash --noprofile --norc -eo pipefail"),
        ("sh", "sh -e"),
        ("python", "python"),
        ("bash -l {0}", "bash -l"),
    ],
)
def test_shells_have_the_flags_that_are_documented(stated: str, setting: str) -> None:
    assert read(workflow({"run": "x", "shell": stated}))[0]["jobs"][0]["shell"] == setting
    assert read(workflow({"run": "x"}, defaults={"run": {"shell": stated}}))[0]["jobs"][0]["shell"] == setting
    nearer = workflow({"run": "x"}, defaults={"run": {"shell": "sh"}}, job={"defaults": {"run": {"shell": stated}}})
    assert read(nearer)[0]["jobs"][0]["shell"] == setting


def test_needs_and_the_combinations_of_a_matrix() -> None:
    one = {"strategy": {"matrix": {"v": [1, "1.10"]}}, "steps": [{"run": "x ${{ matrix.v }}"}]}
    document, _ = read(flow(last={"needs": ["one", "other"]}, one=one, other={"needs": "one"}))
    found = jobs(document)
    assert list(found) == ["last", "one-1", "one-1.10", "other"]
    assert found["last"]["dependencies"] == ["one-1", "one-1.10", "other"]
    assert [found[name]["command"] for name in ("one-1", "one-1.10")] == ["x 1", "x 1.10"]


def test_conditions_that_are_decided() -> None:
    text = flow(
        ["push"],
        yes={"if": "github.event_name == 'push' && github.job != 'x' || secrets.X"},
        no={"if": "github.event_name == 'pull_request' && secrets.X"},
        after={"needs": "no"},
        still={"needs": ["after", "yes"], "if": "always()"},
        failed={"needs": "yes", "if": "failure()"},
        last={"needs": ["failed", "still"], "if": "!cancelled()"},
        fine={"needs": ["yes"], "if": "${{ always() && !contains(needs.*.result, 'failure') }}"},
    )
    document, said = read(text)
    assert {name: job.get("dependencies") for name, job in jobs(document).items()} == {
        "yes": None,
        "still": ["yes"],
        "last": ["still", "yes"],
        "fine": ["yes"],
    }
    assert not [job for job in document["jobs"] if guard_of(job)]
    assert {name: said[f"jobs.{name}"] for name in ("no", "after", "failed")} == dict.fromkeys(
        ("no", "after", "failed"), "dropped"
    )
    assert {said[f"jobs.{name}.if"] for name in ("still", "last", "fine")} == {"approximated"}


UNDECIDED = [
    "github.ref == 'refs/heads/main'", "github.event_name == 'push'", "${{ vars.GO }}", "needs.b.outputs.x",
    "always() && inputs.x", "contains(github.event.head_commit.message, 'x')", "hashFiles('x') != ''",
    "needs.b.result != 'success' || github.actor == 'me'",
]  # fmt: skip


@pytest.mark.parametrize("condition", UNDECIDED)
def test_a_condition_that_is_not_decided_holds_its_job_back(condition: str) -> None:
    document, said = read(flow(b={}, a={"if": condition, "needs": "b"}, c={"needs": "a"}))
    assert {name: guard_of(job) is not None for name, job in jobs(document).items()} == {
        "b": False,
        "a": True,
        "c": False,
    }
    assert jobs(document)["c"]["dependencies"] == ["a"]
    assert said["jobs.a.if"] == "manual"


def test_a_text_around_an_expression_makes_a_condition_true() -> None:
    document, _ = read(flow(a={"if": "${{ github.job }} == 'x'"}, b={"if": "x ${{ false }}"}))
    assert {name: guard_of(job) for name, job in jobs(document).items()} == {"a": None, "b": None}


def test_variables_decide() -> None:
    text = flow(
        a={"if": "github.ref == 'refs/heads/main' && vars.x == 1 && inputs.y != 'z' && github.event.action == 'opened'"}
    )
    assert guard_of(read(text)[0]["jobs"][0])
    given = {"github__ref": "refs/heads/MAIN", "vars__x": "1", "inputs__y": "", "github__event__action": "opened"}
    assert guard_of(read(text, **given)[0]["jobs"][0]) is None
    document, _ = read(flow(a={"if": "github.ref == 'x'"}, b={}), github__ref="y")
    assert list(jobs(document)) == ["b"]


@pytest.mark.parametrize("name", ["secrets.X", "ref", "matrix.os", "github.", "gitub.ref"])
def test_a_variable_that_decides_nothing_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="decides nothing"):
        imported(workflow({"run": "x"}), "github", wishes=Wishes(variables={name: "1"}))


@pytest.mark.parametrize(
    "job",
    [
        {"runs-on": "windows-latest"}, {"runs-on": ["self-hosted", "macOS"]}, {"runs-on": "${{ github.x }}"},
        {"container": "node:20"}, {"services": {"db": {"image": "x"}}}, {"environment": "prod"},
        {"environment": {"name": "prod", "url": "x"}}, {"uses": "./.github/workflows/x.yml"},
        {"strategy": {"matrix": {"a": "${{ fromJSON(github.event.x) }}"}}},
        {"env": {"A": "${{ github.event.x }}"}},
        {"steps": [{"uses": "docker/login-action@v3"}, {"run": "deploy"}]}, {"steps": [{"uses": "./local"}]},
        {"steps": [{"uses": "actions/checkout@v4", "with": {"repository": "a/b"}}]}, {"steps": [{"wait": "x"}]},
        {"steps": [{"run": "x", "if": "github.ref == 'x'"}]}, {"steps": [{"run": "x", "shell": "pwsh"}]},
        {"steps": [{"run": "x", "shell": "${{ vars.S }}"}]}, {"steps": [{"run": "x ${{ github.event.x }}"}]},
        {"steps": [{"run": "cat <<'E'\n${{ github.sha }}\nE"}]}, {"steps": [{"run": "x", "background": True}]},
        {"steps": [{"run": "print(${{ github.sha }})", "shell": "python"}]},
        {"steps": [{"run": "${{ github.sha || 'x' }}"}]},
        {"steps": [{"id": "s", "uses": "actions/setup-node@v4"}, {"run": "echo ${{ steps.s.outputs.v }}"}]},
        {"steps": [{"uses": "x/notify@v1", "if": "always()"}]}, {"env": "${{ fromJSON(vars.E) }}"},
    ],
    ids=lambda job: json.dumps(job)[:60],
)  # fmt: skip
def test_what_cannot_be_translated_holds_its_job_back(job: dict[str, Any]) -> None:
    document, said = read(flow(a=job) if "uses" not in job else json.dumps({"on": "push", "jobs": {"a": job}}))
    assert guard_of(document["jobs"][0])
    assert "manual" in said.values()


def test_a_foreign_step_fails_though_a_person_allows_the_job(tmp_path: Path) -> None:
    document, _ = read(workflow({"run": "touch before"}, {"uses": "x/deploy@v1"}, {"run": "touch after"}))
    assert run_document(document, tmp_path, EX_ALLOW="all").returncode == 1
    assert (tmp_path / "before").exists()
    assert not (tmp_path / "after").exists()


def test_a_step_that_is_decided_not_to_run_is_left_out() -> None:
    steps = [{"uses": "x/y@v1", "if": False}, {"uses": "x/notify@v1", "if": "failure()"}, {"run": "echo"}]
    document, said = read(workflow(*steps))
    assert (document["jobs"][0]["command"], guard_of(document["jobs"][0])) == ("echo", None)
    assert [said[f"jobs.a.steps[{n}]"] for n in (0, 1)] == ["dropped", "dropped"]


def test_a_cache_that_never_holds_anything_has_no_hit() -> None:
    cache = {"id": "c", "uses": "actions/cache@v4", "with": {"path": "x", "key": "${{ hashFiles('y') }}"}}
    document, _ = read(workflow(cache, {"run": "npm ci", "if": "steps.c.outputs.cache-hit != 'true'"}))
    assert (document["jobs"][0]["command"], guard_of(document["jobs"][0])) == ("npm ci", None)


def test_the_context_env_has_the_layers_of_the_step() -> None:
    step = {
        "run": "${{ env.A }} ${{ env.B }} ${{ env.C }} <${{ env.nope }}>",
        "env": {"C": "${{ env.A }}3"},
        "if": "env.C == 13",
    }
    document, _ = read(workflow(step, env={"A": 1, "B": 1}, job={"env": {"B": 2}}))
    assert (document["jobs"][0]["command"], guard_of(document["jobs"][0])) == ("1 2 13 <>", None)


def test_an_input_has_the_default_of_the_source() -> None:
    on = {"workflow_dispatch": {"inputs": {"to": {"default": "staging"}}}}
    text = workflow({"run": "deploy ${{ inputs.to }} ${{ github.event.inputs.to }}"}).replace('"push"', json.dumps(on))
    document, said = read(text)
    assert document["env_variables"] == {"CI": "true", "INPUT_TO": "staging"}
    assert document["jobs"][0]["command"] == "deploy ${INPUT_TO?} ${INPUT_TO?}"
    assert said["jobs.a.steps[0].run"] == "approximated"
    assert read(text, inputs__to="prod")[0]["jobs"][0]["command"] == "deploy prod prod"


def test_a_job_a_step() -> None:
    steps = [{"run": "a"}, {"uses": "actions/checkout@v4"}, {"id": "b", "run": "b"}, {"uses": "x/y@v1"}, {"run": "c"}]
    document, _ = read(flow(one={"steps": steps}, two={"needs": "one", "environment": "e"}), split=True)
    found = jobs(document)
    assert [(name, job.get("dependencies"), guard_of(job) is not None) for name, job in found.items()] == [
        ("one.Run_a", None, False),
        ("one.b", ["one.Run_a"], False),
        ("one.Run_x_y_v1", ["one.b"], True),
        ("one.Run_c", ["one.Run_x_y_v1"], False),
        ("two.Run_echo_two", ["one.Run_c"], True),
    ]


def test_where_steps_are_jobs_none_runs_after_a_failure(tmp_path: Path) -> None:
    steps = [
        {"run": "false"},
        {"run": "touch never"},
        {"run": "touch no", "if": "failure()"},
        {"run": "touch nor", "if": "always()"},
    ]
    document, said = read(flow(a={"steps": steps, "continue-on-error": True, "timeout-minutes": 9}), split=True)
    assert len(document["jobs"]) == 3
    assert said["jobs.a.steps[2]"] == "dropped"
    assert (
        said["jobs.a.steps[3].if"]
        == said["jobs.a.continue-on-error"]
        == said["jobs.a.timeout-minutes"]
        == "approximated"
    )
    assert run_document(document, tmp_path).returncode == 1
    assert not list(tmp_path.iterdir())


def test_a_step_that_hands_something_on_is_held_back_where_steps_are_jobs() -> None:
    document, _ = read(workflow({"run": "echo A=1 >> $GITHUB_ENV"}, {"run": "echo $A"}), split=True)
    assert [guard_of(job) is not None for job in document["jobs"]] == [True, False]


def test_expressions_that_would_have_one_name_have_two() -> None:
    step = {"run": "a ${{ hashFiles('x') }} ${{ hashFiles('-x') }} ${{ hashFiles('x') }}"}
    command = read(workflow(step))[0]["jobs"][0]["command"]
    first = "${EXPRESSION_hashFiles_x?}"
    assert command == f"a {first} ${{EXPRESSION_hashFiles_x_2?}} {first}"


def test_triggers_and_their_times_are_kept() -> None:
    on = {"schedule": [{"cron": "30 5 * * 1"}], "push": {"branches": ["main"]}}
    document, said = read(workflow({"run": "x"}).replace('"push"', json.dumps(on), 1))
    assert document["x-source"]["workflow"]["on"] == on
    assert said["on"] == "approximated"


def test_comments_and_names_are_descriptions() -> None:
    job = "name: A!\n    runs-on: ubuntu-latest\n    steps: [{run: x}] # end"
    text = f"# All of it\nname: N\non: push\njobs:\n  # The first\n  # of all\n  a:\n    {job}\n"
    document, _ = read(text)
    assert (document["application_name"], document["description"]) == ("N", "All of it")
    assert document["jobs"][0]["description"] == "A!\nThe first\nof all"


GOOD = {"runs-on": "ubuntu-latest", "steps": [{"run": "x"}]}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: 1", "a workflow is a map with jobs"), ("[1]", "a workflow is a map"), ("jobs: {}", "at least one"),
        ("jobs: 5", "a map with jobs"),
        ({"a": 5}, "a job is a map"),
        ({"a": {"steps": [{"run": "x"}]}}, "runs-on"),
        ({"a": {"runs-on": "u"}}, "a job has steps"),
        ({"a": GOOD | {"needs": "b"}}, 'it needs the job "b"'), ({"a": GOOD | {"needs": ["a"]}}, "need each other: a"),
        ({"a": GOOD | {"needs": "b"}, "b": GOOD | {"needs": "a"}}, "need each other: a, b"),
        ({"a": GOOD | {"needs": [{}]}}, "it needs the job"),
        ({"a": GOOD | {"steps": 5}}, "a list of steps"),
        ({"a": GOOD | {"steps": []}}, "a list of steps"),
        ({"a": GOOD | {"steps": [5]}}, "a step is a map"),
        ({"a": GOOD | {"steps": [{"run": []}]}}, "run is one text"),
        ({"a": GOOD | {"steps": [{"run": "x", "uses": "y"}]}}, "not both"),
        ({"a": GOOD | {"if": "github.ref = 1"}}, "= is not expected"),
        ({"a": GOOD | {"if": []}}, "a condition is one expression"),
        ({"a": GOOD | {"env": [1]}}, "a map of variables"),
        ({"a": GOOD | {"env": {"A": {}}}}, "one text"),
        ({"a": GOOD | {"env": {"A=B": 1}}}, "one text"),
        ({"a": GOOD | {"strategy": 5}}, "a map with matrix"),
        ({"a": GOOD | {"timeout-minutes": "soon"}}, "a number of minutes"),
        ({"a": GOOD | {"timeout-minutes": 0}}, "above 0"),
        ({"a": GOOD | {"continue-on-error": "maybe"}}, "true or false"),
        ({"a": GOOD | {"steps": [{"run": "x", "shell": "fish"}]}}, "no {0}"),
        ({"a": GOOD | {"steps": [{"run": "${{ github.sha"}]}}, "has no end"),
        ({"a": GOOD | {"steps": [{"run": "${{ nope.x }}"}]}}, "no context nope"),
        ({"a": GOOD | {"steps": [{"run": "${{ }}"}]}}, "nothing in it"),
        ({"a": GOOD | {"strategy": {"matrix": {"a": [1], "exclude": [{"a": 1}]}}}}, "nothing is left"),
    ],
)  # fmt: skip
def test_what_github_would_refuse_is_refused_with_its_place(text: Any, says: str) -> None:
    written = text if isinstance(text, str) else json.dumps({"on": "push", "jobs": text})
    with pytest.raises(InputError) as caught:
        imported(written, "github")
    assert says in caught.value.message
    assert caught.value.place == "source:1"


TRUE = {"env": {"DEPLOY": "true"}}


@pytest.mark.parametrize(
    "step",
    [
        {"run": 'cat release.env >> "$GITHUB_ENV"'}, {"run": "./decide.sh"}, {"run": "echo $(x)"},
        {"uses": "x/y@v1"}, {"uses": "x/setup-y@v1"}, {"run": "print()", "shell": "python"},
        {"run": "echo x; ./y", "if": "always()"},
    ],
    ids=str,
)  # fmt: skip
def test_after_a_step_no_variable_is_known(step: dict[str, Any]) -> None:
    last = {"run": "deploy ${{ env.DEPLOY }}", "if": "env.DEPLOY == 'true'"}
    document, said = read(workflow(step, last, job=TRUE))
    assert said["jobs.a.steps[1].if"] == "manual"
    assert guard_of(document["jobs"][0])
    assert "${DEPLOY?}" in document["jobs"][0]["command"]


def test_a_step_that_only_talks_sets_no_variable() -> None:
    first = [{"uses": "actions/checkout@v4"}, {"run": "echo hello\n# to all\n\nprintf 'x y'"}]
    document, said = read(workflow(*first, {"run": "x", "if": "env.DEPLOY == 'true'"}, job=TRUE))
    assert (guard_of(document["jobs"][0]), said["jobs.a.steps[2].if"]) == (None, "exact")


@pytest.mark.parametrize(("value", "held"), [("a b", False), ("it's", True), ("$(x)", True), ("a;b", True)])
def test_a_variable_whose_value_would_be_read_as_code_is_none_in_a_script(value: str, held: bool) -> None:
    document, _ = read(workflow({"run": "./x"}, {"run": "echo ${{ env.V }}"}, job={"env": {"V": value}}))
    assert (guard_of(document["jobs"][0]) is not None) == held


@pytest.mark.parametrize("strategy", [{}, {"fail-fast": True}, {"fail-fast": "${{ github.x }}"}])
@pytest.mark.parametrize("split", [False, True])
def test_where_one_runs_at_a_time_none_runs_after_a_failure(strategy: dict[str, Any], split: bool) -> None:
    both = {"strategy": {"matrix": {"to": ["canary", "prod"]}, "max-parallel": 1, **strategy}}
    document, said = read(flow(a=both, b={"needs": "a"}), split=split)
    waits = [job.get("dependencies") for job in document["jobs"]]
    assert waits == [None, [document["jobs"][0]["id"]], [job["id"] for job in document["jobs"][:2]]]
    assert said["jobs.a.strategy.max-parallel"] == "exact"


@pytest.mark.parametrize(
    ("strategy", "fate"),
    [
        ({}, "approximated"), ({"fail-fast": True}, "approximated"), ({"fail-fast": False}, "exact"),
        ({"max-parallel": 2}, "approximated"), ({"fail-fast": False, "max-parallel": 1}, "exact"),
    ],
    ids=str,
)  # fmt: skip
def test_that_a_failure_ends_the_others_is_in_the_account(strategy: dict[str, Any], fate: str) -> None:
    wishes = Wishes()
    text = flow(a={"strategy": {"matrix": {"to": ["x", "y"]}, **strategy}})
    documents, entries = imported(text, "github", wishes=wishes)
    assert {entry.fate for entry in entries if entry.construct == "fail-fast"} == {fate}
    assert not any("dependencies" in job for job in documents[0]["jobs"])


def test_a_hit_of_a_cache_is_no_exact_thing() -> None:
    cache = {"id": "c", "uses": "actions/cache@v4", "with": {"path": "x", "key": "y"}}
    hit = "steps.c.outputs.cache-hit"
    _, said = read(workflow(cache, {"run": f"echo ${{{{ {hit} }}}}", "if": f"{hit} != 'true'"}))
    assert said["jobs.a.steps[1].if"] == said["jobs.a.steps[1].run"] == "approximated"
    document, _ = read(workflow(cache, {"run": "x", "if": "steps.c.outputs.cache-primary-key != 'true'"}))
    assert guard_of(document["jobs"][0])


@pytest.mark.parametrize("key", ["repository", "run-id"])
def test_files_of_another_run_are_not_here(key: str) -> None:
    document, _ = read(workflow({"uses": "actions/download-artifact@v4", "with": {key: "1"}}, {"run": "x"}))
    assert guard_of(document["jobs"][0])


def test_a_group_of_runners_may_be_of_another_system() -> None:
    for runs_on, held in (
        ({"group": "windows-large", "labels": ["big"]}, True),
        ({"group": "g", "labels": "l"}, False),
    ):
        document, said = read(flow(a={"runs-on": runs_on}))
        assert (guard_of(document["jobs"][0]) is not None) == held
        assert said["jobs.a.runs-on"] == ("manual" if held else "approximated")


def test_what_is_not_known_after_a_failure_is_not_exact() -> None:
    steps = [{"id": "c", "run": "x"}, {"run": "y", "if": "success() || steps.c.outputs.zz"}]
    document, said = read(flow(a={"steps": steps}, b={"if": "success() || github.ref == 'x'"}))
    assert said["jobs.a.steps[1].if"] == said["jobs.b.if"] == "approximated"
    assert not any(guard_of(job) for job in document["jobs"])


@pytest.mark.parametrize("condition", ["${{ false }}\n", " ${{ failure() }}", "${{ github.ref == 'x' }}\n"])
def test_a_condition_with_a_line_end_is_not_decided(condition: str) -> None:
    document, said = read(flow(a={"if": condition}, b={"steps": [{"run": "x", "if": condition}]}, c={"if": "true\n"}))
    assert {name: guard_of(job) is not None for name, job in jobs(document).items()} == {
        "a": True,
        "b": True,
        "c": False,
    }
    assert said["jobs.a.if"] == said["jobs.b.steps[0].if"] == "manual"


BY_HAND = {"inputs": {"deploy": {"default": True}}}


def on(text: str, **told: Any) -> str:
    return json.dumps({**json.loads(text), "on": told})


def test_the_default_of_an_input_holds_where_somebody_starts_it_by_hand() -> None:
    text = flow(a={"steps": [{"run": "x ${{ inputs.deploy }}", "if": "inputs.deploy"}]})
    both = on(text, push=None, workflow_dispatch=BY_HAND)
    document, _ = read(both)
    assert "INPUT_DEPLOY" not in document["env_variables"]
    assert guard_of(document["jobs"][0])
    document, said = read(both, github__event_name="push")
    assert said["jobs.a.steps[0]"] == "dropped"
    assert document["jobs"][0]["command"] == "true"
    document, _ = read(both.replace(', "if": "inputs.deploy"', ""), github__event_name="workflow_dispatch")
    assert document["env_variables"]["INPUT_DEPLOY"] == "true"
    plain = flow(a={"steps": [{"run": "x ${{ inputs.deploy }} ${{ github.event.inputs.deploy }}."}]})
    assert read(on(plain, push=None))[0]["jobs"][0]["command"] == "x  ."
    for told, default in (({"workflow_call": BY_HAND}, True), ({"workflow_call": BY_HAND, "push": None}, False)):
        for variables in ({}, {} if default else {"github__event_name": "push"}):
            document, _ = read(on(plain, **told), **variables)
            assert ("INPUT_DEPLOY" in document["env_variables"]) == default
            assert document["jobs"][0]["command"] == "x ${INPUT_DEPLOY?} ${INPUT_DEPLOY?}."


@pytest.mark.parametrize(
    ("ref", "told", "runs"),
    [
        ("refs/heads/main", {"branches": ["main"]}, True), ("refs/heads/x", {"branches": ["main"]}, False),
        ("refs/heads/rel/1/2", {"branches": ["rel/**"]}, True), ("refs/heads/rel/1/2", {"branches": ["rel/*"]}, False),
        ("refs/heads/rel/x", {"branches": ["rel/**", "!rel/x"]}, False), ("refs/heads/x", {"tags": ["v*"]}, False),
        ("refs/heads/x", {"branches-ignore": "x"}, False), ("refs/heads/y", {"branches-ignore": ["x"]}, True),
        ("refs/tags/v1.2", {"tags": ["v[0-9]+.?[12]"]}, True), ("refs/tags/v", {"branches": ["**"]}, False),
        ("refs/tags/v", {"branches": ["x"], "tags": ["v"]}, True), ("refs/heads/x", None, True),
        ("refs/heads/x", {"paths": ["a"]}, True), ("HEAD", {"branches": ["x"]}, True),
    ],
    ids=str,
)  # fmt: skip
def test_a_push_that_starts_nothing_there_runs_nothing_here(ref: str, told: Any, runs: bool) -> None:
    document, said = read(on(flow(a={}, b={"needs": "a", "if": "always()"}), push=told), github__ref=ref)
    assert bool(document["jobs"]) == runs
    if not runs:
        assert said["on"] == said["jobs.a"] == said["jobs.b"] == "dropped"


def test_an_event_that_starts_nothing_runs_nothing() -> None:
    text = on(flow(a={}), push={"branches": ["main"]}, pull_request={"branches": ["main"]})
    for variables in (
        {"github__event_name": "release"},
        {"github__event_name": "pull_request", "github__base_ref": "x"},
    ):
        assert read(text, **variables)[0]["jobs"] == []
    for variables in (
        {"github__ref": "refs/heads/x"},
        {"github__event_name": "pull_request", "github__base_ref": "main"},
    ):
        assert len(read(text, **variables)[0]["jobs"]) == 1


def test_what_sounds_like_a_secret_is_never_written() -> None:
    step = {"run": "x ${{ github.token }} ${{ inputs.api-token }} ${{ vars.DB_PASSWORD }} ${{ vars.PLAIN }}"}
    told = {"github.token": "LEAK1", "inputs.api-token": "LEAK2", "vars.DB_PASSWORD": "LEAK3", "vars.PLAIN": "shown"}
    documents, _ = imported(workflow(step), "github", wishes=Wishes(variables=told))
    assert "LEAK" not in json.dumps(documents)
    assert documents[0]["jobs"][0]["command"] == "x ${GITHUB_TOKEN?} ${INPUT_API_TOKEN?} ${VARS_DB_PASSWORD?} shown"
    assert documents[0]["secrets"] == ["GITHUB_TOKEN", "INPUT_API_TOKEN", "VARS_DB_PASSWORD"]
    assert documents[0]["x-source"]["variables"] == {"vars.PLAIN": "shown"}


def test_a_secret_that_stands_in_the_source_is_said() -> None:
    own = {"A_TOKEN": "x", "B_TOKEN": "${{ secrets.B }}", "C_TOKEN": "", "PLAIN": "x"}
    _, said = read(workflow({"run": "x", "env": own}, env=own, job={"env": own}))
    for place in ("env", "jobs.a.env", "jobs.a.steps[0].env"):
        assert said[f"{place}.A_TOKEN"] == "manual"
        assert (said[f"{place}.C_TOKEN"], said[f"{place}.PLAIN"]) == ("exact", "exact")


def test_reasons_cannot_drive_a_terminal() -> None:
    evil = "\x1b[31m\x07"
    steps = [
        {"name": evil, "uses": f"x/{evil}@v1"}, {"run": "x", "if": f"github['{evil}']"}, {evil: 1, "run": "x"},
        {"run": f"echo ${{{{ github['{evil}'] }}}}", "env": {"A": f"${{{{ vars['{evil}'] }}}}"}},
    ]  # fmt: skip
    for job in ({"runs-on": evil + "windows"}, {"if": f"github['{evil}']"}, {"container": evil, evil: 1}):
        _, entries = imported(flow(a={"steps": steps, **job}), "github")
        assert all(entry.reason.isprintable() and entry.construct.isprintable() for entry in entries)


def test_a_key_that_is_not_known_names_the_one_that_was_meant() -> None:
    with pytest.raises(InputError) as caught:
        imported(json.dumps({"on": "push", "jobs": {"a": {"runs-on": "x", "step": [{"run": "x"}]}}}), "github")
    assert caught.value.mend == "write steps: for step:"
    documents, entries = imported(
        flow(b={}, a={"need": "b", "steps": [{"run": "x", "continue-on-eror": True}]}), "github"
    )
    reasons = {entry.construct: entry.reason for entry in entries if entry.fate == "manual"}
    assert reasons["need"].endswith("did you mean needs?")
    assert reasons["continue-on-eror"].endswith("did you mean continue-on-error?")
    assert guard_of(jobs(documents[0])["a"])
