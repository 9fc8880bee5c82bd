from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cronsim import CronSim

from exlib.convert.conversion import convert
from exlib.convert.source import Source
from exlib.convert.wishes import Wishes
from exlib.errors import ExecutionerError, InputError
from tests.convert.converting import files_of, imported, run_document
from tests.convert.crontab.crond import run_all
from tests.corpus.place import CORPUS

RICH = r"""# what the night does

# m h  dom mon dow   command
MAILTO=ops@example.com
NAME = 'a  b '
"QUOTED"="it's"
LITERAL=${HOME}/x and $HOME
# write the date
#
# twice
30 2 * * 1-5 echo "$NAME|$QUOTED|$LITERAL" > first; pwd >> first
@daily	cat > second%line one%100\% sure%
#15 3 * * * switched off

SHELL=/bin/bash
*/10 8-18 1,15 jan-mar sun [[ $0 == */bash ]] && echo 50\% > third; echo "$LITERAL" >> third
NAME=changed
CRON_TZ=Europe/Berlin
@reboot cat - > fourth; echo "$NAME $SHELL" >> fourth%in '%' it
# the end
"""


def test_an_import_does_what_cron_does(tmp_path: Path) -> None:
    there, here, state = tmp_path / "cron", tmp_path / "ours", tmp_path / "state"
    for folder in (there, here, state):
        folder.mkdir()
    run_all(RICH.replace("${HOME}", "${HOMES}").replace("$HOME", "$HOMES"), there)
    [document], _ = imported(RICH.replace("${HOME}", "${HOMES}").replace("$HOME", "$HOMES"), "crontab")
    ran = run_document(
        document, tmp_path, HOME=str(here), XDG_STATE_HOME=str(state), LOGNAME="someone", HOMES="not this"
    )
    assert ran.returncode == 0, ran.stderr
    left = files_of(there)
    assert left["first"].startswith(b"a  b |it's|${HOMES}/x and $HOMES\n")
    assert left["second"] == b"line one\n100% sure\n"
    assert left["fourth"] == b"in '\n' it\nchanged /bin/bash\n"
    first = files_of(here)
    left["first"] = left["first"].replace(str(there).encode(), str(here).encode())
    assert first == left


def test_schedules_users_and_time_zones_are_kept() -> None:
    [document], entries = imported(RICH, "crontab", name="night.crontab")
    assert document["application_name"] == "night"
    kept = [job["x-source"] for job in document["jobs"]]
    assert [each["schedule"] for each in kept] == ["30 2 * * 1-5", "@daily", "*/10 8-18 1,15 jan-mar sun", "@reboot"]
    assert [job["tags"] for job in document["jobs"]] == [[each["schedule"]] for each in kept]
    assert kept[3]["timezone"] == "Europe/Berlin"
    assert "timezone" not in kept[2]
    assert document["jobs"][0]["description"] == "write the date\n\ntwice"
    assert kept[2]["comments"] == ["15 3 * * * switched off"]
    assert document["x-source"]["comments"] == ["the end"]
    assert all("dependencies" not in job for job in document["jobs"])
    clock = [entry for entry in entries if entry.construct == "schedule"]
    assert len(clock) == 4
    assert all(entry.fate == "manual" and "no clock" in entry.reason for entry in clock)
    when = CronSim(kept[0]["schedule"], datetime(2026, 11, 20, 12, tzinfo=UTC))
    assert next(when) - datetime(2026, 11, 23, 2, 30, tzinfo=UTC) == timedelta()


def test_a_quote_that_is_left_open_does_not_reach_the_standard_input(tmp_path: Path) -> None:
    """cron gives the shell a command that it cannot read; none of what is behind the sign of percent is run."""
    for line in ('echo "a%b"; touch ran', "echo 'a%b'; touch ran", "echo $(a%) ; touch ran"):
        [document], _ = imported(f"@daily {line}\n", "crontab")
        ran = run_document(document, tmp_path, HOME=str(tmp_path), XDG_STATE_HOME=str(tmp_path / "state"))
        assert ran.returncode == 1
        assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    "header", ["# m h  dom mon dow   command", "# .------ minute (0 - 59)", "#\u2502 \u250c hour", "# | |"]
)
def test_the_names_of_the_columns_are_no_description(header: str) -> None:
    [document], _ = imported(f"{header}\n@daily x\n", "crontab")
    assert "description" not in document["jobs"][0]
    assert len(document["jobs"][0]["x-source"]["comments"]) == 1


def test_every_line_has_an_entry() -> None:
    _, entries = imported(RICH, "crontab")
    spoken = {entry.place.line for entry in entries}
    for number, line in enumerate(RICH.split("\n"), 1):
        assert number in spoken or not line.strip(), line
    assert not [entry for entry in entries if entry.fate == "dropped"]


def test_a_user_keeps_a_job_from_running_until_it_is_allowed(tmp_path: Path) -> None:
    [document], entries = imported("5 4 * * * root touch there\n@hourly www-data true\n", "cron.d")
    assert document["jobs"][0]["command"] == "touch there"
    assert document["jobs"][0]["x-source"] == {"schedule": "5 4 * * *", "user": "root"}
    assert [entry.place.text for entry in entries if entry.construct == "user"] == ["root", "www-data"]
    state = {"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state")}
    assert run_document(document, tmp_path, **state).returncode == 1
    assert not (tmp_path / "there").exists()
    assert run_document(document, tmp_path, EX_ALLOW="all", **state).returncode == 0
    assert (tmp_path / "there").exists()


