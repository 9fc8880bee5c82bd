"""Steps as shell text: run by sh, each does what Jenkins would do."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from exlib.convert.wishes import Wishes
from tests.convert.converting import files_of, run_document
from tests.convert.jenkins.pipelines import guarded, job, pipeline, read, stage


def run(folder: Path, steps: str, more: str = "", top: str = "", **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the job of some steps by its shell."""
    made = job(steps, more, top)
    assert guarded(made) is None
    document = read(pipeline(stage(steps, more=more), top))[0]
    env = {**os.environ, **document.get("env_variables", {}), **made.get("env_variables", {}), **environ}
    argv = [*made.get("shell", "/bin/sh").split(), "-c", made["command"]]
    return subprocess.run(argv, cwd=folder, env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("steps", "printed"),
    [
        ("sh 'echo one'", "one\n"),
        ("sh '''\n  echo one\n  echo two\n'''", "one\ntwo\n"),
        ("sh 'echo one'; sh 'echo two'", "one\ntwo\n"),
        ("sh 'X=1'; sh 'echo \"<$X>\"'", "<>\n"),
        ("echo 'it\\'s $HOME \"x\" \\\\n'", 'it\'s $HOME "x" \\n\n'),
        ("sh '''#!/bin/bash\nset -o pipefail; echo $((1+1)) ${BASH_VERSION:+bash}'''", "2 bash\n"),
        ("sh '''#!/usr/bin/env python3\nprint(1 + 1)'''; sh 'echo x'", "2\nx\n"),
        ("sh '''#!/usr/bin/awk -f\nBEGIN { print 1 + 2 }'''", "3\n"),
        ("sh script: 'echo a; false', returnStatus: true\nsh 'echo b'", "a\nb\n"),
        ("sh script: 'echo a', returnStdout: true\nsh(script: 'echo b', label: 'B')", "b\n"),
        (
            "withEnv(['A=it\\'s', 'B=$A', \"C=${env.HOME}\", 'PATH+X=/y']) { sh 'echo \"$A $B\" ${PATH%%:*}' }"
            "\nsh 'echo <$A>'",
            None,
        ),
        ("catchError { sh 'echo a; false; echo b' }\necho 'c'", "a\nc\n"),
        ("warnError('w') { error 'x' }\necho 'c'", "c\n"),
        ("retry(3) { sh 'echo x >>tries; test $(wc -l <tries) -eq 2' }\nsh 'cat tries'", "x\nx\n"),
        ("timeout(1) { echo 'a' }\necho 'b'", "a\nb\n"),
        (
            "dir('new/sub') { sh 'echo a >f'; dir('x') { sh 'pwd | sed s,.*new,new,' } }\nsh 'cat new/sub/f'",
            "new/sub/x\na\n",
        ),
        ("writeFile file: 'a/b c.txt', text: 'it\\'s\\n$x'\nsh 'cat a/b*'", "it's\n$x"),
        ("script { echo 'a'; sh 'echo b' }", "a\nb\n"),
        ("timestamps { node('x') { echo 'a' } }", "a\n"),
        ("sh '-c'", ""),
        ("unstable 'u'; echo 'a'", "a\n"),
        ("dir('d') { sh 'test \"$WORKSPACE\" = \"${PWD%/d}\" && echo same' }", "same\n"),
        ("", ""),
    ],
)
def test_steps_do_what_they_did(steps: str, printed: str | None, tmp_path: Path) -> None:
    result = run(tmp_path, steps)
    if printed is not None:
        assert (result.stdout, result.returncode) == (printed, 127 if steps == "sh '-c'" else 0), result.stderr
    else:
        assert result.stdout == "it's $A /y\n", result


@pytest.mark.parametrize(
    "steps",
    [
        "sh 'false; true'",
        "sh 'true'; sh 'false'; sh 'touch after'",
        "error 'x'\nsh 'touch after'",
        "dir('d') { sh 'false' }\nsh 'touch after'",
        "retry(2) { sh 'false' }\nsh 'touch after'",
        "timeout(time: 50, unit: 'MILLISECONDS') { sh 'sleep 30' }\nsh 'touch after'",
        "withEnv(['A=b']) { sh 'false'; sh 'touch after' }",
        "sh '#!/bin/sh\\nexit 3'\nsh 'touch after'",
        "echo \"${env.NOWHERE}\"\nsh 'touch after'",
        "sh 'echo $BUILD_NUMBER'\nsh 'touch after'",
        "sh 'rm -rf \"/nowhere/$GIT_COMMIT\"; touch after'",
        "withCredentials([string(credentialsId: 'x', variable: 'TOKEN')]) { sh 'touch after' }",
    ],
)
def test_a_failure_ends_the_steps(steps: str, tmp_path: Path) -> None:
    result = run(tmp_path, steps)
    assert result.returncode != 0
    assert not list(tmp_path.glob("**/after"))


