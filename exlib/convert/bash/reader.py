"""A shell script as jobs, where its commands can be told apart without a change of meaning; else as one job."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from exlib.convert.account import Account
from exlib.convert.bash import own
from exlib.convert.bash.blocks import DETACHED, Block, Plan, Whole, plan
from exlib.convert.bash.calling import SCRIPT, Calling
from exlib.convert.bash.carrying import Carrying
from exlib.convert.bash.disguises import overrides, strange
from exlib.convert.bash.effects import Effects
from exlib.convert.bash.grammar import first_error, misread, parsed, said, too_deep
from exlib.convert.bash.naming import job_name, sections
from exlib.convert.bash.units import Unclear, Unit, fill, functions_in, units_of
from exlib.convert.draft import Draft, guard
from exlib.convert.source import Source
from exlib.convert.wishes import Wishes
from exlib.document import STDIN_NAME
from exlib.errors import InputError

if TYPE_CHECKING:
    from tree_sitter import Node

_SHEBANG = re.compile(r"#!\s*(\S+)(?:\s+(.*\S))?\s*")
_BESIDE = re.compile(r"(?<![&<>|])&(?![&<>\d])|\bcoproc\b")
_MOST = 4 << 20
"""Bytes of what sets up the shell that all jobs together may repeat."""
_READ = ("bash", "dash", "sh", "ash")
_KNOWN = ("ksh", "mksh", "zsh", "yash")
_FATAL = ("command", "pipeline", "subshell", "test_command", "variable_assignment")
_NAMES = {
    "function_definition": "function", "variable_assignment": "variable", "variable_assignments": "variables",
    "declaration_command": "declaration", "if_statement": "condition", "for_statement": "loop",
    "c_style_for_statement": "loop", "while_statement": "loop", "case_statement": "case", "pipeline": "pipeline",
    "list": "list of commands", "subshell": "subshell", "unset_command": "unset",
}  # fmt: skip


class Shell(NamedTuple):
    """What reads the script: the document's ``shell`` (None for the default), its program, and its flag ``-e``."""

    setting: str | None
    program: str
    errexit: bool = False


def read(source: Source, wishes: Wishes, account: Account) -> list[Draft]:
    """The script as one document. Nothing of it is run; a file that it reads in is looked at."""
    if not source.text.strip():
        return []
    draft = Draft(_name(source), "bash")
    if own.is_own(source):
        own.read(source, draft, account)
        return [draft]
    shell = _shell(source, account)
    draft.settings["default_timeout"] = None
    script = _Script(source, wishes, account, draft, shell)
    try:
        script.convert()
    except Whole as reason:
        script.whole(str(reason))
    source.settle(account)
    account.entries.sort(key=lambda entry: entry.place.line)
    return [draft]


def _name(source: Source) -> str:
    return "script" if source.name == STDIN_NAME else os.path.splitext(os.path.basename(source.name))[0] or "script"


def _shell(source: Source, account: Account) -> Shell:
    match = _SHEBANG.fullmatch(source.lines[0])
    if match is None:
        account.approximated(source.place(1, text=""), "shell", "no #! line says what reads it: taken for bash")
        return Shell("bash", "bash")
    path, flags = match[1], match[2] or ""
    if os.path.basename(path) == "env":
        path, _, flags = flags.removeprefix("-S").strip().partition(" ")
    program = os.path.basename(path)
    if program not in (*_READ, *_KNOWN):
        raise source.refuse(1, f"{program or path} is no shell: this is no script of commands")
    account.exact(source.place(1), "interpreter")
    errexit = any(re.fullmatch(r"-\w*e\w*", flag) for flag in flags.split())
    setting = f"{path} {flags.strip()}".strip()
    return Shell(None if setting == "/bin/sh" else setting, program, errexit)


