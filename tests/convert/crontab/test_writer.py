from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exlib.convert.crontab.command import joined, line
from tests.convert.converting import assert_fixed_point, exported, fates, files_of, imported, run_document
from tests.convert.crontab.crond import _percent, run_all
from tests.convert.crontab.test_reader import RICH
from tests.corpus.place import CORPUS

NIGHTLY: dict[str, Any] = {
    "application_name": "nightly",
    "env_variables": {"OUT": "out dir", "NAME": "50% \\% 'q'"},
    "jobs": [
        {
            "id": "extract",
            "command": 'mkdir -p "$OUT"\nprintf \'%s\\n\' "$NAME" \\\n  > "$OUT/a"',
            "x-source": {"schedule": "30 2 * * *"},
        },
        {
            "id": "load",
            "command": 'cat "$OUT/a" > loaded; date +%Y | tr -d 0-9 >> loaded',
            "dependencies": ["extract"],
            "env_variables": {"OUT": "out dir"},
        },
        {
            "id": "alone",
            "description": "it stands alone",
            "command": '[[ -e / ]] && echo "$ONLY" > alone',
            "shell": "/bin/bash",
            "env_variables": {"ONLY": " x "},
            "tags": ["t"],
            "x-source": {"schedule": "@daily"},
        },
    ],
}


def test_import_export_import_is_a_fixed_point() -> None:
    assert_fixed_point(RICH, "crontab")
    system = "# daily\nA=1\n17 * * * * root cd / && run-parts /etc/cron.hourly\n@daily www-data php x.php\n"
    assert_fixed_point(f"{system}-5 4 * * * root y\n", "cron.d")
    assert_fixed_point('VAR="a b"\n*/15 * * * * * * date +%s\n0 5 * * * 2030 echo\n@daily a 5%\n', "crontab")


def test_cron_runs_an_export_as_ex_run_runs_the_document(tmp_path: Path) -> None:
    there, here = tmp_path / "cron", tmp_path / "ours"
    there.mkdir()
    here.mkdir()
    [file], _ = exported(NIGHTLY, "crontab")
    assert isinstance(file.content, str)
    run_all(file.content, there)
    ran = run_document(NIGHTLY, here, XDG_STATE_HOME=str(tmp_path / "state"))
    assert ran.returncode == 0, ran.stderr
    assert set(files_of(there)) == {"out dir/a", "loaded", "alone"}
    assert files_of(there) == files_of(here)


def test_each_job_has_its_own_variables_whatever_stands_above_it(tmp_path: Path) -> None:
    chance = random.Random(5)
    said = ["", "plain", " blank ", "a'b", 'a"b', "'\"", "50% #x", "${HOME}/x", "a=b", "line\nfeed", "\\"]
    for round_ in range(6):
        folder, state = tmp_path / f"cron{round_}", tmp_path / f"state{round_}"
        here = tmp_path / f"ours{round_}"
        for each in (folder, state, here):
            each.mkdir()
        jobs = [
            {
                "id": f"j{number}",
                "command": f'printf "%s|%s|%s|%s" "${{A-}}" "${{B-}}" "${{C-}}" "${{D-}}" > out{number}',
                "env_variables": {name: chance.choice(said) for name in "ABC" if chance.random() < 0.6},
                "x-source": {"schedule": "@daily"},
            }
            for number in range(5)
        ]
        document = {"env_variables": {"D": chance.choice(said)}, "jobs": jobs}
        [file], _ = exported(document, "crontab")
        run_all(str(file.content), folder)
        ran = run_document(document, here, HOME=str(folder), XDG_STATE_HOME=str(state))
        assert ran.returncode == 0, ran.stderr
        assert files_of(folder) == files_of(here)
        assert_fixed_point(str(file.content), "crontab")


def test_linked_jobs_are_one_line_in_their_order() -> None:
    [file], entries = exported(NIGHTLY, "crontab")
    assert isinstance(file.content, str)
    assert len(re.findall(r"^30 2 \* \* \* ", file.content, re.MULTILINE)) == 1
    found = fates(entries)
    assert found["jobs[1].dependencies"] == "approximated"
    assert found["jobs[2].tags"] == "approximated"


def test_linked_jobs_come_back_as_they_were() -> None:
    [file], _ = exported(NIGHTLY, "crontab")
    [again], _ = imported(file.content, "crontab")
    assert [(job["id"], job.get("dependencies")) for job in again["jobs"]] == [
        ("extract", None), ("load", ["extract"]), ("alone", None)
    ]  # fmt: skip
    assert again["jobs"][1]["command"].endswith(NIGHTLY["jobs"][1]["command"])
    assert exported(again, "crontab")[0] == [file]
    changed = str(file.content).replace(" && /bin/sh", " ; /bin/sh")
    [edited], entries = imported(changed, "crontab")
    assert len(edited["jobs"]) == 2
    assert [entry.fate for entry in entries if entry.construct == "note"].count("dropped") == 1


