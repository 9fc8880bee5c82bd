"""A reader of shell commands: the words of each simple command, and what the shell would do to them.

It reads enough of the shell's grammar to name programs and arguments, and runs nothing. Where a command holds more than
that (functions, ``case``, ``[[``), what follows is a guess, good enough for lint: ``sure`` tells how far it is none.
"""

from __future__ import annotations

import re
from functools import lru_cache

from exlib.rules.script import Script, Simple, Subshell, Word

_PLAIN = re.compile(r"[^ \t\r\n'\"\\$`|&;<>()*?\[]+")
_OPERATOR = re.compile(r"&&|\|\||;;|\|&|[|;&()\n]")
_REDIRECT = re.compile(r"(?![<>]\()\d*(?:<<<|<<-?|&>>?|>>|>\||<>|[<>]&|>|<)")
_STEP = re.compile(
    rf"[ \t\r]*(?:([^ \t\r\n'\"\\$`|&;<>()*?\[#]+(?=[ \t\r\n|&;()]|\Z))|({_REDIRECT.pattern})|({_OPERATOR.pattern}))?"
)
"""Blanks, then a plain word up to its end, a redirection or an operator: most of what commands are made of."""
_REFERENCE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|[@*#?$!0-9-]")
ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\+?=")
_SIMPLE = re.compile(r"[A-Za-z0-9 \t_./:@%+,^\]-]*")
_LEADING = frozenset(["if", "then", "else", "elif", "while", "until", "do", "!", "{", "time"])
_CLOSING = frozenset(["fi", "done", "}"])
_BEYOND = frozenset(["case", "function", "select", "[[", "esac"])


class Unclosed(ValueError):
    """A quote or a bracket that is not closed."""


@lru_cache(maxsize=256)
def read(command: str) -> Script:
    """Read a command. Callers share the result and must not change it."""
    if _SIMPLE.fullmatch(command):
        words = [Word(part, part) for part in command.split()]
        if words and words[0].text not in _LEADING | _CLOSING | _BEYOND | {"for"}:
            return Script([Simple("", [], words)], [], words)
    reader = _Reader(command)
    try:
        reader.run()
    except Unclosed as error:
        reader.beyond(str(error))
    return reader.script


class _Reader:
    """One pass over a command, from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.script = Script([], [], [])
        self.current = Simple()
        self.loop_words = False
        self.subshell: Subshell | None = None
        self.inner: list[str] = []
        self.here: list[tuple[str, Simple]] = []

    def beyond(self, sign: str) -> None:
        """Note where the reading stops to be certain."""
        if not self.script.beyond:
            self.script.beyond, self.script.certain = sign, len(self.script.commands)

    def run(self) -> None:
        text, end = self.text, len(self.text)
        while self.at < end:
            step = _STEP.match(text, self.at)
            assert step is not None
            self.at = step.end()
            if step.lastindex == 1:
                self._take(Word(step[1], step[1]))
            elif step.lastindex == 2:
                self._redirect(step[2])
            elif step.lastindex == 3:
                self._operator(step[3])
            elif text.startswith("#", self.at):
                self.script.comment = True
                self.at = newline if (newline := text.find("\n", self.at)) >= 0 else end
            elif text.startswith("\\\n", self.at):
                self.at += 2
            elif self.at < end:
                self._take(self._word())
        self._end("")

    def _operator(self, operator: str) -> None:
        if operator == "(" and self.current.words:  # name() begins a function
            self.beyond("()")
            self.current = Simple()
        elif operator == ";;":
            self.beyond(operator)
        elif operator == "\n" and self.here:
            self._skip_here_documents()
        self.script.operators.append(operator)
        if operator == "(":
            self.subshell = Subshell(self.subshell)
        elif operator == ")" and self.subshell is not None:
            self.subshell = self.subshell.outer
        self._end(operator)

    def _redirect(self, sign: str) -> None:
        self.script.operators.append(sign)
        while self.text[self.at : self.at + 1] in (" ", "\t"):
            self.at += 1
        if self.at < len(self.text) and not _OPERATOR.match(self.text, self.at):
            word = self._word()
            if "<<<" in sign:
                self.current.input += word.text + "\n"
            elif "<<" in sign:
                self.here.append((word.text, self.current))
            self.script.words.append(word)

    def _skip_here_documents(self) -> None:
        """Step over the lines that are input of the commands on the line before."""
        while self.here:
            mark, simple = self.here.pop(0)
            end = re.compile(rf"^\t*{re.escape(mark)}$\n?", re.MULTILINE).search(self.text, self.at)
            simple.input += self.text[self.at : end.start() if end else None]
            self.at = end.end() if end else len(self.text)

    def _end(self, operator: str) -> None:
        if self.current.words or self.current.assignments:
            self.script.commands.append(self.current)
        self.loop_words = False
        self.current = Simple(after=operator, subshell=self.subshell)

    def _take(self, word: Word) -> None:
        self.script.words.append(word)
        if self.loop_words:
            return
        if not self.current.words and ASSIGNMENT.match(word.raw):
            self.current.assignments.append(word)
            return
        if not self.current.words and not word.quoted:
            if word.text in _LEADING or word.text in _CLOSING:
                return
            if word.text in _BEYOND:
                self.beyond(word.text)
                return
            if word.text == "for":
                self.loop_words = True
                return
        self.current.words.append(word)

    def _word(self) -> Word:
        """One word, up to the next blank or operator outside quotes."""
        text, start = self.text, self.at
        word = Word("", "")
        pieces: list[str] = []
        references: list[str] = []
        self.inner = []
        while self.at < len(text):
            begin = self.at
            char = text[begin]
            if plain := _PLAIN.match(text, begin):
                pieces.append(plain[0])
                self.at = plain.end()
            elif char == "'":
                self.at = self._find("'", begin + 1) + 1
                pieces.append(text[begin + 1 : self.at - 1])
                word.quoted = True
            elif char == '"':
                pieces.append(self._double(word, references))
            elif char == "\\":
                escaped = text[begin + 1 : begin + 2]
                pieces.append("" if escaped == "\n" else escaped or char)
                self.at = begin + 2
                word.quoted = True
            elif char in "$`":
                pieces.append(self._dollar(word, references))
            elif char in "*?[":
                pieces.append(char)
                self.at += 1
                word.glob = True
            elif char in "<>" and not pieces and text[begin + 1 : begin + 2] == "(":
                self.at = self._bracket(begin + 2, "(", ")")
                pieces.append(text[begin : self.at])
                word.dynamic = True
                self.inner.append(text[begin + 2 : self.at - 1])
            else:
                break
        self.at = max(self.at, start + 1) if self.at == start else min(self.at, len(text))
        word.text, word.raw = "".join(pieces), text[start : self.at]
        word.references, word.inner = tuple(references), tuple(self.inner)
        return word

    def _double(self, word: Word, references: list[str]) -> str:
        """A string in double quotes, in which ``$`` and backquotes still mean something."""
        text = self.text
        pieces: list[str] = []
        self.at += 1
        word.quoted = True
        while self.at < len(text):
            char = text[self.at]
            if char == '"':
                self.at += 1
                return "".join(pieces)
            if char == "\\" and text[self.at + 1 : self.at + 2] in ("$", "`", '"', "\\", "\n"):
                pieces.append(text[self.at + 1])
                self.at += 2
            elif char in "$`":
                pieces.append(self._dollar(word, references))
            else:
                pieces.append(char)
                self.at += 1
        raise Unclosed("a quote that is not closed")

    def _dollar(self, word: Word, references: list[str]) -> str:
        """What ``$`` or a backquote begins, kept as it is written."""
        text, start = self.text, self.at
        following = text[start + 1 : start + 2]
        if text[start] == "`":
            self.at = self._find("`", start + 1) + 1
            self.inner.append(text[start + 1 : self.at - 1])
        elif following == "(":
            self.at = self._bracket(start + 2, "(", ")")
            self.inner.append(text[start + 2 : self.at - 1])
        elif following == "{":
            if plain := _REFERENCE.match(text, start + 1):
                references.append(plain[1])
            self.at = self._bracket(start + 2, "{", "}")
        elif name := _NAME.match(text, start + 1):
            self.at = name.end()
        else:
            self.at = start + 1
            return "$"
        word.dynamic = True
        return text[start : self.at]

    def _bracket(self, at: int, opener: str, closer: str) -> int:
        """The offset after the bracket that closes one opened just before ``at``."""
        text, depth = self.text, 1
        while at < len(text):
            char = text[at]
            if char == "\\":
                at += 1
            elif char == "'" and opener == "(":
                at = self._find("'", at + 1)
            elif char == '"':
                at = self._closing_quote(at + 1)
            elif char == opener:
                depth += 1
            elif char == closer:
                depth -= 1
                if not depth:
                    return at + 1
            at += 1
        raise Unclosed("a bracket that is not closed")

    def _closing_quote(self, at: int) -> int:
        while at < len(self.text):
            if self.text[at] == '"':
                return at
            at += 2 if self.text[at] == "\\" else 1
        raise Unclosed("a quote that is not closed")

    def _find(self, wanted: str, at: int) -> int:
        found = self.text.find(wanted, at)
        if found < 0:
            raise Unclosed("a quote that is not closed")
        return found
