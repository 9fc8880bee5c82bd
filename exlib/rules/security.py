"""The security lint, S601 to S606: habits that end badly. It reads commands and is no sandbox."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from exlib.rules.commands import SHELLS, commands_of, runs_directly, runs_in_shell
from exlib.rules.credentials import find_credential
from exlib.rules.deletion import deleted_root, placed
from exlib.rules.glance import worth_a_look
from exlib.rules.script import Script, Simple, Word
from exlib.rules.subject import Subject
from exlib.rules.words import read
from exlib.rules.wrappers import name_of, unwrapped

OTHER_USER = frozenset(["sudo", "su", "doas", "pkexec", "runuser"])
_DOWNLOADERS = frozenset(["curl", "wget", "fetch", "aria2c"])
_INTERPRETERS = frozenset(["perl", "ruby", "node", "php", "python", "python2", "python3"])
_DOWNLOAD_INSIDE = re.compile(r"(?:\$\(|<\(|`)\s*(?:\S*/)?(?:curl|wget|fetch|aria2c)\b")
_MOST_SCRIPTS = 64


def check_security(subject: Subject) -> None:
    """Report S601 to S606 unless ``security_policy`` is off."""
    if subject.top.get("security_policy") == "off":
        return
    password = subject.top.get("smtp_password")
    if password and "$" not in password:
        subject.report(
            "S606",
            "the mail server's password stands in the document",
            ("smtp_password",),
            mend="keep it outside: see docs/mail.md",
            at_key=True,
        )
    set_at_top = _nonempty(subject.top)
    for index, raw in enumerate(subject.jobs):
        readable = runs_in_shell(subject, raw) or runs_directly(subject, raw)
        for command, at in commands_of(raw, index):
            if not worth_a_look(command) or not (readable or len(at) > 3):
                continue  # what another language's interpreter reads is not ours to judge
            known = set_at_top | _nonempty(raw) if raw.get("env_variables") else set_at_top
            for code, (message, mend) in _findings(command, known, _folder(subject, raw)).items():
                subject.report(code, message, at, mend=mend)


def _nonempty(raw: Mapping[str, Any]) -> set[str]:
    """Variables that the document gives a value, so that they cannot be empty."""
    env = raw.get("env_variables") or {}
    return {key for key, value in env.items() if value not in ("", None) and "$" not in str(value)}


def _folder(subject: Subject, raw: Mapping[str, Any]) -> str:
    """The folder that a job starts in, where the document names it in full; else empty."""
    folder = posixpath.join(subject.top.get("working_dir") or "", raw.get("working_dir") or "")
    return folder if folder.startswith(("/", "~")) and "$" not in folder else ""


def _findings(command: str, known: Iterable[str], folder: str = "") -> dict[str, tuple[str, str]]:
    """The first finding of each code in one command that is started in a folder."""
    found: dict[str, tuple[str, str]] = {}
    for script in _scripts(command):
        for simple, here in placed(script, folder):
            for code, message, mend in _of_one(simple, known, here):
                found.setdefault(code, (message, mend))
        if (download := _piped_download(script)) is not None:
            found.setdefault("S602", (download, "download to a file, check it, then run it"))
        if (what := find_credential(script)) is not None:
            mend = "give it by a variable, a file or standard input: everybody on the machine can read command lines"
            found.setdefault("S604", (f"the command holds {what}", mend))
    return found


def _scripts(command: str) -> Iterator[Script]:
    """The command, and the commands that it holds: in substitutions, in strings and documents for a shell."""
    queue = [command]
    for _ in range(_MOST_SCRIPTS):
        if not queue:
            return
        script = read(queue.pop())
        yield script
        queue += _within(script)


def _within(script: Script) -> Iterator[str]:
    """The commands that stand inside of one script."""
    for word in script.words:
        yield from word.inner
    piped = ""
    for simple in script.commands:
        _, words = unwrapped(simple)
        name, texts = name_of(words), [word.text for word in words[1:]]
        if simple.after not in ("|", "|&"):
            piped = ""
        if name == "eval" and texts:
            yield " ".join(texts)
        elif name in SHELLS or name == "su":
            inner = [after for flag, after in pairwise(texts) if re.fullmatch(r"-[a-z]*c|--command", flag)]
            yield from inner[:1]
            if (program := simple.input or piped) and name in SHELLS and _reads_program(name, texts):
                yield program
        piped = simple.input or (" ".join(texts) if name in ("echo", "printf") else piped)


def _of_one(simple: Simple, known: Iterable[str], here: str) -> Iterator[tuple[str, str, str]]:
    """Findings that one simple command is enough for."""
    wrappers, words = unwrapped(simple)
    name, rest = name_of(words), words[1:]
    if (by := next((each for each in (*wrappers, name) if each in OTHER_USER), None)) is not None:
        yield "S605", f"the command becomes another user with {by}", "start ex-run as the user that the job needs"
    if (target := deleted_root(name, rest, known, here)) is not None:
        yield "S601", f"{name} deletes everything below {target}", "name the folder to delete in full"
    if _opens_to_all(name, rest):
        yield "S603", f"{name} lets every user of the machine write", "give the group what it needs: chmod g+w"
    if name in (*SHELLS, "eval", "source", ".") and _DOWNLOAD_INSIDE.search(
        " ".join([*(word.raw for word in rest), simple.input])
    ):
        yield "S602", f"a download is run at once by {name}", "download to a file, check it, then run it"


def _opens_to_all(name: str, words: list[Word]) -> bool:
    texts = [word.text for word in words]
    if name == "chmod":
        mode = next((text for text in texts if not text.startswith("-")), "")
        return _writable(mode)
    if name == "umask":
        return bool(texts) and re.fullmatch(r"0{1,4}", texts[0]) is not None
    if name in ("install", "mkdir"):
        modes = [after for flag, after in pairwise(texts) if re.fullmatch(r"-[a-z]*m", flag)]
        modes += [text.partition("=")[2] for text in texts if text.startswith("--mode=")]
        return any(map(_writable, modes))
    return False


def _writable(mode: str) -> bool:
    """Whether a mode lets everybody write; a sticky folder such as /tmp is meant to."""
    if re.fullmatch(r"[0-7]{1,5}", mode):
        bits = int(mode, 8)
        return bool(bits & 0o002) and not bits & 0o1000
    return any(re.fullmatch(r"[ug]*[oa][ugoa]*[+=][rxXst]*w[rwxXst]*", clause) for clause in mode.split(","))


def _piped_download(script: Script) -> str | None:
    """A download at the start of a pipe that an interpreter reads its program from."""
    source = ""
    for simple in script.commands:
        _, words = unwrapped(simple)
        name = name_of(words)
        if simple.after not in ("|", "|&"):
            source = ""
        if source and _reads_program(name, [word.text for word in words[1:]]):
            return f"what {source} downloads is run at once by {name}"
        if name in _DOWNLOADERS:
            source = name
    return None


def _reads_program(name: str, texts: list[str]) -> bool:
    if name in SHELLS:
        options = [text for text in texts if text.startswith("-") and text != "-"]
        return "-s" in texts or (len(options) == len([text for text in texts if text != "-"]) and "-c" not in options)
    bare = re.sub(r"[0-9.]+$", "", name)
    return (name in _INTERPRETERS or bare in _INTERPRETERS) and texts in ([], ["-"])