def test_variables_hold_from_their_line_on() -> None:
    text = "A=1\n@daily one\nA=2\nB=3\n@daily two\nA=1\n@daily three\n"
    [document], _ = imported(text, "crontab")
    assert document["env_variables"]["A"] == "1"
    assert [job.get("env_variables") for job in document["jobs"]] == [None, {"A": "2", "B": "3"}, {"B": "3"}]


def test_a_value_that_a_document_would_replace_is_set_by_the_command() -> None:
    [document], _ = imported("A=1\n@daily one\nA=${HOME}\n@daily two\n", "crontab")
    assert document["env_variables"]["A"] == "1"
    assert "env_variables" not in document["jobs"][1]
    assert document["jobs"][1]["command"] == "export A='${HOME}'\n/bin/sh -c two"


def test_cron_has_a_directory_a_shell_and_a_path_of_its_own() -> None:
    [document], _ = imported("@daily x\nHOME=/srv\nPATH=/opt/bin\n@daily y\n", "crontab")
    assert document["working_dir"] == "~"
    assert document["env_variables"] == {"SHELL": "/bin/sh", "PATH": "/usr/bin:/bin"}
    assert document["default_timeout"] is None
    assert document["jobs"][1]["working_dir"] == "/srv"
    assert document["jobs"][1]["env_variables"] == {"HOME": "/srv", "PATH": "/opt/bin"}


def test_supercronic_lines_keep_their_seconds_and_signs_of_percent() -> None:
    [document], _ = imported('VAR="a b"\n*/15 * * * * * * date +%s\n0 5 * * * 2030 echo\n@daily a 5%\n', "crontab")
    assert [job["x-source"]["schedule"] for job in document["jobs"]] == ["*/15 * * * * * *", "0 5 * * * 2030", "@daily"]
    assert document["jobs"][2]["command"] == "a 5%"
    assert document["jobs"][0]["command"] == "date +%s"
    assert "working_dir" not in document
    assert document["env_variables"] == {"VAR": "a b"}


def test_each_schedule_becomes_a_document_of_its_own() -> None:
    documents, _ = imported("@daily a\n5 * * * * b\n@daily c\n", "crontab", wishes=Wishes(each=True), name="x.crontab")
    assert [document["application_name"] for document in documents] == ["x @daily", "x 5_x_x_x_x"]
    assert [[job["id"] for job in document["jobs"]] for document in documents] == [["a", "c"], ["b"]]


REFUSED = {
    "oops\n": ("1:1", "0 to 59"),
    "# x\n5 61 * * * a\n": ("2:3", "hour"),
    "5 6 * *\n": ("1:8", "day of week"),
    "5 6 * * *\n": ("1:10", "no command"),
    "@daily\n": ("1:7", "no command"),
    "@sometimes x\n": ("1:1", "@sometimes"),
    "A='x\n": ("1:3", "never closed"),
    "A='x' y\n": ("1:3", "behind the quoted"),
    "* * * * * * five\n": None,
}


@pytest.mark.parametrize("text", REFUSED)
def test_a_bad_line_is_refused_with_its_column(text: str) -> None:
    expected = REFUSED[text]
    if expected is None:
        assert imported(text, "crontab")[0][0]["jobs"][0]["x-source"]["schedule"] == "* * * * * *"
        return
    with pytest.raises(InputError) as caught:
        imported(text, "crontab")
    assert caught.value.place == f"source:{expected[0]}"
    assert expected[1] in caught.value.message


def test_a_user_without_a_command_is_refused() -> None:
    with pytest.raises(InputError, match="behind the user"):
        imported("5 4 * * * root\n", "cron.d")


def test_hostile_text_is_an_error_or_a_document() -> None:
    chance = random.Random(96)
    alphabet = list("* @#%\\\"'=5-/~\n\taé\u200b${}")
    for _ in range(400):
        text = list(RICH)
        for _ in range(chance.randrange(1, 12)):
            text[chance.randrange(len(text))] = chance.choice(alphabet)
        for form in ("crontab", "cron.d"):
            try:
                imported("".join(text), form)
            except ExecutionerError:
                continue


@pytest.mark.parametrize(
    "note",
    [
        '{"application_name": 5}', '{"application_name": "x", "secrets": 1}', '{"id": 5}', '{"id": ["a"]}',
        '{"jobs": "x"}',
        '{"jobs": [1, 2]}', '{"tags": {}}', '{"command": "evil", "pre_checks": []}', '{"description": 7}', '{"id": ""}',
    ],
)  # fmt: skip
def test_a_note_cannot_break_or_change_what_is_read(note: str) -> None:
    source = Source(f"# executioner: {note}\n@daily /bin/sh -c a && /bin/sh -c b\n".encode(), "x")
    try:
        done = convert(source, "crontab", "executioner", Wishes())
    except InputError:
        return
    assert "evil" not in str(done.files[0].content)


def test_secrets_are_not_in_the_account() -> None:
    _, entries = imported("DB_PASSWORD=hunter22\n@daily x\n", "crontab")
    assert not any("hunter22" in entry.place.text for entry in entries)


@pytest.mark.parametrize("path", sorted((CORPUS / "crontab").glob("*")), ids=lambda path: path.stem)
def test_the_corpus_converts_or_is_refused(path: Path) -> None:
    lines = path.read_text().splitlines()
    try:
        documents, entries = imported(path.read_bytes(), "crontab", name=path.name)
    except InputError:
        if path.stem == "supercronic-invalid":
            return
        raise
    commands = [line.split(None, 7)[7] for line in lines if line.startswith("*")]
    assert [job["command"] for document in documents for job in document["jobs"]] == commands
    if documents:
        assert {entry.place.line for entry in entries} >= set(range(1, len(lines) + 1))
