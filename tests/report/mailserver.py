"""A real SMTP server on loopback, in a thread, with a certificate made for it."""

from __future__ import annotations

import asyncio
import datetime
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "batch@example.com", "hunter22"


@dataclass
class Letter:
    """One mail as it arrived, and how."""

    sender: str
    to: list[str]
    message: EmailMessage
    encrypted: bool
    user: str | None


@dataclass
class Server:
    """Where it listens and what it got; ``logins`` are (user, whether it was encrypted)."""

    port: int = 0
    letters: list[Letter] = field(default_factory=list)
    logins: list[tuple[str, bool]] = field(default_factory=list)
    refuse: frozenset[str] = frozenset()
    password: str = PASSWORD

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:  # noqa: N802
        if address in self.refuse:
            return "550 no such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.original_content
        assert isinstance(content, bytes)
        message = message_from_bytes(content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        encrypted = server.transport.get_extra_info("sslcontext") is not None
        user = self.logins[-1][0] if session.authenticated else None
        self.letters.append(Letter(envelope.mail_from or "", envelope.rcpt_tos, message, encrypted, user))
        return "250 taken"

    def login(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword
    ) -> AuthResult:
        self.logins.append((data.login.decode(), server.transport.get_extra_info("sslcontext") is not None))
        return AuthResult(handled=False, success=data == LoginPassword(USER.encode(), self.password.encode()))


@contextmanager
def serving(
    *,
    starttls: ssl.SSLContext | None = None,
    tls: ssl.SSLContext | None = None,
    auth: bool = False,
    refuse: tuple[str, ...] = (),
    password: str = PASSWORD,
) -> Iterator[Server]:
    """A server that offers STARTTLS, speaks TLS at once, or neither; ``auth`` demands a login."""
    server = Server(refuse=frozenset(refuse), password=password)
    loop = asyncio.new_event_loop()

    def session() -> SMTP:
        return SMTP(
            server,
            hostname="localhost",
            enable_SMTPUTF8=True,
            tls_context=starttls,
            auth_required=auth,
            auth_require_tls=not auth,
            authenticator=server.login if auth else None,
            loop=loop,
        )

    listening = loop.run_until_complete(loop.create_server(session, "127.0.0.1", 0, ssl=tls))
    server.port = listening.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield server
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.run_until_complete(_ended(listening))
    loop.close()


async def _ended(listening: asyncio.Server) -> None:
    listening.close()
    sessions = asyncio.all_tasks() - {asyncio.current_task()}
    for session in sessions:
        session.cancel()
    await asyncio.gather(*sessions, return_exceptions=True)


def certificate(directory: Path, host: str = "localhost") -> tuple[ssl.SSLContext, Path]:
    """A server's TLS context with a self-signed certificate for ``host``, and the certificate's file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName([x509.DNSName(host), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file, keyfile = directory / "cert.pem", directory / "key.pem"
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    keyfile.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file, keyfile)
    return context, file
