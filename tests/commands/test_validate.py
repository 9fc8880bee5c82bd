"""ex-validate as a process: what goes on, what is said where, what is mended, and with which exit code."""

from __future__ import annotations

import codecs
import json
import os
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest

from tests.pages import prints_what_it_says

CLEAN = (
    codecs.BOM_UTF8
    + b"""{ "application_name":"\xc3\xa4\\u00e4",\r
\t"jobs" : [ {"id":"a","command":"true"} ],"x-note":1e2}\r\n\n"""
)
WARNED = b'{"name": "w", "jobs": [{"id": "a", "command": "true"}]}'
WRONG = b'{"application_name": "w", "jobs": [\n  {"id": "a", "command": "true", "timeout": "60"}\n]}\n'
MENDED = WRONG.replace(b'"60"', b"60")
HOPELESS = b'{"name": "w", "jobs": [{"id": "a", "command": "true", "dependencies": ["b"]}]}'


def run(
    *arguments: str | Path, stdin: bytes | None = None, cwd: Path | None = None
) -> subprocess.CompletedProcess[bytes]:
    source = {"stdin": subprocess.DEVNULL} if stdin is None else {"input": stdin}
    command = ["ex-validate", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, check=False, timeout=60, **source)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in (("clean", CLEAN), ("warned", WARNED), ("wrong", WRONG), ("hopeless", HOPELESS)):
        (tmp_path / f"{name}.json").write_bytes(content)
    (tmp_path / "cut.json").write_bytes(WARNED[:30])
    return tmp_path


def test_a_clean_document_goes_on_byte_for_byte_and_silently(folder: Path) -> None:
    for done in (run(folder / "clean.json"), run("-", stdin=CLEAN), run(stdin=CLEAN)):
        assert (done.stdout, done.stderr, done.returncode) == (CLEAN, b"", 0)


def test_warnings_go_to_stderr_and_the_document_goes_on() -> None:
    done = run(stdin=WARNED)
    assert (done.stdout, done.returncode) == (WARNED, 0)
    assert done.stderr.startswith(b"<stdin>:1:2: warning W503: ")
    assert done.stderr.endswith(b"\n\n1 warning in <stdin>\n")


def test_with_an_error_nothing_goes_on(folder: Path) -> None:
    done = run(folder / "wrong.json")
    assert (done.stdout, done.returncode) == (b"", 1)
    assert b'wrong.json:2:45: error E203: job "a": timeout' in done.stderr
    assert b"       |                                             ^~~~\n" in done.stderr


@pytest.mark.parametrize(
    ("raw", "place"),
    [
        (WARNED[:30], b"<stdin>:1:"),
        (b'{"jobs": [],\n "x": NaN}', b"<stdin>:2:7: error E103"),
        (b'{"jobs": [],\n "jobs": []}', b"<stdin>:2:2: error E104"),
        (b'{"x": ' + b"[" * 200_000 + b"]" * 200_000 + b"}", b"<stdin>:1:"),
        (b'{"x": "a\\u0000b"}', b"<stdin>:1:9: error E106"),
        (b'{"x": "\\ud800"}', b"<stdin>:1:8: error E106"),
        ('{"jobs": []}'.encode("utf-16"), b"error E107"),
        (b"[]", b"<stdin>:1:1: error E108"),
        (b'{"x": "\xff"}', b"<stdin>:1:8: error E101"),
    ],
    ids=["cut", "nan", "twice", "deep", "nul", "surrogate", "utf-16", "list", "bytes"],
)
def test_what_is_no_document_is_refused_with_its_place(raw: bytes, place: bytes) -> None:
    for done, said in ((run(stdin=raw), "stderr"), (run("--check", stdin=raw), "stdout")):
        assert done.returncode == 2
        assert place in getattr(done, said)
        assert not (done.stdout if said == "stderr" else done.stderr)


def test_empty_stdin_says_that_the_stage_before_failed() -> None:
    for arguments in ((), ("--check",), ("--fix",), ("--check", "--format", "json")):
        done = run(*arguments, stdin=b"\n")
        assert (done.stdout, done.returncode) == (b"", 3)
        assert b"the stage before this one failed" in done.stderr


def test_check_writes_findings_to_stdout_and_no_document(folder: Path) -> None:
    done = run("--check", "warned.json", cwd=folder)
    assert (done.stderr, done.returncode) == (b"", 0)
    assert done.stdout.startswith(b"warned.json:1:2: warning W503: ")
    assert run("--check", "clean.json", cwd=folder).stdout == b""