@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        ("bat 'dir'", "the step bat has no translation"),
        ("powershell 'x'", "the step powershell has no translation"),
        ("build job: 'down', wait: true", "the step build has no translation"),
        ("git 'https://example.com/x.git'", "the step git has no translation"),
        ("checkout([$class: 'GitSCM'])", "nothing is fetched here"),
        ("dir('x') { checkout scm }", "nothing is fetched here"),
        ("dir('x') { unstash 'y' }", "files are not carried from folder to folder here"),
        ("script { if (x) { sh 'y' } }", "a script block is a program of Groovy"),
        ("script { def x = sh(script: 'y', returnStdout: true) }", "a script block is a program of Groovy"),
        ("def x = 1", "Groovy is not run here"),
        ("docker.build('x')", "Groovy is not run here"),
        ('sh "echo ${version}"', "sh says something that only Jenkins knows"),
        ('sh "echo ${env.X.trim()}"', "sh says something that only Jenkins knows"),
        ('sh "echo ${params.X}"', "sh says something that only Jenkins knows"),
        ("sh script: 'x', returnStatus: maybe", "sh says something that only Jenkins knows"),
        ("timeout(x) { sh 'y' }", "timeout says something that only Jenkins knows"),
        ("retry(x) { sh 'y' }", "retry says something that only Jenkins knows"),
        ("lock('x') { sh 'y' }", "the step lock has no translation"),
        ("deleteDir()", "the step deleteDir has no translation"),
        ("slackSend 'x'", "the step slackSend has no translation"),
        ("input 'Go on?'", "Go on?"),
        ("input message: 'Go on?'", "Go on?"),
        ("step([$class: 'Other'])", "the step step has no translation"),
        ("sh(*args)", "Groovy is not run here"),
        ("withCredentials([x]) { sh 'y' }", "withCredentials says something that only Jenkins knows"),
    ],
)
def test_what_has_no_translation_guards_the_job_and_fails_in_it(steps: str, reason: str, tmp_path: Path) -> None:
    made = job(f"{steps}\nsh 'touch after'")
    assert guarded(made) == reason
    if not steps.startswith("input"):
        allowed = {**made, "pre_checks": []}
        result = run_document({"jobs": [allowed]}, tmp_path)
        assert result.returncode == 1
        assert not (tmp_path / "after").exists()


def test_an_interpolated_value_is_pasted_into_the_script_as_groovy_pastes_it(tmp_path: Path) -> None:
    result = run(
        tmp_path, 'sh "echo ${env.X} \'$X\'"; sh "touch $X"; echo "<${X}>"', more="environment { X = 'a b; echo c' }"
    )
    assert result.stdout == "a b\nc a b; echo c\nc\n<a b; echo c>\n"
    assert sorted(files_of(tmp_path)) == ["a", "b"]


def test_a_variable_that_the_shell_reads_is_not_pasted(tmp_path: Path) -> None:
    run(tmp_path, "sh 'touch \"$X\"'", more="environment { X = 'a b; echo c' }")
    assert sorted(files_of(tmp_path)) == ["a b; echo c"]


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ('"${params.WHO}"', "world"),
        ('"${WHO}"', "world"),
        ('"$env.WHO"', "world"),
        ('"${OUT}/x"', "/srv/out/x"),
        ("\"${env.HOME + '/x'}\"", "{HOME}/x"),
        ('"${version}-${STAGE_NAME}"', "1.2-s"),
        ("'a' + \"${WHO}\"", "aworld"),
        ("\"${'x'.toUpperCase()}\"", "X"),
        ('"${1}${true}"', "1true"),
        ("\"${'a' ?: 'b'}\"", "a"),
    ],
)
def test_what_a_text_says(text: str, printed: str, tmp_path: Path) -> None:
    top = "parameters { string(name: 'WHO', defaultValue: 'world') }\n"
    top += "  environment { BASE = '/srv'; OUT = \"${BASE}/out\" }"
    source = "def version = '1.2'\n" + pipeline(stage(f"echo({text})"), top)
    document = read(source)[0]
    assert guarded(document["jobs"][0]) is None
    document["jobs"][0]["command"] += " >said"
    assert run_document(document, tmp_path).returncode == 0
    assert (tmp_path / "said").read_text() == printed.replace("{HOME}", os.environ["HOME"]) + "\n"


def test_a_variable_of_groovy_that_changes_is_not_known() -> None:
    changing = "def version = '1.2'\n" + pipeline(
        stage('echo "$version"') + "\n" + stage("script { version = '2' }", "t")
    )
    assert guarded(read(changing)[0]["jobs"][0]) is not None
    field = "@Field String HOME = f()\n" + pipeline(stage('echo "$HOME"'))
    assert guarded(read(field)[0]["jobs"][0]) is not None


def test_a_variable_that_is_given_is_known() -> None:
    text = pipeline(stage('echo "${params.X} ${env.Y}"'))
    document = read(text, wishes=Wishes(variables={"X": "1", "Y": "2"}))[0]
    assert guarded(document["jobs"][0]) is None
    assert document["env_variables"] == {"X": "1", "Y": "2"}


@pytest.mark.parametrize(
    ("steps", "keys"),
    [
        ("sh 'make'", {"command": "make", "shell": "sh -xe"}),
        ("sh '''\n    make\n      x\n    '''", {"command": "make\n  x", "shell": "sh -xe"}),
        ("sh '''\n  cat <<X\n  a\n  X\n'''", {"command": "  cat <<X\n  a\n  X", "shell": "sh -xe"}),
        ("sh '''#!/bin/sh\nmake'''", {"command": "make"}),
        ("sh '''#!/bin/bash -eu\nmake'''", {"command": "make", "shell": "/bin/bash -eu"}),
        ("sh '''#!/usr/bin/env -S bash -eu -o pipefail\nx'''", {"command": "x", "shell": "bash -eu -o pipefail"}),
        ("timeout(2) { sh 'make' }", {"command": "make", "shell": "sh -xe", "timeout": 120}),
        (
            "retry(3) { timeout(time: 5, unit: 'SECONDS') { sh 'make' } }",
            {
                "command": "make",
                "shell": "sh -xe",
                "timeout": 5,
                "max_retries": 2,
                "retry_delay": 0,
                "max_retry_time": 0,
            },
        ),
    ],
)
def test_one_script_is_a_command_as_it_stands(steps: str, keys: dict[str, object]) -> None:
    assert job(steps) == {"id": "s", **keys}
