"""What is said of the parts of a Jenkinsfile, and the walk that finds the parts of which nothing was said."""

from __future__ import annotations

import hashlib
import itertools
from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from exlib.console import printable
from exlib.convert.account import UNREAD, Account, Fate, Place
from exlib.convert.jenkins.lexer import Comment
from exlib.convert.jenkins.parser import Parsed
from exlib.convert.jenkins.syntax import Assign, Call, Closure, Literal, Node, Span
from exlib.convert.source import Source
from exlib.errors import InputError


class Ledger:
    """The account of one source, by nodes."""

    def __init__(self, source: Source, parsed: Parsed, account: Account) -> None:
        self.source = source
        self.parsed = parsed
        self._account = account
        self._heads: set[int] = set()
        self._comment_starts = [comment.start for comment in parsed.comments]
        self._wholes: list[Span] = []
        self._comments_said: set[int] = set()
        self._said: set[tuple[Fate, Span, str, str]] = set()

    def say(self, fate: Fate, at: Span, path: str, construct: str, reason: str = "", *, job: str | None = None) -> None:
        """Say what becomes of a node with all that is in it."""
        self._wholes.append(at)
        if self._is_new(fate, at, construct, reason):
            place = Place(self.source.name, at.line, at.end_line, path, self.text(at), True)
            self._enter(fate, place, construct, reason, job)

    def head(
        self, fate: Fate, at: Span, path: str, construct: str, reason: str = "", *, job: str | None = None
    ) -> None:
        """Say what becomes of a block, of its first line and its braces alone; what is in it is spoken of by itself."""
        self._heads.add(at.start)
        if self._is_new(fate, at, construct, reason):
            text = self.text(at).split("\n", 1)[0]
            self._enter(fate, Place(self.source.name, at.line, at.end_line, path, text), construct, reason, job)

    def _is_new(self, fate: Fate, at: Span, construct: str, reason: str) -> bool:
        """What several cells of a matrix have in common is said once."""
        said = (fate, at, construct, reason)
        if said in self._said:
            return False
        self._said.add(said)
        return True

    def _enter(self, fate: Fate, place: Place, construct: str, reason: str, job: str | None) -> None:
        # What is said may be text of the source, which is not to drive a terminal.
        reason, place = printable(reason), place._replace(path=printable(place.path))
        if fate == "exact":
            self._account.exact(place, construct, reason, job=job)
        else:
            getattr(self._account, fate)(place, construct, reason, job=job)

    def text(self, at: Span) -> str:
        """The text of a node as it stands."""
        return self.source.text[at.start : at.end]

    def inside(self, body: Closure) -> str:
        """The text between the braces, blank ends aside."""
        return self.source.text[body.at.start + 1 : body.at.end - 1].strip()

    def refuse(self, at: Span, message: str, mend: str | None = None) -> InputError:
        """The error to raise about a node; one block behind another on a line is no two statements in Groovy."""
        if (second := self._run_on(at)) is not None:
            return self.source.refuse(
                at.line, f"a new line or ; is missing before {printable(second)}", "Jenkins refuses it, too"
            )
        return self.source.refuse(at.line, printable(message), mend)

    def _run_on(self, at: Span) -> str | None:
        """The word that stands behind a closed block on the same line, in the same statement."""
        depth = 0
        inside = [token for token in self.parsed.tokens if at.start <= token.start < at.end]
        for token, after in itertools.pairwise(inside):
            depth += (token.kind == "op" and token.text in ("{", "(", "[")) - (
                token.kind == "op" and token.text in ("}", ")", "]")
            )
            if depth == 0 and token.kind == "op" and token.text == "}" and after.kind == "name":
                return after.text if after.line == token.end_line else None
        return None

    # Comments

    def above(self, at: Span) -> list[Comment]:
        """The comments that stand on the lines right above a node."""
        found: list[Comment] = []
        line = at.line
        for number in reversed(range(bisect_left(self._comment_starts, at.start))):
            comment = self.parsed.comments[number]
            if not comment.alone or comment.end_line != line - 1:
                break
            found.insert(0, comment)
            line = comment.line
        return found

    def comments_in(self, start: int, end: int) -> list[Comment]:
        """The comments that begin after one offset and before another."""
        starts = self._comment_starts
        return self.parsed.comments[bisect_right(starts, start) : bisect_left(starts, end)]

    def commented(self, comment: Comment, path: str, *, job: str | None = None) -> None:
        """Say that a comment is kept."""
        self._comments_said.add(comment.start)
        place = Place(self.source.name, comment.line, comment.end_line, path, comment.text, True)
        self._account.exact(place, "comment", job=job)

    def kept_comments(self, at: Span, path: str, *, job: str | None = None) -> None:
        """Say of the comments within a text that is kept as it stands that they are kept with it."""
        for comment in self.comments_in(at.start, at.end):
            if comment.start not in self._comments_said:
                self.commented(comment, path, job=job)

    def loose_comments(self) -> list[Comment]:
        """The comments that nothing was said of, and that are in nothing that was spoken of as a whole."""
        covered = _Covered(self._wholes)
        return [
            comment
            for comment in self.parsed.comments
            if comment.start not in self._comments_said and not covered.has(comment.start)
        ]

    def settle(self) -> None:
        """Say of every statement that nothing was said of that it is dropped."""
        covered = _Covered(self._wholes)
        for statement in self._unsaid(self.parsed.statements, covered):
            self.say("dropped", statement.at, "", _called(statement), UNREAD)
        self.source.settle(self._account)

    def _unsaid(self, statements: tuple[Node, ...], covered: _Covered) -> Iterator[Node]:
        for statement in statements:
            if covered.has(statement.at.start):
                continue
            if statement.at.start not in self._heads:
                yield statement
            elif isinstance(statement, Call) and statement.body:
                yield from self._unsaid(statement.body.statements, covered)


class _Covered:
    """Offsets within spans that may overlap."""

    def __init__(self, spans: list[Span]) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for span in sorted(spans):
            if self._ends and span.start < self._ends[-1]:
                self._ends[-1] = max(self._ends[-1], span.end)
            else:
                self._starts.append(span.start)
                self._ends.append(span.end)

    def has(self, offset: int) -> bool:
        at = bisect_right(self._starts, offset) - 1
        return at >= 0 and offset < self._ends[at]


def _called(node: Node) -> str:
    if isinstance(node, Call):
        return node.name
    return "assignment" if isinstance(node, Assign) else "statement"


def digest(text: str) -> str:
    """A mark by which a text that was changed since is known."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def comment_text(comment: Comment) -> str:
    """What a comment says, without the signs."""
    text = comment.text
    if text.startswith("/*"):
        lines = [line.strip().removeprefix("*").strip() for line in text[2:-2].lstrip("*").split("\n")]
        return "\n".join(lines).strip()
    return text[2:].strip()


def literal_text(node: Node | None) -> str | None:
    """The text of a literal; None for anything else."""
    return node.value if isinstance(node, Literal) and isinstance(node.value, str) else None
