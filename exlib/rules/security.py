"""The security lint, S601 to S606: habits that end badly. It reads commands and is no sandbox."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from exlib.rules.commands import runs_directly, runs_in_shell
from exlib.rules.credentials import find_credential
from exlib.rules.glance import worth_a_look
from exlib.rules.subject import Subject
from exlib.rules.words import SHELLS, Script, Simple, Word, read

OTHER_USER = frozenset(["sudo", "su", "doas", "pkexec", "runuser"])
_WRAPPERS = frozenset(
    "sudo doas pkexec env nohup nice ionice time exec command builtin setsid timeout stdbuf xargs".split()
)
_TAKES_VALUE = {
    "sudo": "ugphCTRD",
    "doas": "uC",
    "env": "uCS",
    "nice": "n",
    "ionice": "cnp",
    "timeout": "ks",
    "xargs": "adEIiLnPs",
    "exec": "a",
    "stdbuf": "ioe",
}
_DOWNLOADERS = frozenset(["curl", "wget", "fetch", "aria2c"])
_INTERPRETERS = frozenset(["perl", "ruby", "node", "php", "python", "python2", "python3"])
_DOWNLOAD_INSIDE = re.compile(r"(?:\$\(|<\(|`)\s*(?:\S*/)?(?:curl|wget|fetch|aria2c)\b")
_TOP_FOLDERS = "bin|boot|dev|etc|home|lib|lib32|lib64|mnt|opt|proc|root|run|sbin|srv|sys|usr|var"
_ROOT = re.compile(rf"/(?:\.*/)*(?:\.{{1,2}}|\*|(?:{_TOP_FOLDERS})(?:/+\*?)?)?")
_HOME = re.compile(r"(?:~[A-Za-z0-9_-]*|\$HOME|\$\{HOME\})(?:/+[*.]?)?")
_LEADING_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))(/.*)")


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
        command = raw.get("command")
        if not command or not worth_a_look(command):
            continue
        if runs_in_shell(subject, raw) or runs_directly(subject, raw):
            known = set_at_top | _nonempty(raw) if raw.get("env_variables") else set_at_top
            for code, (message, mend) in _findings(command, known).items():
                subject.report(code, message, ("jobs", index, "command"), mend=mend)


def _nonempty(raw: Mapping[str, Any]) -> set[str]:
    """Variables that the document gives a value, so that they cannot be empty."""
    env = raw.get("env_variables") or {}
    return {key for key, value in env.items() if value not in ("", None) and "$" not in str(value)}


def _findings(command: str, known: Iterable[str]) -> dict[str, tuple[str, str]]:
    """The first finding of each code in one command."""
    found: dict[str, tuple[str, str]] = {}
    for script in _scripts(command):
        for simple in script.commands:
            for code, message, mend in _of_one(simple, known):
                found.setdefault(code, (message, mend))
        if (download := _piped_download(script)) is not None:
            found.setdefault("S602", (download, "download to a file, check it, then run it"))
        if (what := find_credential(script)) is not None:
            mend = "give it by a variable, a file or standard input: everybody on the machine can read command lines"
            found.setdefault("S604", (f"the command holds {what}", mend))
    return found


def _scripts(command: str) -> Iterator[Script]:
    """The command, and the commands that it gives to a shell in a string."""
    queue = [command]
    for _ in range(8):
        if not queue:
            return
        script = read(queue.pop())
        yield script
        for simple in script.commands:
            _, words = unwrapped(simple)
            name = _name(words)
            if name == "eval" and len(words) > 1:
                queue.append(" ".join(word.text for word in words[1:]))
            elif name in SHELLS or name == "su":
                inner = [
                    after.text for flag, after in pairwise(words) if re.fullmatch(r"-[a-z]*c|--command", flag.text)
                ]
                queue += inner[:1]


def unwrapped(simple: Simple) -> tuple[list[str], list[Word]]:
    """The ``sudo``, ``env``, ``nohup`` and their like that a command starts with, and the words of what they start."""
    words = list(simple.words)
    wrappers: list[str] = []
    while words and (name := _name(words)) in _WRAPPERS:
        words.pop(0)
        wrappers.append(name)
        valued = _TAKES_VALUE.get(name, "")
        while words and (words[0].text.startswith("-") or (name in ("env", "sudo") and "=" in words[0].text)):
            option = words.pop(0).text
            if option == "--":
                break
            if len(option) == 2 and option[1] in valued and words:
                words.pop(0)
        if name == "timeout" and words:
            words.pop(0)
    return wrappers, words


def _name(words: list[Word]) -> str:
    return words[0].text.rsplit("/", 1)[-1] if words and not words[0].dynamic else ""


def _of_one(simple: Simple, known: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """Findings that one simple command is enough for."""
    wrappers, words = unwrapped(simple)
    name, rest = _name(words), words[1:]
    if (by := next((each for each in (*wrappers, name) if each in OTHER_USER), None)) is not None:
        yield "S605", f"the command becomes another user with {by}", "start ex-run as the user that the job needs"
    if (target := _deleted_root(name, rest, known)) is not None:
        yield "S601", f"{name} deletes everything below {target}", "name the folder to delete in full"
    if _opens_to_all(name, rest):
        yield "S603", f"{name} lets every user of the machine write", "give the group what it needs: chmod g+w"
    if name in (*SHELLS, "eval", "source", ".") and any(_DOWNLOAD_INSIDE.search(word.raw) for word in rest):
        yield "S602", f"a download is run at once by {name}", "download to a file, check it, then run it"


def _deleted_root(name: str, words: list[Word], known: Iterable[str]) -> str | None:
    flags = [word.text for word in words if word.text.startswith("-")]
    if name == "rm":
        recursive = any(re.fullmatch(r"-[a-zA-Z]*[rR][a-zA-Z]*|--recursive", flag) for flag in flags)
    else:
        recursive = name == "find" and bool({"-delete", "-exec", "-execdir"}.intersection(flags))
        if recursive and "-delete" not in flags:
            recursive = any(word.text in ("rm", "/bin/rm") for word in words)
    if not recursive:
        return None
    for word in words:
        if name == "find" and word.text.startswith("-"):
            return None  # the paths to search end at the first test
        if (what := _root(word, known)) is not None:
            return what
    return None


def _root(word: Word, known: Iterable[str]) -> str | None:
    if _ROOT.fullmatch(word.text) or (_HOME.fullmatch(word.text) and not (word.quoted and word.raw[0] in "'\"~")):
        return word.text.rstrip("*")
    if word.dynamic and word.quoted and _HOME.fullmatch(word.text):
        return word.text
    if word.dynamic and (match := _LEADING_VARIABLE.fullmatch(word.text)):
        name = match[1] or match[2]
        if name not in known and name != "HOME" and not name.isdigit() and _ROOT.fullmatch(match[3]):
            return f"{match[3].rstrip('*')} when ${name} is empty"
    return None


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
        name = _name(words)
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