def test_one_file_that_cannot_be_read_does_not_stop_the_others(folder: Path) -> None:
    done = run("--check", "gone.json", "cut.json", "wrong.json", "clean.json", cwd=folder)
    assert (done.stderr, done.returncode) == (b"", 2)
    assert b"gone.json: error E100: cannot be read: no such file or directory\n" in done.stdout
    assert b"cut.json:1:" in done.stdout
    assert b"wrong.json:2:45: error E203" in done.stdout
    assert done.stdout.endswith(b"\n3 errors in 3 of 4 files\n")


def test_the_worst_exit_code_wins(folder: Path) -> None:
    assert run("--check", "clean.json", "wrong.json", cwd=folder).returncode == 1
    assert run("--check", "-", "cut.json", "wrong.json", stdin=b"", cwd=folder).returncode == 3
    assert run("--check", "-", "cut.json", "wrong.json", stdin=CLEAN, cwd=folder).returncode == 2


def test_strict_makes_warnings_errors(folder: Path) -> None:
    done = run("--strict", folder / "warned.json")
    assert (done.stdout, done.returncode) == (b"", 1)
    assert b": error W503: " in done.stderr


def test_ignore_leaves_out_warnings_even_when_strict() -> None:
    for code in ("W503", "w503", "old-spelling"):
        done = run("--strict", "--ignore", "W501", "--ignore", code, stdin=WARNED)
        assert (done.stdout, done.stderr, done.returncode) == (WARNED, b"", 0)


def test_ignored_codes_may_be_listed_with_commas() -> None:
    assert run("--strict", "--ignore", "W501,W503", stdin=WARNED).stderr == b""


def test_errors_are_not_ignored() -> None:
    done = run("--ignore", "E203", stdin=WRONG)
    assert done.returncode == 2
    assert b"E203 is an error and cannot be ignored" in done.stderr


def test_ignore_of_a_security_finding_holds_only_while_it_is_a_warning() -> None:
    text = b'{"application_name": "w", "security_policy": "%s", "jobs": [{"id": "a", "command": "rm -rf /"}]}'
    assert run("--ignore", "S601", stdin=text % b"warn").stderr == b""
    assert run("--ignore", "S601", stdin=text % b"strict").returncode == 1


@pytest.mark.parametrize("format_name", ["json", "github", "sarif", "junit"])
def test_findings_in_other_formats_go_where_text_goes(folder: Path, format_name: str) -> None:
    checked = run("--check", "--format", format_name, "wrong.json", cwd=folder)
    piped = run("--format", format_name, "wrong.json", cwd=folder)
    assert (checked.returncode, piped.returncode) == (1, 1)
    assert b"E203" in checked.stdout
    assert (checked.stderr, piped.stdout) == (b"", b"")
    assert piped.stderr == checked.stdout


def test_json_reports_are_whole_even_when_nothing_is_found(folder: Path) -> None:
    report = json.loads(run("--check", "--format", "json", "clean.json", "gone.json", cwd=folder).stdout)
    assert report["files"] == [{"file": "clean.json", "exit_code": 0}, {"file": "gone.json", "exit_code": 2}]


@pytest.mark.parametrize("format_name", ["text", "json", "github", "sarif", "junit"])
def test_a_file_name_may_be_any_bytes(folder: Path, format_name: str) -> None:
    name = os.fsdecode(b"\xff \n.json")
    (folder / name).write_bytes(WARNED)
    done = run("--check", "--format", format_name, name, cwd=folder)
    assert (done.stderr, done.returncode) == (b"", 0)
    assert b"W503" in done.stdout
    diff = run("--fix", "--diff", "-o", "diff", name, cwd=folder)
    assert diff.returncode == 1
    assert (folder / "diff").read_bytes().startswith(b"--- \\udcff \\n.json\n+++ \\udcff \\n.json\n@@ ")


def test_output_goes_to_a_file_only_when_there_is_a_product(folder: Path) -> None:
    out = folder / "out"
    assert run("-o", out, folder / "wrong.json").returncode == 1
    assert not out.exists()
    assert run("-o", out, folder / "clean.json").stdout == b""
    assert out.read_bytes() == CLEAN
    assert run("--check", "-o", out, folder / "wrong.json").stdout == b""
    assert b"E203" in out.read_bytes()


def test_an_output_that_cannot_be_written_is_said(folder: Path) -> None:
    done = run("-o", folder / "no" / "such" / "folder", folder / "clean.json")
    assert (done.stdout, done.returncode) == (b"", 74)
    assert b"cannot write" in done.stderr


