"""The pages say what is so: their examples are run as they stand, its links lead somewhere.

Blocks of the language ``console`` are one session in a fresh home, in a directory that holds ``examples/``. Times and
log directories differ from run to run and are compared as such; ``--repopulate`` writes what is printed now.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
PAGES = [README, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
CHANGING = (
    (re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?"), "DATE"),
    (re.compile(r"\b\d\d:\d\d:\d\d\b"), "TIME"),
    (re.compile(r"(?<![\w.])\d+(\.\d+)? ?(ms|s|min|m)\b( \d+ ?s\b)?"), "SPAN"),
    (re.compile(r"\[\d+/(\d+)\]"), r"[n/\1]"),
    (re.compile(r"slowest: .*"), "slowest: JOBS"),
    (re.compile(r"speed-up [\d.]+|\d+ ?%"), "SHARE"),
    (re.compile(r"(~|/)[^\s']*/executioner/"), "STATE/"),
    (re.compile(r"[ ]{2,}"), "  "),
)


@dataclass(frozen=True)
class Step:
    """One ``$`` line of a console block and what is printed under it."""

    command: str
    printed: str


def steps(text: str) -> list[Step]:
    found = []
    for block in re.findall(r"^```console\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        for piece in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            lines = piece.splitlines(keepends=True)
            last = next(number for number, line in enumerate(lines) if not line.endswith("\\\n"))
            found.append(Step("".join(lines[: last + 1]).strip(), "".join(lines[last + 1 :])))
    return found


def constant(printed: str) -> list[str]:
    """The lines of an output without what differs from run to run; jobs that run at once end in any order."""
    for pattern, replacement in CHANGING:
        printed = pattern.sub(replacement, printed)
    return sorted(line.rstrip() for line in printed.splitlines())


def session(directory: Path, commands: list[str]) -> list[str]:
    """What each command prints (stdout and stderr together), typed one after another into one shell."""
    shutil.copytree(ROOT / "examples", directory / "examples")
    home = directory / "home"
    home.mkdir()
    mark = "--8<-- next --8<--"
    script = "\n".join(f"{command}\nprintf '%s\\n' '{mark}'" for command in commands)
    path = os.pathsep.join([str(ROOT / "bin"), os.path.dirname(sys.executable), "/usr/bin", "/bin"])
    result = subprocess.run(
        ["bash", "-c", f"exec 2>&1\n{script}"],
        cwd=directory,
        env={"PATH": path, "HOME": str(home), "LC_ALL": "C.UTF-8", "TZ": "UTC", "COLUMNS": "100"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        timeout=300,
    )
    pieces = result.stdout.split(f"{mark}\n")
    assert len(pieces) == len(commands) + 1, result.stdout
    return [piece.replace(str(home), "~") for piece in pieces[:-1]]


def prints_on_its_document(
    path: Path,
    folder: Path,
    *,
    repopulate: bool,
    changing: Sequence[tuple[re.Pattern[str], str]],
    anonymous: Callable[[str], str] = str,
) -> None:
    """Type a page's commands on the ``nightly.json`` that it shows; ``changing`` differs from run to run."""
    page = path.read_text()
    document = re.search(r"^```json nightly\.json\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert document is not None
    (folder / "nightly.json").write_text(document[1])
    written = steps(page)
    printed = session(folder, [step.command for step in written])
    if repopulate:
        at = 0
        for step, now in zip(written, printed, strict=True):
            now = anonymous(now.replace(str(folder), "/srv/nightly"))
            at = page.index(f"$ {step.command}\n", at) + len(f"$ {step.command}\n")
            page = page[:at] + now + page[at + len(step.printed) :]
        path.write_text(page)
        return

    def plain(text: str) -> list[str]:
        for pattern, replacement in changing:
            text = pattern.sub(replacement, text)
        return constant(text)

    for step, now in zip(written, printed, strict=True):
        assert plain(now) == plain(step.printed), step.command


@pytest.mark.parametrize("page", [README, ROOT / "docs" / "ex-run.md"], ids=lambda page: page.name)
def test_a_page_prints_what_it_says(page: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    text = page.read_text(encoding="utf-8")
    wanted = steps(text)
    assert len(wanted) >= 4
    printed = session(tmp_path, [step.command for step in wanted])
    if request.config.getoption("--repopulate"):
        page.write_text(_rewritten(text, wanted, printed), encoding="utf-8")
        return
    for step, output in zip(wanted, printed, strict=True):
        assert constant(output) == constant(step.printed), f"$ {step.command}\n{output}"


def _rewritten(text: str, wanted: list[Step], printed: list[str]) -> str:
    """Put today's output under each command whose output has changed in more than times."""
    at = 0
    for step, output in zip(wanted, printed, strict=True):
        at = text.index(f"$ {step.command}\n", at) + len(f"$ {step.command}\n")
        if constant(output) != constant(step.printed):
            text = text[:at] + output + text[at + len(step.printed) :]
    return text


def test_the_two_commands_of_a_newcomer_are_there() -> None:
    text = README.read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in ("demo", "test"):
        assert f"make {target}" in text
        assert f"\n{target}: " in makefile


def test_the_demo_runs_the_line_that_the_readme_shows() -> None:
    [line] = re.findall(r'^line="(.*)"$', (ROOT / "examples" / "demo.sh").read_text(), re.MULTILINE)
    assert line.replace("examples/", "") in README.read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    links = [*re.findall(r"\]\(([^)\s]+)\)", text), *re.findall(r'(?:src|href|srcset)="([^"]+)"', text)]
    broken = [link for link in links if "://" not in link and not (page.parent / link.split("#")[0]).exists()]
    assert not broken


def test_every_tool_has_its_page() -> None:
    from exlib.launch import COMMANDS

    readme = README.read_text(encoding="utf-8")
    for tool in (f"ex-{name}" for name in COMMANDS):
        assert (ROOT / "docs" / f"{tool}.md").is_file()
        assert f"(docs/{tool}.md)" in readme


def test_the_index_lists_every_page() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    pages = {path.name for path in (ROOT / "docs").glob("*.md")} - {"README.md"}
    assert pages == set(re.findall(r"\]\(([\w-]+\.md)\)", index))


def test_contributing_names_every_room() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = re.findall(r"^    ((?:\w+/)+(?:\w+\.py)?) {2}", text, re.MULTILINE)
    assert not [path for path in named if not (ROOT / path).exists()]
    rooms = {f"exlib/{path.name}/" for path in (ROOT / "exlib").iterdir() if (path / "__init__.py").is_file()}
    assert rooms <= set(named)
