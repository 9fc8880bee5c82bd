from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from exlib.report.mail import send
from exlib.report.smtp import MailError
from exlib.report.summary import Collector
from exlib.workflow import Mail
from tests.report.mailserver import PASSWORD, USER, certificate, serving
from tests.report.story import job_finished, mail, run_finished, run_started

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, str]:
    context, file = certificate(tmp_path_factory.mktemp("tls"))
    return context, str(file)


def failed_run() -> Collector:
    collector = Collector()
    collector.read([run_started(), job_finished("load", "failed", exit_code=3), run_finished("failed")])
    return collector


def deliver(wanted: Mail, timeout: float = 10, **environ: str) -> None:
    send(wanted, failed_run(), environ=environ, timeout=timeout)


def test_plain_where_nothing_better_is_offered() -> None:
    with serving() as server:
        deliver(mail(server.port))
    (letter,) = server.letters
    assert letter.to == ["ops@example.com"]
    assert not letter.encrypted


def test_starttls_is_taken_where_it_is_offered_whatever_the_certificate(certified: tuple[ssl.SSLContext, str]) -> None:
    with serving(starttls=certified[0]) as server:
        deliver(mail(server.port))
    assert server.letters[0].encrypted


def test_plain_on_request_though_starttls_is_offered(certified: tuple[ssl.SSLContext, str]) -> None:
    with serving(starttls=certified[0]) as server:
        deliver(mail(server.port, security="plain"))
    assert not server.letters[0].encrypted


def test_login_over_starttls_with_a_certificate_that_is_trusted(certified: tuple[ssl.SSLContext, str]) -> None:
    with serving(starttls=certified[0], auth=True) as server:
        deliver(mail(server.port, user=USER, password=PASSWORD), EX_SMTP_CA_FILE=certified[1])
    assert server.letters[0].user == USER
    assert server.logins == [(USER, True)]


@pytest.mark.parametrize("security", ["auto", "starttls"])
def test_a_password_is_not_sent_where_the_certificate_cannot_be_trusted(
    certified: tuple[ssl.SSLContext, str], security: str
) -> None:
    with serving(starttls=certified[0], auth=True) as server:
        with pytest.raises(MailError, match=r"certificate of the mail server .* cannot be trusted") as refusal:
            deliver(mail(server.port, user=USER, password=PASSWORD, security=security))
        assert "EX_SMTP_CA_FILE" in str(refusal.value.mend)
    assert server.logins == []


def test_a_certificate_for_another_host_is_refused(tmp_path: Path) -> None:
    context, file = certificate(tmp_path, "mail.example.com")
    with serving(tls=context) as server, pytest.raises(MailError, match=r"cannot be trusted: .*localhost"):
        deliver(mail(server.port, security="tls"), EX_SMTP_CA_FILE=str(file))


@pytest.mark.parametrize("security", ["auto", "starttls"])
def test_a_password_is_not_sent_in_clear(security: str) -> None:
    why = r"offers no (encryption, and a password is not sent in clear|STARTTLS)"
    with serving(auth=True) as server, pytest.raises(MailError, match=why):
        deliver(mail(server.port, user=USER, password=PASSWORD, security=security))
    assert server.logins == []


def test_a_password_is_sent_in_clear_when_the_document_says_so() -> None:
    with serving(auth=True) as server:
        deliver(mail(server.port, user=USER, password=PASSWORD, security="plain"))
    assert server.logins[-1] == (USER, False)
    assert len(server.letters) == 1


def test_tls_from_the_first_byte(certified: tuple[ssl.SSLContext, str]) -> None:
    with serving(tls=certified[0], auth=True) as server:
        deliver(mail(server.port, user=USER, password=PASSWORD, security="tls"), EX_SMTP_CA_FILE=certified[1])
    assert server.letters[0].encrypted
    assert server.letters[0].user == USER


def test_tls_to_a_server_that_speaks_none_is_explained() -> None:
    with serving() as server, pytest.raises(MailError, match="no encrypted connection") as refusal:
        deliver(mail(server.port, security="tls"))
    assert "465" in str(refusal.value.mend)


def test_a_refused_login_names_the_account_and_not_the_password(certified: tuple[ssl.SSLContext, str]) -> None:
    with serving(starttls=certified[0], auth=True) as server:
        with pytest.raises(MailError, match=f"refused the login of {USER}: 535") as refusal:
            deliver(mail(server.port, user=USER, password="wrong-secret"), EX_SMTP_CA_FILE=certified[1])
        assert "wrong-secret" not in str(refusal.value) + str(refusal.value.mend)
    assert server.letters == []


@pytest.mark.parametrize("password", ["hunter22", "pässword"])
def test_a_password_may_be_of_any_letters(password: str) -> None:
    with serving(auth=True, password=password) as server:
        deliver(mail(server.port, user=USER, password=password, security="plain"))
        with pytest.raises(MailError, match="535"):
            deliver(mail(server.port, user=USER, password=password + "ä", security="plain"))
    assert len(server.letters) == 1


