"""What all tests share: a home of their own, no skipping on CI, and ``--repopulate`` for the golden cases."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, settings

from tests.browser import chromium

ROOT = Path(__file__).resolve().parents[1]

settings.register_profile("executioner", deadline=None)  # a loaded machine is not a failing test
settings.register_profile("mutations", deadline=None, phases=[Phase.explicit, Phase.generate])  # any failure will do
settings.register_profile("ci", deadline=None, derandomize=True)  # what random examples find is no change's fault
settings.load_profile("ci" if os.environ.get("CI") else "executioner")


def pytest_configure() -> None:
    """A shell that starts this in the background has it ignore SIGINT, and all that the tests start would too."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--repopulate", action="store_true", help="Write what the golden cases print now into them.")


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the history, the logs or the settings of the person who runs it."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("PATH", os.pathsep.join([str(ROOT / "bin"), os.environ["PATH"]]))
    for name in ("XDG_STATE_HOME", "EX_DB", "NO_COLOR", "FORCE_COLOR", "PYTHONPATH", "PYTHONUNBUFFERED"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A Chromium. Not for longer than a module: Playwright's event loop forbids tests of other modules their own."""
    with chromium() as started:
        yield started


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if report.skipped and os.environ.get("CI") and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid}: skipping is failing on CI: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Iterator[None]:
    report: pytest.TestReport = yield
    _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Iterator[None]:
    report: pytest.CollectReport = yield
    _refuse_skip(report)
    return report
