"""Names of commands: which are known to be what stands there, and which may turn out to be something of the shell.

Only a program, or a builtin whose effects we know, may stand in a script whose commands are parted. A name that is
known only when it runs, an escaped one, an alias, a builtin that few scripts use: then the script stays whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from exlib.convert.bash.grammar import literal, said, walk, words

if TYPE_CHECKING:
    from tree_sitter import Node

HARMLESS = frozenset(["echo", "false", "true", ":", "test", "[", "pwd", "type"])
"""Builtins that leave nothing in the shell."""
RESERVED = frozenset(
    "! { } [[ ]] (( )) if then elif else fi for in do done while until case esac select function time coproc".split()
)
_TELLING = frozenset("cd pushd popd set shopt umask ulimit trap shift eval . source read mapfile readarray getopts let "
                     "printf wait kill exit return exec break continue hash dirs help".split())  # fmt: skip
"""Builtins of which we know what they leave."""
_OTHERS = frozenset("alias unalias bg bind builtin caller command compgen complete compopt declare disown enable "
                    "export fc fg history jobs local logout readonly suspend times typeset unset".split())  # fmt: skip
BUILTINS = HARMLESS | _TELLING | _OTHERS
LASTING = frozenset(": . eval exec exit export readonly return set shift trap unset times break continue".split())
"""Builtins for which an assignment before them holds on, as POSIX has it."""
_ESCAPED = re.compile(r"[\w.+\\-]+", re.ASCII)
_AT_HOME = re.compile(r"~/[\w./+-]+", re.ASCII)
_SIGNALS = re.compile(r"(SIG)?(ERR|HUP|INT|QUIT|USR[12]|TERM|PIPE|ALRM)|1|2|3|15|-")
_DESCRIPTOR = re.compile(r"(?<=\s)\{\w+\}[<>]")
UNKNOWN = "a command whose name is known only when it runs"


def disguised(command: Node, constants: Mapping[str, tuple[int, str]]) -> tuple[str | None, str | None]:
    """Why a simple command may be another one than what stands there, and the name that is called in a disguise."""
    given = words(command)
    if not given:
        return None, None
    text = literal(given[0])
    if text is None:
        return _unmasked(_meant(given[0], constants))
    if text == "time":
        rest = [word for word in given[1:] if said(word) not in ("-p", "--")]
        return _unmasked(literal(rest[0]) if rest else "true")
    if text == "command":
        rest = [word for word in given[1:] if said(word) not in ("-p", "--")]
        asks = bool(rest) and said(rest[0]) in ("-v", "-V")
        return (None, "command") if asks else _unmasked(literal(rest[0]) if rest else "true")
    if text in RESERVED or text.startswith(("%", "-")) or not text:
        return f"the grammar does not know {text or 'an empty word'} where it stands", None
    if text in _OTHERS:
        return f"{text}, which may change what follows", None
    if text == "hash" and any(said(word) != "-r" for word in given[1:] if not _is_word(word)):
        return "hash, which may change what follows", None
    if text == "set" and _stops(given[1:]):
        return "set with options that are not known or change every command", None
    if text == "shopt" and any("lastpipe" in (literal(word) or "lastpipe") for word in given[1:]):
        return "lastpipe", None
    if text == "trap" and (reason := _trapped(given[1:])):
        return reason, None
    return None, None


def is_harmless(name: str | None) -> bool:
    """Whether a name can be no builtin that changes the shell, and no word of its grammar."""
    return bool(name) and name not in (BUILTINS - HARMLESS) | RESERVED and not str(name).startswith(("%", "-"))


def overrides(functions: Iterable[str]) -> str | None:
    """Why functions of these names change what stands elsewhere."""
    for name in functions:
        if name in BUILTINS | RESERVED | {"command_not_found_handle"}:
            return f"the function {name}, which the shell itself calls or knows otherwise"
        if "/" in name:
            return f"the function {name}, whose name is that of a file"
    return None


def strange(text: str) -> str | None:
    """Why a script stays whole for something that stands anywhere in it."""
    return "a descriptor that is kept in a variable" if _DESCRIPTOR.search(text) else None


def constants_of(nodes: Iterable[Node]) -> dict[str, tuple[int, str]]:
    """The variables that have one value wherever they are used behind their only assignment, at the top."""
    found: dict[str, tuple[int, str]] = {}
    seen: dict[str, int] = {}
    spoken: list[str] = []
    tops = list(nodes)
    for top in tops:
        for node in walk(top):
            if node.type == "variable_assignment":
                name = said(node).partition("=")[0]
                seen[name] = seen.get(name, 0) + 1
            elif node.type in ("word", "variable_name", "string_content", "raw_string", "ansi_c_string"):
                above = node.parent
                plain = above is not None and (
                    above.type in ("variable_assignment", "simple_expansion") or said(above) == f"${{{said(node)}}}"
                )
                spoken += [] if plain else [said(node)]
    elsewhere = set(re.findall(r"\w+", " ".join(spoken), re.ASCII))
    for top in tops:
        plain = top.type == "variable_assignment"
        plain |= top.type == "declaration_command" and said(top.children[0]) in ("export", "readonly")
        for node in [top, *top.named_children] if plain else ():
            if node.type == "variable_assignment" and (value := node.child_by_field_name("value")) is not None:
                name, text = said(node).partition("=")[0], literal(value)
                if seen.get(name) == 1 and text is not None and name not in elsewhere:
                    found[name] = (node.end_byte, text)
    return {} if {"source", "."} & {*spoken} else found


def _unmasked(name: str | None) -> tuple[str | None, str | None]:
    return (None, name) if is_harmless(name) else (UNKNOWN, None)


def _meant(name: Node, constants: Mapping[str, tuple[int, str]]) -> str | None:
    """What a name stands for that is no plain word, if that is sure."""
    text = said(name)
    if _ESCAPED.fullmatch(text):
        return text.replace("\\", "")
    if _AT_HOME.fullmatch(text):
        return text
    inner = name.named_children[0] if name.named_child_count == 1 else name
    if inner.type == "string":
        # What stands between double quotes is one word; with a slash in it, it is a file.
        parts = [said(child) for child in inner.named_children if child.type == "string_content"]
        if any("/" in part for part in parts) and "@" not in text and "\\" not in text:
            return "./file"
    match = re.fullmatch(r"(\"?)\$(\{?)([A-Za-z_]\w*)(\}?)\1", text, re.ASCII)
    behind, value = (constants.get(match[3]) if match is not None else None) or (0, "")
    return value if name.start_byte >= behind and re.fullmatch(r"[\w./+-]+", value, re.ASCII) else None


def _is_word(word: Node) -> bool:
    text = literal(word)
    return text is not None and not text.startswith(("-", "+"))


def _stops(given: list[Node]) -> bool:
    """Whether an option of ``set`` makes the shell end early, run nothing or export all; or it may."""
    for text in map(literal, given):
        if text is None:
            return True
        if text == "--":
            return False
        if text[:1] in ("-", "+") and set(text[1:]) & set("tnakmP"):
            return True
        if text in ("onecmd", "noexec", "allexport", "keyword", "monitor", "physical", "posix"):
            return True
    return False


def _trapped(given: list[Node]) -> str | None:
    texts = [literal(word) for word in given]
    if texts[:1] == ["--"]:
        texts = texts[1:]
    signals = texts[1:] if len(texts) > 1 else []
    if not signals or None in texts:
        return "a trap of which it is not clear what it does"
    if not all(_SIGNALS.fullmatch(text or "") for text in signals):
        return "a trap at the end of the script"
    return None
