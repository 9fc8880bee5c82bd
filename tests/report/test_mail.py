from __future__ import annotations

import email
import re
from email import policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exlib import events as ev
from exlib.masking import Mask
from exlib.report.mail import compose, send, wanted
from exlib.report.summary import Collector
from tests.report.mailserver import serving
from tests.report.story import NOON, job_finished, mail, run_finished, run_started, skipped


def gathered(*events: ev.Event) -> Collector:
    collector = Collector()
    collector.read(events)
    return collector


GOOD = gathered(run_started(jobs=1), job_finished("load"), run_finished())
BAD = gathered(
    run_started(jobs=2), job_finished("load", "failed", exit_code=3), skipped("report"), run_finished("failed")
)


def reread(message: EmailMessage) -> EmailMessage:
    again = email.message_from_bytes(message.as_bytes(), policy=policy.default)
    assert isinstance(again, EmailMessage)
    return again


@pytest.mark.parametrize(
    ("on_success", "on_failure", "good", "bad"),
    [(True, True, True, True), (True, False, True, False), (False, True, False, True), (False, False, False, False)],
)
def test_the_document_says_when_mail_is_wanted(on_success: bool, on_failure: bool, good: bool, bad: bool) -> None:
    asked = mail(on_success=on_success, on_failure=on_failure)
    assert wanted(asked, GOOD) is good
    assert wanted(asked, BAD) is bad
    assert not wanted(None, BAD)


def test_a_mail_that_is_not_wanted_needs_no_server() -> None:
    send(mail(server="no.such.host.invalid"), GOOD, environ={})
    send(None, BAD, environ={})


@pytest.mark.parametrize(
    ("collector", "subject"),
    [
        (GOOD, "[OK] nightly: 1 job succeeded (run 12)"),
        (BAD, "[FAILED] nightly: 1 of 2 jobs failed (run 12)"),
        (
            gathered(run_started(jobs=4), job_finished("a"), run_finished("cancelled", reason="ended by SIGTERM")),
            "[CANCELLED] nightly: 1 of 4 jobs succeeded, ended by SIGTERM (run 12)",
        ),
        (
            gathered(run_started(application="nächtlich"), run_finished()),
            "[OK] nächtlich: 3 jobs succeeded (run 12)",
        ),
    ],
)
def test_the_subject_says_it_all(collector: Collector, subject: str) -> None:
    assert reread(compose(mail(), collector))["Subject"] == subject


def test_the_text_tells_the_verdict_first_and_each_failure_with_its_last_fifty_lines(tmp_path: Path) -> None:
    (tmp_path / "load.log").write_text("".join(f"line {n}\n" for n in range(200)) + "password=hunter22\n")
    collector = gathered(
        run_started(jobs=2, log_dir=str(tmp_path)),
        job_finished("load", "failed", exit_code=3, log="load.log"),
        skipped("report"),
        ev.Notice(NOON, "warning", "the disk is nearly full"),
        run_finished("failed"),
    )
    message = compose(mail(), collector, resume="ex-run --resume 12 --db /x.db", mask=Mask(["hunter22"]))
    text = reread(message).get_content().replace("\r\n", "\n")
    assert text.startswith("✗ nightly: 1 of 2 jobs failed in 1m 23s (run 12)\n")
    assert "  resume:  ex-run --resume 12 --db /x.db\n" in text
    assert "  input:   nightly.json\n" in text
    assert "↷ 1 skipped · load failed · report\n" in text
    assert "✗ load failed after 1.5s: exit code 3\n  │ line 151\n" in text
    assert "  │ line 199\n  │ password=********\n" in text
    assert f"  log:     {tmp_path}/load.log\n" in text
    assert text.endswith("Warnings:\n  the disk is nearly full\n")


def test_a_hundred_failures_with_huge_logs_make_no_huge_mail(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes((b"\xff\xfe" * 2000 + b"\n") * 5000)
    bad = [job_finished(f"j{n}", "failed", log="log") for n in range(2000)]
    message = compose(mail(), gathered(run_started(jobs=2000, log_dir=str(tmp_path)), *bad, run_finished("failed")))
    assert len(message.as_bytes()) < 1 << 20


def test_the_headers_that_mail_servers_expect() -> None:
    message = reread(
        compose(mail(to=("a@example.com", "Jörg Ö <b@bücher.example>"), sender="Batch <c@example.com>"), BAD)
    )
    assert message["From"] == "Batch <c@example.com>"
    assert [address.addr_spec for address in message["To"].addresses] == ["a@example.com", "b@xn--bcher-kva.example"]
    assert message["To"].addresses[1].display_name == "Jörg Ö"
    assert message["Date"].datetime is not None
    assert re.fullmatch(r"<[^<>\s]+@[^<>\s]+>", message["Message-ID"])
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content_type() == "text/plain"
    assert compose(mail(), BAD)["Message-ID"] != compose(mail(), BAD)["Message-ID"]


def test_the_sender_is_the_account_if_that_is_an_address_else_the_person_at_this_host() -> None:
    assert compose(mail(), BAD, user="batch@example.com")["From"] == "batch@example.com"
    assert "@" in compose(mail(), BAD, user="batch")["From"]


@given(st.text(max_size=50), st.text(max_size=50))
def test_nothing_in_a_run_can_add_a_header(application: str, job: str) -> None:
    evil = "\r\nBcc: evil@example.com\r\n\r\n"
    told = run_started(application=application + evil, working_dir=evil, document=evil)
    collector = gathered(told, job_finished(job + evil, "failed", reason=evil), run_finished("failed", reason=evil))
    message = reread(compose(mail(), collector))
    assert message["Bcc"] is None
    assert set(message.keys()) == {
        "Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted",
        "Content-Type", "Content-Transfer-Encoding", "MIME-Version",
    }  # fmt: skip


@pytest.mark.parametrize(
    "address", ["a@example.com\nBcc: b@example.com", "a@b@c\r", "a b", "@example.com", "a@", "x" * 3]
)
def test_no_address_can_add_a_header_or_a_recipient(address: str) -> None:
    from exlib.report.smtp import MailError

    for asked in (mail(to=(address,)), mail(sender=address)):
        with pytest.raises(MailError, match="is no mail address"):
            compose(asked, BAD)


def test_it_arrives_as_it_was_composed(tmp_path: Path) -> None:
    (tmp_path / "load.log").write_bytes("Ärger\n.\n..dots\nFrom here\n".encode() + b"x" * 5000 + b"\n")
    collector = gathered(
        run_started(log_dir=str(tmp_path)), job_finished("lädt", "failed", log="load.log"), run_finished("failed")
    )
    with serving() as server:
        send(mail(server.port, to=("ops@example.com", "Ann <ann@example.com>")), collector, environ={})
    (letter,) = server.letters
    assert letter.to == ["ops@example.com", "ann@example.com"]
    text = letter.message.get_content().replace("\r\n", "\n")
    assert "  │ Ärger\n  │ .\n  │ ..dots\n  │ From here\n  │ xxxx" in text
    assert "x" * 5000 in text
    assert "✗ lädt failed" in text
