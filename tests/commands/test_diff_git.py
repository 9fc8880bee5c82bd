"""ex-diff as the real git's external diff and textconv driver, on real repositories."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

ONE = {"jobs": [{"id": "a", "command": "true"}, {"id": "b", "command": "b", "dependencies": ["a"]}]}
TWO = {"jobs": [{"id": "b", "command": "b --fast", "dependencies": ["a"]}, {"id": "a", "command": "true"}]}


class Repository:
    """A git repository whose files are written and committed by the tests."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.git("init", "-q", "-b", "main")
        self.git("config", "user.name", "Somebody")
        self.git("config", "user.email", "somebody@example.org")

    def ran(self, *argv: str, **environ: str) -> Any:
        settings = {**os.environ, "GIT_CONFIG_NOSYSTEM": "1", "GIT_PAGER": "cat", **environ}
        return subprocess.run(
            argv, cwd=self.folder, capture_output=True, text=True, check=False, timeout=60, env=settings
        )

    def git(self, *argv: str, **environ: str) -> str:
        """What git prints; it must succeed."""
        done = self.ran("git", *argv, **environ)
        assert done.returncode == 0, done.stderr
        return str(done.stdout)

    def write(self, name: str, content: Any) -> None:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content, indent=1) + "\n")

    def commit(self, **files: Any) -> None:
        for name, content in files.items():
            self.write(f"{name}.json", content)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "step")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


@pytest.fixture
def driven(repository: Repository) -> Repository:
    repository.commit(w=ONE)
    assert repository.ran("ex-diff", "--git-config", "--apply").returncode == 0
    return repository


def test_git_diff_tells_workflows(driven: Repository) -> None:
    driven.write("w.json", TWO)
    text = driven.git("diff")
    assert text.startswith("diff --executioner a/w.json b/w.json\n")
    assert "1 job changed." in text
    assert "- command: b\n" in text.replace("  │ ", "")
    assert "--fast" in text


def test_another_order_and_layout_alone_is_no_difference(driven: Repository) -> None:
    driven.write("w.json", json.dumps({"jobs": ONE["jobs"][::-1]}, indent=7))
    assert "The documents are the same as workflows." in driven.git("diff")


def test_files_that_came_and_went(driven: Repository) -> None:
    driven.commit(w=ONE)
    driven.write("new.json", TWO)
    (driven.folder / "w.json").unlink()
    driven.git("add", "-A")
    text = driven.git("diff", "--cached", "--no-renames")
    assert "diff --executioner a/new.json b/new.json\nnew file mode 100644\n" in text
    assert "2 jobs added" in text
    assert "diff --executioner a/w.json b/w.json\ndeleted file mode 100644\n" in text
    assert "2 jobs removed" in text


def test_a_file_that_was_renamed(driven: Repository) -> None:
    driven.commit(w=ONE)
    driven.git("mv", "w.json", "v.json")
    driven.write("v.json", {"jobs": [*ONE["jobs"], {"id": "c", "command": "c"}]})
    driven.git("add", "-A")
    text = driven.git("diff", "--cached", "-M20%")
    assert "diff --executioner a/w.json b/v.json\n" in text
    assert "1 job added." in text


@pytest.mark.parametrize(
    "broken",
    ["{not json", '{"version": 2}', '[1, 2]\n"', "\0binary\0", ""],
    ids=["cut", "other", "list", "bytes", "empty"],
)
def test_what_is_no_workflow_is_shown_as_git_shows_it(driven: Repository, broken: str) -> None:
    driven.commit(w=ONE, z=ONE)
    driven.write("w.json", broken)
    driven.write("z.json", TWO)
    text = driven.git("diff")
    ours, _, rest = text.partition("diff --executioner")
    plain = driven.git("-c", "diff.executioner.command=", "diff", "--no-ext-diff", "--no-textconv", "w.json")
    body = [line for line in plain.splitlines() if not line.startswith("index ")]
    assert [line for line in ours.splitlines() if not line.startswith("index ")] == body
    assert "1 job changed." in rest
    driven.commit()
    assert driven.git("log", "-p", "-2")


