"""ex-merge as a process: its page, the original's way of calling, and git's merge driver."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.pages import prints_what_it_says

ROOT = Path(__file__).resolve().parents[2]


def run(*argv: str, cwd: Path, data: str = "") -> Any:
    return subprocess.run(argv, cwd=cwd, input=data, capture_output=True, text=True, check=False, timeout=120)


def workflow(place: Path, *jobs: str, **more: Any) -> None:
    """Write a workflow; each job is its id, and what it waits for behind it."""
    listed = [
        {"id": name, "command": "true", **({"dependencies": wanted} if wanted else {})}
        for name, *wanted in (job.split() for job in jobs)
    ]
    place.write_text(json.dumps({**more, "jobs": listed}, indent=2) + "\n", encoding="utf-8")


def test_the_page_prints_what_it_says(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    assert prints_what_it_says("ex-merge.md", tmp_path, request) >= 4


def test_the_original_call_chains_and_prefixes(tmp_path: Path) -> None:
    workflow(tmp_path / "a.json", "x", "y x")
    workflow(tmp_path / "b.json", "x", "z x")
    made = run(
        "executioner", "merge", "a.json, b.json", "--app-name", "both", "--prefix-job-ids", "--compact", cwd=tmp_path
    )
    assert made.returncode == 0, made.stderr
    assert made.stdout.count("\n") == 1
    found = json.loads(made.stdout)
    assert found["application_name"] == "both"
    assert {job["id"]: job.get("dependencies", []) for job in found["jobs"]} == {
        "a_x": [],
        "a_y": ["a_x"],
        "b_x": ["a_y"],
        "b_z": ["b_x"],
    }


def test_a_comma_is_part_of_a_name_everywhere_else(tmp_path: Path) -> None:
    workflow(tmp_path / "a,b.json", "x")
    assert run("executioner", "merge", "a,b.json", cwd=tmp_path).returncode == 0
    workflow(tmp_path / "a", "x")
    assert run("ex-merge", "a,a", cwd=tmp_path).returncode == 2


def test_standard_input_is_one_of_the_documents_once(tmp_path: Path) -> None:
    workflow(tmp_path / "a.json", "x")
    data = (tmp_path / "a.json").read_text().replace('"x"', '"y"')
    made = run("ex-merge", "-", "a.json", cwd=tmp_path, data=data)
    assert [job["id"] for job in json.loads(made.stdout)["jobs"]] == ["y", "x"]
    assert run("ex-merge", "-", "-", cwd=tmp_path, data=data).returncode == 2


def in_three(place: Path, *options: str, base: str = "x", ours: str = "x", theirs: str = "x") -> Any:
    for name, jobs in (("base", base), ("ours", ours), ("theirs", theirs)):
        workflow(place / f"{name}.json", *jobs.split(","))
    return run("ex-merge", "--base", "base.json", "ours.json", "theirs.json", *options, cwd=place)


def test_three_ways_write_nothing_while_something_is_open(tmp_path: Path) -> None:
    made = in_three(tmp_path, "-o", "out.json", base="x,y", ours="x", theirs="x,y x")
    assert (made.returncode, made.stdout) == (1, "")
    assert not (tmp_path / "out.json").exists()
    assert 'conflict: job "y": ours deletes it, theirs changes it' in made.stderr


def test_a_marked_document_is_refused_until_the_marks_are_gone(tmp_path: Path) -> None:
    made = in_three(tmp_path, "--mark", base="x,y", ours="x", theirs="x,y x")
    assert made.returncode == 1
    checked = run("ex-validate", cwd=tmp_path, data=made.stdout)
    assert checked.returncode == 1
    assert "E506" in checked.stderr
    assert run("ex-run", cwd=tmp_path, data=made.stdout).returncode in (1, 2)
    decided = in_three(tmp_path, "--theirs", base="x,y", ours="x", theirs="x,y x")
    assert decided.returncode == 0
    assert run("ex-validate", cwd=tmp_path, data=decided.stdout).returncode == 0


def test_the_report_keeps_to_its_schema_and_to_itself_what_is_secret(tmp_path: Path) -> None:
    import jsonschema

    secret = "hunter2-hunter2"
    versions = {"base": "old", "ours": secret, "theirs": "other-word"}
    for name, password in versions.items():
        workflow(tmp_path / f"{name}.json", "x", env_variables={"DB_PASSWORD": password}, max_workers=len(password))
        text = (tmp_path / f"{name}.json").read_text()
        (tmp_path / f"{name}.json").write_text(text.replace('"true"', f'"psql -W {password}"'))
    made = run(
        *("ex-merge", "--base", "base.json", "ours.json", "theirs.json", "--format", "json", "--conflicts", "all.json"),
        cwd=tmp_path,
    )
    assert made.returncode == 1
    report = json.loads(made.stdout)
    assert report == json.loads((tmp_path / "all.json").read_text())
    jsonschema.validate(report, json.loads((ROOT / "schemas" / "merge.schema.json").read_text()))
    assert [found["key"] for found in report["conflicts"]] == ["env_variables.DB_PASSWORD", "max_workers", "command"]
    assert secret not in made.stdout + made.stderr
    assert report["conflicts"][1] == {
        "conflict": "changed",
        "job": None,
        "key": "max_workers",
        "base": 3,
        "ours": len(secret),
        "theirs": 10,
    }


@pytest.mark.parametrize(
    "argv",
    ["--mark a", "--ours a", "--base a a", "--base a a a --chain", "--base a a a --prefix", "--git-driver a"],
)
def test_options_of_another_way_to_merge_are_refused(argv: str, tmp_path: Path) -> None:
    workflow(tmp_path / "a", "x")
    made = run("ex-merge", *argv.split(), cwd=tmp_path)
    assert (made.returncode, made.stdout) == (2, "")
    assert "mend:" in made.stderr


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose settings are those that ex-merge --git-config prints, with one workflow on main."""
    for name, value in (("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_SYSTEM", "/dev/null")):
        monkeypatch.setenv(name, value)
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "somebody")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "somebody@example.com")
    assert run("git", "init", "-q", "-b", "main", cwd=tmp_path).returncode == 0
    (tmp_path / ".gitattributes").write_text("*.png binary")  # without a line end
    for _ in range(2):  # it may be run again
        made = run("sh", "-c", "ex-merge --git-config | sh", cwd=tmp_path)
        assert (made.returncode, made.stderr) == (0, "")
    assert (tmp_path / ".gitattributes").read_text() == "*.png binary\n*.json merge=executioner\n"
    return tmp_path


