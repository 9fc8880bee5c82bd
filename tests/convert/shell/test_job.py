"""The texts of jobs: what ex-run makes of a document, the shell makes of its texts, one after another."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exlib.convert.shell.job import ASPECTS, environment, script
from tests.convert.converting import exported, fates, files_of, run_document
from tests.convert.shelling import SHELLS, outgoing, run_text, texts

ORA_FREE = [{"name": "check_no_ora_or_sp2_errors", "params": {"log_file": "${EX_LOG}"}}]
TELL = 'printf "%s|%s|%s|" "$A" "$B" "$C"; basename "$PWD"'


def both(
    document: dict[str, Any], tmp_path: Path, *shell: str, **environ: str
) -> tuple[tuple[bool, dict[str, bytes]], tuple[bool, dict[str, bytes]]]:
    """Success and the files that are left: by ex-run, and by the texts in order up to the first that fails."""
    ours, theirs = tmp_path / "run" / "here", tmp_path / "text" / "here"
    for folder in (ours, theirs):
        (folder / "sub dir" / "deep").mkdir(parents=True)
    ended = run_document(document, ours, **environ)
    good = True
    for text in texts(document).values():
        ran = run_text(text, theirs, *shell, **environ)
        good = good and ran.returncode == 0
        if not good:
            break
    return (ended.returncode == 0, files_of(ours)), (good, files_of(theirs))


def one(command: str, **keys: Any) -> dict[str, Any]:
    return {"jobs": [{"id": "it's $a job", "command": command, **keys}]}


FAST = {"retry_delay": 0.01, "retry_jitter": 0}
COUNT = 'n=$(($(cat n 2>/dev/null || echo 0) + 1)); echo $n >n; echo "$EX_ATTEMPT" >>attempts; '
DOCUMENTS: dict[str, dict[str, Any]] = {
    "plain": one("echo a >a"),
    "fails": one("echo a >a; exit 3"),
    "only a comment": one("# nothing"),
    "reads": one("cat >a"),
    "variables": one(f"{TELL} >a", env_variables={"A": "it's \"$B\" `x` $(y)", "B": 2, "C": None}),
    "layers": {
        "env_variables": {"A": "a", "B": "${A}b", "C": "${NOWHERE}|${OUTSIDE}"},
        "jobs": [{"id": "x", "command": f"{TELL} >a", "env_variables": {"A": "${A}2"}}],
    },
    "own name": one(
        f"{TELL} >a", env_variables={"A": "${OUTSIDE}1", "B": "${A}2", "OUTSIDE": "${OUTSIDE}3", "C": "${OUTSIDE}"}
    ),
    "in a circle": one(f"{TELL} >a", env_variables={"A": "${B}", "B": "${A}", "C": "x${A}"}),
    "several lines": one(f"{TELL} >a", env_variables={"A": "two\nlines\n", "B": "~", "C": "a=~:*"}),
    "directory": {"working_dir": "sub dir",
                  "jobs": [{"id": "x", "command": "basename \"$(pwd)\" >a; basename \"$PWD\" >b"}]},
    "the directory itself": one("echo >a", working_dir="./"),
    "deeper": {"working_dir": "sub dir", "jobs": [{"id": "x", "command": "echo >a", "working_dir": "deep"}]},
    "back again": {"working_dir": "sub dir",
                   "jobs": [{"id": "x", "command": "echo >a", "working_dir": "gone/../deep"}]},
    "by name": {
        "env_variables": {"D": "sub dir"},
        "jobs": [{"id": "x", "command": "echo >a", "working_dir": "${D}/deep"}],
    },
    "by a caller's name": one("echo $OUTSIDE >a", working_dir="${WHERE}", env_variables={"WHERE": "nowhere"}),
    "no directory": one("echo >a", working_dir="nowhere"),
    "bash": one("a=(x y); echo ${a[1]} >a", shell="bash"),
    "flags": one("false; echo >a", shell="bash -e"),
    "unset": one("echo $NOTHING >a", shell="bash -u"),
    "no shell": one("cp 'sub dir/../a' b", shell=False),
    "program": one("touch 'a b' -- -c", shell=False),
    "builtin": one("echo 'a\\nb'", shell=False),
    "no such program": one("nosuchprogram x", shell=False),
    "passes": one("echo a >a", pre_checks=[{"name": "check_command", "params": {"command": "echo p >p"}}]),
    "held": one("echo a >a", pre_checks=[{"name": "check_file_exists", "params": {"path": "a"}}]),
    "after": one("echo a >a", post_checks=[{"name": "check_file_not_empty", "params": {"path": "a"}}]),
    "bad after": one("echo a >a", post_checks=[{"name": "check_no_pattern", "params": {"path": "a", "pattern": "^a"}}]),
    "ends by exit": one("echo a >a; exit 0", post_checks=[{"name": "check_file_exists", "params": {"path": "b"}}]),
    "backslash at its end": one("echo a >a \\", post_checks=[{"name": "check_file_exists", "params": {"path": "b"}}]),
    "comment at its end": one("echo a >a # b", post_checks=[{"name": "check_file_exists", "params": {"path": "a"}}]),
    "here-document": one("cat >a <<E\n$A\nE", post_checks=[{"name": "check_pattern",
                         "params": {"path": "a", "pattern": "x"}}],
                         env_variables={"A": "x"}),
    "bad syntax": one("echo a >a; )", max_retries=1, **FAST),
    "out of its brackets": one(")\necho a >a\n(", max_retries=1, **FAST),
    "changes names": one("file=x; code=3; echo $file >a", env_variables={"file": "a", "code": "1", "tries": "7"},
                         pre_checks=[{"name": "check_file_exists", "params": {"path": "sub dir"}},
                                     {"name": "check_command", "params": {"command": "[ \"$file\" = a ]"}}]),
    "third time": one(COUNT + "[ $n -ge 3 ]", max_retries=3, **FAST),
    "never": one(COUNT + "false", max_retries=2, **FAST),
    "other code": one(COUNT + "exit 4", max_retries=3, retry_on_exit_codes=[5], **FAST),
    "that code": one(COUNT + "exit 5", max_retries=3, retry_on_exit_codes=[5, 6], **FAST),
    "code or failure": one(COUNT + "exit 4", max_retries=2, retry_on_exit_codes=[5],
                           retry_on_status=["failed"], **FAST),
    "no failure": one(COUNT + "exit 4", max_retries=2, retry_on_status=["TIMEOUT"], **FAST),
    "only errors": one(COUNT + "exit 1", max_retries=2, retry_on_status=["ERROR"], **FAST),
    "not after too long": one(COUNT + "false", max_retries=5, retry_delay=0.01, max_retry_time=0.001, retry_jitter=0),
    "no cap": one(COUNT + "false", max_retries=2, retry_backoff=0.5, max_retry_time=0, **FAST),
    "late check": one(COUNT + ":", max_retries=3, post_checks=[{"name": "check_pattern",
                      "params": {"path": "n", "pattern": "^2$"}}], **FAST),
    "check is no code": one(COUNT + ":", max_retries=3, retry_on_exit_codes=[1], post_checks=[{"name": "check_pattern",
                      "params": {"path": "n", "pattern": "^2$"}}], **FAST),
    "directory that comes": one(COUNT + "true", max_retries=1, working_dir="nowhere", retry_on_exit_codes=[1], **FAST),
    "too long": one("echo a >a; sleep 20; echo b >b", timeout=0.3),
    "too long twice": one("echo a >>a; sleep 20", timeout=0.3, max_retries=1, **FAST),
    "too long once": one("echo a >>a; sleep 20", timeout=0.3, max_retries=1, retry_on_status=["FAILED"], **FAST),
    "too long and again": one("echo a >>a; sleep 20", timeout=0.3, max_retries=1, retry_on_exit_codes=[9], **FAST),
    "its own 124": one("echo a >>a; exit 124", timeout=20, max_retries=1, retry_on_status=["TIMEOUT"], **FAST),
    "its own 137": one("echo a >>a; exit 137", timeout=20, max_retries=1, retry_on_exit_codes=[9], **FAST),
    "its own 124 is a failure": one("echo a >>a; exit 124", timeout=20, max_retries=1, retry_on_status=["FAILED"],
                                    **FAST),
    "too long is not 124": one("echo a >>a; sleep 20", timeout=0.3, max_retries=1, retry_on_status=["FAILED"],
                               retry_on_exit_codes=[124], **FAST),
    "here": one("echo a >a", working_dir="."),
    "in time": one("echo $A >a", timeout=20, env_variables={"A": "x"}),
    "in time in bash": one("a=(1 2); echo $a >a", timeout=20, shell="bash -e"),
    "its id": one('echo "$EX_JOB_ID $EX_ATTEMPT" >a'),
    "log without errors": one("echo fine; echo a >a", post_checks=ORA_FREE),
    "log with an error": one("echo a >a; echo ORA-00942 >&2", post_checks=ORA_FREE),
    "log of a failure": one("echo a >a; cp \"$EX_LOG\" b; exit 3", post_checks=ORA_FREE),
    "log in the command": one("echo a; echo b >&2; cp \"$EX_LOG\" log"),
    "log of each attempt": one(COUNT + "[ $n -ge 2 ] || echo ORA-1; cat \"$EX_LOG\" >>logs", max_retries=2,
                               post_checks=ORA_FREE, **FAST),
    "log of a failed attempt": one(COUNT + "echo $n; cp \"$EX_LOG\" log; [ $n -ge 2 ]", max_retries=2,
                                   post_checks=ORA_FREE, **FAST),
    "log and that code": one(COUNT + "echo ORA-1; exit 5", max_retries=2, retry_on_exit_codes=[5],
                             post_checks=ORA_FREE, **FAST),
    "log in bash": one("a=(x y); echo ${a[1]}; cp \"$EX_LOG\" a", shell="bash -euo pipefail", post_checks=ORA_FREE),
    "log in no shell": one("cp /dev/null a", shell=False, post_checks=ORA_FREE),
    "log in time": one("echo a >a; echo ORA-1", timeout=20, post_checks=ORA_FREE),
    "log of a long one": one("echo a >a; sleep 20", timeout=0.3, post_checks=ORA_FREE),
    "log elsewhere": one("echo x; cp \"$EX_LOG\" a", working_dir="sub dir", env_variables={"A": "x", "code": "1"},
                         pre_checks=[{"name": "check_command", "params": {"command": "[ ! -s \"$EX_LOG\" ]"}}],
                         post_checks=[{"name": "check_pattern", "params": {"path": "${EX_LOG}", "pattern": "^x$"}}]),
    "quoted": one("printf '%s\\n' \"a  'b'\" `echo c` \"$(echo 'd e')\" >a", max_retries=1, **FAST),
}  # fmt: skip


@pytest.mark.parametrize("shell", SHELLS, ids=["sh", "bash"])
@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_same_happens(name: str, shell: tuple[str, ...], tmp_path: Path) -> None:
    document = DOCUMENTS[name]
    alone = name in ("fails", "variables", "several lines", "only a comment")
    if shell != SHELLS[0] and not alone:
        document = {**document, "jobs": [{"max_retries": 0, **document["jobs"][0]}]}
    ran, written = both(document, tmp_path, *shell, OUTSIDE="out side", WHERE="sub dir")
    assert written == ran


def test_some_succeed_and_some_fail(tmp_path: Path) -> None:
    for name, good in {"third time": True, "never": False, "check is no code": False, "late check": True}.items():
        (tmp_path / name).mkdir()
        assert both(DOCUMENTS[name], tmp_path / name)[1][0] is good


@pytest.mark.parametrize("shell", SHELLS, ids=["sh", "bash"])
@pytest.mark.parametrize(("tries", "code"), [(1, 0), (2, 0), (1, 3), (2, 3)])
def test_what_goes_to_the_log_is_printed_too(shell: tuple[str, ...], tries: int, code: int, tmp_path: Path) -> None:
    command = f'echo "no $EX_ATTEMPT"; echo bad >&2; [ -f n ] || {{ touch n; exit {code if tries == 1 else 9}; }}'
    written = texts(one(command, max_retries=tries - 1, post_checks=ORA_FREE, **FAST))["it's $a job"]
    (tmp_path / "tmp").mkdir()
    ran = run_text(written, tmp_path, *shell, TMPDIR=str(tmp_path / "tmp"))
    assert ran.returncode == (code if tries == 1 else 0)
    assert ran.stdout.split("\n") == [line for n in range(tries) for line in (f"no {n + 1}", "bad")] + [""]
    assert not list((tmp_path / "tmp").iterdir())


@pytest.mark.parametrize(("form", "tool"), [("bash", "bash"), ("make", "make -f"), ("ninja", "ninja -f")])
@pytest.mark.parametrize("said", ["Index created", "ORA-00955: name is already used"])
def test_a_release_goes_as_ex_run_lets_it_go(form: str, tool: str, said: str, tmp_path: Path) -> None:
    text = (Path(__file__).resolve().parents[3] / "examples" / "release.json").read_text()
    document = json.loads(re.sub("sleep [0-9.]+", "true", text).replace("Index created", said))
    (tmp_path / "made").write_text(str(exported(document, form)[0][0].content))
    ran = subprocess.run([*tool.split(), "made"], cwd=tmp_path, capture_output=True, text=True, check=False)
    good = run_document(document, tmp_path).returncode == 0
    assert good is (said == "Index created")
    assert (ran.returncode == 0) is good, ran.stdout + ran.stderr
    assert "Table altered" in ran.stdout + ran.stderr
    assert ("open for business" in ran.stdout) is good


def test_what_has_to_be_killed_took_too_long(tmp_path: Path) -> None:
    document = one("trap '' TERM; echo a >>a; sleep 3 & wait; wait; sleep 1", timeout=0.3, max_retries=1,
                   retry_on_status=["TIMEOUT"], **FAST)  # fmt: skip
    text = texts(document)["it's $a job"]
    assert "timeout -k 10 0.3" in text
    assert run_text(text.replace("-k 10", "-k 0.1"), tmp_path).returncode == 137
    assert (tmp_path / "a").read_text() == "a\na\n"


def test_a_fixed_path_and_this_folder_are_short() -> None:
    checks = [{"name": "check_file_not_empty", "params": {"path": "all.txt"}}]
    text = texts(one("true", working_dir=".", pre_checks=checks))["it's $a job"]
    assert text.startswith("[ -f all.txt ] && [ -s all.txt ] || ")
    assert "cd " not in text


def test_no_log_is_made_that_nobody_reads() -> None:
    assert "mktemp" not in texts(one("echo a", max_retries=2, timeout=3, env_variables={"A": "1"}))["it's $a job"]
    assert "mktemp" not in texts(one("echo a", post_checks=ORA_FREE), frozenset(["checks"]))["it's $a job"]


def test_the_shell_of_the_target_reads_the_command_behind_other_lines(tmp_path: Path) -> None:
    document = one("a=(x $EX_JOB_ID); echo ${a[1]} >a", shell="bash")
    ran = run_text(texts(document, frozenset(["shell"]))["it's $a job"], tmp_path, "bash", "-c")
    assert ran.returncode == 0, ran.stderr
    assert (tmp_path / "a").read_text() == "it's\n"


TEXTS = st.text(alphabet=st.sampled_from("ab $'\"\\`{}()*?~#;&|<>=!é\n${A}%"), max_size=12)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    values=st.fixed_dictionaries(
        {"A": TEXTS | st.just("${OUTSIDE}/${A}")}, optional={name: TEXTS | st.just("${OUTSIDE}/${A}") for name in "BC"}
    )
)
def test_any_values(values: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> None:
    command = 'printf "%s|" "$A" "$B" "$C" "$OUTSIDE" >a'
    document = one(command, env_variables=values)
    folder = tmp_path_factory.mktemp("values")
    ran, written = both(document, folder, OUTSIDE="there", A="it", B="be")
    assert written == ran


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=TEXTS)
def test_any_text_of_a_command(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    document = one(f": {text}\n>a", max_retries=1, **FAST)
    ran, written = both(document, tmp_path_factory.mktemp("command"), A="there")
    assert written == ran


def test_a_command_alone_is_that_command() -> None:
    assert texts(one("a \\\n b; c")) == {"it's $a job": "a \\\n b; c"}


def test_what_the_target_does_is_not_in_it() -> None:
    job = {"env_variables": {"A": "1"}, "working_dir": "x", "timeout": 3, "max_retries": 2, "shell": "bash",
           "pre_checks": [{"name": "check_file_exists", "params": {"path": "a"}}]}  # fmt: skip
    written = texts({"working_dir": "y", "env_variables": {"B": "2"}, **one("make all", **job)}, ASPECTS)
    assert written == {"it's $a job": "make all"}


def test_secrets_are_asked_for_and_never_written(tmp_path: Path) -> None:
    document = {
        "secrets": ["PIN"],
        "env_variables": {
            "PIN": "4711!x",
            "DB_PASSWORD": "tiger1",
            "URL": "db://u:${DB_PASSWORD}@h",
            "OLD": "u:tiger1",
        },
        "jobs": [{"id": "x", "command": 'echo "$PIN $URL $OLD $T" >a', "env_variables": {"T": "${API_TOKEN}"}}],
    }
    out = outgoing(document)
    text = script(out.jobs[0])
    assert "4711!x" not in text
    assert "tiger1" not in text
    missing = run_text(text, tmp_path)
    assert missing.returncode != 0
    assert "PIN" in missing.stderr
    given_all = {"PIN": "4711!x", "DB_PASSWORD": "tiger1", "OLD": "u:tiger1", "API_TOKEN": "t"}
    assert run_text(text, tmp_path, **given_all).returncode == 0
    assert (tmp_path / "a").read_text() == "4711!x db://u:tiger1@h u:tiger1 t\n"


def test_values_stand_behind_those_that_they_need() -> None:
    values, secret = environment(outgoing(one("x", env_variables={"A": "${P}", "P": "${P}:x"})).jobs[0])
    assert list(values) == ["P", "A"]
    assert secret == []


def test_what_is_told() -> None:
    out = outgoing(one("x", timeout=4, max_retries=2, retry_jitter=0.5, pre_checks=[{"name": "own", "params": {}}]))
    text = script(out.jobs[0])
    assert fates(out.account.entries) == {
        "jobs[0].command": "exact",
        "jobs[0].timeout": "approximated",
        "jobs[0].max_retries": "exact",
        "jobs[0].retry_jitter": "approximated",
        "jobs[0].pre_checks": "manual",
    }
    assert "EX_ALLOW" in text


def test_what_cannot_be_tried_holds_the_job(tmp_path: Path) -> None:
    text = texts(one("touch a", pre_checks=[{"name": "own", "params": {}}]))["it's $a job"]
    assert run_text(text, tmp_path).returncode != 0
    assert not os.listdir(tmp_path)
    assert run_text(text, tmp_path, EX_ALLOW="it's $a job").returncode == 0
    assert os.listdir(tmp_path) == ["a"]
