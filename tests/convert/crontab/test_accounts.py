"""What stands behind a schedule is a user, or a command."""

from __future__ import annotations

import pytest

from exlib.convert.crontab.accounts import names_users, user_in
from exlib.convert.guess import guess
from exlib.convert.source import Source
from tests.convert.converting import imported

STOCK = "0 3 * * * www-data test -x /nonexistent || { cd / && echo RAN; }\n"


@pytest.mark.parametrize(
    ("command", "user"),
    [
        ("root    cd / && run-parts --report /etc/cron.hourly", "root"), ("www-data test -x /x || true", "www-data"),
        ("oracle start.sh", "oracle"), ("backup /usr/local/bin/dump", "backup"), ("mail [ -x /usr/bin/x ]", "mail"),
        ("jdoe_7\trun.sh", "jdoe_7"), ("root", None), ("mail -s subject root", None), ("git pull", None),
        ("backup all", None), ("postgres -D /srv", None), ("/usr/bin/x y", None), ("echo\thello", None),
        ("test -x /x || y", None), ("run_it now", None), ("X=1 run", None), ("cd\t/srv", None),
    ],
)  # fmt: skip
def test_a_user_is_told_from_a_command(command: str, user: str | None) -> None:
    assert user_in(command) == user


@pytest.mark.parametrize(
    ("text", "users"),
    [
        (STOCK, True), ("SHELL=/bin/sh\n17 *\t* * *\troot    cd / && run\n@daily\tsome_one run\n", True),
        ("0 3 * * * root run\n0 4 * * * /usr/bin/x y\n", False), ("0 3 * * * root run\n0 4 * * * single\n", False),
        ("0 3 * * * run it\n", False), ("", False), ("# 0 3 * * * root run\n", False),
    ],
)  # fmt: skip
def test_a_file_is_the_system_s_if_each_line_can_name_a_user(text: str, users: bool) -> None:
    assert names_users(Source(text.encode())) is users


@pytest.mark.parametrize("name", ["<stdin>", "copied", "crontab", "my.cron", "my.crontab"])
def test_the_guess_tells_the_two_forms_apart(name: str) -> None:
    assert guess(Source(STOCK.encode(), name)).format == "cron.d"
    assert guess(Source(b"0 3 * * * run it\n", name)).format == "crontab"


def test_a_user_in_the_crontab_of_one_user_is_no_command_that_runs() -> None:
    documents, entries = imported(STOCK, "crontab")
    [job] = documents[0]["jobs"]
    assert job["pre_checks"][0]["name"] == "check_allowed"
    [entry] = [entry for entry in entries if entry.construct == "user"]
    assert (entry.fate, entry.place.text, entry.place.line) == ("manual", "www-data", 1)
    assert "--from cron.d" in entry.reason