def branches(place: Path, file: str, base: str | None, ours: str, theirs: str) -> Any:
    """Commit a base, our and their version on real branches, and let git merge theirs into ours."""
    git(place, "add", "-A")
    git(place, "commit", "-q", "-m", "the attributes")
    if base is not None:
        commit(place, file, base)
    git(place, "checkout", "-q", "-b", "theirs")
    commit(place, file, theirs)
    git(place, "checkout", "-q", "main")
    commit(place, file, ours)
    return run("git", "merge", "-q", "-m", "both", "theirs", cwd=place)


def commit(place: Path, file: str, text: str) -> None:
    (place / file).write_text(text, encoding="utf-8")
    git(place, "add", "-A")
    git(place, "commit", "-q", "-m", f"{file} changes")


def git(place: Path, *argv: str) -> str:
    made = run("git", *argv, cwd=place)
    assert made.returncode == 0, made.stderr
    return str(made.stdout)


BASE = """{
  "jobs": [
    {"id": "extract", "command": "./extract.sh", "timeout": 60},
    {"id": "load", "command": "./load.sh", "dependencies": ["extract"]}
  ]
}
"""
OURS = (
    BASE.replace('"timeout": 60', '"timeout": 90')
    .replace('["extract"]}', '["extract", "clean"]}')
    .replace('    {"id": "load"', '    {"id": "clean", "command": "./clean.sh"},\n    {"id": "load"')
)
THEIRS = BASE.replace('"./extract.sh"', '"./extract.sh --all"').replace('["extract"]}', '["extract"], "tags": ["db"]}')


@pytest.mark.parametrize("file", ["nightly.json", 'it\'s a "name".json', "-x.json"])
def test_git_merges_by_job_what_it_cannot_merge_by_lines(repository: Path, file: str) -> None:
    by_lines = [repository / f".{name}" for name in ("ours", "base", "theirs")]
    for path, text in zip(by_lines, (OURS, BASE, THEIRS), strict=True):
        path.write_text(text)
    assert run("git", "merge-file", "-p", *map(str, by_lines), cwd=repository).returncode > 0
    for path in by_lines:
        path.unlink()
    made = branches(repository, file, BASE, OURS, THEIRS)
    assert made.returncode == 0, made.stderr
    assert (repository / file).read_text() == OURS.replace('"./extract.sh"', '"./extract.sh --all"').replace(
        '"clean"]}', '"clean"], "tags": ["db"]}'
    )
    assert git(repository, "status", "--porcelain") == ""


def test_a_real_conflict_leaves_the_file_marked_and_git_says_so(repository: Path) -> None:
    made = branches(repository, "nightly.json", BASE, OURS, BASE.replace("60", "120"))
    assert made.returncode == 1
    assert "CONFLICT (content): Merge conflict in nightly.json" in made.stdout
    assert 'conflict: job "extract": timeout was 60, ours has 90, theirs has 120' in made.stderr
    assert git(repository, "status", "--porcelain") == "UU nightly.json\n"
    jobs = json.loads((repository / "nightly.json").read_text())["jobs"]
    assert jobs[0]["x-merge-conflict"] == [
        {"conflict": "changed", "key": "timeout", "base": 60, "ours": 90, "theirs": 120}
    ]
    assert run("ex-validate", "nightly.json", cwd=repository).returncode == 1


def test_a_file_that_both_sides_added_is_merged_too(repository: Path) -> None:
    made = branches(repository, "nightly.json", None, OURS, BASE)
    assert made.returncode == 1
    assert "timeout was not there, ours has 90, theirs has 60" in made.stderr
    assert "clean" in (repository / "nightly.json").read_text()


