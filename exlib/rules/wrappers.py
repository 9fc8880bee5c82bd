"""Programs that start another one: ``sudo``, ``env``, ``nohup`` and their like, and what they start."""

from __future__ import annotations

import re
from collections.abc import Iterator

from exlib.rules.script import Simple, Word
from exlib.rules.words import ASSIGNMENT

WRAPPERS = frozenset(
    "sudo doas pkexec env nohup nice ionice time exec command builtin setsid timeout stdbuf xargs sshpass flock chroot "
    "taskset chrt numactl unbuffer busybox systemd-run systemd-cat".split()
)
_TAKES_VALUE = {
    "sudo": "ugphCDRrtTU",
    "doas": "uC",
    "env": "uCS",
    "nice": "n",
    "ionice": "cnp",
    "timeout": "ks",
    "time": "fo",
    "xargs": "adEILnPs",
    "exec": "a",
    "stdbuf": "ioe",
    "sshpass": "pfdP",
    "flock": "wEc",
    "chrt": "TPD",
    "numactl": "Nmicp",
    "systemd-run": "pHMEu",
    "systemd-cat": "tp",
}
"""Options of one letter that take the next word as their value."""
_LONG_TAKES_VALUE = frozenset(
    "--user --group --host --prompt --chdir --chroot --close-from --role --type --command-timeout --other-user --unset "
    "--split-string --adjustment --class --classdata --kill-after --signal --format --output --arg-file --delimiter "
    "--max-args --max-procs --max-chars --input --error --timeout --wait --conflict-exit-code --property --unit "
    "--setenv --machine --identifier --priority".split()
)
_OPERANDS = frozenset(["timeout", "flock", "chroot", "taskset", "chrt"])
"""Wrappers with a word of their own, a time or a place, before the program."""
_OPTION = re.compile(r"-[A-Za-z]*([A-Za-z])")


def name_of(words: list[Word], at: int = 0) -> str:
    """The program that words from ``at`` on start, without its folder; empty when it is computed or there is none."""
    return words[at].text.rsplit("/", 1)[-1] if at < len(words) and not words[at].dynamic else ""


def stages(simple: Simple) -> Iterator[tuple[str, list[Word]]]:
    """Each program that a command starts in turn, with its own words after it: the wrappers, then what they start."""
    words, at = simple.words, 0
    while (name := name_of(words, at)) in WRAPPERS:
        begin, at = at, _end_of_own(name, words, at)
        yield name, words[begin + 1 : at]
    if at < len(words):
        yield name, words[at + 1 :]


def unwrapped(simple: Simple) -> tuple[list[str], list[Word]]:
    """The wrappers that a command starts with, and the words of what they start."""
    words, at = simple.words, 0
    wrappers: list[str] = []
    while (name := name_of(words, at)) in WRAPPERS:
        wrappers.append(name)
        at = _end_of_own(name, words, at)
    return wrappers, words[at:]


def _end_of_own(name: str, words: list[Word], at: int) -> int:
    """Where the words of the wrapper at ``at`` end and those of the program that it starts begin."""
    valued = _TAKES_VALUE.get(name, "")
    at += 1
    while at < len(words):
        text = words[at].text
        if not text.startswith("-") and not (name in ("env", "sudo", "doas") and ASSIGNMENT.match(text)):
            break
        at += 1
        if text == "--":
            break
        if text in _LONG_TAKES_VALUE or ((option := _OPTION.fullmatch(text)) and option[1] in valued):
            at += 1
    return at + (name in _OPERANDS)
