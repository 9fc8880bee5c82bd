"""The script runs what ex-run runs: both are started for real, and what they leave behind is compared."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exlib.convert.shell.words import word
from exlib.environment import layered

ROOT = Path(__file__).resolve().parents[2]
SHELLS = [shell for shell in ("sh", "dash", "bash", "busybox") if shutil.which(shell)]
TRACE = 'printf "%s|" "$EX_JOB_ID" "$EX_ATTEMPT" >> "$OUT/trace"; '


def job(name: str, command: str, *needs: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "command": command, "dependencies": [*needs], **more}


def start(argv: list[str], cwd: Path, out: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    out.mkdir()
    env = {**os.environ, "OUT": str(out), "EX_DB": str(cwd.parent / "h.db"), **environ}
    return subprocess.run(argv, cwd=cwd, env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)


def left(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


class Pair:
    """What ex-run and the script did with one document: their exit codes, the files they left, and the script."""

    def __init__(self, folder: Path, document: dict[str, Any], shell: str = "sh", **environ: str) -> None:
        work = folder / "work"
        work.mkdir(parents=True)
        (folder / "w.json").write_text(json.dumps({"working_dir": str(work), **document}))
        run = [str(ROOT / "bin" / "ex-run"), "-q", "--sequential", "--log-dir", str(folder / "logs"), "../w.json"]
        self.ran = start(run, work, folder / "ran", **environ)
        plan = [str(ROOT / "bin" / "ex-plan"), "--format", "shell", "../w.json"]
        self.planned = start(plan, work, folder / "planned", **environ)
        assert self.planned.returncode == 0, self.planned.stderr
        self.script = self.planned.stdout
        (folder / "script.sh").write_text(self.script)
        argv = [shell, "sh"] if shell == "busybox" else [shell]
        self.did = start([*argv, "../script.sh"], work, folder / "did", **environ)
        self.by_run, self.by_script = left(folder / "ran"), left(folder / "did")


NASTY = 'it\'s "quoted" $HOME `id` \\ * ? ; & | < > ( ) { } [ ] # ! ~ \t é 日本\nsecond line'


@pytest.mark.parametrize("shell", SHELLS)
def test_environment_quoting_directories_and_order(tmp_path: Path, shell: str) -> None:
    (tmp_path / "else where's").mkdir()
    show = f'{TRACE}printf "%s\\n" "$PWD" "$NASTY" "$OWN" "$REF" "$PATHS" "$LATE" "$GONE" > "$OUT/$EX_JOB_ID"'
    pair = Pair(
        tmp_path,
        {
            "env_variables": {
                "NASTY": NASTY,
                "REF": "<${HOME}:${NASTY}>",
                "PATHS": "${PATHS}:/opt",
                "LATE": "${OWN}!",
                "GONE": "${NO_SUCH_THING} $HOME",
            },
            "jobs": [
                job("last", show, "plain", "own"),
                job("own", show, env_variables={"OWN": "mine; $(id)", "PATHS": "/first:${PATHS}"}),
                job("plain", show, working_dir=str(tmp_path / "else where's")),
                job("urgent", show, priority=9),
                job("words", "touch made_by_words"),
            ],
        },
        shell,
        PATHS="/usr/local",
    )  # fmt: skip
    assert (pair.ran.returncode, pair.did.returncode) == (0, 0), pair.did.stderr
    assert pair.by_script == pair.by_run
    assert set(pair.by_run) == {"last", "own", "plain", "urgent", "trace"}
    assert NASTY in pair.by_run["own"].decode()
    assert (tmp_path / "work" / "made_by_words").exists()


@pytest.mark.parametrize("inherit", [False, "default", ["OUT", "KEPT", "UNSET_HERE"]])
def test_what_is_inherited(tmp_path: Path, inherit: Any) -> None:
    out = tmp_path / "seen"
    out.mkdir()
    names = 'env | cut -d= -f1 | grep -v -e "^_$" -e SHLVL -e OLDPWD -e EX_ | sort'  # a shell sets these itself
    show = f'{{ {names}; echo "$A"; }} >> {out}/${{EX_RUN_ID%%[1-9]*}}x'
    pair = Pair(
        tmp_path / "both",
        {
            "inherit_shell_env": inherit,
            "env_variables": {"A": "1"},
            "jobs": [job("one", show), job("two", show, "one", env_variables={"A": "2", "B": "b"})],
        },
        KEPT="kept",
        HIDDEN="hidden",
    )
    assert (pair.ran.returncode, pair.did.returncode) == (0, 0), pair.did.stderr
    by_run, by_script = (out / "x").read_text(), (out / "0x").read_text()
    assert by_script == by_run
    assert "HIDDEN" not in by_script
    assert ("KEPT" in by_script) is isinstance(inherit, list)


def test_it_stops_at_the_first_failure(tmp_path: Path) -> None:
    jobs = [job("a", TRACE), job("b", f"{TRACE}exit 3", "a"), job("c", TRACE), job("d", TRACE, "b")]
    pair = Pair(tmp_path, {"jobs": jobs})
    assert (pair.ran.returncode, pair.did.returncode) == (1, 1)
    assert pair.by_script == pair.by_run == {"trace": b"a|1|b|1|"}
    assert "b failed with exit code 3" in pair.did.stderr


@pytest.mark.parametrize("whole", [True, False])
def test_with_continue_on_error_it_skips_what_depends_on_a_failure(tmp_path: Path, whole: bool) -> None:
    lenient = {} if whole else {"continue_on_error": True}
    jobs = [
        job("a", f"{TRACE}exit 3", **lenient),
        job("b", TRACE, "a"),
        job("c", TRACE, "b", "d"),
        job("d", TRACE),
        job("e", TRACE, "d"),
        job("f", f"{TRACE}kill -9 $$", "e"),
        job("g", TRACE, "d"),
    ]
    pair = Pair(tmp_path, {"continue_on_error": whole, "jobs": jobs})
    assert (pair.ran.returncode, pair.did.returncode) == (1, 1)
    assert pair.by_script == pair.by_run
    assert pair.by_run["trace"] == (b"a|1|d|1|e|1|f|1|g|1|" if whole else b"a|1|d|1|e|1|f|1|")


def test_a_job_without_a_shell(tmp_path: Path) -> None:
    jobs = [
        job("a", "touch 'two words' '$HOME'", shell=False),
        job("b", "printf '%s' \"${0##*/}\" > shell", shell="bash -e"),
    ]
    pair = Pair(tmp_path, {"jobs": jobs})
    assert (pair.ran.returncode, pair.did.returncode) == (0, 0), pair.did.stderr
    assert sorted(path.name for path in (tmp_path / "work").iterdir()) == ["$HOME", "shell", "two words"]
    assert (tmp_path / "work" / "shell").read_text() == "bash"


def test_secrets_come_from_the_caller_and_are_not_in_the_script(tmp_path: Path) -> None:
    show = 'printf "%s %s" "$DB_PASSWORD" "$URL" > "$OUT/seen"'
    document = {
        "env_variables": {"DB_PASSWORD": "hunter22", "URL": "db://x:hunter22@h"},
        "jobs": [job("a", show)],
    }
    pair = Pair(tmp_path, document)
    assert "hunter22" not in pair.script
    assert pair.did.returncode != 0
    assert "DB_PASSWORD" in pair.did.stderr
    assert not pair.by_script
    again = Pair(tmp_path / "again", document, DB_PASSWORD="hunter22", URL="db://x:hunter22@h")
    assert again.by_script == again.by_run == {"seen": b"hunter22 db://x:hunter22@h"}


def test_a_command_that_holds_a_secret_is_refused_before_anything_starts(tmp_path: Path) -> None:
    jobs = [job("a", 'touch "$OUT/a"'), job("b", "login hunter22", "a")]
    pair = Pair(tmp_path, {"env_variables": {"DB_PASSWORD": "hunter22"}, "jobs": jobs}, DB_PASSWORD="hunter22")
    assert "hunter22" not in pair.script
    assert (pair.did.returncode, pair.by_script) == (2, {})
    assert "the command of b holds a secret" in pair.did.stderr


def test_what_a_script_cannot_do_is_said_at_its_job(tmp_path: Path) -> None:
    pair = Pair(
        tmp_path,
        {
            "default_timeout": 60,
            "jobs": [
                job("plain", "true"),
                job("other", "true"),
                job(
                    "a", "true", description="First\nthing", timeout=None, max_retries=2,
                    pre_checks=[{"name": "check_file_exists", "params": {"path": "/etc/passwd"}}],
                    post_checks=[{"name": "check_file_exists", "params": {"path": "/etc/passwd"}}],
                ),
            ],
        },
    )  # fmt: skip
    remarks = pair.script[pair.script.index("# a:") :].split("begin")[0].splitlines()
    assert remarks == [
        "# a: First\\nthing",
        "# Not checked here before it: check_file_exists.",
        "# Not checked here after it: check_file_exists.",
        "# Not retried here: ex-run tries it up to 2 more times.",
        "# Not timed here: ex-run lets it run without end.",
    ]
    assert "ends the job after 1m 00s" in " ".join(line.lstrip("# ") for line in pair.script.splitlines()[:9])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    value=st.lists(
        st.one_of(
            st.sampled_from(["${A}", "${B}", "${UNSET}", "$A", "${", "}", "'", '"', "\\", "`", "\n"]),
            st.text("ab \\é", max_size=4),
        ),
        max_size=6,
    ).map("".join)
)
def test_a_word_is_the_value_that_ex_run_would_give(value: str) -> None:
    """In every shell that is here; what is not set stays as it is written."""
    environ = {"A": "a b'\"$", "B": "\\ *"}
    wanted = layered(environ, {"V": value})["V"]
    for shell in SHELLS:
        argv = [shell, "sh"] if shell == "busybox" else [shell]
        done = subprocess.run(
            [*argv, "-c", f"printf %s. {word(value)}"], env={**os.environ, **environ}, capture_output=True, check=True
        )
        assert done.stdout.decode() == f"{wanted}."