@pytest.mark.parametrize("side", ["base", "ours", "theirs"])
def test_a_version_that_cannot_be_read_is_a_conflict_and_nothing_is_lost(repository: Path, side: str) -> None:
    versions = {"base": BASE, "ours": OURS, "theirs": THEIRS}
    versions[side] = versions[side].replace('"jobs": [', '"jobs": [ oops')
    made = branches(repository, "nightly.json", **versions)
    assert made.returncode == 1
    assert f"{side} cannot be read as JSON (line 2), so it is merged by lines" in made.stderr
    text = (repository / "nightly.json").read_text()
    assert "clean.sh" in text
    assert "--all" in text
    for stage, name in enumerate(versions, start=1):
        assert git(repository, "show", f":{stage}:nightly.json") == versions[name]


def test_json_that_is_no_workflow_is_merged_by_lines_as_ever(repository: Path) -> None:
    lines = [f'"{number}": {number}' for number in range(20)]

    def text(**new: str) -> str:
        return "{\n" + ",\n".join(new.get(f"n{number}", line) for number, line in enumerate(lines)) + "\n}\n"

    made = branches(repository, "package.json", text(), text(n1='"1": "ours"'), text(n18='"18": "theirs"'))
    assert made.returncode == 0, made.stderr
    assert (repository / "package.json").read_text() == text(n1='"1": "ours"', n18='"18": "theirs"')


@pytest.fixture
def including(tmp_path: Path) -> Path:
    """main.json, which includes common/common.json."""
    (tmp_path / "common").mkdir()
    workflow(tmp_path / "common" / "common.json", "setup", "load", env_variables={"X": "1"})
    workflow(tmp_path / "main.json", "load setup", includes=["common/common.json"])
    return tmp_path


def test_flatten_and_origin(including: Path) -> None:
    import jsonschema

    flat = run("ex-merge", "--flatten", "main.json", cwd=including)
    assert flat.returncode == 0, flat.stderr
    assert [job["id"] for job in json.loads(flat.stdout)["jobs"]] == ["setup", "load"]
    assert "includes" not in json.loads(flat.stdout)
    told = run("ex-merge", "--origin", "main.json", cwd=including)
    assert told.stdout == (
        'common/common.json:3  env_variables.X\ncommon/common.json:6  job "setup"\nmain.json:6           job "load"\n'
    )
    report = json.loads(run("ex-merge", "--origin", "--format", "json", "main.json", cwd=including).stdout)
    jsonschema.validate(report, json.loads((ROOT / "schemas" / "origin.schema.json").read_text()))
    assert report["origins"][2] == {"job": "load", "key": None, "file": "main.json", "line": 6}
    assert run("ex-merge", "--flatten", "main.json", "main.json", cwd=including).returncode == 2


def test_a_pipe_carries_the_resolved_document(including: Path) -> None:
    for line in ("ex-validate main.json", "ex-filter main.json", "cat main.json | ex-filter", "ex-merge main.json"):
        made = run("sh", "-c", f"{line} | (cd / && ex-filter --list)", cwd=including)
        assert (made.returncode, made.stdout.split()) == (0, ["setup", "load"]), line
    assert run("ex-validate", "main.json", cwd=including / "common").returncode == 2


def test_a_resume_does_not_need_the_included_files(including: Path) -> None:
    workflow(including / "common" / "common.json", "setup", env_variables={"X": "1"})
    main = including / "main.json"
    main.write_text(main.read_text().replace('"command": "true"', '"command": "test $X = 1 && test -e ready"'))
    db = ["--db", str(including / "runs.db")]
    assert run("ex-run", "main.json", *db, cwd=including).returncode == 1
    (including / "common" / "common.json").unlink()
    (including / "ready").touch()
    made = run("ex-run", "--resume", "last", *db, cwd=including)
    assert made.returncode == 0, made.stderr
    assert run("ex-run", "main.json", *db, cwd=including).returncode == 2


def test_fix_mends_the_file_itself_alone(including: Path) -> None:
    common = (including / "common" / "common.json").read_text().replace('"id"', '"job_id"')
    (including / "common" / "common.json").write_text(common)
    main = (including / "main.json").read_text()
    (including / "main.json").write_text(main.replace('"id"', '"job_id"'))
    made = run("ex-validate", "--fix", "main.json", cwd=including)
    assert made.returncode == 0
    assert (including / "main.json").read_text() == main
    assert (including / "common" / "common.json").read_text() == common
    assert "common/common.json:7:7: warning W503" in made.stderr
    shown = run("ex-validate", "--fix", "--diff", "main.json", cwd=including)
    assert (shown.returncode, shown.stdout) == (0, "")


def test_three_ways_leave_includes_as_they_are(including: Path) -> None:
    workflow(including / "ours.json", "load setup", "more", includes=["common/common.json"])
    made = run("ex-merge", "--base", "main.json", "ours.json", "main.json", cwd=including)
    assert made.stdout == (including / "ours.json").read_text()