def test_a_line_that_waits_for_a_plugin_is_a_comment() -> None:
    waiting = {"plugin": "file", "params": {"path": "/x"}}
    job = {"id": "a", "command": "one", "dependencies": [waiting], "x-source": {"schedule": "@daily"}}
    [file], entries = exported({"jobs": [job]}, "crontab")
    assert not [text for text in str(file.content).split("\n") if text and not text.startswith("#")]
    assert fates(entries)["jobs[0].command"] == "manual"


def test_a_shell_is_a_line_of_its_own() -> None:
    [document], _ = imported("SHELL=/bin/bash\n@reboot root [[ a ]]\nSHELL=/bin/sh\n@reboot root b\n", "cron.d")
    assert [job.get("shell") for job in document["jobs"]] == ["/bin/bash", None]
    [file], _ = exported(document, "cron.d")
    assert str(file.content).endswith("\nSHELL=/bin/bash\n@reboot root [[ a ]]\n\nSHELL=/bin/sh\n@reboot root b\n")


def test_linked_jobs_with_two_schedules_become_comments() -> None:
    jobs = [
        {"id": "a", "command": "one", "x-source": {"schedule": "@daily"}},
        {"id": "b", "command": "two", "dependencies": ["a"], "x-source": {"schedule": "@hourly"}},
        {"id": "c", "command": "three", "x-source": {"schedule": "@weekly"}},
        {"id": "d", "command": "four"},
    ]
    [file], entries = exported({"jobs": jobs}, "crontab")
    assert isinstance(file.content, str)
    live = [text for text in file.content.split("\n") if text and not text.startswith("#")]
    assert live == ["@weekly three"]
    assert {path for path, fate in fates(entries).items() if fate == "manual"} == {
        "jobs[0].command", "jobs[1].command", "jobs[3].command"
    }  # fmt: skip


def test_a_document_without_schedules_is_started_whole_and_only_by_hand() -> None:
    [file], entries = exported({"jobs": [{"id": "a", "command": "x"}]}, "crontab", name="my nightly.json")
    assert file.content == "#MINUTE HOUR DAY MONTH WEEKDAY ex-run 'my nightly.json'\n"
    assert [entry.fate for entry in entries if entry.construct == "document"] == ["manual"]


def test_a_schedule_of_the_document_starts_it_whole() -> None:
    document = {"x-source": {"format": "dagu", "schedule": "0 4 * * *"}, "jobs": [{"id": "a", "command": "x"}]}
    [file], _ = exported(document, "crontab", name="n.json")
    assert file.content == "0 4 * * * ex-run n.json\n"
    [system], _ = exported(document, "cron.d", name="n.json")
    assert system.content == "#0 4 * * * USER ex-run n.json\n"


def test_cron_d_names_users_and_waits_for_one() -> None:
    [document], _ = imported("5 4 * * * root touch x\n", "cron.d")
    [file], _ = exported(document, "cron.d")
    assert "\n5 4 * * * root touch x\n" in str(file.content)
    [own], entries = exported(document, "crontab")
    assert "EX_ALLOW" in str(own.content)
    assert any(entry.fate == "manual" and "root" in entry.reason for entry in entries)
    del document["jobs"][0]["x-source"]["user"]
    [nobody], _ = exported(document, "cron.d")
    assert not [text for text in str(nobody.content).split("\n") if text and not text.startswith("#")]


def test_secrets_are_not_written() -> None:
    document = {
        "env_variables": {"DB_PASSWORD": "hunter22", "PLAIN": "x"},
        "jobs": [{"id": "a", "command": "true", "x-source": {"schedule": "@daily"}}],
    }
    [file], entries = exported(document, "crontab")
    assert "hunter22" not in str(file.content)
    assert "DB_PASSWORD" in str(file.content)
    assert fates(entries)["env_variables"] == "manual"


def test_a_long_line_is_told() -> None:
    document = {"jobs": [{"id": "a", "command": "echo " + "x" * 1000, "x-source": {"schedule": "@daily"}}]}
    assert fates(exported(document, "crontab")[1])["jobs[0].command"] == "manual"


@settings(max_examples=300)
@given(st.text(alphabet="a%\\\n'\"$*# ;\x07\r7", min_size=1, max_size=12))
def test_cron_makes_the_command_of_its_line_again(command: str) -> None:
    written = line(command)
    assert "\n" not in written
    said, stdin = _percent(written)
    assert stdin == b""
    again, _ = joined(written, {}, "/bin/sh")
    assert again == command.strip(" \t") or again == command.strip("\n")
    if not written.startswith("eval"):
        assert said.decode() == again


