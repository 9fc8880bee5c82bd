"""Formats by name and by content; what tells none is refused."""

from __future__ import annotations

import pytest

from exlib.convert.formats import FORMATS
from exlib.convert.guess import guess, target_of
from exlib.convert.source import Source
from exlib.errors import InputError, UsageError
from tests.corpus.place import CORPUS


@pytest.mark.parametrize(
    ("name", "form"),
    [
        (".github/workflows/ci.yml", "github"), ("x/.github/workflows/ci.yaml", "github"), (".gitlab-ci.yml", "gitlab"),
        ("x/build.gitlab-ci.yml", "gitlab"), ("Makefile", "make"), ("x/rules.mk", "make"), ("build.ninja", "ninja"),
        ("Jenkinsfile", "jenkins"), ("Jenkinsfile.release", "jenkins"), ("Taskfile.yml", "taskfile"),
        ("x/taskfile.dist.yaml", "taskfile"), ("/etc/cron.d/backup", "cron.d"), ("/etc/crontab", "cron.d"),
        ("crontab", "crontab"), ("a.crontab", "crontab"), ("run.sh", "bash"), ("jobs.csv", "csv"),
        ("jobs.xlsx", "xlsx"), ("jobs.tsv", "csv"), ("sc.cron.d", "cron.d"),
    ],
)  # fmt: skip
def test_by_name(name: str, form: str) -> None:
    assert guess(Source(b"", name)) == (form, "by its name")


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ('{"name": "x", "schemaVersion": "1.5", "workflow": {}}', "wfformat"),
        ('{"jobs": []}', "executioner"), ("{", "executioner"),
        ("#!/bin/sh\nx\n", "bash"), ("#!/usr/bin/env bash\n", "bash"), ("#!/usr/bin/make -f\na:\n", "make"),
        ("pipeline {\n  agent any\n}\n", "jenkins"), ("sqlplus /nolog @a.sql\n", "prhelper"),
        ("on: push\njobs:\n  a:\n    runs-on: x\n", "github"), ("'on': push\njobs: {}\n", "github"),
        ("version: '3'\ntasks:\n  a: echo\n", "taskfile"), ("steps:\n  - command: echo\n", "dagu"),
        ("name: x\nsteps:\n- echo\n", "dagu"), ("a:\n  script: x\n", "gitlab"), ("stages: [a]\n", "gitlab"),
        ("rule cc\n  command = cc\nbuild a.o: cc a.c\n", "ninja"), ("0 5 * * * run\n", "crontab"),
        ("@daily x\n", "crontab"),
        ("A=1\n*/5 * * * 1-5 run it\n", "crontab"), ("all: a b\n\ttrue\n", "make"), ("id,command\na,true\n", "csv"),
        ("command;id\n", "csv"),
    ],
)  # fmt: skip
def test_by_content(text: str, form: str) -> None:
    assert guess(Source(text.encode(), "<stdin>")) == (form, "by what stands in it")


def test_by_first_bytes() -> None:
    assert guess(Source(b"PK\x03\x04\xff\x00", "x")).format == "xlsx"


@pytest.mark.parametrize("text", ["", "hello\n", "a = 1\n", "- a\n"])
def test_what_tells_nothing_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="nothing tells which format this is") as caught:
        guess(Source(text.encode(), "x"))
    assert caught.value.mend == "name it with --from"


def test_every_guess_is_a_format() -> None:
    for folder, form, pattern in (
        ("github", "github", "*.yml"), ("gitlab", "gitlab", ".gitlab-ci.yml"), ("crontab", "crontab", "*.crontab"),
        ("wfinstances", "wfformat", "*-*.json"),
    ):  # fmt: skip
        for path in sorted((CORPUS / folder).rglob(pattern)):
            assert guess(Source(path.read_bytes(), path.name)).format == form, path
            assert form in FORMATS


@pytest.mark.parametrize(
    ("output", "form"),
    [
        ("-", "executioner"), ("out/", "executioner"), ("/dev/stdout", "executioner"), ("workflow", "executioner"),
        ("a.json", "executioner"), ("a.dot", "dot"), ("a.mmd", "mermaid"), ("a.sh", "bash"), ("Makefile", "make"),
        ("rules.mk", "make"), ("build.ninja", "ninja"), (".github/workflows/x.yml", "github"), ("dag.py", "airflow"),
        (".gitlab-ci.yml", "gitlab"), ("Jenkinsfile", "jenkins"), ("night.crontab", "crontab"),
        ("/etc/cron.d/night", "cron.d"), ("night.cron.d", "cron.d"),
    ],
)  # fmt: skip
def test_the_target_by_the_name_of_the_output(output: str, form: str) -> None:
    assert target_of(output) == form


@pytest.mark.parametrize(
    ("output", "mend"), [("a.yml", "add --to github, gitlab or dagu"), ("a.svg", "add --to FORMAT")]
)
def test_a_suffix_that_tells_no_format_is_refused(output: str, mend: str) -> None:
    with pytest.raises(UsageError, match=f"the suffix of {output} tells no format") as caught:
        target_of(output)
    assert (caught.value.mend or "").startswith(mend)
