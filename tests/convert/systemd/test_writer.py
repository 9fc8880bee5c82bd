"""Units: systemd finds nothing wrong with them, and their command lines are the texts of the jobs."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exlib.convert.systemd.naming import argument, escaped, quoted
from tests.convert.converting import exported, fates

ANALYZE = shutil.which("systemd-analyze")
ESCAPE = shutil.which("systemd-escape")
SAMPLE: dict[str, Any] = {
    "application_name": "nightly load",
    "secrets": ["PIN"],
    "env_variables": {"A": '50% "of" it\'s $X\nnext', "PIN": "4711!"},
    "working_dir": "/srv/a b",
    "jobs": [
        {"id": "extract", "command": 'echo "$A" 100% > x; printf \'%s\\n\' "${A}" \\\n  y', "timeout": 60},
        {"id": "it's $(a) %n/b-c", "command": "make; # 5%", "dependencies": ["extract"], "description": "100% of\nit"},
        {"id": "again", "command": "curl x", "max_retries": 2, "timeout": 5, "shell": "bash -e"},
        {"id": "own", "command": "true", "x-source": {"schedule": ["30 2 1 * 1", "@reboot"]}},
        {"id": "odd", "command": "true", "x-source": {"schedule": "H 2 * * *"}},
        {"id": "home", "command": "true", "env_variables": {"P": "${PATH}:/x"}, "working_dir": "~/x"},
    ],
    "x-source": {"format": "crontab", "schedule": "*/5 * * * *", "timezone": "Europe/Berlin"},
}


def units(document: dict[str, Any]) -> dict[str, str]:
    return {file.name: str(file.content) for file in exported(document, "systemd")[0]}


def unquoted(line: str) -> str:
    """What systemd makes of a word in double quotes, by its manual."""
    text, at = "", 1
    assert line[0] == line[-1] == '"'
    while at < len(line) - 1:
        if line[at] == "\\":
            simple = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", '"': '"'}
            if line[at + 1] == "x":
                text += chr(int(line[at + 2 : at + 4], 16))
                at += 4
                continue
            text += simple[line[at + 1]]
            at += 2
        elif line[at : at + 2] in ("%%", "$$"):
            text += line[at]
            at += 2
        else:
            assert line[at] not in '%$"'
            text += line[at]
            at += 1
    return text


def test_names_and_sections() -> None:
    found = units(SAMPLE)
    assert list(found) == [
        r"nightly\x20load-extract.service", r"nightly\x20load-it\x27s\x20\x24\x28a\x29\x20\x25n-b\x2dc.service",
        r"nightly\x20load-again.service", r"nightly\x20load-own.service", r"nightly\x20load-own.timer",
        r"nightly\x20load-odd.service", r"nightly\x20load-home.service", r"nightly\x20load.service",
        r"nightly\x20load.timer",
    ]  # fmt: skip
    assert found[r"nightly\x20load.timer"] == (
        "[Unit]\nDescription=nightly load\n\n[Timer]\nOnCalendar=*-*-* *:00/5:00 Europe/Berlin\nAccuracySec=1s\n\n"
        "[Install]\nWantedBy=timers.target\n"
    )
    own = found[r"nightly\x20load-own.timer"]
    assert "OnCalendar=*-*-01 02:30:00\nOnCalendar=Mon *-*-* 02:30:00\nOnBootSec=0\n" in own
    whole = found[r"nightly\x20load.service"]
    assert "own" not in whole
    assert "After=" in whole
    assert "Description=100%% of it\n" in found[r"nightly\x20load-it\x27s\x20\x24\x28a\x29\x20\x25n-b\x2dc.service"]


@pytest.mark.skipif(ANALYZE is None, reason="systemd is not there")
@pytest.mark.parametrize("more", [{}, {"parallel": True, "max_workers": 3, "continue_on_error": True}])
def test_systemd_finds_nothing_wrong(more: dict[str, Any], tmp_path: Path) -> None:
    for name, content in units({**SAMPLE, **more}).items():
        (tmp_path / name).write_text(content)
    told = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(str(path) for path in tmp_path.iterdir())],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert not [line for line in told.stderr.splitlines() if "nightly" in line], told.stderr


@pytest.mark.skipif(ANALYZE is None, reason="systemd is not there")
def test_systemd_would_find_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "nightly.service").write_text('[Service]\nType=oneshot\nExecStart=/bin/sh -c "a\\qb\n')
    told = subprocess.run(
        ["systemd-analyze", "verify", str(tmp_path / "nightly.service")], capture_output=True, text=True, check=False
    )
    assert "nightly" in told.stderr


@settings(max_examples=100)
@given(st.text(alphabet=st.characters(codec="utf-8") | st.sampled_from("$%\\\"'\n;{} "), min_size=1))
def test_a_command_line_is_its_text(text: str) -> None:
    assert "\n" not in argument(text)
    assert unquoted(argument(text)) == text
    assert unquoted(quoted(text).replace("$", "$$")) == text


@pytest.mark.skipif(ESCAPE is None, reason="systemd is not there")
@pytest.mark.parametrize("text", ["load", "a-b", "a b", "a/b", "it's", ".x", "a.b", "ä", "a:b_c", "%n", "$x", "\\"])
def test_names_are_those_of_systemd_escape(text: str) -> None:
    told = subprocess.run(["systemd-escape", "--", text], capture_output=True, text=True, check=True).stdout
    assert escaped(text) == told.rstrip("\n").replace(":", r"\x3a")


@pytest.mark.skipif(ANALYZE is None, reason="systemd is not there")
def test_systemd_takes_units_of_odd_names(tmp_path: Path) -> None:
    for name, text in units({"application_name": "w:x", "jobs": [{"id": "a:b,c;d~e", "command": "true"}]}).items():
        (tmp_path / name).write_text(text)
    ran = subprocess.run([str(ANALYZE), "verify", *map(str, sorted(tmp_path.iterdir()))], capture_output=True,
                         text=True, check=False)  # fmt: skip
    assert (ran.returncode, ran.stderr) == (0, "")


def test_a_limit_that_is_not_stated_is_spoken_of() -> None:
    jobs = [{"id": "a", "command": "true"}]
    assert fates(exported({"jobs": jobs}, "systemd")[1])["default_timeout"] == "approximated"
    assert fates(exported({"jobs": jobs, "default_timeout": 10800}, "systemd")[1])["default_timeout"] == "exact"
    assert "TimeoutStartSec=10800" in str(units({"jobs": jobs, "default_timeout": 10800}))


def test_long_names_stay_apart() -> None:
    one, other = (units({"jobs": [{"id": "é" * 90 + end, "command": "true"}]}) for end in "ab")
    assert one.keys() != other.keys()
    assert all(len(name) < 255 for name in one)


def test_order() -> None:
    jobs = [{"id": "a", "command": "true"}, {"id": "b", "command": "true"},
            {"id": "c", "command": "true", "dependencies": ["a"]}]  # fmt: skip
    one = units({"application_name": "w", "jobs": jobs})
    assert "After" not in one["w-a.service"]
    assert "\nAfter=w-a.service\n" in one["w-b.service"]
    assert "Requires" not in one["w-b.service"]
    assert "\nRequires=w-a.service\nAfter=w-a.service w-b.service\n" in one["w-c.service"]
    beside = units({"application_name": "w", "parallel": True, "max_workers": 2, "jobs": jobs})
    assert "After" not in beside["w-b.service"]
    assert "\nAfter=w-a.service\n" in beside["w-c.service"]


def test_environment_and_limits() -> None:
    found = units(SAMPLE)
    extract = found[r"nightly\x20load-extract.service"]
    assert "4711!" not in "".join(found.values())
    assert 'Environment="A=50%% \\"of\\" it\'s $X\\nnext"\n' in extract
    assert "EnvironmentFile=%E/nightly_load.env\n" in extract
    assert "WorkingDirectory=/srv/a b\nEnvironment" in extract
    assert "TimeoutStartSec=60\n" in extract
    assert "TimeoutStartSec" not in found[r"nightly\x20load-again.service"]
    assert "timeout -k 10 5 bash -e -c" in found[r"nightly\x20load-again.service"]
    assert 'export P=\\"$${PATH-' in found[r"nightly\x20load-home.service"]
    assert 'cd \\"$$HOME\\"/x' in found[r"nightly\x20load-home.service"]


def test_what_is_said() -> None:
    said = fates(exported(SAMPLE, "systemd")[1])
    assert said["jobs[3].x-source"] == "exact"
    assert said["jobs[4].x-source"] == "manual"
    assert said["x-source"] == "exact"
    assert said["env_variables"] == "manual"
    assert said["continue_on_error"] == "approximated"
    assert said["jobs[2].timeout"] == "approximated"
    assert said["jobs[0].timeout"] == "exact"