class _Script:
    """One script on its way into jobs."""

    def __init__(self, source: Source, wishes: Wishes, account: Account, draft: Draft, shell: Shell) -> None:
        self._source = source
        self._wishes = wishes
        self._account = account
        self._draft = draft
        self._shell = shell
        self._raw = source.text.encode()
        self._root = parsed(source.text)
        foreign = shell.program in _KNOWN
        self._error = None if foreign else first_error(self._root)
        clear = not (foreign or self._error or too_deep(self._root) or misread(self._root, self._raw))
        self._calling = Calling(self._root, self._raw, _path(source), clear=clear)
        self._said: set[tuple[int, str]] = set()

    def whole(self, reason: str) -> None:
        """One job of all lines but the first that names the shell."""
        source, account = self._source, self._account
        start = len(source.lines[0].encode()) + 1 if source.lines[0].startswith("#!") else 0
        command = self._calling.text(start, len(self._raw)).strip("\n")
        if not command.strip():
            return
        detach = True if reason == DETACHED or _BESIDE.search(command) else None
        job = self._draft.job(self._draft.name, command, shell=self._shell.setting, detach=detach)
        why = f"kept whole: {reason}" if reason else "kept whole"
        say = account.exact if self._error is None else account.approximated
        say(source.place(1 + bool(start), len(source.lines)), "script", why, job=job["id"])
        self._call(job, [(start, len(self._raw))])
        if len(command.encode()) > 120_000:
            reason = "too long for one command: let the job call the script"
            account.manual(source.place(1), "script", reason, job=job["id"])

    def convert(self) -> None:
        """Fill the draft. Raises Whole."""
        root = self._root
        if self._error is not None:
            raise Whole(f"from line {self._error} on it is not understood")
        if self._wishes.granularity == "script":
            raise Whole("")
        if self._shell.program in _KNOWN:
            raise Whole(f"the grammar is that of bash, not of {self._shell.program}")
        if too_deep(root) or "lastpipe" in self._source.text:
            raise Whole("lastpipe" if "lastpipe" in self._source.text else "it is nested too deep")
        try:
            if misread(root, self._raw):
                raise Unclear
            units, loose = units_of(root, self._raw)
        except Unclear:
            raise Whole("the grammar does not account for all of it") from None
        if not units:
            return
        functions = fill(units, self._sourced)
        parts = sections(units, self._wishes.granularity, functions)
        if reason := overrides(functions) or strange(self._source.text):
            raise Whole(reason)
        carry = Carrying(self._sourced, trusting=self._wishes.granularity == "stage")
        planned = plan(units, carry, parts, self._shell.errexit)
        if not all(self._stands_alone(units[block.first : block.last + 1]) for block in planned.blocks):
            raise Whole("a part of it is no whole statement of the grammar")
        if planned.width > 1:
            self._draft.settings |= {"parallel": True, "max_workers": planned.width, "continue_on_error": True}
        repeated = sum(unit.end - unit.start for unit in units if unit.carried) * len(planned.blocks)
        if repeated > _MOST:
            raise Whole("its jobs would repeat too much of what sets up the shell")
        self._jobs(units, planned, functions)
        self._rest(units, planned, loose)
        for node in carry.trusted:
            place = self._source.place(node.start_point[0] + 1, node.end_point[0] + 1)
            self._account.approximated(place, "file that is read in", "read in again for each job that follows")

    def _stands_alone(self, units: list[Unit]) -> bool:
        """Whether the text of statements is read as these statements when nothing stands around it."""
        root = parsed(self._raw[units[0].start : units[-1].end].decode())
        kinds = [child.type for child in root.named_children if child.type != "comment"]
        return not root.has_error and kinds == [unit.node.type for unit in units]

    def _sourced(self, path: str) -> str | None:
        try:
            return self._source.opened(path).text
        except InputError:
            return None

    def _jobs(self, units: list[Unit], planned: Plan, functions: dict[str, Effects]) -> None:
        ids: list[str] = []
        for block in planned.blocks:
            commands = [units[at] for at in range(block.first, block.last + 1) if not units[at].carried]
            commands = commands or [units[block.first]]
            ranges = self._ranges(units, block, functions)
            job = self._draft.job(
                job_name([unit.node for unit in commands], _titles(commands[0])),
                self._command(units, block, ranges),
                description="\n".join(_uncommented(said(line)) for line in commands[0].comments),
                dependencies=[ids[at] for at in block.after],
                shell=self._shell.setting,
            )
            ids.append(job["id"])
            self._tell(units, block, job["id"])
            self._call(job, ranges)

    def _tell(self, units: list[Unit], block: Block, job: str) -> None:
        first, last = units[block.first], units[block.last]
        above = min([line.start_point[0] + 1 for line in first.comments] or [first.first])
        kind = _NAMES.get(first.node.type, "command") if block.first == block.last else "commands"
        why = ["a failure of it does not end the script"] if block.ignored else []
        why += ["they share what they leave in the shell"] if block.first != block.last else []
        self._account.exact(self._source.place(above, last.last), kind, ", ".join(why), job=job)

    def _call(self, job: dict[str, Any], ranges: list[tuple[int, int]]) -> None:
        """What the text of a job knows of the caller of the script: said once, and held where that is needed."""
        for one in self._calling.findings:
            if not any(start <= one.start < end for start, end in ranges):
                continue
            if one.held:
                guard(job, one.reason)
            if one.file:
                _stand(job)
            if (one.line, one.construct) not in self._said:
                self._said.add((one.line, one.construct))
                tell = getattr(self._account, one.fate)
                tell(self._source.place(one.line), one.construct, one.reason, job=job["id"])
        if SCRIPT in job["command"] and self._calling.spans and (path := _path(self._source)):
            self._draft.settings["env_variables"] = {SCRIPT: path}

    def _command(self, units: list[Unit], block: Block, ranges: list[tuple[int, int]]) -> str:
        *before, body = (self._calling.text(start, end) for start, end in ranges)
        last = units[block.last]
        if block.ignored:
            body = _heedless(body, last)
        elif block.passes and not _is_fatal(last.node):
            body += "\n:"
        return "\n".join([*before, body])

    def _ranges(self, units: list[Unit], block: Block, functions: dict[str, Effects]) -> list[tuple[int, int]]:
        """The bytes of the script that a job consists of: what is carried, then its own, without functions that nothing
        names."""
        first, last = units[block.first], units[block.last]
        alone = first is last and first.background
        own = (first.node.start_byte, first.node.end_byte) if alone else (first.start, last.end)
        body = self._raw[own[0] : own[1]].decode()
        carried = [unit for unit in units[: block.first] if unit.carried]
        text = "\n".join([body, *(unit.text for unit in carried if unit.node.type != "function_definition")])
        wanted: set[str] = set()
        named = {name: unit.text for unit in carried for name, _ in functions_in(unit.node)}
        fresh = {name for name in named if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text)}
        while fresh:
            wanted |= fresh
            text = "\n".join(named[name] for name in fresh)
            fresh = {
                name for name in named.keys() - wanted if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text)
            }
        return [
            *(
                (unit.start, unit.end)
                for unit in carried
                if unit.node.type != "function_definition" or wanted & {name for name, _ in functions_in(unit.node)}
            ),
            own,
        ]

    def _rest(self, units: list[Unit], planned: Plan, loose: list[Node]) -> None:
        """The account of what became no job: what is carried, what the order says, comments."""
        inside = {at for block in planned.blocks for at in range(block.first, block.last + 1)}
        kept: list[str] = []
        for at, unit in enumerate(units):
            place = self._source.place(unit.first, unit.last)
            if at in planned.said:
                self._account.exact(place, _NAMES.get(unit.node.type, "command"), planned.said[at])
            elif at not in inside:
                self._account.exact(place, _NAMES.get(unit.node.type, "command"), "in the commands of what follows")
            if at not in inside:
                loose += unit.comments
        for comment in sorted(loose, key=lambda node: node.start_byte):
            if comment.start_point[0] == 0 and said(comment).startswith("#!"):
                continue
            self._account.exact(self._source.place(comment.start_point[0] + 1), "comment", "kept")
            kept.append(_uncommented(said(comment)))
        if kept:
            self._draft.kept["comments"] = kept


