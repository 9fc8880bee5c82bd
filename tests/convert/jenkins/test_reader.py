"""Pipelines as documents: stages, their order, what holds for them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from exlib.errors import InputError
from tests.convert.converting import imported, run_document
from tests.convert.jenkins.pipelines import guarded, job, order, pipeline, read, stage


def stages(*names: str) -> str:
    return "\n".join(stage(f"echo '{name}'", name) for name in names)


def test_stages_follow_one_another_and_branches_run_side_by_side() -> None:
    text = pipeline(
        f"{stages('a')}\n stage('p') {{ parallel {{\n{stages('b')}\n"
        f"stage('q') {{ stages {{\n{stages('c', 'd')}\n}} }}\n}} }}\n{stages('e')}"
    )
    document = read(text)[0]
    assert order(document) == {"a": [], "b": ["a"], "c": ["a"], "d": ["c"], "e": ["b", "d"]}
    assert (document["parallel"], document["max_workers"], document["continue_on_error"]) == (True, 2, True)
    assert document["default_timeout"] is None


@pytest.mark.parametrize("fast", ["failFast true", "options { parallelsAlwaysFailFast() }"])
def test_fail_fast_ends_the_rest(fast: str) -> None:
    where = ("", fast) if fast.startswith("options") else (fast, "")
    document = read(pipeline(f"stage('p') {{ {where[0]}\n parallel {{\n{stages('a', 'b')}\n}} }}", where[1]))[0]
    assert "continue_on_error" not in document
    assert document["x-source"]["failFast"] is True


def test_a_branch_in_which_nothing_is_left_holds_nothing_up() -> None:
    out = stage("echo 1", "b", "when { expression { false } }")
    text = pipeline(f"{stages('a')}\nstage('p') {{ parallel {{\n{out}\n{stages('c')}\n}} }}\n{stages('d')}")
    assert order(read(text)[0]) == {"a": [], "c": ["a"], "d": ["c"]}


MATRIX = """stage('m') { matrix {
  axes {
    axis { name 'OS'; values 'linux', 'mac' }
    axis { name 'N'; values 1, 2 }
  }
  excludes { exclude {
    axis { name 'OS'; values 'mac' }
    axis { name 'N'; notValues 1 }
  } }
  stages {
    stage('build') { steps { sh 'echo $OS-$N >>out-$OS-$N' } }
    stage('test') { when { environment name: 'OS', value: 'linux' }
      steps { sh "echo ${OS} >>out-$OS-$N" } }
  }
} }"""


def test_a_matrix_is_its_cells(tmp_path: Path) -> None:
    document = read(pipeline(f"{stages('a')}\n{MATRIX}\n{stages('z')}"))[0]
    assert order(document) == {
        "a": [],
        "build (linux, 1)": ["a"],
        "test (linux, 1)": ["build (linux, 1)"],
        "build (linux, 2)": ["a"],
        "test (linux, 2)": ["build (linux, 2)"],
        "build (mac, 1)": ["a"],
        "z": ["test (linux, 1)", "test (linux, 2)", "build (mac, 1)"],
    }
    assert document["jobs"][1]["env_variables"] == {"OS": "linux", "N": "1"}
    folder = tmp_path
    assert run_document(document, folder).returncode == 0
    assert (folder / "out-linux-1").read_text() == "linux-1\nlinux\n"
    assert (folder / "out-mac-1").read_text() == "mac-1\n"
    assert not (folder / "out-mac-2").exists()


def test_variables_are_those_of_the_pipeline_and_of_its_stages() -> None:
    top = "environment { B = \"${A}/b\"; A = '/a'; C = '${literal}'; D = credentials('d'); E = 5 }"
    text = pipeline(stage("sh 'echo $B'", "s", 'environment { B = "${B}/c"; PATH = "/x:${env.PATH}" }'), top)
    document = read(text)[0]
    assert document["env_variables"] == {"A": "/a", "E": "5", "B": "${A}/b"}
    assert document["jobs"][0]["env_variables"] == {"B": "${B}/c", "PATH": "/x:${PATH}"}
    assert "export C='${literal}'" in document["jobs"][0]["command"]
    assert document["x-source"]["environment"] == {"C": "'${literal}'", "D": "credentials('d')"}


def test_a_credential_is_a_secret_that_the_jobs_which_use_it_ask_for() -> None:
    document = read(
        pipeline(stage("sh 'use $D_PSW'") + "\n" + stage("sh 'plain'", "t"), "environment { D = credentials('d') }")
    )[0]
    assert document["secrets"] == ["D_PSW"]
    assert [each["command"] for each in document["jobs"]] == [': "${D_PSW:?not set}"\nuse $D_PSW', "plain"]


def test_what_groovy_computes_guards_the_jobs_below() -> None:
    text = pipeline(f"{stage('echo 1', 'a', 'environment { X = f() }')}\n{stages('b')}")
    assert [guarded(each) for each in read(text)[0]["jobs"]] == ["Groovy computes the value of X", None]
    text = pipeline(stages("a", "b"), "environment { X = \"${sh(script: 'date', returnStdout: true)}\" }")
    assert all(guarded(each) for each in read(text)[0]["jobs"])


def test_parameters_are_variables_with_their_defaults() -> None:
    top = """parameters {
    string(name: 'S', defaultValue: 'a', description: 'x')
    booleanParam(name: 'B', defaultValue: true)
    choice(name: 'C', choices: ['x', 'y'])
    choice name: 'D', choices: 'p\\nq'
    text(name: 'T')
    password(name: 'P', defaultValue: 'no')
  }"""
    document = read(pipeline(stages("a"), top))[0]
    assert document["env_variables"] == {"S": "a", "B": "true", "C": "x", "D": "p", "T": ""}
    assert "no" not in document["env_variables"].values()


def test_limits() -> None:
    top = "options { timeout(time: 1, unit: 'HOURS'); retry(2) }"
    more = "options { timeout(5); retry(4) }"
    document = read(pipeline(stage("echo 1", "a", more) + "\n" + stages("b"), top))[0]
    assert (document["default_timeout"], document["default_max_retries"], document["default_retry_delay"]) == (
        3600,
        1,
        0,
    )
    assert [(each.get("timeout"), each.get("max_retries")) for each in document["jobs"]] == [(300, 3), (None, None)]


def test_triggers_are_kept() -> None:
    document, entries = read(pipeline(stages("a"), "triggers { cron('H 4 * * *'); pollSCM('@daily') }"))
    assert document["x-source"]["triggers"] == ["cron('H 4 * * *')", "pollSCM('@daily')"]
    assert "schedule" not in document["x-source"]
    assert [each.fate for each in entries if each.construct in ("cron", "pollSCM")] == ["dropped", "dropped"]
    assert read(pipeline(stages("a"), "triggers { cron('5 4 * * *') }"))[0]["x-source"]["schedule"] == "5 4 * * *"


@pytest.mark.parametrize(
    ("agent", "fate"),
    [
        ("any", "exact"),
        ("none", "exact"),
        ("{ label 'x' }", "dropped"),
        ("{ docker 'x' }", "manual"),
        ("{ kubernetes { yaml 'x' } }", "manual"),
        ("{ dockerfile true }", "manual"),
    ],
)
def test_agents(agent: str, fate: str) -> None:
    text = pipeline(stages("a")).replace("agent any", f"agent {agent}")
    document, entries = read(text)
    assert document["x-source"]["agent"] == f"agent {agent}"
    assert [each.fate for each in entries if each.construct == "agent"] == [fate]


def test_an_input_waits_for_a_person() -> None:
    made = job("echo 'x'", "input { message 'Deploy?'; ok 'Yes' }")
    assert guarded(made) == "Deploy?"


def test_post_of_a_stage_runs_with_it(tmp_path: Path) -> None:
    folder = tmp_path
    post = "; ".join(
        f"{part} {{ sh 'echo {part} >>log' }}"
        for part in ("cleanup", "failure", "always", "success", "unsuccessful", "changed")
    )
    made = job("sh 'echo steps >>log; test -e ok'", f"post {{ {post} }}")
    assert run_document({"jobs": [made]}, folder).returncode == 1
    assert (folder / "log").read_text().split() == ["steps", "always", "failure", "unsuccessful", "cleanup"]
    (folder / "log").unlink()
    (folder / "ok").touch()
    assert run_document({"jobs": [made]}, folder).returncode == 0
    assert (folder / "log").read_text().split() == ["steps", "always", "success", "cleanup"]


def test_a_failure_in_post_fails_the_job(tmp_path: Path) -> None:
    made = job("sh 'true'", "post { always { sh 'false' } }")
    assert run_document({"jobs": [made]}, tmp_path).returncode == 1


def test_post_of_a_pipeline_is_jobs_after_all_others() -> None:
    post = "post { success { echo 's' }; failure { echo 'f' }; always { junit 'x'; cleanWs() }"
    post += "; cleanup { echo 'c'; mail to: 'x' } }"
    text = pipeline(stages("a", "b")).rstrip()[:-1] + post + "\n}\n"
    document, entries = read(text)
    assert order(document) == {"a": [], "b": ["a"], "post success": ["b"], "post cleanup": ["post success"]}
    said = {each.construct: each.fate for each in entries}
    assert (said["failure"], said["cleanup"], said["mail"], said["cleanWs"]) == (
        "dropped",
        "approximated",
        "dropped",
        "dropped",
    )
    assert document["x-source"]["post"] == {"failure": "echo 'f'", "always": "junit 'x'; cleanWs()"}


def test_comments_stay() -> None:
    head = "// the top\n// of it\npipeline { // loose\n agent any\n stages {\n  /* the\n   * stage */\n"
    text = f"{head}{stages('a')}\n }}\n}}"
    document, entries = read(text)
    assert document["description"] == "the top\nof it"
    assert document["jobs"][0]["description"] == "the\nstage"
    assert document["x-source"]["comments"] == ["loose"]
    assert sum(each.construct == "comment" for each in entries) == 4


RICH = f"""#!/usr/bin/env groovy
// Everything
@Library('x') _
import a.b.C
def version = '1'
pipeline {{
  agent {{ label 'x' }} // here
  environment {{
    A = 'a'
    B = f()
  }}
  options {{
    timestamps()
    somethingElse(1)
  }}
  tools {{
    maven 'M3'
  }}
  libraries {{
    lib('y')
  }}
  parameters {{
    string(name: 'S', defaultValue: 'x')
    string(name: f(), defaultValue: 'x')
  }}
  triggers {{
    upstream('z')
  }}
  stages {{
    stage('one') {{
      when {{
        beforeAgent true
        anyOf {{
          branch 'x'
          tag 'y'
        }}
      }}
      options {{
        skipDefaultCheckout()
      }}
      steps {{
        sh '''
          a
        '''
        script {{
          if (x) {{
            y()
          }}
        }}
        dir('z') {{
          echo 'x' // within
          unknown 'thing'
        }}
      }}
      post {{
        changed {{
          mail to: 'x'
        }}
        always {{
          junit '*.xml'
        }}
      }}
    }}
    {MATRIX}
    stage('left') {{
      when {{ expression {{ false }} }}
      steps {{
        sh 'out'
      }}
    }}
  }}
  post {{
    always {{
      cleanWs()
    }}
    failure {{
      mail to: 'x'
    }}
  }}
}}
def helper() {{
  return 1
}}
"""


def test_nothing_of_a_rich_pipeline_is_left_out_of_the_account() -> None:
    """By a walk of its own: every line, and every word that is called, stands in an entry that speaks of it."""
    _, entries = read(RICH)
    covered: dict[int, list[str]] = {}
    for each in entries:
        last = each.place.end_line if each.place.whole else each.place.line
        for line in range(each.place.line, last + 1):
            covered.setdefault(line, []).append(each.place.text)
        covered.setdefault(each.place.end_line, [])
    for number, stands in enumerate(RICH.split("\n"), 1):
        if not stands.strip():
            continue
        assert number in covered, stands
        for word in re.findall(r"(?:^|[{;])\s*(\w+)", stands):
            assert any(word in text for text in covered[number]), (word, stands)
    assert not [each for each in entries if each.reason == "nothing here reads it"]
    assert all(each.reason for each in entries if each.fate != "exact")


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("node('x') {\n sh 'y'\n}", 1, "scripted"),
        ("properties([])\nnode {\n sh 'y'\n}", 2, "scripted"),
        ("// nothing\n", 0, "no pipeline"),
        ("x = 1", 1, "no pipeline"),
        ("pipeline {\n agent any\n}", 1, "no stages"),
        (pipeline(""), 4, "no stage in stages"),
        (pipeline("stage('a') { }"), 5, "nothing to do"),
        (pipeline("stage { steps { } }"), 5, "name"),
        (pipeline('stage("${x}") { steps { } }'), 5, "name"),
        (pipeline("stage('a') { steps { }\n stages { } }"), 5, "steps and stages"),
        (pipeline("stage('a') {\n banana { }\n steps { } }"), 6, "no part of stage 'a'"),
        (pipeline(stages("a"), "banana { }"), 3, "no part of a pipeline"),
        (pipeline(stages("a"), "options { }\n options { }"), 4, "twice"),
        (pipeline(stages("a"), "environment { sh 'x' }"), 3, "sets no variable"),
        (pipeline("stage('m') { matrix { axes { axis { name 'A'; values x() } }\n stages { } } }"), 5, "plain texts"),
        (
            pipeline(
                "stage('p') { parallel { stage('q') { stages { stage('r') { parallel { "
                f"{stages('a')} }} }} }} }} }} }}"
            ),
            5,
            "Jenkins refuses",
        ),
        (pipeline(stages("a")) + "pipeline { agent any }", 17, "second pipeline"),
        (pipeline(stages("a"), "agent any"), 3, "twice"),
    ],
)
def test_what_is_no_pipeline_is_refused_with_its_line(text: str, line: int, message: str) -> None:
    with pytest.raises(InputError) as caught:
        imported(text, "jenkins", name="Jenkinsfile")
    assert message in caught.value.message
    if line and message != "second pipeline":
        assert caught.value.place == f"Jenkinsfile:{line}"


def test_a_matrix_that_is_too_large_is_refused() -> None:
    axes = "\n".join(f"axis {{ name 'A{n}'; values {', '.join(map(str, range(20)))} }}" for n in range(3))
    with pytest.raises(InputError, match="8000 cells"):
        imported(pipeline(f"stage('m') {{ matrix {{ axes {{ {axes} }}\n stages {{ {stages('a')} }} }} }}"), "jenkins")


def test_a_variable_keeps_the_value_it_had_where_it_was_set(tmp_path: Path) -> None:
    """By what Jenkins makes of it: a stage that sets A anew leaves B, which refers to it, as it was."""
    top = 'environment { A = \'1\'; B = "${A}/b"; C = "${B}/c"; T = "${env.BUILD_ID}"; U = "${T}/u" }'
    again = "environment { A = '2'; T = 't'; D = \"${A}${B}\" }"
    two = stage("sh 'echo $A $B $C $T $U >a'", "a") + "\n" + stage("sh 'echo $A $B $C $T $U $D >b'", "b", again)
    document = read(pipeline(two, top))[0]
    assert run_document(document, tmp_path, BUILD_ID="7").returncode == 0
    assert (tmp_path / "a").read_text() == "1 1/b 1/b/c 7 7/u\n"
    assert (tmp_path / "b").read_text() == "2 1/b 1/b/c t 7/u 21/b\n"
    assert run_document(document, tmp_path).returncode == 1


def test_what_would_change_its_value_in_a_stage_guards_it() -> None:
    top = "environment { A = '1'; V = \"${env.BUILD_ID}${A}\" }"
    made = job("sh 'echo $V'", "environment { A = '2' }", top)
    assert guarded(made) == "V refers to a variable that is set anew here"


def test_what_has_no_translation_in_post_guards_the_job() -> None:
    assert guarded(job("sh 'x'", "post { always { publish 'x' } }")) == "the step publish has no translation"
    assert guarded(job("sh 'x'", "post { failure { publish 'x' }; always { slackSend 'x' } }")) is None


def test_a_script_beside_what_does_nothing_here_is_a_command_as_it_stands() -> None:
    made = job("checkout scm\nsh 'make'\njunit 'x'", "post { always { archiveArtifacts 'x' } }")
    assert (made["command"], made["shell"]) == ("make", "sh -xe")
    assert made["x-source"]["steps"] == "checkout scm\nsh 'make'\njunit 'x'"


def test_the_time_zone_of_a_trigger_is_kept_with_its_schedule() -> None:
    text = pipeline(stages("a"), r"triggers { cron('TZ=Europe/Berlin\n30 2 * * 1-5') }")
    kept = read(text)[0]["x-source"]
    assert (kept["schedule"], kept["timezone"]) == ("30 2 * * 1-5", "Europe/Berlin")


def test_what_a_source_says_drives_no_terminal() -> None:
    _, entries = read(pipeline(stage("sh 'x'", "a\x1b[2J", "when { branch 'b\x1b[31m' }")))
    assert all(each.reason.isprintable() and each.place.path.isprintable() for each in entries)
