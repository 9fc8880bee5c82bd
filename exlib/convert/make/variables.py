"""The variables of a makefile: what each was set to, where, and which one counts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, NamedTuple

Origin = Literal["default", "environment", "file", "command line", "override", "automatic"]
_RANK = {"default": 0, "automatic": 0, "environment": 1, "file": 2, "command line": 3, "override": 4}
ENVIRONMENT = frozenset(
    "HOME PATH USER LOGNAME PWD OLDPWD LANG LC_ALL TERM TMPDIR TMP TEMP HOSTNAME DISPLAY SHLVL TZ EDITOR "
    "LD_LIBRARY_PATH XDG_CONFIG_HOME XDG_CACHE_HOME XDG_DATA_HOME XDG_RUNTIME_DIR".split()
)
"""What nearly every environment has: not set in the makefile, it is left to the run."""

SUFFIXES = (
    ".out .a .ln .o .c .cc .C .cpp .p .f .F .m .r .y .l .ym .yl .s .S .mod .sym .def .h .info .dvi .tex .texinfo "
    ".texi .txinfo .w .ch .web .sh .elc .el"
).split()
_COMPILE = "{0} {1} $(CPPFLAGS) $(TARGET_ARCH) -c"
_LINK = "{0} {1} $(LDFLAGS) $(TARGET_ARCH)"
DEFAULTS = {
    "AR": "ar", "ARFLAGS": "rv", "AS": "as", "CC": "cc", "CXX": "g++", "CPP": "$(CC) -E", "FC": "f77", "LD": "ld",
    "LEX": "lex", "YACC": "yacc", "RM": "rm -f", "CO": "co", "GET": "get", "MAKEINFO": "makeinfo", "TEX": "tex",
    "MAKE": "$(MAKE_COMMAND)", "MAKE_COMMAND": "make", "MAKE_VERSION": "4.3", "MAKELEVEL": "0", "MAKEFLAGS": "",
    "MFLAGS": "", "SHELL": "/bin/sh", ".SHELLFLAGS": "-c", "OUTPUT_OPTION": "-o $@", ".RECIPEPREFIX": "",
    "COMPILE.c": _COMPILE.format("$(CC)", "$(CFLAGS)"), "COMPILE.cc": _COMPILE.format("$(CXX)", "$(CXXFLAGS)"),
    "COMPILE.cpp": "$(COMPILE.cc)", "COMPILE.C": "$(COMPILE.cc)", "LINK.o": "$(CC) $(LDFLAGS) $(TARGET_ARCH)",
    "LINK.c": _LINK.format("$(CC)", "$(CFLAGS) $(CPPFLAGS)"),
    "LINK.cc": _LINK.format("$(CXX)", "$(CXXFLAGS) $(CPPFLAGS)"), "LINK.cpp": "$(LINK.cc)", "LINK.C": "$(LINK.cc)",
    "SUFFIXES": "$(.SUFFIXES)", "MAKEFILES": "", "VPATH": "", "GNUMAKEFLAGS": "",
    ".FEATURES": "target-specific order-only second-expansion else-if shortest-stem undefine oneshell nocomment "
    "grouped-target extra-prereqs archives jobserver output-sync check-symlink load",
    ".INCLUDE_DIRS": "/usr/include /usr/local/include /usr/include",
    **dict.fromkeys(
        "CFLAGS CXXFLAGS CPPFLAGS LDFLAGS LDLIBS LOADLIBES TARGET_ARCH ASFLAGS FFLAGS LFLAGS YFLAGS".split(), ""
    ),
}  # fmt: skip


@dataclass
class Variable:
    """One variable. ``simple`` ones were expanded when they were set."""

    value: str
    simple: bool = False
    origin: Origin = "file"
    private: bool = False


class Scope:
    """The variables of the makefile, of a target, or of one call; what is not here is asked of the scope around it."""

    def __init__(self, outer: Scope | None = None, inner: bool = False) -> None:
        """``inner``: it belongs to the scope around it, and sees what is private there."""
        self.outer = outer
        self.inner = inner
        self.own: dict[str, Variable] = {}
        self.exports: dict[str, bool] = {}

    def find(self, name: str) -> Variable | None:
        """The variable that counts. A private one is seen in its own scope alone."""
        scope: Scope | None = self
        within = True
        while scope is not None:
            found = scope.own.get(name)
            if found is not None and (within or not found.private):
                return found
            within = within and scope.inner
            scope = scope.outer
        return None

    def names(self) -> set[str]:
        """All names that something is known of."""
        names: set[str] = set()
        scope: Scope | None = self
        while scope is not None:
            names.update(scope.own)
            scope = scope.outer
        return names

    def set(self, name: str, variable: Variable) -> bool:
        """Set one, unless what it is now came from higher up: the command line, or an override."""
        there = self.find(name)
        if there is not None and _RANK[there.origin] > _RANK[variable.origin]:
            return False
        self.own[name] = variable
        return True

    def exported(self, name: str) -> bool | None:
        """Whether it was said that recipes see a variable in their environment, or that they do not."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.exports:
                return scope.exports[name]
            scope = scope.outer
        return None


class Flags(NamedTuple):
    """What MAKEFLAGS ask for: how many jobs at once (0: without limit), and whether to go on after a failure.

    ``strange`` is the first flag that may change what runs in another way (``-n``), as it is written; or empty.
    """

    jobs: int = 1
    keep_going: bool = False
    ignore: bool = False
    built_in: bool = True
    strange: str = ""


_HARMLESS = frozenset(
    "no-builtin-variables silent quiet no-silent print-directory no-print-directory warn-undefined-variables stop "
    "no-keep-going output-sync load-average max-load".split()
)
"""Long flags that change nothing of what runs."""


def flags_of(text: str) -> Flags:
    """The flags in the value of MAKEFLAGS: ``-j4 -k``, ``rR``, ``--no-builtin-rules``."""
    flags = Flags()
    words = text.split()
    for number, word in enumerate(words):
        if "=" in word and not word.startswith("--jobs="):
            continue
        if word.startswith("--"):
            flags = _long(flags, word)
        elif word.startswith("-") or number == 0:
            flags = _short(flags, word.lstrip("-"), words[number + 1 :])
    return flags


def _long(flags: Flags, word: str) -> Flags:
    name, _, value = word[2:].partition("=")
    if name == "jobs":
        return flags._replace(jobs=int(value) if value.isdigit() else 0)
    if name == "keep-going":
        return flags._replace(keep_going=True)
    if name == "ignore-errors":
        return flags._replace(ignore=True)
    if name == "no-builtin-rules":
        return flags._replace(built_in=False)
    return flags if name in _HARMLESS else flags._replace(strange=flags.strange or word)


def _short(flags: Flags, letters: str, following: list[str]) -> Flags:
    before, sign, behind = letters.partition("j")
    plain = re.split("[Ol]", before, maxsplit=1)[0]  # what is behind these is their argument
    if odd := next((letter for letter in plain if letter not in "ikrRsSw"), ""):
        flags = flags._replace(strange=flags.strange or f"-{odd}")
    flags = flags._replace(
        keep_going=flags.keep_going or "k" in before, ignore=flags.ignore or "i" in before,
        built_in=flags.built_in and "r" not in before,
    )  # fmt: skip
    if sign:
        number = behind or (following[0] if following and following[0].isdigit() else "")
        flags = flags._replace(jobs=int(number) if number.isdigit() else 0)
    return flags
