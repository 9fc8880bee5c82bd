"""Pipelines for the tests, and what they become."""

from __future__ import annotations

from typing import Any

from exlib.convert.account import Entry
from exlib.convert.wishes import Wishes
from tests.convert.converting import NO_WISHES, imported


def pipeline(stages: str, more: str = "") -> str:
    """A pipeline with stages, and other sections before them."""
    return f"pipeline {{\n  agent any\n  {more}\n  stages {{\n{stages}\n  }}\n}}\n"


def stage(steps: str, name: str = "s", more: str = "") -> str:
    """A stage with steps, and other sections before them."""
    return f"    stage('{name}') {{\n      {more}\n      steps {{\n        {steps}\n      }}\n    }}"


def read(text: str, *, wishes: Wishes = NO_WISHES) -> tuple[dict[str, Any], list[Entry]]:
    """The one document of a pipeline, and the account."""
    documents, entries = imported(text, "jenkins", name="Jenkinsfile", wishes=wishes)
    assert len(documents) == 1
    return documents[0], entries


def job(steps: str, more: str = "", top: str = "", *, wishes: Wishes = NO_WISHES) -> dict[str, Any]:
    """The one job of a stage."""
    (made,) = read(pipeline(stage(steps, more=more), top), wishes=wishes)[0]["jobs"]
    return dict(made)


def guarded(made: dict[str, Any]) -> str | None:
    """Why a job waits."""
    checks = made.get("pre_checks", [])
    assert len(checks) < 2
    return checks[0]["params"]["reason"] if checks else None


def order(document: dict[str, Any]) -> dict[str, list[str]]:
    """What each job waits for."""
    return {each["id"]: each.get("dependencies", []) for each in document["jobs"]}