def test_fix_rewrites_the_file_and_says_what_was_mended(folder: Path) -> None:
    file = folder / "wrong.json"
    file.chmod(0o640)
    done = run("--fix", "wrong.json", cwd=folder)
    assert (done.stdout, done.returncode) == (b"", 0)
    assert done.stderr == b'wrong.json:2: mended: job "a": timeout "60" is now 60\n1 mend in wrong.json\n'
    assert file.read_bytes() == MENDED
    assert file.stat().st_mode & 0o777 == 0o640


def test_fix_leaves_a_file_alone_that_needs_no_mend(folder: Path) -> None:
    file = folder / "clean.json"
    before = file.stat()
    assert run("--fix", file).stderr == b""
    after = file.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_fix_follows_a_link_and_keeps_it(folder: Path) -> None:
    link = folder / "link.json"
    link.symlink_to("wrong.json")
    assert run("--fix", link).returncode == 0
    assert link.is_symlink()
    assert (folder / "wrong.json").read_bytes() == MENDED


def test_fix_of_stdin_writes_the_mended_document_to_stdout(folder: Path) -> None:
    done = run("--fix", "-q", stdin=WRONG)
    assert (done.stdout, done.stderr, done.returncode) == (MENDED, b"", 0)
    assert run("--fix", stdin=CLEAN).stdout == CLEAN
    assert run("--fix", "-o", folder / "out", folder / "wrong.json").stdout == b""
    assert (folder / "out").read_bytes() == MENDED
    assert (folder / "wrong.json").read_bytes() == WRONG


@pytest.mark.parametrize("arguments", [["-o", "-"], ["--output=-"]])
def test_output_to_stdout_leaves_the_file_alone(folder: Path, arguments: list[str]) -> None:
    done = run("--fix", *arguments, "wrong.json", cwd=folder)
    assert (done.stdout, done.returncode) == (MENDED, 0)
    assert b"1 mend in wrong.json" in done.stderr
    assert (folder / "wrong.json").read_bytes() == WRONG
    done = run("--fix", *arguments, "hopeless.json", cwd=folder)
    assert (done.stdout, done.returncode) == (b"", 1)
    assert (folder / "hopeless.json").read_bytes() == HOPELESS
    assert run("--fix", *arguments, "clean.json", cwd=folder).stdout == CLEAN


def test_output_to_stdout_is_written_even_to_a_terminal(folder: Path) -> None:
    output, status = pexpect.run(f"ex-validate -o - {folder}/clean.json", withexitstatus=True)
    assert (b'"command":"true"' in output, status) == (True, 0)


def test_check_mends_in_place_wherever_the_findings_go(folder: Path) -> None:
    done = run("--check", "--fix", "-o", "-", "wrong.json", cwd=folder)
    assert (done.stdout, done.returncode) == (b"", 0)
    assert (folder / "wrong.json").read_bytes() == MENDED


def test_only_a_regular_file_is_mended_in_its_place(folder: Path) -> None:
    os.mkfifo(folder / "pipe.json")
    done = run("--fix", "pipe.json", cwd=folder)
    assert (done.stdout, done.returncode) == (b"", 2)
    assert b"pipe.json is no regular file and cannot be mended in its place" in done.stderr
    assert run("--fix", "-o", "-", "/dev/stdin", stdin=WRONG).stdout == MENDED
    script = f"ex-validate --fix --diff <(cat {folder}/wrong.json)"
    assert b'+  {"id": "a", "command": "true", "timeout": 60}' in subprocess.check_output(
        ["bash", "-c", f"{script}; true"]
    )


def test_what_remains_after_the_mends_is_reported(folder: Path) -> None:
    done = run("--fix", "hopeless.json", cwd=folder)
    assert (done.stdout, done.returncode) == (b"", 1)
    assert b'the key "name" is now "application_name"' in done.stderr
    assert b"error E302" in done.stderr
    assert b"W503" not in done.stderr
    assert (folder / "hopeless.json").read_bytes().startswith(b'{"application_name"')
    assert run("--fix", stdin=HOPELESS).stdout == b""


def test_fix_takes_several_files_with_and_without_check(folder: Path) -> None:
    assert run("--fix", "clean.json", "warned.json", cwd=folder).returncode == 0
    done = run("--check", "--fix", "warned.json", "wrong.json", "hopeless.json", cwd=folder)
    assert done.returncode == 1
    assert done.stdout.count(b"error") == 2  # the finding and the count
    assert (folder / "wrong.json").read_bytes() == MENDED


