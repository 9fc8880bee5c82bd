"""Reading ninja files: variables, rules, pools and build statements, each file in its scope."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from exlib.convert.account import Account, Place
from exlib.convert.ninja.statements import Build, Rule, Scope
from exlib.convert.ninja.text import Line, canonical, expanded, lines_of, split_paths
from exlib.convert.notes import read_note
from exlib.convert.source import Source
from exlib.errors import InputError

_DEEPEST = 20
_MOST_LINES = 500_000
_LONGEST = 4 << 20
_RULE_KEYS = frozenset(
    "command depfile dyndep description deps generator pool restat rspfile rspfile_content msvc_deps_prefix".split()
)


class NinjaFile:
    """A ninja file with all that it brings in. Raises InputError where ninja would stop."""

    def __init__(self, source: Source, account: Account) -> None:
        self.source = source
        self.account = account
        self.top = Scope()
        self.builds: list[Build] = []
        self.rules: list[Rule] = []
        self.by_output: dict[str, Build] = {}
        self.defaults: list[str] = []
        self.default_places: list[Place] = []
        self.pools: dict[str, int] = {"console": 1}
        self.pool_places: dict[str, list[Place]] = {}
        self.comments: list[str] = []
        self.note: dict[str, object] = {}
        self._above: list[tuple[str, Place]] = []
        self._note: tuple[dict[str, object], Place] | None = None
        self._depth = 0
        self._lines = 0
        self._size = 0

    def read(self) -> None:
        """Read it all."""
        self._file(self.source, self.top)

    def _file(self, source: Source, scope: Scope) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise source.refuse(0, "files include each other without end")
        lines = _Lines(lines_of(source), lambda line: self._within(source, line))
        last = 0
        for line in lines:
            self._lines += 1
            if self._lines > _MOST_LINES:
                raise source.refuse(line.first, "it reads more lines than any workflow has")
            if line.first > last + 1:
                self._flush()
            last = line.last
            if line.indented and not line.text.startswith("#"):
                raise source.refuse(line.first, "this line is indented, and belongs to nothing")
            last = max(last, self._statement(source, scope, line, lines))
        self._flush()
        self._depth -= 1

    def _statement(self, source: Source, scope: Scope, line: Line, lines: _Lines) -> int:
        place = source.place(line.first, line.last)
        if line.text.startswith("#"):
            self._comment(line.text, place)
            return line.last
        word, _, rest = line.text.partition(" ")
        rest = rest.lstrip(" ")
        if word == "build":
            return self._build(source, scope, line, rest, lines)
        if word == "rule":
            return self._rule(source, scope, line, rest, lines)
        self._flush()
        if word == "pool":
            return self._pool(source, scope, line, rest, lines)
        if word == "default":
            names = [self._expand(source, scope, line, path) for path in split_paths(rest)]
            self.defaults += map(canonical, names)
            self.default_places.append(place)
        elif word in ("include", "subninja"):
            path = self._expand(source, scope, line, rest.strip())
            inner = scope if word == "include" else Scope(scope)
            self._file(source.opened(path, at=line.first), inner)
            self.account.exact(place, "statement", "read in its place")
        else:
            self._variable(source, scope, line, place)
        return line.last

    def _variable(self, source: Source, scope: Scope, line: Line, place: Place) -> None:
        name, value = self._binding(source, line)
        scope.variables[name] = self._expand(source, scope, line, value)
        if name == "builddir":
            self.account.dropped(place, "variable", "ninja keeps its own log there")
        elif name == "ninja_required_version":
            self.account.exact(place, "variable", "nothing of a later version is overlooked")
        else:
            self.account.exact(place, "variable")

    def _binding(self, source: Source, line: Line) -> tuple[str, str]:
        name, sign, value = line.text.partition("=")
        if not sign or not name.strip() or " " in name.strip():
            raise source.refuse(line.first, "this is no statement of a ninja file")
        return name.strip(), value.lstrip(" ")

    def _expand(self, source: Source, scope: Scope, line: Line, text: str) -> str:
        whole = expanded(text, scope.value, lambda message: source.refuse(line.first, message))
        self._size += len(whole)
        if len(whole) > _LONGEST or self._size > _LONGEST * 8:
            raise source.refuse(line.first, "its variables expand to more text than any workflow has")
        return whole

    def _rule(self, source: Source, scope: Scope, line: Line, rest: str, lines: _Lines) -> int:
        self._flush()
        name = rest.strip()
        if not name or " " in name:
            raise source.refuse(line.first, "a rule has one name")
        if name in scope.rules or name == "phony":
            raise source.refuse(line.first, f"there is a rule {name} already")
        rule = Rule(name, source.place(line.first, line.last))
        last = line.last
        for inner in lines.indented():
            key, value = self._binding(source, inner)
            if key not in _RULE_KEYS:
                raise source.refuse(inner.first, f"a rule has no variable {key}")
            expanded(value, lambda _: "", lambda message, inner=inner: source.refuse(inner.first, message))  # type: ignore[misc]
            rule.bindings[key] = value
            rule.places[key] = source.place(inner.first, inner.last)
            last = inner.last
        if "command" not in rule.bindings:
            raise source.refuse(line.first, f"the rule {name} has no command")
        scope.rules[name] = rule
        self.rules.append(rule)
        return last

    def _pool(self, source: Source, scope: Scope, line: Line, rest: str, lines: _Lines) -> int:
        places, last = [source.place(line.first, line.last)], line.last
        depth = ""
        for inner in lines.indented():
            key, value = self._binding(source, inner)
            depth = self._expand(source, scope, inner, value) if key == "depth" else depth
            places.append(source.place(inner.first, inner.last))
            last = inner.last
        if not depth.strip().isdigit():
            raise source.refuse(line.first, f"the pool {rest.strip()} has no depth")
        self.pools[rest.strip()] = int(depth)
        self.pool_places[rest.strip()] = places
        return last

    def _build(self, source: Source, scope: Scope, line: Line, rest: str, lines: _Lines) -> int:
        words = split_paths(rest)
        if ":" not in words:
            raise source.refuse(line.first, "build OUTPUTS: RULE INPUTS: here is no colon")
        colon = words.index(":")
        if len(words) == colon + 1 or words[colon + 1] in (":", "|", "||", "|@"):
            raise source.refuse(line.first, "a rule is missing behind the colon")
        inner_scope, places, last = Scope(scope), dict[str, Place](), line.last
        for inner in lines.indented():
            key, value = self._binding(source, inner)
            inner_scope.variables[key] = self._expand(source, Scope(scope), inner, value)
            places[key] = source.place(inner.first, inner.last)
            last = inner.last
        out = self._parted(source, inner_scope, line, words[:colon])
        into = self._parted(source, inner_scope, line, words[colon + 2 :])
        build = Build(
            words[colon + 1], out["in"], out["|"], into["in"], into["|"], into["||"], into["|@"],
            source.place(line.first, line.last), inner_scope, places,
        )  # fmt: skip
        if not build.outputs and not build.implicit_outputs:
            raise source.refuse(line.first, "a build statement makes something: an output is missing")
        if build.rule != "phony" and scope.rule(build.rule) is None:
            raise source.refuse(line.first, f"there is no rule {build.rule}")
        for output in build.all_outputs:
            if output in self.by_output:
                raise source.refuse(line.first, f"{output} is made by another statement too")
            self.by_output[output] = build
        build.comments, self._above = self._above, []
        if self._note is not None:
            build.note = self._note[0]
            self.account.exact(self._note[1], "note")
            self._note = None
        self.builds.append(build)
        return last

    def _parted(self, source: Source, scope: Scope, line: Line, words: list[str]) -> dict[str, list[str]]:
        parts: dict[str, list[str]] = {"in": [], "|": [], "||": [], "|@": []}
        into = "in"
        for word in words:
            if word in ("|", "||", "|@"):
                into = word
            elif word == ":":
                raise source.refuse(line.first, "a second colon: write $: for one that belongs to a name")
            else:
                path = self._expand(source, scope, line, word)
                if not path:
                    raise source.refuse(line.first, "a path is empty")
                parts[into].append(canonical(path))
        return parts

    def _comment(self, text: str, place: Place) -> None:
        note = read_note(text)
        if note is not None:
            self._note = (note, place)
        else:
            self._above.append((text.lstrip("#").removeprefix(" ").rstrip(), place))

    def _within(self, source: Source, line: Line) -> None:
        """A comment among the variables of a statement."""
        self.comments.append(line.text.lstrip("#").removeprefix(" ").rstrip())
        self.account.exact(source.place(line.first, line.last), "comment")

    def _flush(self) -> None:
        """Comments with no statement right below them are the file's own."""
        for text, place in self._above:
            self.comments.append(text)
            self.account.exact(place, "comment")
        self._above = []
        if self._note is not None:
            self.note |= self._note[0]
            self.account.exact(self._note[1], "note")
        self._note = None

    def refuse(self, place: Place, message: str, mend: str | None = None) -> InputError:
        """The error to raise about a statement."""
        return InputError(message, place=f"{place.file}:{place.line}", mend=mend)


class _Lines:
    """Lines of which one can be looked at before it is taken."""

    def __init__(self, lines: Iterator[Line], comment: Callable[[Line], None]) -> None:
        self._lines = lines
        self._comment = comment
        self._next: Line | None = next(lines, None)

    def __iter__(self) -> Iterator[Line]:
        return self

    def __next__(self) -> Line:
        if self._next is None:
            raise StopIteration
        line, self._next = self._next, next(self._lines, None)
        return line

    def indented(self) -> Iterator[Line]:
        """The lines of the present statement's block."""
        while self._next is not None and (self._next.indented or self._next.text.startswith("#")):
            if self._next.text.startswith("#") and not self._next.indented:
                return
            line = next(self)
            if line.text.startswith("#"):
                self._comment(line)
            else:
                yield line
