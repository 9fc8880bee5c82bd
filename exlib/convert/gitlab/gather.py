"""The files of a configuration made one: headers with inputs, local includes, and what could not be read of them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from exlib.convert.account import Account
from exlib.convert.gitlab.expressions import UNKNOWN, BadExpression, Lookup, Unknown, decide
from exlib.convert.gitlab.inputs import Inputs, has_blocks, put_in, settled
from exlib.convert.gitlab.parts import REFERENCE, Part, Teller, merged, resolved
from exlib.convert.source import Source
from exlib.convert.yaml.tree import Node, Tree

ALWAYS = {"CI": "true", "GITLAB_CI": "true"}
"""What every pipeline knows."""
_MOST_FILES = 150
_MOST_PARTS = 300_000
_REMOTE = re.compile(r"https?://", re.IGNORECASE)
_FETCHED = ("remote", "project", "template", "component", "artifact")
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_REFERENCE = re.compile(r"\$(?:\{(\w+)\}|(\w+)|\$)")


class Gathered:
    """The files of one configuration. ``config`` is what they come to; ``unread`` are the includes that are no part."""

    def __init__(self, source: Source, variables: Mapping[str, str], account: Account) -> None:
        self.teller = Teller(account)
        self.account = account
        self.given = variables
        self.trees: list[Tree] = []
        self.unread: list[Part] = []
        self._open: list[str] = []
        self._parts = 0
        self._globals: dict[str, str] = {}
        self.config = self._file(source, dict(variables), None)

    def lookup(self, name: str) -> str | Unknown | None:
        """The value of a variable for a rule: one that was told, one of the configuration, one that always holds."""
        return looked_up(name, (self.given, self._globals, ALWAYS))

    def _known(self, name: str) -> str | None:
        value = self.lookup(name)
        return value if isinstance(value, str) else None

    def _file(self, source: Source, given: Mapping[str, Any], at: Part | None) -> Part:
        """One file with what it includes."""
        tree = Tree(source)
        self.trees.append(tree)
        if len(self.trees) > _MOST_FILES + 1:
            raise source.refuse(0, f"more than {_MOST_FILES} files are included")
        inputs: Inputs | None = None
        headers = tree.roots[:-1]
        header = headers[0] if headers else None
        if len(headers) > 1 or (header is not None and "spec" not in header.members):
            raise tree.root.refuse("there are several documents in it", "only a header with spec may stand before it")
        if header is not None:
            spec = self.part(header, None)
            self.teller.tell(spec, "exact", "inputs", "settled while converting")
            inputs = settled(spec.get("spec", "inputs"), given, at)
        elif at is not None and given:
            raise at.refuse("the included file asks for no inputs", "remove them")
        if not tree.root.is_map:
            raise tree.root.refuse("a configuration is a map of jobs and settings")
        config = self.part(tree.root, inputs)
        return self._with_includes(config, source)

    def part(self, node: Node, inputs: Inputs | None) -> Part:
        """The part that a value of a file is, with its inputs put in."""
        self._parts += 1
        if self._parts > _MOST_PARTS:
            raise node.refuse("its inputs and includes stand for more values than a workflow has")
        if node.tag == REFERENCE and node.is_list:
            reference = Part(node, "reference")
            reference.items = [self.part(item, inputs) for item in node.items]
            return reference
        if node.is_map:
            part = Part(node, "map")
            for key, value in node.members.items():
                name = str(put_in(value, inputs, key, self._known)) if inputs is not None and has_blocks(key) else key
                part.members[name] = self.part(value, inputs)
            return part
        if node.is_list:
            part = Part(node, "list")
            part.items = [self.part(item, inputs) for item in node.items]
            return part
        if inputs is not None and has_blocks(node.text):
            return self._of_value(node, put_in(node, inputs, node.text, self._known))
        return Part(node, "scalar", node.text if node.quoted else resolved(node.text))

    def _of_value(self, node: Node, value: Any) -> Part:
        """The part that a value of an input is."""
        self._parts += 1
        if self._parts > _MOST_PARTS:
            raise node.refuse("its inputs stand for more values than a workflow has")
        if isinstance(value, list):
            part = Part(node, "list")
            part.items = [self._of_value(node, each) for each in value]
            return part
        if isinstance(value, dict):
            part = Part(node, "map")
            part.members = {key: self._of_value(node, each) for key, each in value.items()}
            return part
        return Part(node, "scalar", value)

    def _with_includes(self, config: Part, source: Source) -> Part:
        self._note_globals(config)
        include = config.members.pop("include", None)
        if include is None:
            return config
        below: Part | None = None
        entries = include.items if include.is_list else [include]
        for entry in entries:
            for part in self._included(entry, source):
                below = merged(below, part)
        return merged(below, config) if below is not None else config

    def _note_globals(self, config: Part) -> None:
        """Variables of the configuration count in the rules of its includes and jobs."""
        variables = config.get("variables")
        if variables is not None and variables.is_map:
            for name, part in variables.members.items():
                value = part.get("value") if part.is_map else part
                if value is not None and value.is_scalar:
                    self._globals[name] = value.text

    def _included(self, entry: Part, source: Source) -> Iterator[Part]:
        """The files of one entry; none if it is left out or cannot be read."""
        if entry.is_list:
            for each in entry.items:
                yield from self._included(each, source)
            return
        named = entry.text if entry.is_scalar else ""
        if entry.is_map and not any(key in entry.members for key in ("local", *_FETCHED)):
            raise entry.refuse("an include names no file", "write local:, or the path alone")
        if not entry.is_map and not (isinstance(entry.value, str) and entry.value):
            raise entry.refuse("an include must be a path or a map")
        elsewhere = [key for key in _FETCHED if key in entry.members] or (["remote"] if _REMOTE.match(named) else [])
        if not self._wanted(entry):
            return
        if elsewhere:
            self._pass_over(entry, f"a {elsewhere[0]} file is not fetched: put it beside, and include it as local")
            return
        local = entry.get("local")
        path = self._expanded(named or (local.text if local is not None else ""))
        if path is None:
            self._pass_over(entry, "which file it is depends on a variable: --var NAME=VALUE tells it")
            return
        inputs = entry.get("inputs")
        given = inputs.plain() if inputs is not None and inputs.is_map else {}
        paths = _matching(source, path) if "*" in path or "?" in path else [path]
        if not paths:
            raise entry.refuse(f"no file matches {path}")
        self.teller.tell(entry, "exact", "include", f"{len(paths)} files are put in" if len(paths) > 1 else "put in")
        for one in paths:
            yield self._opened(source, one, given, entry)

    def _opened(self, source: Source, path: str, given: Mapping[str, Any], entry: Part) -> Part:
        file = source.beside(path, at=entry.node.key_line)
        whole = os.path.realpath(file.name)
        if whole in self._open or whole == os.path.realpath(source.name):
            raise entry.refuse(f"{path} includes itself")
        self._open.append(whole)
        part = self._file(file, given, entry)
        self._open.pop()
        return part

    def _wanted(self, entry: Part) -> bool:
        """Whether the rules of an include let it in; what they leave open is not read."""
        rules = entry.get("rules")
        if rules is None:
            return True
        open_ = False
        missing: tuple[str, ...] = ()
        for rule in rules.items:
            holds, missing = self._holds(rule)
            when = rule.get("when")
            if holds is None:
                open_ = True
            elif holds and not open_:
                if when is None or when.text != "never":
                    return True
                break
        if open_:
            told = f": --var {missing[0]}=VALUE tells it" if missing else ""
            self._pass_over(entry, f"its rules cannot be decided{told}")
        else:
            self.teller.tell(entry, "dropped", "include", "its rules leave it out")
        return False

    def _holds(self, rule: Part) -> tuple[bool | None, tuple[str, ...]]:
        condition = rule.get("if")
        holds: bool | None = True
        missing: tuple[str, ...] = ()
        if condition is not None:
            try:
                holds, missing = decide(condition.text, self.lookup)
            except BadExpression as error:
                raise condition.refuse(f"this is no expression: {error}") from None
        if holds and ("exists" in rule.members or "changes" in rule.members):
            return None, ()
        return holds, missing

    def _pass_over(self, entry: Part, reason: str) -> None:
        self.unread.append(entry)
        more = "jobs and settings may be missing, and what is here waits for a person"
        self.teller.tell(entry, "manual", "include", f"{reason}; {more}")

    def _expanded(self, path: str) -> str | None:
        """The path with its variables looked up; None if one is not known."""
        return expanded(path, self.lookup)


def expanded(text: str, lookup: Lookup) -> str | None:
    """The text with its variables looked up; None if one is not known, or is none."""
    values = [lookup(match[1] or match[2]) for match in _VARIABLE.finditer(text)]
    known = [value for value in values if isinstance(value, str)]
    if len(known) < len(values):
        return None
    found = iter(known)
    return _VARIABLE.sub(lambda _: next(found), text)


def looked_up(name: str, tables: Sequence[Mapping[str, str]]) -> str | Unknown | None:
    """The value of a variable for a rule; the first table is what was told. A pipeline for a branch has no tag.

    One for a merge request has neither.
    """
    value = known(name, tables)
    if not isinstance(value, Unknown):
        return value
    if name in ("CI_COMMIT_BRANCH", "CI_COMMIT_TAG") and is_for_merge_request(tables[0]):
        return None
    branch, tag = tables[0].get("CI_COMMIT_BRANCH"), tables[0].get("CI_COMMIT_TAG")
    if name == "CI_COMMIT_REF_NAME" and (branch or tag):
        return branch or tag
    if (branch and name == "CI_COMMIT_TAG") or (tag and name == "CI_COMMIT_BRANCH"):
        return None
    return None if (branch or tag) and name.startswith("CI_MERGE_REQUEST_") else UNKNOWN


def is_for_merge_request(given: Mapping[str, str]) -> bool:
    """Whether what was told is of a merge request: its pipeline is for no branch and no tag."""
    told = any(value and name.startswith("CI_MERGE_REQUEST_") for name, value in given.items())
    return told or given.get("CI_PIPELINE_SOURCE") == "merge_request_event"


def known(name: str, tables: Sequence[Mapping[str, str]], depth: int = 0) -> str | Unknown:
    """The value of a variable by the first table that has it, with what it refers to; not known if that is not."""
    value = next((table[name] for table in tables if name in table), None)
    if value is None or depth > 10:
        return UNKNOWN
    if "$" not in value:
        return value
    pieces, at = [], 0
    for match in _REFERENCE.finditer(value):
        found = "$" if match[0] == "$$" else known(match[1] or match[2], tables, depth + 1)
        if isinstance(found, Unknown):
            return UNKNOWN
        pieces += [value[at : match.start()], found]
        at = match.end()
    return "".join([*pieces, value[at:]])


def _matching(source: Source, pattern: str) -> list[str]:
    """The files below the root that a path with ``*`` means: ``*`` stays within a folder, ``**`` does not."""
    pieces = re.split(r"(\*\*/?|\*|\?)", pattern.lstrip("/").removeprefix("./"))
    spelled = {"**/": r"(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]", "": ""}
    expression = re.compile("".join(spelled.get(piece, re.escape(piece)) for piece in pieces), re.DOTALL)
    found = []
    for folder, folders, files in os.walk(source.root):
        folders[:] = sorted(name for name in folders if name != ".git")
        for file in files:
            path = os.path.relpath(os.path.join(folder, file), source.root)
            if expression.fullmatch(path):
                found.append(path)
    return sorted(found)
