"""What steps leave behind when they are run by hand, and when the import is run by ex-run: the same files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from exlib.convert.draft import guard_of
from exlib.convert.source import Source
from exlib.convert.wishes import Wishes
from exlib.convert.yaml.tree import Tree
from tests.convert.converting import exported, files_of, imported, run_document
from tests.convert.github.hand import run_by_hand, workflow

JOBS: dict[str, list[dict[str, Any]]] = {
    "one step": [{"run": "echo one > one"}],
    "a failing line ends a step": [{"run": "echo a > a\nfalse\necho b > b"}, {"run": "echo c > c"}],
    "the default shell knows no pipefail": [{"run": "false | true\necho ${-%c} > flags"}],
    "bash has pipefail": [{"run": "false | true\necho no > never", "shell": "bash"}],
    "sh": [{"run": "echo ${-%c} > flags; set -o > options || true", "shell": "sh"}],
    "python": [{"run": "import os\nopen('p', 'w').write(os.environ['WHO'] + \"'s\")", "shell": "python"}],
    "a template": [{"run": "echo $0 | wc -l > lines; echo ${-%c} >> lines", "shell": "bash -u {0}"}],
    "a program that reads a file": [{"run": "a b\n'c'", "shell": "cp {0} copied"}],
    "quotes": [{"run": "printf '%s' 'it'\\''s \"$HOME\" `echo x` \\\\' > q"}, {"run": "echo \"'\" > r"}],
    "here-document": [{"run": "cat > h <<'END'\n$HOME 'x'\nEND\ncat >> h <<END\n$WHO\nEND\n"}, {"run": "true"}],
    "each step starts anew": [
        {"run": "X=1\ncd /\nexport Y=2"},
        {"run": "echo \"${X-none} ${Y-none}\" > v; pwd > here"},
    ],
    "a directory": [{"run": "mkdir -p 'a b/c'"}, {"run": "echo x > f", "working-directory": "a b/c"}],
    "a directory of one step": [{"run": "mkdir d"}, {"run": "pwd | sed 's:.*/::' > f", "working-directory": "./d"}],
    "env of a step": [{"run": "echo $WHO > a", "env": {"WHO": "it's \"me\" $HOME ${HOME}"}}, {"run": "echo $WHO > b"}],
    "odd names in env": [{"run": "env | grep -a '^A[-.]B=' | sort > e", "env": {"A-B": "1", "A.B": "x y"}}],
    "a failure that counts for nothing": [
        {"run": "echo 1 > one\nfalse\necho 2 > two", "continue-on-error": True},
        {"run": "echo 3 > three"},
    ],
    "always and on failure": [
        {"run": "echo a > a; exit 3"},
        {"run": "echo b > b"},
        {"run": "echo c > c", "if": "failure()"},
        {"run": "echo d > d", "if": "always()"},
    ],
    "nothing failed": [
        {"run": "echo a > a"},
        {"run": "echo c > c", "if": "failure()"},
        {"run": "echo d > d", "if": "always()"},
    ],
    "a failure in what always runs": [
        {"run": "true"},
        {"run": "echo x > x; exit 1", "if": "always()"},
        {"run": "echo y > y"},
    ],
    "handed on": [
        {"run": "echo A=1 >> $GITHUB_ENV\necho 'B=x=y << z' >> \"$GITHUB_ENV\""},
        {"run": "{ echo 'C<<END'; echo 'one = 1'; echo; echo ' two'; echo END; echo; echo 'D='; } >> $GITHUB_ENV"},
        {"run": "printf '%s|' \"$A\" \"$B\" \"$C\" \"${D-unset}\" > v"},
    ],
    "handed on though it failed": [
        {"run": "echo A=1 >> $GITHUB_ENV; false"},
        {"run": "echo \"$A\" > a", "if": "always()"},
    ],
    "a step stands above what was handed on": [
        {"run": "echo WHO=job >> $GITHUB_ENV"},
        {"run": "echo $WHO > a", "env": {"WHO": "step"}},
        {"run": "echo $WHO > b"},
    ],
    "path": [
        {"run": "mkdir bin; printf '#!/bin/sh\\necho mine > mine' > bin/tool; chmod +x bin/tool"},
        {"run": "echo $PWD/bin >> $GITHUB_PATH"},
        {"run": "tool"},
    ],
    "names like those of the text around": [
        {"run": "echo name=1 >> $GITHUB_ENV; echo line=2 >> $GITHUB_ENV; echo code=3 >> $GITHUB_ENV"},
        {"run": "echo $name $line $code > n"},
    ],
    "long": [{"run": "\n".join(f"echo {n} >> f" for n in range(300))}, {"run": "wc -l < f > count"}],
}  # fmt: skip


@pytest.mark.parametrize("name", JOBS)
def test_the_import_leaves_what_the_steps_leave(name: str, tmp_path: Path) -> None:
    steps = JOBS[name]
    here, there, aside = (tmp_path / each / "work" for each in ("here", "there", "aside"))
    for folder in (here, there, aside):
        folder.mkdir(parents=True)
    succeeds = run_by_hand(steps, here, aside, {"WHO": "wörld"})
    documents, _ = imported(workflow(*steps, env={"WHO": "wörld"}), "github")
    done = run_document(documents[0], there)
    assert (done.returncode == 0) == succeeds, done.stderr
    want = {path: text.replace(str(here).encode(), b"X") for path, text in files_of(here).items()}
    assert {path: text.replace(str(there).encode(), b"X") for path, text in files_of(there).items()} == want


@pytest.mark.parametrize("name", ["one step", "a failing line ends a step", "quotes", "a directory", "env of a step"])
def test_a_job_a_step_leaves_the_same(name: str, tmp_path: Path) -> None:
    here, there, aside = (tmp_path / each / "work" for each in ("here", "there", "aside"))
    for folder in (here, there, aside):
        folder.mkdir(parents=True)
    succeeds = run_by_hand(JOBS[name], here, aside, {"WHO": "w"})
    text = workflow(*JOBS[name], env={"WHO": "w"})
    documents, _ = imported(text, "github", wishes=Wishes(split_steps=True))
    assert len(documents[0]["jobs"]) == len(JOBS[name])
    assert (run_document(documents[0], there).returncode == 0) == succeeds
    assert files_of(there) == files_of(here)


def test_outputs_reach_later_steps_whatever_quotes_they_stand_in(tmp_path: Path) -> None:
    make = {
        "id": "make-it",
        "run": "echo 'word=a  b' >> $GITHUB_OUTPUT\nprintf 'many<<E\\n1\\n2\\nE\\n' >> $GITHUB_OUTPUT\n"
        "echo 'evil=$(touch hacked); touch hacked' >> $GITHUB_OUTPUT",
    }
    out = "${{ steps.make-it.outputs.%s }}"
    use = {
        "run": f'printf \'<%s>\' {out % "word"} "{out % "word"}" \'{out % "word"}\' "$(echo "{out % "word"}")" > w\n'
        f"# a comment of {out % 'word'} isn't read\n"
        f"cat > h <<END\n{out % 'many'}\nEND\nprintf '<%s>' {out % 'evil'} \"{out % 'evil'}\" '{out % 'evil'}' > e\n"
        f'echo "{out % "unset"}" > u',
        "env": {"E": f"x {out % 'word'}"},
        "working-directory": out % "word",
    }
    (tmp_path / "a  b").mkdir()
    documents, _ = imported(workflow(make, use), "github")
    assert "pre_checks" not in documents[0]["jobs"][0]
    done = run_document(documents[0], tmp_path)
    assert done.returncode == 0, done.stderr
    assert files_of(tmp_path) == {
        "a  b/w": b"<a><b><a  b><a  b><a  b>",
        "a  b/h": b"1\n2\n",
        "a  b/e": b"<$(touch><hacked);><touch><hacked>" + b"<$(touch hacked); touch hacked>" * 2,
        "a  b/u": b"\n",
    }


def test_a_variable_that_nobody_set_stops_the_job(tmp_path: Path) -> None:
    text = workflow({"run": "echo before > before\ndeploy() { echo deployed > to; }\ndeploy ${{ secrets.TARGET }}"})
    documents, _ = imported(text, "github")
    assert documents[0]["secrets"] == ["TARGET"]
    assert run_document(documents[0], tmp_path).returncode == 1
    assert not (tmp_path / "to").exists()
    assert run_document(documents[0], tmp_path, TARGET="x; y").returncode == 0
    assert (tmp_path / "to").exists()


def test_a_secret_of_another_name_is_the_value_of_the_variable(tmp_path: Path) -> None:
    step = {"run": 'printf \'%s|%s|%s\' "$TOKEN" "$URL" "$SAME" > t'}
    env = {"TOKEN": "${{ secrets.DEPLOY }}", "URL": "x://${{secrets.DEPLOY}}@h", "SAME": "${{ secrets.SAME }}"}
    documents, _ = imported(workflow(step, job={"env": env}), "github")
    assert run_document(documents[0], tmp_path, DEPLOY="d $x", SAME="s").returncode == 0
    assert (tmp_path / "t").read_text() == "d $x|x://d $x@h|s"


def test_a_secret_whose_name_means_something_else_here_has_another_name(tmp_path: Path) -> None:
    step = {"run": "echo $API $TOKEN ${{ secrets.API }} > t", "env": {"TOKEN": "${{ secrets.API }}"}}
    documents, _ = imported(workflow(step, env={"API": "public"}), "github")
    assert run_document(documents[0], tmp_path, SECRETS_API="hidden").returncode == 0
    assert (tmp_path / "t").read_text() == "public hidden hidden\n"


def test_a_text_that_looks_like_a_reference_stays_a_text(tmp_path: Path) -> None:
    text = workflow({"run": 'echo "$A|$B" > t'}, env={"A": "${HOME}"}, job={"env": {"B": "$HOME ${A}"}})
    documents, _ = imported(text, "github")
    assert run_document(documents[0], tmp_path).returncode == 0
    assert (tmp_path / "t").read_text() == "${HOME}|$HOME ${A}\n"


def test_variables_that_only_a_run_knows_reach_the_jobs(tmp_path: Path) -> None:
    env = {"OUT": "${{ github.workspace }}/out", "OVER": "${{ github.workspace }}", "LITERAL": "${HOME}"}
    near = {"OVER": "mine", "LITERAL": "${OUT}", "SUM": "${{ env.OUT }}!"}
    text = workflow({"run": 'printf \'%s|\' "$OUT" "$OVER" "$LITERAL" "$SUM" > t'}, env=env, job={"env": near})
    documents, _ = imported(text, "github")
    done = run_document(documents[0], tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "t").read_text() == f"{tmp_path}/out|mine|${{OUT}}|{tmp_path}/out!|"


def test_outputs_whose_variables_would_be_one_hold_the_job_back() -> None:
    steps = [{"id": "a-b", "run": "x"}, {"id": "a_b", "run": "x"}]
    documents, _ = imported(
        workflow(*steps, {"run": "${{ steps.a-b.outputs.c }} ${{ steps.a_b.outputs.c }}"}), "github"
    )
    assert guard_of(documents[0]["jobs"][0])


def test_jobs_run_in_the_order_of_their_needs_and_a_failure_holds_back_what_needs_it(tmp_path: Path) -> None:
    def job(run: str, *needs: str, **keys: Any) -> dict[str, Any]:
        return {"runs-on": "ubuntu-latest", "needs": list(needs), "steps": [{"run": run}], **keys}

    jobs = {
        "last": job("echo last >> log", "b", "c"),
        "a": job("echo a >> log"),
        "b": job("echo b >> log", "a"),
        "c": job("echo c >> log; false", "b", **{"continue-on-error": True}),
        "broken": job("false"),
        "after": job("touch never", "broken"),
    }
    documents, _ = imported(json.dumps({"on": "push", "jobs": jobs}), "github")
    done = run_document(documents[0], tmp_path)
    assert done.returncode == 1
    assert files_of(tmp_path) == {"log": b"a\nb\nc\nlast\n"}


def test_an_export_leaves_what_the_document_leaves(tmp_path: Path) -> None:
    checks = [{"name": "check_file_exists", "params": {"path": "ok"}}]
    jobs: list[dict[str, Any]] = [
        {"id": "a", "command": 'mkdir -p sub && echo "$A $B" > a; false | true'},
        {"id": "b/2", "command": "printf '%s' \"$C\" > b; echo '${{ x }}' >> b", "shell": "bash -u"},
        {"id": "c", "command": "touch tried; test -e sub/ok || { touch sub/ok; exit 7; }"},
        {"id": "d", "command": "pwd | sed 's:.*/::' > d", "working_dir": "sub", "pre_checks": checks},
    ]
    jobs[1] |= {"dependencies": ["a"], "env_variables": {"C": "${B}?"}}
    jobs[2] |= {"dependencies": ["b/2"], "max_retries": 2, "retry_delay": 0.01}
    jobs[3] |= {"dependencies": ["c"]}
    document = {"application_name": "n", "env_variables": {"A": "x y", "B": "${A}!"}, "jobs": jobs}
    here, there, hand, aside = (tmp_path / each for each in ("here", "there", "hand", "aside"))
    for folder in (here, there, hand, aside):
        folder.mkdir()
    assert run_document(document, here).returncode == 0
    text = exported(document, "github")[0][0].content
    back = imported(text, "github")[0][0]
    assert [job["id"] for job in back["jobs"]] == ["a", "b/2", "c", "d"]
    assert [job.get("dependencies") for job in back["jobs"]] == [None, ["a"], ["b/2"], ["c"]]
    done = run_document(back, there)
    assert done.returncode == 0, done.stderr
    assert files_of(there) == files_of(here)
    data = Tree(Source(str(text).encode(), "x.yml")).root.plain()
    for job in data["jobs"].values():
        steps = [{**step, "run": step["run"].replace("${{ '${{' }}", "${{")} for step in job["steps"][1:]]
        assert run_by_hand(steps, hand, aside, {**data["env"], **job.get("env", {})})
    assert files_of(hand) == files_of(here)


def test_a_step_that_switches_a_deploy_off_keeps_it_from_running(tmp_path: Path) -> None:
    (tmp_path / "release.env").write_text("DEPLOY=false\n")
    steps = [{"run": 'cat release.env >> "$GITHUB_ENV"'}, {"run": "echo ${{ env.DEPLOY }} > said"}]
    last = {"run": "touch deployed", "if": "env.DEPLOY == 'true'"}
    documents, _ = imported(workflow(*steps, job={"env": {"DEPLOY": "true"}}), "github")
    assert run_document(documents[0], tmp_path).returncode == 0
    assert (tmp_path / "said").read_text() == "false\n"
    documents, _ = imported(workflow(*steps, last, job={"env": {"DEPLOY": "true"}}), "github")
    run_document(documents[0], tmp_path)
    assert not (tmp_path / "deployed").exists()


def test_variables_of_a_step_do_not_see_each_other(tmp_path: Path) -> None:
    swapped = {"A": "${{ env.B }}", "B": "${{ env.A }}"}
    steps = [{"run": "X=1; export X"}, {"run": "echo $A $B > t", "env": swapped}]
    documents, _ = imported(workflow(*steps, env={"A": "1", "B": "2"}), "github")
    assert run_document(documents[0], tmp_path).returncode == 0
    assert (tmp_path / "t").read_text() == "2 1\n"
