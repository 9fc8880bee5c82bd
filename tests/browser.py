"""Our pages in a real browser, headless: what they show, what they log, and that they ask nobody for anything.

The browser is a Chromium that is on the machine; where there is none these tests are skipped, which CI refuses.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


@contextmanager
def chromium() -> Iterator[Any]:
    """A running browser (Playwright's Browser)."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip("no Chromium on PATH (on Debian: apt install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        yield started
        started.close()


@contextmanager
def opened(browser: Any, file: Path, *, dark: bool = False, width: int = 1200, height: int = 800) -> Iterator[Any]:
    """A page opened as by double click (Playwright's Page).

    At the end it must have logged no warning or error, thrown nothing, and asked for no address but its own file.
    """
    context = browser.new_context(color_scheme="dark" if dark else "light", viewport={"width": width, "height": height})
    page = context.new_page()
    complaints: list[str] = []
    asked: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type in ("warning", "error") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: (complaints.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    yield page
    assert not complaints
    assert {url for url in asked if not url.startswith("data:")} == {file.as_uri()}
    context.close()
