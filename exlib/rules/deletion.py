"""Deletions of a root: what ``rm -r`` and ``find -delete`` would delete, seen from where they run."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator

from exlib.rules.script import Script, Simple, Subshell, Word
from exlib.rules.wrappers import name_of, unwrapped

_TOP_FOLDERS = "bin|boot|dev|etc|home|lib|lib32|lib64|mnt|opt|proc|root|run|sbin|srv|sys|usr|var"
_ROOT = re.compile(rf"/(?:\.*/)*(?:\.{{1,2}}|\*|(?:{_TOP_FOLDERS})(?:/+\*?)?)?")
_HOME = re.compile(r"(?:~[A-Za-z0-9_-]*|\$HOME|\$\{HOME\})(?:/+[*.]?)?")
_BELOW_HOME = re.compile(r"(?:~[A-Za-z0-9_-]*|\$HOME|\$\{HOME\})(?:/.*)?")
_LEADING_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))(/.*)")


def placed(script: Script, folder: str) -> Iterator[tuple[Simple, str]]:
    """Each command of a script that starts in ``folder``, and the folder it runs in; empty where that is not known."""
    folders: dict[Subshell | None, str] = {None: folder}
    for simple in script.commands:
        around = shell = simple.subshell
        while around is not None and around not in folders:
            around = around.outer
        here = folders.setdefault(shell, folders[around])
        yield simple, here if simple.after != "||" else ""
        _, words = unwrapped(simple)
        if name_of(words) in ("cd", "pushd") and simple.after not in ("|", "|&", "||"):
            folders[shell] = _moved(words[1:], here)


def _moved(words: list[Word], here: str) -> str:
    """The folder after a ``cd`` with these words."""
    if not words:
        return "~"
    target = next((word for word in words if not word.text.startswith("-")), None)
    if target is None:
        return ""
    if _BELOW_HOME.fullmatch(target.text) and target.dynamic | (not target.quoted):
        return posixpath.normpath(target.text)
    if target.dynamic or not (here or target.text.startswith("/")):
        return ""
    return posixpath.normpath(posixpath.join(here, target.text))


def deleted_root(name: str, words: list[Word], known: Iterable[str], here: str) -> str | None:
    """The root path that a program deletes everything below; ``known`` are the variables that are not empty."""
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
        if (what := _root(word, known) or _root_from(word, here)) is not None:
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


def _root_from(word: Word, here: str) -> str | None:
    """The root path that a relative one means in the folder ``here``."""
    if not here or word.dynamic or word.quoted or word.text.startswith(("/", "~", "-")):
        return None
    path = posixpath.normpath(f"{here.rstrip('/')}/{word.text}")
    return path.rstrip("*") if _ROOT.fullmatch(path) or _HOME.fullmatch(path) else None