def _path(source: Source) -> str | None:
    """The path of the script as its caller would write it; None if it is not known."""
    if source.name == STDIN_NAME or "${" in source.name:
        return None
    return source.name if "/" in source.name else f"./{source.name}"


def _stand(job: dict[str, Any]) -> None:
    """Let a job fail where the script is not: a command of it would be in a wrong folder."""
    check = {"name": "check_file_exists", "params": {"path": f"${{{SCRIPT}}}"}}
    checks = job.setdefault("pre_checks", [])
    if check not in checks:
        checks.append(check)


def _titles(unit: Unit) -> list[str]:
    """The lines that speak of a statement; above one in the background they speak of those beside it too."""
    return [] if unit.background else [said(line) for line in unit.comments]


def _uncommented(text: str) -> str:
    return text.removeprefix("#").removeprefix(" ").rstrip()


def _is_fatal(node: Node) -> bool:
    """Whether its failure ends a script with ``-e``; behind a list or a loop whose last command failed it goes on."""
    body = node.child_by_field_name("body") if node.type == "redirected_statement" else node
    return body is not None and body.type in _FATAL


def _heedless(body: str, last: Unit) -> str:
    """The text, its failure being none."""
    if not last.errexit:
        return f"{body}\n:"
    if last.node.type == "command" and "\n" not in body and "#" not in body:
        return f"{body} || :"
    return f"set +e\n(\nset -e\n{body}\n)\n:"