def test_diff_shows_the_mends_and_makes_none(folder: Path) -> None:
    done = run("--fix", "--diff", "wrong.json", "clean.json", cwd=folder)
    assert (done.stderr, done.returncode) == (b"", 1)
    assert (folder / "wrong.json").read_bytes() == WRONG
    subprocess.run(["patch", "-p0"], input=done.stdout, cwd=folder, check=True, capture_output=True)
    assert (folder / "wrong.json").read_bytes() == MENDED
    done = run("--fix", "--diff", "wrong.json", cwd=folder)
    assert (done.stdout, done.stderr, done.returncode) == (b"", b"", 0)
    done = run("--fix", "--diff", "cut.json", "warned.json", cwd=folder)
    assert (b"+++ warned.json" in done.stdout, b"cut.json:1:" in done.stderr, done.returncode) == (True, True, 2)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["a.json", "b.json"], b"add --check"),
        (["--diff", "a.json"], b"--fix --diff"),
        (["--fix", "--diff", "--strict", "a.json"], b"leave out"),
        (["--fix", "-o", "c.json", "a.json", "b.json"], b"cannot go to one file"),
        (["--fix", "-o", "-", "a.json", "b.json"], b"cannot go to one file"),
        (["--fix", "--check", "-"], b"would be lost"),
        (["--check", "-", "-"], b"only once"),
        (["--ignore", "W5O3"], b"W503"),
        (["--explain", "unknown-kay"], b"W501"),
        (["--list-rules", "--format", "sarif"], b"text or json"),
        (["--format", "yaml"], b"junit"),
    ],
)
def test_options_that_do_not_fit_are_refused_with_advice(arguments: list[str], words: bytes) -> None:
    done = run(*arguments, stdin=CLEAN)
    assert (done.stdout, done.returncode) == (b"", 2)
    assert words in done.stderr


def test_explain_and_list_rules_need_no_document() -> None:
    assert run("--explain", "e203").stdout.startswith(b"# E203 wrong-type\n")
    assert b"E203  error    wrong-type" in run("--list-rules").stdout
    assert {rule["code"] for rule in json.loads(run("--list-rules", "--format", "json").stdout)["rules"]} >= {"E203"}


def test_quiet_says_only_errors_and_verbose_a_line_a_file(folder: Path) -> None:
    assert run("-q", stdin=WARNED).stderr == b""
    assert b"E203" in run("-q", stdin=WRONG).stderr
    assert b"W503" in run("--check", "-q", stdin=WARNED).stdout
    assert run("-v", "clean.json", cwd=folder).stderr == b"clean.json: no findings in 1 job\n"


def test_a_person_at_a_terminal_sees_the_verdict_and_not_the_document(folder: Path) -> None:
    output, status = pexpect.run(f"ex-validate {folder}/clean.json", withexitstatus=True)
    assert (output.strip(), status) == (f"{folder}/clean.json: no findings in 1 job".encode(), 0)
    output, status = pexpect.run(f"ex-validate {folder}/wrong.json", withexitstatus=True)
    assert b"\x1b[1;31merror E203:" in output
    assert status == 1
    output, status = pexpect.run(f"sh -c 'ex-validate --fix < {folder}/wrong.json'", withexitstatus=True)
    assert MENDED.splitlines()[1] in output


def test_a_reader_that_leaves_ends_it_like_any_filter(tmp_path: Path) -> None:
    jobs = [{"id": f"job_{number}", "command": "true"} for number in range(20_000)]
    (tmp_path / "big.json").write_text(json.dumps({"application_name": "w", "jobs": jobs}))
    script = 'set -o pipefail; ex-validate "$1" | head -c 1 > /dev/null; echo ${PIPESTATUS[0]}'
    done = subprocess.run(["bash", "-c", script, "-", tmp_path / "big.json"], capture_output=True, check=False)
    assert (done.stdout, done.stderr) == (b"141\n", b"")


SLOW = {"networkx", "jsonschema", "deepdiff", "graphviz", "rich", "importlib.metadata", "difflib", "tempfile"}
SLOW |= {"subprocess", "email", "smtplib", "sqlite3", "unicodedata", "exlib.fix"}


def test_a_clean_document_loads_nothing_slow(folder: Path) -> None:
    script = (
        "import sys; from exlib.launch import main; code = main(sys.argv[1:]); print(*sys.modules, file=sys.stderr)"
    )
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-c", f"{script}; sys.exit(code)", "ex-validate", str(folder / "clean.json")]
    done = subprocess.run(
        command, cwd=root, capture_output=True, check=False, env={**os.environ, "PYTHONPATH": str(root)}
    )
    assert (done.stdout, done.returncode) == (CLEAN, 0)
    assert set(done.stderr.decode().split()) & SLOW == set()


def test_the_page_prints_what_it_says(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    assert prints_what_it_says("ex-validate.md", tmp_path, request) >= 8
