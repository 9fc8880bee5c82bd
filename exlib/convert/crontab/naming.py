"""An id for an entry: the program that it is about, looked for behind the words that only lead to it."""

from __future__ import annotations

import re

_SEGMENT = re.compile(r"&&|\|\||[;|&(){}\n]")
_BESIDE = frozenset(
    "cd test [ [[ export set unset source . sleep umask : true false if then else while do done for exit trap mkdir "
    "date ulimit rm echo printf".split()
)
"""Programs that an entry is seldom about."""
_LEADING = frozenset(
    "exec nice ionice flock env sudo timeout nohup command run-one run-parts chronic time setsid sh bash dash ksh zsh "
    "python python2 python3 perl php ruby node java".split()
)
"""Programs that start the one that it is about."""
_SUFFIX = re.compile(r"\.(?:sh|bash|py|pl|php|rb|js|jar)$")


def name_of(command: str) -> str:
    """What the entry may be called: the first telling program, without its folder and its suffix."""
    segments = [segment.split() for segment in _SEGMENT.split(command)]
    for words in segments:
        if words and words[0] not in _BESIDE and (found := _program(words)):
            return found
    first = next((words[0] for words in segments if words), "")
    return _bare(first) or "job"


def _program(words: list[str]) -> str | None:
    for word in words:
        if re.match(r"[A-Za-z_]\w*=", word) or word.startswith(("-", "<", ">")) or _bare(word) in _LEADING:
            continue
        if word.startswith("+") or word.replace(".", "").isdigit():
            continue
        return _bare(word)
    return None


def _bare(word: str) -> str:
    name = word.strip("\"'`$").rstrip("/").rpartition("/")[2]
    return re.sub(r"[^\w.+@-]+", "", _SUFFIX.sub("", name))
