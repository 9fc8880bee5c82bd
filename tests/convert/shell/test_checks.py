"""Each check as ex-run tries it and as a shell does: the same files, the same answer."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from exlib.convert.shell.checks import allowed, shell_check
from exlib.workflow import Check
from tests.convert.converting import run_document
from tests.convert.shelling import SHELLS, run_text, texts

ENVIRONMENT = {
    "NAME": "some",
    "SPACED": "two words",
    "STAR": "l*",
    "CODE": "942",
    "DAY": "2024-01-02",
    "DIR": "logs",
    "file": "kept",
}


def make_files(folder: Path) -> None:
    (folder / "logs").mkdir()
    (folder / "logs" / "a directory").mkdir()
    (folder / ".hidden").write_text("x\n")
    (folder / "empty").touch()
    (folder / "some").write_text("alpha\nbeta\ngamma 17\n")
    (folder / "two words").write_text("ok\n")
    (folder / "load1.log").write_text("3 rows loaded\nbye\n")
    (folder / "load2.log").write_text("ORA-00942: table or view\n17 rows loaded\n")
    (folder / "load3.log").write_text("SP2-0310: unable to open\n")
    (folder / "dos.log").write_bytes(b"first\r\n3 rows loaded\r\nlast")
    (folder / "latin.log").write_bytes(b"caf\xe9 failed\nx\xe9y\nplain\n")
    (folder / "utf.log").write_text("café failed\nxéy\nÉtat\n")
    (folder / "nul.log").write_bytes(b"a\0b\nORA-1\n")
    (folder / "odd").write_text("a.b [x] {y} $5 a|b (z) c^d back\\slash tab\there 'q' \"dq\" -dash ]end\n")
    (folder / "blank").write_text("one\n\ntwo\n")
    (folder / "[n].log").write_text("bracket\n")
    (folder / "n.log").write_text("enn\n")
    (folder / "it's $x").write_text("hostile\n")
    (folder / "-dash").write_text("dash\n")
    (folder / "!bang").write_text("bang\n")
    (folder / "^hat").write_text("hat\n")
    os.symlink("nowhere", folder / "dangling")
    os.symlink("some", folder / "link")


PATHS = [
    "some", "empty", "missing", "", "link", "dangling", "logs", "logs/*", "*", "l*.log", "load[12].log",
    "load[!12].log", "load[^12].log", "[n].log", "[!n].log", "load?.log", ".*", "*hidden", "[.]hidden", "${NAME}",
    "${SPACED}", "${STAR}", "${UNSET}", "${STAR}.log", "it's $x", "it's*", "-dash", "-d*", "*dash", "[!a-z]bang",
    "[^a-z]hat", "[]n].log", "s[o", "so]me", "**", "./some", "${DIR}", "${DIR}/x", "two words", "two*", "two *",
    "two[ ]words", "n.log*", "some/", "~", "e*y", "blank", "load[0-9].log", "[!!]bang", "load[1-]*",
]  # fmt: skip
PATTERNS = [
    "alpha", "^alpha$", "alph", "^lpha", "a$", r"\d+", r"^\w+ \d\d$", r"gamma\s17", "(alpha|delta)", "(?:x|beta)",
    "(?i)ALPHA", "ALPHA", "a{2}", "m{2}", "m{1,}", "m{,2}a 1", "zzz", "^$", "^.{5}$", "^....$", "a.p", "[aeiou]{2}",
    "[^a-z 0-9]", r"[\w ]+7", r"[^\d]", r"\bbeta\b", r"\bbet\b", r"\Balpha", r"alpha\Z", r"\Abeta", "be(?=ta)",
    "be(?!ta)", "(?<=ga)mma", "(?<!ga)mma", "ORA-", r"ORA-\d", "ORA-(?!00942)\\d", "ORA-00${CODE}", "^${NAME}$",
    "${UNSET}", "x${UNSET}", r"rows loaded$", r"^\d+ rows loaded$", "loaded.$", "last$", "caf. failed",
    "caf.. failed", "x.y", "x[^a]y", "x[^a]+y", r"x\Sy", "É", "(?i)É", "é", "éy", "(é)+y", "fail.*d", r"a\.b",
    r"\[x\]", r"\{y\}", "{y}", r"\$5", r"a\|b", r"\(z\)", r"c\^d", r"back\\slash", r"tab\there", "'q'", '"dq"',
    "-dash", r"[\]]end", "[]]end", "[)-]d", r"[\-]d", "[a^]d", "[a.]b", "[[]x", r"\x61\x2eb", r"\u0061lpha", r"a\b.",
    "(?P<n>al)pha", "(?P<n>l)(?P=n)", r"(l)\1", "a*", "x*", "$", "^", "a|", "", "(?s)a.b", "a.b", r"a\0b",
    "(?x) al pha", "al*?p", "al++p", r"\<b", r"b\'", r"o\`", "one|two", "[[:alpha:]]", "a/b", "^ORA-1$", "[^^]d",
    "[^]]end", r"\S\s\S", r"\D\d\d$", r"\W17",
]  # fmt: skip
COMMANDS: list[dict[str, Any]] = [
    {"command": "true"},
    {"command": "false"},
    {"command": "exit 3", "expect_exit_code": 3},
    {"command": "exit 4", "expect_exit_code": 3},
    {"command": "kill -9 $$"},
    {"command": "echo '17 rows'", "expect_output": r"^\d+ rows$"},
    {"command": "echo '17 rows'; exit 1", "expect_output": r"^\d+ rows$"},
    {"command": "echo '17 rows'; exit 1", "expect_output": r"^\d+ rows$", "expect_exit_code": 1},
    {"command": 'echo "it\'s $NAME"', "expect_output": "it's some"},
    {"command": 'echo "$file"', "expect_output": "^kept$"},
    {"command": "printf ''", "expect_output": "^$"},
    {"command": "printf '\\n'", "expect_output": "^$"},
    {"command": "printf 'a\\n\\n'", "expect_output": "^$"},
    {"command": "printf 'a'", "expect_output": "a"},
    {"command": "printf 'a\\r\\n'", "expect_output": "^a$"},
    {"command": "cat; echo end", "expect_output": "end"},
    {"command": "seq 100000", "expect_output": "^1$"},
    {"command": "echo x >&2", "expect_output": "x"},
    {"command": "test -s some && pwd", "expect_output": "here"},
    {"command": "echo some", "expect_output": "^${NAME}$"},
    {"command": "true)"},
    {"command": "echo a; # ends in a comment"},
]
ROOM: list[dict[str, Any]] = [
    {"min_mb": 0}, {"min_mb": 0.5}, {"min_gb": 10**9}, {"min_percent": 0}, {"min_percent": 100}, {"min_percent": 0.01},
    {"min_mb": 1, "min_percent": 100}, {"path": "missing", "min_mb": 0}, {"path": "${DIR}", "min_mb": 1},
    {"path": "two words", "min_mb": 1}, {"path": "-dash", "min_mb": 1}, {"path": "/proc", "min_mb": 0},
    {"path": "/proc", "min_percent": 1},
]  # fmt: skip


def assert_alike(checks: list[Check], tmp_path: Path, untold: int = 0) -> None:
    """Each check before the command of a job of its own: the same commands are started."""
    jobs = [
        {
            "id": f"j{number}",
            "command": f": >ran.{number}",
            "working_dir": "here",
            "pre_checks": [{"name": check.name, "params": dict(check.params)}],
        }
        for number, check in enumerate(checks)
    ]
    document = {"continue_on_error": True, "env_variables": ENVIRONMENT, "jobs": jobs}
    written = texts(document)
    told = [number for number, check in enumerate(checks) if shell_check(check, "job") is not None]
    assert len(checks) - len(told) == untold, [checks[n] for n in range(len(checks)) if n not in told]
    ran = {}
    for place in ("ex-run", *(shell[0] for shell in SHELLS)):
        folder = tmp_path / place.replace("/", "_") / "here"
        folder.mkdir(parents=True)
        make_files(folder)
        if place == "ex-run":
            run_document(document, folder.parent)
        for shell in SHELLS:
            if place == shell[0]:
                for number in told:
                    run_text(written[f"j{number}"], folder.parent, *shell)
        ran[place] = {number for number in told if (folder / f"ran.{number}").exists()}
    passed = ran.pop("ex-run")
    assert 0 < len(passed) < len(told)
    for place, found in ran.items():
        wrong = [(checks[number], number in passed) for number in sorted(found ^ passed)]
        assert not wrong, f"{place}: {wrong}"


@pytest.mark.parametrize("name", ["check_file_exists", "check_file_not_empty"])
def test_paths(name: str, tmp_path: Path) -> None:
    assert_alike([Check(name, {"path": path}) for path in PATHS], tmp_path)


@pytest.mark.parametrize("name", ["check_no_ora_errors", "check_no_ora_or_sp2_errors"])
def test_logs(name: str, tmp_path: Path) -> None:
    paths = [*PATHS, "load1.log", "load2.log", "load3.log", "nul.log", "load[13].log"]
    assert_alike([Check(name, {"log_file": path}) for path in paths], tmp_path)


@pytest.mark.parametrize(
    ("name", "path"),
    [*(("check_pattern", path) for path in ("some", "odd", "latin.log")), ("check_no_pattern", "[ldu]*.log")],
)
def test_patterns(name: str, path: str, tmp_path: Path) -> None:
    untold = 7  # (?i) beyond ASCII, references back, \\0, (?s), (?x), possessive
    assert_alike([Check(name, {"path": path, "pattern": pattern}) for pattern in PATTERNS], tmp_path, untold)


@pytest.mark.parametrize("name", ["check_pattern", "check_no_pattern"])
def test_paths_of_patterns(name: str, tmp_path: Path) -> None:
    assert_alike([Check(name, {"log_file": path, "pattern": "a"}) for path in PATHS], tmp_path)


def test_commands(tmp_path: Path) -> None:
    assert_alike([Check("check_command", params) for params in COMMANDS], tmp_path)


def test_disk_space(tmp_path: Path) -> None:
    assert_alike([Check("check_disk_space", params) for params in ROOM], tmp_path)


@pytest.mark.parametrize("shell", SHELLS, ids=["sh", "bash"])
@pytest.mark.parametrize("name", ["deploy", "it's", "a b", "a,b", "all", "*", "$x", "-e", " lead", "ä"])
def test_who_is_allowed(name: str, shell: tuple[str, ...], tmp_path: Path) -> None:
    from exlib.plugins.checks import CHECKS
    from exlib.plugins.verdict import PluginContext

    values = ["", "all", " all ", "all,x", "x,all", name, f"x,{name}", f"{name},x", f" {name} , x", f"x{name}",
              f"{name}x", "a", "b", "x,a,b", "deploy", "no deploy", "\t" + name, "e", "*", f"{name} x"]  # fmt: skip
    run = CHECKS["check_allowed"].run
    assert run is not None
    for value in values:
        expected = run({"reason": "r"}, PluginContext({"EX_ALLOW": value, "EX_JOB_ID": name}, str(tmp_path))).passed
        ended = run_text(allowed("it's by hand", name), tmp_path, *shell, EX_ALLOW=value)
        assert (ended.returncode == 0) == expected, value
        assert ("it's by hand" in ended.stderr) != expected


def test_a_check_without_a_shell(tmp_path: Path) -> None:
    check = Check("check_command", {"command": "test 'a b' = 'a b'"})
    text = shell_check(check, "job", allow_shell=False)
    assert text is not None
    assert run_text(text, tmp_path).returncode == 0
    untouched = shell_check(Check("check_command", {"command": "echo $(touch no) ; touch no"}), "j", allow_shell=False)
    assert untouched is not None
    run_text(untouched, tmp_path)
    assert not (tmp_path / "no").exists()


def test_a_check_of_somebody_else_is_not_told() -> None:
    assert shell_check(Check("my_own", {}), "job") is None


def test_what_fails_says_so(tmp_path: Path) -> None:
    text = shell_check(Check("check_file_exists", {"path": "no"}), "it's $(me)")
    assert text is not None
    assert run_text(text, tmp_path).stderr == "it's $(me): check_file_exists did not pass\n"
