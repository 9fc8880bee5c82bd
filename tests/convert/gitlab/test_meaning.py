"""Small pipelines, run by hand as a runner would, and by ex-run as what they are imported to, leave the same files."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.convert.converting import exported, files_of, imported, run_document
from tests.convert.gitlab.by_hand import run_by_hand

PIPELINES = {
    "stages": """
stages: [one, two, three]
a: {stage: one, script: [echo a >> log, echo 1 > a]}
b: {stage: two, script: ["cat a >> log", "echo b >> log"]}
c: {stage: three, script: "echo c >> log"}
""",
    "one-shell": """
default: {before_script: [cd sub, X=kept]}
prepare: {stage: .pre, before_script: [], script: mkdir sub}
job:
  script: ["pwd | sed 's,.*/,,' > where", 'echo "$X" > x']
""",
    "errexit-and-pipefail": """
fails: {stage: build, script: ["false | true", touch unreached]}
waits: {stage: test, script: touch unreached-too}
free: {stage: test, needs: [], script: touch free}
""",
    "a-failure-in-a-condition": """
job: {script: ["if false; then touch no; fi", "false || touch yes", "! true", "touch after"]}
""",
    "after-script": """
fails:
  stage: build
  variables: {NAME: value}
  script: [cd /, X=1, export Y=2, exit 3]
  after_script: ['echo "$CI_JOB_STATUS $NAME ${X-unset} ${Y-unset}" > after', "false", touch unreached]
works:
  stage: build
  script: "true"
  after_script: ['echo "$CI_JOB_STATUS" > works', "false"]
next: {stage: test, needs: [works], script: touch next}
""",
    "allowed-failures": """
any: {stage: build, allow_failure: true, script: [touch any, "false", touch unreached]}
some: {stage: build, allow_failure: {exit_codes: [7, 9]}, script: [touch some, exit 9]}
next: {stage: test, script: touch next}
other: {stage: test, allow_failure: {exit_codes: 7}, script: exit 8}
last: {stage: deploy, script: touch unreached}
""",
    "retries-and-allowed": """
job:
  retry: 2
  allow_failure: true
  script: ["echo try >> tries", "false"]
  after_script: echo after >> tries
""",
    "retries": """
job: {retry: 1, script: ["echo try >> tries", "[ $(wc -l <tries) -eq 2 ]", touch done]}
""",
    "variables": """
variables: {A: one, B: "$A-two", C: "${B}-$D", D: 'cost $$5', EMPTY: }
job:
  variables: {A: job, E: "it's \\"$A\\""}
  script: ['printf "%s\\n" "$A" "$B" "$C" "$D" "$E" "[$EMPTY]" > out']
""",
    "needs": """
stages: [one, two]
slow: {stage: one, script: exit 1}
quick: {stage: one, script: touch quick}
early: {stage: two, needs: [quick], script: touch early}
late: {stage: two, script: touch late}
same: {stage: two, needs: [{job: early, artifacts: false}], script: "[ -f early ] && touch same"}
""",
    "strange-names": """
"a 'b' $C é: [x]": {stage: build, script: 'echo "$CI_JOB_NAME" > name'}
next: {stage: test, needs: ["a 'b' $C é: [x]"], script: touch next}
""",
    "blocks": """
job:
  script:
    - |
      for each in 1 2
      do
        echo "$each" >> out
      done
      cat >> out <<END
      it is \\$HOME
      END
    - >-
      echo folded
      words >> out
    - - echo nested >> out
      - - echo deeper >> out