def test_a_version_that_was_broken_once_is_told_plainly_in_the_log(driven: Repository) -> None:
    driven.commit(w="{not json")
    driven.commit(w=TWO)
    driven.commit(w=ONE)
    log = driven.git("log", "-p", "--format=%s")
    assert "+{not json" in log
    assert "-  command: b --fast\n+  command: b\n" in log
    assert log.count("diff --git a/w.json b/w.json") == 4
    assert driven.git("log", "-p", "--ext-diff", "--format=%s")
    assert driven.git("show", "HEAD")


def test_a_mistake_of_ours_does_not_keep_git_from_the_other_files(driven: Repository) -> None:
    deep: Any = {"jobs": [{"id": "a", "command": "a", "x-deep": 1}]}
    for _ in range(400):
        deep["jobs"][0]["x-deep"] = [deep["jobs"][0]["x-deep"]]
    driven.commit(w=ONE, d=deep)
    driven.write("d.json", json.dumps(deep).replace("1", "2"))
    driven.write("w.json", TWO)
    text = driven.git("diff")
    assert "1 job changed." in text.partition("a/w.json")[2]
    assert "a/d.json b/d.json" in text


def test_a_reader_that_goes_away_is_no_failure_that_git_gives_up_at(driven: Repository) -> None:
    driven.write("new.json", TWO)
    reading, writing = os.pipe()
    os.close(reading)
    argv = ["ex-diff", "--", "w.json", "w.json", "0" * 40, "100644", "new.json", "0" * 40, "100644"]
    done = subprocess.run(argv, cwd=driven.folder, stdout=writing, stderr=subprocess.PIPE, check=False, timeout=60)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


def test_mode_and_links(driven: Repository) -> None:
    driven.commit(w=ONE)
    (driven.folder / "w.json").chmod(0o755)
    assert "old mode 100644\nnew mode 100755\n" in driven.git("diff")
    (driven.folder / "w.json").unlink()
    (driven.folder / "w.json").symlink_to("elsewhere")
    assert driven.git("diff")


def test_an_unmerged_file(driven: Repository) -> None:
    driven.commit(w=ONE)
    driven.git("checkout", "-q", "-b", "other")
    driven.commit(w={"jobs": [{"id": "a", "command": "theirs"}]})
    driven.git("checkout", "-q", "main")
    driven.commit(w={"jobs": [{"id": "a", "command": "ours"}]})
    assert driven.ran("git", "merge", "other").returncode == 1
    assert driven.ran("git", "diff").returncode == 0
    assert "* Unmerged path w.json" in driven.git("diff", "--cached")


def test_git_external_diff_of_all_files(repository: Repository) -> None:
    repository.write("notes.txt", "one\n")
    repository.write("-odd name.json", ONE)
    repository.commit(w=ONE)
    repository.write("notes.txt", "two\n")
    repository.write("sub/w.json", ONE)
    repository.write("w.json", TWO)
    text = repository.git("diff", GIT_EXTERNAL_DIFF="ex-diff")
    assert "--- a/notes.txt\n+++ b/notes.txt\n@@ -1 +1 @@\n-one\n+two\n" in text
    assert "1 job changed." in text


def test_the_driver_takes_names_that_look_like_options(driven: Repository) -> None:
    driven.write("-o.json", ONE)
    driven.commit(w=ONE)
    driven.write("-o.json", TWO)
    assert "1 job changed." in driven.git("diff")


def test_colour_goes_through_git_s_pager(driven: Repository) -> None:
    driven.write("w.json", TWO)
    assert "\x1b[" not in driven.git("diff")
    assert "\x1b[32m" in driven.git("diff", GIT_PAGER_IN_USE="true")