def test_a_server_that_demands_a_login_is_quoted(certified: tuple[ssl.SSLContext, str]) -> None:
    with serving(auth=True) as server, pytest.raises(MailError, match="refused the mail: 530"):
        deliver(mail(server.port))


def test_a_login_at_a_server_without_logins_is_explained() -> None:
    with serving() as server, pytest.raises(MailError, match="cannot do it"):
        deliver(mail(server.port, user=USER, password=PASSWORD, security="plain"))


def test_credentials_and_server_from_the_environment(certified: tuple[ssl.SSLContext, str]) -> None:
    with serving(starttls=certified[0], auth=True) as server:
        deliver(
            mail(server=None),
            EX_SMTP_SERVER="localhost",
            EX_SMTP_PORT=str(server.port),
            EX_SMTP_USER=USER,
            EX_SMTP_PASSWORD=PASSWORD,
            EX_SMTP_CA_FILE=certified[1],
        )
    assert server.letters[0].user == USER


@pytest.mark.parametrize("by", ["document", "environment"])
def test_the_password_from_the_first_line_of_a_file(tmp_path: Path, by: str) -> None:
    (tmp_path / "password").write_text(PASSWORD + "\nnot this\n")
    path = str(tmp_path / "password")
    with serving(auth=True) as server:
        if by == "document":
            deliver(mail(server.port, user=USER, password_file=path, security="plain"), EX_SMTP_PASSWORD="wrong")
        else:
            deliver(mail(server.port, user=USER, security="plain"), EX_SMTP_PASSWORD_FILE=path)
    assert len(server.letters) == 1


def test_the_document_goes_before_the_environment() -> None:
    with serving() as server:
        deliver(mail(server.port), EX_SMTP_SERVER="no.such.host.invalid", EX_SMTP_PORT="1")
    assert len(server.letters) == 1


@pytest.mark.parametrize(
    ("given", "environ", "message"),
    [
        ({"server": None}, {}, "no server is named"),
        ({"user": USER}, {}, "no password"),
        ({"user": USER, "password_file": "/no/such/file"}, {}, "cannot read /no/such/file"),
        ({}, {"EX_SMTP_PORT": "smtp"}, "EX_SMTP_PORT is 'smtp', not a port number"),
        ({}, {"EX_SMTP_PORT": "70000"}, "not a port number"),
        ({"to": ("nobody",)}, {}, "'nobody' is no mail address"),
        ({"sender": "me@"}, {}, "'me@' is no mail address"),
        ({"server": "localhost", "port": 1}, {}, "cannot reach the mail server localhost:1: Connection refused"),
    ],
)
def test_what_is_missing_or_wrong_is_named(given: dict[str, Any], environ: dict[str, str], message: str) -> None:
    with pytest.raises(MailError) as refusal:
        deliver(mail(**given), **environ)
    assert message in str(refusal.value)


@pytest.mark.parametrize(("security", "port"), [("auto", 587), ("starttls", 587), ("tls", 465), ("plain", 25)])
def test_the_usual_port_of_each_security(security: str, port: int) -> None:
    from exlib.report.smtp import account_of

    assert account_of(mail(security=security), {}).port == port
    assert account_of(mail(port=465), {}).tls_at_once
    assert not account_of(mail(port=465, security="starttls"), {}).tls_at_once


def test_one_refused_address_does_not_keep_the_mail_from_the_others() -> None:
    why = r"^not to gone@.*: 550 no such user here; the others have it$"
    with serving(refuse=("gone@example.com",)) as server, pytest.raises(MailError, match=why):
        deliver(mail(server.port, to=("ops@example.com", "gone@example.com")))
    assert server.letters[0].to == ["ops@example.com"]


def test_when_every_address_is_refused_they_are_named() -> None:
    with serving(refuse=("ops@example.com",)) as server, pytest.raises(MailError, match="refused every address: ops@"):
        deliver(mail(server.port))


@pytest.fixture
def deaf() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


def test_a_server_that_says_nothing_is_left(deaf: socket.socket) -> None:
    with pytest.raises(MailError, match="did not answer in time"):
        deliver(mail(deaf.getsockname()[1], server="127.0.0.1"), timeout=0.2)


def test_a_server_that_answers_a_byte_at_a_time_is_left_too(deaf: socket.socket) -> None:
    over = threading.Event()

    def drip() -> None:
        connection, _ = deaf.accept()
        with connection:
            while not over.wait(0.05):
                connection.sendall(b"2")

    thread = threading.Thread(target=drip)
    thread.start()
    try:
        with pytest.raises(MailError, match=r"did not answer within 0\.6 seconds"):
            deliver(mail(deaf.getsockname()[1], server="127.0.0.1"), timeout=0.2)
    finally:
        over.set()
        thread.join()


def test_a_server_that_hangs_up_is_explained(deaf: socket.socket) -> None:
    thread = threading.Thread(target=lambda: deaf.accept()[0].close())
    thread.start()
    with pytest.raises(MailError, match=r"closed the connection|Connection reset"):
        deliver(mail(deaf.getsockname()[1], server="127.0.0.1"))
    thread.join()