""",
}  # fmt: skip


@pytest.mark.parametrize("text", PIPELINES.values(), ids=PIPELINES)
def test_the_import_leaves_the_same_files(text: str, tmp_path: Path) -> None:
    (tmp_path / "hand").mkdir()
    (tmp_path / "run").mkdir()
    codes = run_by_hand(text, tmp_path / "hand")
    documents, _ = imported(text, "gitlab")
    done = run_document(documents[0], tmp_path / "run")
    assert files_of(tmp_path / "run") == files_of(tmp_path / "hand")
    assert files_of(tmp_path / "hand"), "a pipeline that leaves nothing shows nothing"
    assert (done.returncode == 0) == (not any(codes.values()))


@pytest.mark.parametrize("text", PIPELINES.values(), ids=PIPELINES)
def test_what_is_exported_again_leaves_the_same_files(text: str, tmp_path: Path) -> None:
    (tmp_path / "hand").mkdir()
    (tmp_path / "again").mkdir()
    run_by_hand(text, tmp_path / "hand")
    written = exported(imported(text, "gitlab")[0][0], "gitlab")[0][0].content
    assert isinstance(written, str)
    run_by_hand(written, tmp_path / "again")
    assert files_of(tmp_path / "again") == files_of(tmp_path / "hand")


DOCUMENTS = {
    "plain": {"jobs": [
        {"id": "a", "command": "echo a > a"},
        {"id": "b", "command": "cat a > b; false; echo c >> b", "dependencies": ["a"]},
    ]},
    "shells": {"jobs": [
        {"id": "a", "command": "x='a  b'; echo $x > a", "shell": "bash -f"},
        {"id": "b", "command": "touch 'one word' two", "shell": False},
        {"id": "c", "command": "false; touch c"},
        {"id": "d", "command": "cd / && pwd", "shell": True},
    ]},
    "environment": {"env_variables": {"A": "1", "B": "${A}2", "PATH": "${PATH}:/nowhere", "P": "${PATH}"}, "jobs": [
        {"id": "a", "command": "echo \"$B $C $D\" > a; case $P in *:/nowhere) echo yes >> a ;; esac",
         "env_variables": {"C": "5$ and 6$$ and $HOME", "D": "100%A%"}},
    ]},
    "places": {"working_dir": "sub", "jobs": [{"id": "a", "command": "touch a; pwd | sed 's,.*/,,' > b"}]},
    "checks": {"jobs": [
        {"id": "a", "command": "echo x > a"},
        {"id": "b", "command": "touch b", "dependencies": ["a"],
         "pre_checks": [{"name": "check_file_not_empty", "params": {"path": "a"}}]},
        {"id": "c", "command": "touch c", "dependencies": ["b"],
         "pre_checks": [{"name": "check_file_exists", "params": {"path": "none"}}]},
    ]},
    "reserved": {"jobs": [
        {"id": "image", "command": "touch image"},
        {"id": ".hidden", "command": "touch hidden", "dependencies": ["image"]},
        {"id": "true", "command": "touch true", "dependencies": [".hidden"]},
    ]},
    "quotes": {"jobs": [
        {"id": "a", "command": "echo 'a;b)' \"$(echo '\"')\" | tr ab cd >a; x='`'; false; echo \"$x\" '$x' >b"},
        {"id": "b", "command": "cat <<'SH' >c\na 'b'\nSH"},
        {"id": "c", "command": "test -e none || touch d", "working_dir": "."},
        {"id": "d", "command": "false; echo 'x' >e", "working_dir": "sub", "env_variables": {"A": "${HOME}"}},
        {"id": "e", "command": "false; echo 'x' >f", "post_checks": [
            {"name": "check_file_not_empty", "params": {"path": "f"}}]},
    ]},
    "many-retries": {"jobs": [
        {"id": "a", "command": "echo x >> a; [ $(wc -l <a) -eq 4 ]", "max_retries": 5, "retry_delay": 0},
    ]},
}  # fmt: skip


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_a_document_and_its_export_leave_the_same_files(document: dict[str, object], tmp_path: Path) -> None:
    for folder in ("run", "hand", "back"):
        (tmp_path / folder / "sub").mkdir(parents=True)
    run_document(document, tmp_path / "run")
    written = exported(document, "gitlab")[0][0].content
    assert isinstance(written, str)
    run_by_hand(written, tmp_path / "hand")
    assert files_of(tmp_path / "hand") == files_of(tmp_path / "run")
    assert files_of(tmp_path / "run"), "a document that leaves nothing shows nothing"
    back = imported(written, "gitlab")[0][0]
    assert {job["id"] for job in back["jobs"]} == {job["id"] for job in document["jobs"]}  # type: ignore[attr-defined]
    run_document(back, tmp_path / "back")
    assert files_of(tmp_path / "back") == files_of(tmp_path / "run")
