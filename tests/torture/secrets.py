"""Values that must appear nowhere, in whatever form."""

from __future__ import annotations

import base64
import json
import random
import re
import shlex
import string
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

from exlib.history.sqlite import open_store
from exlib.masking import Mask, MaskStream
from tests.commands.run.lab import Lab, job
from tests.report.mailserver import Server, serving
from tests.torture.trial import Trial

_LETTERS = string.ascii_letters + string.digits + "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ " + "éß日"
_PRINTER = """
import os, random, sys, time
rng = random.Random(int(sys.argv[2]))
data = open(sys.argv[1], "rb").read()
at = 0
while at < len(data):
    size = rng.choice([1, 2, 3, 7, 64, 1000, 5000])
    os.write(rng.choice([1, 2]), data[at:at + size])
    at += size
    if rng.random() < 0.05:
        time.sleep(0.001)
sys.exit(3)
"""


def value(rng: random.Random) -> str:
    """A secret that does not begin or end with a blank; half of them are words of a kind that URLs and shells keep."""
    letters = rng.choice([_LETTERS, string.ascii_letters + string.digits + "-_"])
    return "".join(rng.choice(letters) for _ in range(rng.randint(6, 48))).replace("${", "$-").strip().ljust(6, "x")


def written(secret: str, rng: random.Random) -> Iterator[tuple[str, str]]:
    """Text that holds a secret in each of its forms, and the part of it that must not be seen anywhere."""
    yield secret, secret
    for text in (json.dumps(secret), json.dumps(secret, ensure_ascii=False), shlex.quote(secret)):
        yield text, text[1:-1] if text[0] in "\"'" else text
    for text in (quote(secret), quote(secret, safe=""), quote_plus(secret)):
        yield text, text
        small = re.sub("%..", lambda found: found[0].lower(), text)
        yield small, small
    raw = secret.encode()
    for offset in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            before = rng.randbytes(offset + 3 * rng.randrange(4))
            text = encode(before + raw + rng.randbytes(rng.randrange(5))).decode()
            first, last = -(-len(before) * 8 // 6), (len(before) + len(raw)) * 8 // 6
            yield text, text[first:last]
            if len(text) > 60:
                yield "\n".join([text[:60], text[60:]]), text[first:last]


def leaks(text: str, parts: set[str]) -> list[str]:
    joined = re.sub(r"(?<=[A-Za-z0-9+/_-]{60})\n", "", text)
    return sorted(part for part in parts if part in text or part in joined)


def everything_said(lab: Lab, mails: Server) -> dict[str, str]:
    """All places where a run may leave something, but for its logs."""
    store = open_store(str(lab.db), readonly=True)
    try:
        document = store.document(1)
    finally:
        store.close()
    assert document is not None
    json.loads(document.raw)
    shown = {
        name: lab.call("ex-history", *name.split()) for name in ("show 1", "export", "export --format csv", "list")
    }
    logs = {str(path): path.read_text() for path in lab.logs.rglob("run.log")}
    kept = b"".join(path.read_bytes() for path in lab.path.glob("history.db*") if path.is_file())
    return {
        **{name: done.out + done.err for name, done in shown.items()},
        **logs,
        "history": kept.decode("latin-1") + kept.decode("utf-8", "replace"),
        "document": document.raw.decode(),
        "events": (lab.path / "events.jsonl").read_text(),
        "mail": "".join(f"{letter.message['subject']}\n{letter.message.get_content()}" for letter in mails.letters),
    }


def nowhere(rng: random.Random, place: Path) -> str:
    """A hundred secrets in every form, from everywhere where one can come from, to everywhere where one can go."""
    lab = Lab(place)
    secrets = [value(rng) for _ in range(100)]
    in_document, in_jobs, in_options, named, in_shell = (secrets[n::5] for n in range(5))
    lines = [(text, part) for secret in secrets for text, part in written(secret, rng)]
    rng.shuffle(lines)
    parts = {part for _, part in lines}
    (place / "data").write_bytes(b"".join(text.encode() + b"\n" for text, _ in lines) + rng.randbytes(100))
    (place / "printer.py").write_text(_PRINTER)
    commands = [": " + " ".join(shlex.quote(text) for text, _ in lines[n::8]) for n in range(8)]
    jobs = [
        job("prints", f"python3 printer.py data {rng.randrange(100)}", max_retries=1, retry_delay=0),
        *(job(f"quotes{n}", command) for n, command in enumerate(commands)),
        *(job(f"path{n}", working_dir=f"/nowhere/{text}") for n, (text, _) in enumerate(lines[:10])),
        *(
            job(f"checks{n}", post_checks=[{"name": "check_file_exists", "params": {"path": text}}])
            for n, (text, _) in enumerate(lines[10:40])
        ),
        *(job(f"sees{n}", env_variables={"OWN_TOKEN": secret}) for n, secret in enumerate(in_jobs)),
    ]
    lab.env |= {f"LOGIN_{n}": secret for n, secret in enumerate(in_shell)}
    options = [f"--env=OPT{n}_PASSWORD={secret}" for n, secret in enumerate(in_options)]
    options += [f"--env=NOTE{n}={text}" for n, (text, _) in enumerate(lines[40:60])]
    options += [f"--secret-env=LOGIN_{n}" for n in range(len(in_shell))]
    rest = ["-k", "-v", "--show-env", "--events", str(place / "events.jsonl"), "--workers", "3"]
    with serving() as mails:
        top = {
            "env_variables": {f"DOC{n}_SECRET": secret for n, secret in enumerate(in_document)}
            | {f"PLAIN{n}": secret for n, secret in enumerate(named)},
            "secrets": [f"PLAIN{n}" for n in range(len(named))],
            "mask_logs": True,
            "email_address": "a@example.org",
            "email_on_failure": True,
            "smtp_server": "127.0.0.1",
            "smtp_port": mails.port,
            "smtp_security": "plain",
            "default_retry_delay": 0,
        }
        for way in (["--dry-run"], [], ["--resume", "1"]):
            # The names of LOGIN_* are remembered by the run.
            done = lab.run(jobs, *[one for one in options if not way or "--secret" not in one or way[0] != "--resume"],
                           *rest, *way, **top)  # fmt: skip
            assert done.code == (0 if way == ["--dry-run"] else 1), done.err
            said = done.out + done.err
            assert not leaks(said, parts), f"{way}: on the console: {leaks(said, parts)[:5]}"
        told = everything_said(lab, mails)
    assert len(mails.letters) == 2
    for where, text in told.items():
        assert not leaks(text, parts), f"{where}: {leaks(text, parts)[:5]}"
    expected = Mask(secrets)((place / "data").read_bytes())
    for log in lab.logs.rglob("*.log"):
        if log.name.startswith("prints."):
            assert log.read_bytes() == expected
        assert not leaks(log.read_bytes().decode("utf-8", "replace"), parts), log
    assert not leaks(expected.decode("utf-8", "replace"), parts)
    return f"{len(parts) // 100 * 100} forms or more"


def streams(rng: random.Random, _place: Path) -> None:
    """Secrets in every form among noise, cut at every byte."""
    secrets = [value(rng) for _ in range(rng.choice([1, 3, 100]))]
    texts = [text for secret in rng.sample(secrets, min(3, len(secrets))) for text, _ in written(secret, rng)]
    noise = [b"", b"\n", b"\r\n", b"x", b"/" * 50 + b"\n", rng.randbytes(9), *(text.encode()[:-1] for text in texts)]
    whole = b"".join(rng.choice(noise) + rng.choice(texts).encode() + rng.choice(noise) for _ in range(12))
    mask = Mask(secrets)
    expected = mask(whole)
    for at in range(len(whole) + 1):
        stream = MaskStream(mask)
        assert stream.feed(whole[:at]) + stream.feed(whole[at:]) + stream.flush() == expected, at
    stream = MaskStream(mask)
    assert b"".join(stream.feed(whole[n : n + 1]) for n in range(len(whole))) + stream.flush() == expected


TRIALS: tuple[Trial, ...] = (
    Trial("secrets-nowhere", "100 secrets in every form appear nowhere", times=30, share=1, act=nowhere),
    Trial("secrets-every-split", "a stream is masked alike wherever it is cut", times=300, share=3, act=streams),
)
