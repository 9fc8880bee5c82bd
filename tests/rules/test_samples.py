"""Every rule by example: a sample in negative/ yields exactly the code in its name, one in positive/ nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from exlib import rules
from exlib.document import Document
from exlib.findings import DocumentRefused, Finding
from exlib.merge.includes import resolved

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
NEGATIVE = sorted((SAMPLES / "negative").glob("*.json"))
POSITIVE = sorted((SAMPLES / "positive").glob("*.json"))
ENVIRON = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/root", "USER": "root"}
ABSENT = {"sudo", "su", "doas", "mysql", "sqlplus", "sqlldr", "sshpass", "psql", "curl", "wget", "git", "python3"}
ABSENT |= {"docker", "pg_dump", "openssl", "authlookup", "nice", "timeout", "nohup"}


def findings(path: Path, tools: Path) -> list[Finding]:
    """All findings of a file, with stand-ins on PATH for programs that a machine may lack."""
    environ = {**ENVIRON, "PATH": f"{ENVIRON['PATH']}:{tools}"}
    try:
        return rules.check(resolved(Document(path.read_bytes(), str(path))), environ=environ)
    except DocumentRefused as refused:
        return list(refused.findings)


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tools")
    for name in ABSENT:
        (folder / name).touch(mode=0o755)
    return folder


@pytest.mark.parametrize("path", NEGATIVE, ids=lambda path: path.stem)
def test_a_negative_sample_yields_its_code_and_no_other(path: Path, tools: Path) -> None:
    code = path.stem.partition("-")[0]
    found = findings(path, tools)
    assert {finding.code for finding in found} == {code}, [finding.message for finding in found]
    assert all(finding.severity == rules.CATALOG[code].severity for finding in found)


@pytest.mark.parametrize("path", POSITIVE, ids=lambda path: path.stem)
def test_a_positive_sample_yields_nothing(path: Path, tools: Path) -> None:
    assert findings(path, tools) == []


def test_every_rule_has_a_sample() -> None:
    shown = {path.stem.partition("-")[0] for path in NEGATIVE}
    assert shown == rules.CATALOG.keys() - {"E100"}, "E100 is a file that is not there"