def test_textconv_does_not_change_with_order_and_layout(driven: Repository) -> None:
    driven.write("x.json", json.dumps({"jobs": ONE["jobs"][::-1]}))
    texts = [driven.ran("ex-diff", "--textconv", name).stdout for name in ("w.json", "x.json")]
    assert texts[0] == texts[1] == "\njob a\n  command: true\n\njob b\n  command: b\n  waits for a\n"
    piped = subprocess.run(["ex-diff", "--textconv"], input=b"{cut", capture_output=True, check=False)
    assert (piped.returncode, piped.stdout) == (0, b"{cut")


def test_textconv_shows_no_secret_and_that_a_variable_changed(driven: Repository) -> None:
    variables = [{"API_TOKEN": "abc-token", "MODE": value} for value in ("quick", "full")]
    texts = []
    for number, env in enumerate(variables):
        driven.write(f"{number}.json", {"env_variables": env, "smtp_password": "pass-word", "jobs": []})
        texts.append(driven.ran("ex-diff", "--textconv", f"{number}.json").stdout)
    assert texts[0] != texts[1]
    for text in texts:
        assert "  API_TOKEN=********\n" in text
        assert not [value for value in ("abc-token", "quick", "full", "pass-word") if value in text]
    assert "MODE=quick" in driven.ran("ex-diff", "--textconv", "--show-values", "0.json").stdout


def test_the_settings_are_made_once(repository: Repository) -> None:
    repository.write(".gitattributes", "# ours\n*.txt text\n")
    first = repository.ran("ex-diff", "--git-config", "--apply", "jobs/*.json", "a b.json")
    assert (first.returncode, first.stdout) == (0, "")
    attributes = (repository.folder / ".gitattributes").read_text()
    assert attributes == 'jobs/*.json diff=executioner\n"a b.json" diff=executioner\n# ours\n*.txt text\n'
    assert repository.git("check-attr", "diff", "a b.json") == "a b.json: diff: executioner\n"
    assert repository.git("config", "diff.executioner.command") == "ex-diff --\n"
    again = repository.ran("ex-diff", "--git-config", "--apply", "jobs/*.json", "a b.json")
    assert (again.returncode, again.stderr) == (0, "all of it is set already\n")
    assert (repository.folder / ".gitattributes").read_text() == attributes


@pytest.mark.parametrize("where", ["config", "attributes"])
def test_what_is_set_otherwise_is_left_and_said(repository: Repository, where: str) -> None:
    if where == "config":
        repository.git("config", "diff.executioner.textconv", "other")
    else:
        repository.write(".gitattributes", "*.json -diff\n")
    before = repository.git("config", "--local", "--list")
    result = repository.ran("ex-diff", "--git-config", "--apply")
    assert result.returncode == 1
    assert (
        "diff.executioner.textconv is other already" if where == "config" else "has -diff for *.json"
    ) in result.stderr
    assert repository.git("config", "--local", "--list") == before
    attributes = repository.folder / ".gitattributes"
    assert (attributes.read_text() if attributes.exists() else "") == ("" if where == "config" else "*.json -diff\n")


def test_the_printed_settings_do_what_apply_does(repository: Repository) -> None:
    script = repository.ran("ex-diff", "--git-config", "it's *.json").stdout
    assert repository.ran("sh", "-ec", script).returncode == 0
    # A pattern with a blank stands in quotes, as git wants it.
    assert repository.git("check-attr", "diff", "it's x.json") == "it's x.json: diff: executioner\n"
    assert repository.git("config", "diff.executioner.command") == "ex-diff --\n"
    assert repository.ran("ex-diff", "--git-config", "--apply", "it's *.json").stderr == "all of it is set already\n"


def test_outside_of_a_repository(tmp_path: Path) -> None:
    done = subprocess.run(
        ["ex-diff", "--git-config", "--apply"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "GIT_CEILING_DIRECTORIES": str(tmp_path.parent)},
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "no git repository" in done.stderr