@pytest.mark.parametrize(
    "source",
    [
        {"schedule": "0 0 *\n* *"}, {"schedule": ["@daily"]}, {"schedule": "@daily", "timezone": "X\n* * * * * evil"},
        {"schedule": "@daily", "user": "root\n* * * * * evil"},
        {"schedule": "@daily", "comments": ["a\n* * * * * evil", 5, "\x07"]},
        {"schedule": "@daily", "command": "true\n* * * * * evil"}, {"schedule": "@daily", "command": ["true"]},
        {"schedule": "@daily", "command": "true", "variables": {"A\n* * * * * evil": "x"}},
        {"schedule": "@daily", "variables": 5},
        {"schedule": "@daily", "command": "true", "variables": {"A": None}}, "text", {"schedule": {}}, {"quiet": True},
    ],
)  # fmt: skip
@pytest.mark.parametrize("form", ["crontab", "cron.d"])
def test_no_metadata_makes_a_line_of_its_own(source: Any, form: str) -> None:
    document = {"x-source": {"format": "crontab"}, "jobs": [{"id": "a", "command": "true", "x-source": source}]}
    [file], _ = exported(document, form)
    for text in str(file.content).split("\n"):
        assert re.fullmatch(r"|#.*|CRON_TZ=.*|@daily true", text), text
    imported(file.content, form)


@pytest.mark.parametrize("key", ["user", "timezone", "schedule"])
@pytest.mark.parametrize("form", ["crontab", "cron.d"])
def test_linked_jobs_that_differ_there_become_comments(key: str, form: str) -> None:
    kept = {"schedule": "@daily", "user": "root", "timezone": "UTC"}
    jobs = [
        {"id": "a", "command": "one", "x-source": kept},
        {"id": "b", "command": "two", "dependencies": ["a"], "x-source": {**kept, key: "@hourly"}},
        {"id": "c", "command": "three", "x-source": kept},
    ]
    [file], _ = exported({"jobs": jobs}, form)
    live = [text for text in str(file.content).split("\n") if text and not text.startswith(("#", "CRON_TZ="))]
    assert live == ["@daily three" if form == "crontab" else "@daily root three"]


@pytest.mark.parametrize(
    "identity", ["executioner: {}", "a b", "50%", "$x`y`", 'it\'s "q"', "é\u4e2d", "#5 * * * * x", "=", "x, y"]
)
def test_hostile_ids_and_descriptions_come_back(identity: str) -> None:
    job = {
        "id": identity,
        "description": f"# {identity}\n* * * * * {identity}",
        "command": f"echo {identity!r} # 100% \\%",
        "x-source": {"schedule": "@daily"},
    }
    [file], _ = exported({"jobs": [job]}, "crontab")
    [again], _ = imported(file.content, "crontab")
    assert [(each["id"], each["description"], each["command"]) for each in again["jobs"]] == [
        (job["id"], job["description"], job["command"])
    ]


@pytest.mark.parametrize("path", sorted((CORPUS / "crontab").glob("*")), ids=lambda path: path.stem)
def test_the_corpus_is_a_fixed_point(path: Path) -> None:
    if path.stem != "supercronic-invalid":
        assert_fixed_point(path.read_text(), "crontab", name=path.name)


def test_a_description_that_looks_like_a_note_is_none() -> None:
    text = 'executioner: {"id": "z"}'
    job = {"id": "a", "description": text, "command": "a", "x-source": {"schedule": "@daily"}}
    [file], _ = exported({"jobs": [job]}, "crontab")
    [again], _ = imported(file.content, "crontab")
    assert (again["jobs"][0]["id"], again["jobs"][0]["description"]) == ("a", text)


def test_what_a_line_stands_for_comes_back() -> None:
    when = {"x-source": {"schedule": "1 2 * * *"}}
    log = [{"name": "check_no_ora_errors", "params": {"log_file": "${EX_LOG}"}}]
    jobs = [
        {"id": "a", "command": "echo hi | cat", "post_checks": log, "max_retries": 2, "shell": "bash -e", "timeout": 9},
        {"id": "b", "command": "echo $EX_LOG", "env_variables": {"A": "${HOME}x"}},
        {"id": "c", "command": "echo $EX_JOB_ID", "dependencies": ["b"]},
    ]
    written = exported({"env_variables": {"B": "1"}, "jobs": [job | when for job in jobs]}, "crontab")[0]
    again = imported(written[0].content, "crontab")[0][0]
    assert [{key: job[key] for key in job if key not in ("tags", "x-source")} for job in again["jobs"]] == jobs
    assert exported(again, "crontab")[0] == written
    edited = str(written[0].content).replace("echo hi", "echo ho")
    assert "post_checks" not in imported(edited, "crontab")[0][0]["jobs"][0]
