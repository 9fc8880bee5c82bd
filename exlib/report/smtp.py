"""One message through one SMTP server: where it is, how the way there is secured, and what went wrong."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from exlib.console import printable
from exlib.errors import ExecutionerError, Exit
from exlib.workflow import Mail

if TYPE_CHECKING:
    import smtplib
    import ssl
    from email.message import EmailMessage


class MailError(ExecutionerError):
    """The mail was not sent, or not to everybody; the message is the cause. It never changes a run's result."""

    exit_code = Exit.OK


@dataclass(frozen=True, slots=True)
class Account:
    """How to reach a server: ``security`` is auto, plain, starttls or tls; ``user`` None means no login."""

    server: str
    port: int
    security: str
    user: str | None
    password: str
    ca_file: str | None

    @property
    def name(self) -> str:
        """The server in a sentence."""
        return f"the mail server {self.server}:{self.port}"

    @property
    def tls_at_once(self) -> bool:
        """Whether the connection is encrypted from its first byte."""
        return self.security == "tls" or (self.security == "auto" and self.port == 465)


def account_of(mail: Mail, environ: Mapping[str, str]) -> Account:
    """What the document says, and the environment where it says nothing. Raises MailError."""
    server = mail.server or environ.get("EX_SMTP_SERVER", "")
    if not server:
        raise MailError("no server is named", mend='set "smtp_server" in the document, or EX_SMTP_SERVER')
    user = mail.user or environ.get("EX_SMTP_USER") or None
    ca_file = environ.get("EX_SMTP_CA_FILE") or None
    return Account(server, _port(mail, environ), mail.security, user, _password(mail, environ) if user else "", ca_file)


def _port(mail: Mail, environ: Mapping[str, str]) -> int:
    if mail.port is not None:
        return mail.port
    text = environ.get("EX_SMTP_PORT", "")
    if not text:
        return 465 if mail.security == "tls" else 25 if mail.security == "plain" else 587
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise MailError(f"EX_SMTP_PORT is {text!r}, not a port number")
    return int(text)


def _password(mail: Mail, environ: Mapping[str, str]) -> str:
    if mail.password:
        return mail.password
    if mail.password_file:
        return _from_file(mail.password_file, "smtp_password_file")
    if environ.get("EX_SMTP_PASSWORD"):
        return environ["EX_SMTP_PASSWORD"]
    if environ.get("EX_SMTP_PASSWORD_FILE"):
        return _from_file(environ["EX_SMTP_PASSWORD_FILE"], "EX_SMTP_PASSWORD_FILE")
    raise MailError(
        "there is a user for the mail server but no password",
        mend='set EX_SMTP_PASSWORD, or name a file in EX_SMTP_PASSWORD_FILE or "smtp_password_file"',
    )


def _from_file(path: str, source: str) -> str:
    try:
        with open(os.path.expanduser(path), encoding="utf-8") as stream:
            return stream.readline().rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise MailError(f"cannot read {path} ({source}): {error}") from None


def deliver(message: EmailMessage, account: Account, timeout: float) -> None:
    """Send a message; ``timeout`` is in seconds for each answer. Raises whatever ``explained`` can explain."""
    with _connected(account, timeout) as server:
        server.ehlo_or_helo_if_needed()
        if not account.tls_at_once and account.security != "plain":
            _upgrade(server, account)
        if account.user is not None:
            _log_in(server, account.user, account.password)
        refused = server.send_message(message)
    if refused:
        reasons = "; ".join(f"{who}: {code} {text.decode('utf-8', 'replace')}" for who, (code, text) in refused.items())
        raise MailError(f"not to {printable(reasons)}; the others have it")


def _log_in(server: smtplib.SMTP, user: str, password: str) -> None:
    if (user + password).isascii():
        server.login(user, password)
        return
    # smtplib knows ASCII only. AUTH PLAIN is UTF-8 (RFC 4616), and nearly every server has it.
    import base64
    import smtplib

    if "PLAIN" not in server.esmtp_features.get("auth", "").upper().split():
        raise smtplib.SMTPNotSupportedError("it offers no AUTH PLAIN, which a login beyond ASCII needs")
    token = base64.b64encode(f"\0{user}\0{password}".encode()).decode("ascii")
    code, answer = server.docmd("AUTH", f"PLAIN {token}")
    if code != 235:
        raise smtplib.SMTPAuthenticationError(code, answer)


def _connected(account: Account, timeout: float) -> smtplib.SMTP:
    import smtplib

    if account.tls_at_once:
        return smtplib.SMTP_SSL(account.server, account.port, timeout=timeout, context=_context(account))
    return smtplib.SMTP(account.server, account.port, timeout=timeout)


def _upgrade(server: smtplib.SMTP, account: Account) -> None:
    """STARTTLS where it is offered; a login, or ``smtp_security: starttls``, does without it never."""
    if server.has_extn("starttls"):
        server.starttls(context=_context(account))
        server.ehlo()
    elif account.security == "starttls":
        raise MailError(f"{account.name} offers no STARTTLS", mend=_SECURITY_MEND)
    elif account.user is not None:
        raise MailError(
            f"{account.name} offers no encryption, and a password is not sent in clear",
            mend=_SECURITY_MEND,
        )


_SECURITY_MEND = 'try "smtp_security": "tls" (port 465); where the network can be trusted, "plain"'


def _context(account: Account) -> ssl.SSLContext:
    """Certificates are verified, except where encryption is only taken as it is offered and no login depends on it."""
    import ssl

    context = ssl.create_default_context(cafile=account.ca_file)
    opportunistic = account.security == "auto" and not account.tls_at_once
    if opportunistic and account.user is None and account.ca_file is None:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def explained(error: Exception, account: Account) -> MailError:
    """Any failure of a delivery as a message for a person."""
    import smtplib
    import ssl

    name = account.name
    mend = None
    match error:
        case MailError():
            return error
        case smtplib.SMTPAuthenticationError():
            text = f"{name} refused the login of {account.user}: {_answer(error)}"
            mend = "check the user and the password; some providers want a password made for programs"
        case smtplib.SMTPNotSupportedError():
            text = f"{name} cannot do it: {error}"
        case smtplib.SMTPRecipientsRefused():
            text = f"{name} refused every address: " + ", ".join(error.recipients)
        case smtplib.SMTPResponseException():
            text = f"{name} refused the mail: {_answer(error)}"
        case smtplib.SMTPServerDisconnected():
            text = f"{name} closed the connection or did not answer in time"
        case ssl.SSLCertVerificationError():
            text = f"the certificate of {name} cannot be trusted: {error.verify_message}"
            mend = "for a certificate authority of your own set EX_SMTP_CA_FILE to its certificate"
        case ssl.SSLError():
            text = f"no encrypted connection to {name}: {error.reason}"
            mend = "check the port and smtp_security: tls is for port 465, starttls for 587 and 25"
        case TimeoutError():
            text = f"{name} did not answer in time"
        case OSError():
            text = f"cannot reach {name}: {error.strerror or error}"
        case _:
            text = f"{type(error).__name__}: {error}"
    return MailError(f"{printable(text)}", mend=mend)


def _answer(error: smtplib.SMTPResponseException) -> str:
    text = error.smtp_error
    return f"{error.smtp_code} {text.decode('utf-8', 'replace') if isinstance(text, bytes) else text}"
