"""The mail that tells how a run ended: what it says, and the SMTP that carries it."""

from __future__ import annotations

import io
import os
import socket
import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from exlib.console import Console, printable
from exlib.masking import UNMASKED, Mask
from exlib.report.smtp import MailError, account_of, deliver, explained
from exlib.report.summary import Collector, Teller, outcome
from exlib.report.wording import Voice
from exlib.workflow import Mail

if TYPE_CHECKING:
    from email.message import EmailMessage

TIMEOUT = 10.0
"""Seconds that the server may take for one answer; the whole delivery may take three times as long."""
_TAIL = 50
_COLUMNS = 100


def wanted(mail: Mail | None, collector: Collector) -> bool:
    """Whether the document asks for a mail about a run that ended like this one."""
    return mail is not None and (mail.on_success if collector.succeeded else mail.on_failure)


def send(
    mail: Mail | None,
    collector: Collector,
    *,
    environ: Mapping[str, str] = os.environ,
    resume: str | None = None,
    mask: Mask = UNMASKED,
    timeout: float = TIMEOUT,
) -> None:
    """Send the mail that the document asks for, if it does. Raises MailError with the cause and the mend.

    ``timeout`` is in seconds for one answer of the server; no server can hold this up for more than three of them.
    """
    if mail is None or not wanted(mail, collector):
        return
    account = account_of(mail, environ)
    failed: list[Exception] = []

    def work() -> None:
        try:
            message = compose(mail, collector, user=account.user, resume=resume, mask=mask)
            deliver(message, account, timeout)
        except Exception as error:
            failed.append(error)

    # Name lookups know no timeout, and a server may answer a byte at a time: hence a thread that can be left.
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(3 * timeout)
    if thread.is_alive():
        raise MailError(f"{account.name} did not answer within {3 * timeout:g} seconds")
    if failed:
        raise explained(failed[0], account)


def compose(
    mail: Mail,
    collector: Collector,
    *,
    user: str | None = None,
    resume: str | None = None,
    mask: Mask = UNMASKED,
) -> EmailMessage:
    """The message: the outcome in its subject, the summary and the failed jobs' last lines in its text."""
    from email import policy
    from email.message import EmailMessage
    from email.utils import formatdate, make_msgid

    message = EmailMessage(policy.SMTP)
    message["Subject"] = _subject(collector)
    message["From"] = _address(mail.sender or _sender(user))
    message["To"] = [_address(entry) for entry in mail.to]
    message["Date"] = formatdate(localtime=True)
    message["Message-ID"] = make_msgid("executioner", domain=_host())
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_body(collector, resume, mask), cte="quoted-printable")  # base64 looks like spam
    return message


def _subject(collector: Collector) -> str:
    word = "OK" if collector.succeeded else collector.status.upper()
    run = f" (run {collector.started.run})" if collector.started else ""
    return printable(f"[{word}] {collector.application}: {outcome(collector)}{run}")


def _body(collector: Collector, resume: str | None, mask: Mask) -> str:
    console = Console()
    console.color = "never"
    teller = Teller(collector, Voice(console, io.StringIO()), mask, _TAIL, _COLUMNS)
    lines = [*teller.totals(resume), *_circumstances(teller), "", *teller.groups(), *teller.failures()]
    if collector.warnings:
        lines += ["Warnings:", *(f"  {printable(warning)}" for warning in collector.warnings)]
    return "\n".join(lines).rstrip() + "\n"


def _circumstances(teller: Teller) -> list[str]:
    started, finished = teller.collector.started, teller.collector.finished
    if started is None:
        return []
    stamps = [time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(event.time)) for event in (started, finished) if event]
    return [
        teller.entry("time", " to ".join(stamps)),
        teller.entry("host", printable(socket.gethostname())),
        teller.entry("input", printable(started.document)),
        teller.entry("in", printable(started.working_dir)),
    ]


def _address(text: str) -> object:
    """``Ann <ann@example.org>`` or the bare address; the domain as ASCII, as mail servers want it."""
    from email.headerregistry import Address
    from email.utils import parseaddr

    name, address = parseaddr(text)
    local, at, domain = address.rpartition("@")
    if not at or not local or not domain or not printable(text) == text:
        raise MailError(f"{printable(text)!r} is no mail address", mend="write it as name@example.org")
    try:
        return Address(name, local, domain if domain.isascii() else domain.encode("idna").decode("ascii"))
    except (ValueError, IndexError) as error:
        raise MailError(f"{text!r} is no mail address: {error}") from None


def _sender(user: str | None) -> str:
    if user and "@" in user:
        return user
    import getpass

    try:
        login = getpass.getuser()
    except (OSError, KeyError):
        login = "executioner"
    return f"{login}@{_host()}"


def _host() -> str:
    name = socket.getfqdn()
    if name.startswith("localhost"):
        name = socket.gethostname()
    return name if name.isascii() and name.replace("-", "").replace(".", "").isalnum() else "localhost"
