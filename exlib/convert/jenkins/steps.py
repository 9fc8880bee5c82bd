"""The steps of a stage as one shell text. What has no translation fails there, and keeps its job from running."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from exlib.convert.draft import clean
from exlib.convert.jenkins import shell
from exlib.convert.jenkins.durations import seconds_of
from exlib.convert.jenkins.ledger import Ledger, literal_text
from exlib.convert.jenkins.outcomes import Marks, caught, judges
from exlib.convert.jenkins.scope import UNKNOWN, Pieces, Ref, Scope, pieces, static
from exlib.convert.jenkins.syntax import Call, Closure, ListOf, Literal, MapOf, Name, Node, Span
from exlib.environment import NAME

REPORTING = frozenset(
    "archiveArtifacts archive junit publishHTML fingerprint recordIssues publishCoverage recordCoverage cobertura "
    "jacoco xunit testNG allure checkstyle pmd findbugs publishChecks".split()
)
"""They take the files that are there to Jenkins, and nothing that follows reads what they made."""
TELLING = frozenset(
    "mail emailext slackSend hipchatSend discordSend office365ConnectorSend telegramSend rocketSend".split()
)
SWEEPING = frozenset(["cleanWs", "deleteDir"])
_ANSI = frozenset(["timestamps", "ansiColor"])
_NOTHING = frozenset(["milestone", "isUnix", "pwd"])
_KNOWN_SH = frozenset(["script", "label", "returnStatus", "returnStdout", "encoding"])


class Steps:
    """The translation of the steps of one job; what it found out stands in its attributes."""

    def __init__(
        self, ledger: Ledger, path: str, job: str, scope: Scope, *, after: bool = False, recording: bool = False
    ) -> None:
        """``after``: nothing follows these steps, so what only tells or sweeps may be left out.

        ``recording``: something asks later for the outcome, which the text is to leave in a file.
        """
        self._ledger = ledger
        self._path = path
        self._job = job
        self._after = after
        self._recording = recording
        self.recorded: set[str] = set()
        """Results of the stage that the text records when it comes to them."""
        self.unread: list[str] = []
        """Steps whose result for the stage nothing here knows."""
        self.results: set[str | None] = set()
        """What they may make of the run; None is what nobody knows."""
        self.guards: list[str] = []
        self.secrets: list[str] = []
        self.scope = scope
        self.plain = True
        """Whether the text alone tells what the steps were."""
        self._folder = False

    def commands(self, body: Closure | None) -> list[str]:
        """The commands of a block."""
        return self._commands(body.statements if body else (), self.scope, self._path)

    def _commands(self, statements: Sequence[Node], scope: Scope, path: str) -> list[str]:
        found = []
        for statement in statements:
            command = self._command(statement, scope, path)
            if command:
                found.append(command)
        return found

    def _command(self, node: Node, scope: Scope, path: str) -> str:
        if not isinstance(node, Call) or node.of is not None or (node.body and node.body.head):
            if isinstance(node, Name) and node.name in _NOTHING:
                self._say("exact", node.at, path, node.name, "nothing looks at what it says")
                return ""
            self.plain = False
            return self._beyond(node.at, f"{path}.groovy", "Groovy", "Groovy is not run here")
        if node.name not in ("sh",):
            self.plain = False
        name = node.name
        place = f"{path}.{name}"
        if name in _STEPS:
            made = _STEPS[name](self, node, scope, place)
            return (
                self._beyond(node.at, place, name, f"{name} says something that only Jenkins knows")
                if made is None
                else made
            )
        if name in REPORTING or (name == "step" and self._reports(node)):
            self._say("dropped", node.at, place, name, "Jenkins would keep the files; here they stay where they are")
            if judges(node):
                self.unread.append(name)
                self.results.add("UNSTABLE")
            return ""
        if name in _NOTHING:
            self._say("dropped", node.at, place, name, "it means something to Jenkins alone")
            return ""
        if self._after and name in TELLING:
            self._say("dropped", node.at, place, name, "nobody is told; email_address and its keys send mail")
            return ""
        if self._after and name in SWEEPING:
            self._say("dropped", node.at, place, name, "the folder is kept as it is")
            return ""
        return self._beyond(node.at, place, name, f"the step {name} has no translation")

    def take_results(self, other: Steps) -> None:
        """Add what other steps of the same job may make of it."""
        self.recorded |= other.recorded
        self.unread += other.unread
        self.results |= other.results

    def _record(self, marks: Marks, name: str) -> str:
        """The command that leaves a result for who asks later; empty if nobody does, or if there is nothing to say."""
        self.results.add(marks.run)
        if marks.stage is None:
            self.unread.append(name)
        if not self._recording or marks.stage in (None, "SUCCESS"):
            return ""
        self.recorded.add(str(marks.stage))
        return f'echo {marks.stage} >>"${{ex_outcome:-/dev/null}}"'

    def _say(self, fate: Any, at: Span, path: str, construct: str, reason: str = "") -> None:
        self._ledger.say(fate, at, path, construct, reason, job=self._job)

    def _head(self, fate: Any, node: Call, path: str, reason: str = "") -> None:
        self._ledger.head(fate, node.at, path, node.name, reason, job=self._job)

    def _beyond(self, at: Span, path: str, construct: str, why: str) -> str:
        """What has no translation: it is said, it guards the job, and it fails if the job is allowed as it is."""
        self._say("manual", at, path, construct, f"{why}: put a command in its place")
        if why not in self.guards:
            self.guards.append(why)
        return shell.failing((f"no translation: {clean(self._ledger.text(at))[:120]}",))

    @staticmethod
    def _reports(node: Call) -> bool:
        first = node.args[0] if node.args else None
        entries = first.entries if isinstance(first, MapOf) else node.named
        kind = literal_text(dict(entries).get("$class")) or ""
        return kind.rpartition(".")[2] in ("ArtifactArchiver", "JUnitResultArchiver", "Fingerprinter")

    # Single steps: None is for what only Jenkins knows

    def _sh(self, node: Call, scope: Scope, path: str) -> str | None:
        script = node.argument("script") or (node.args[0] if len(node.args) == 1 else None)
        if script is None or node.body or set(dict(node.named)) - _KNOWN_SH or (node.args and node.named):
            return None
        text = pieces(script, scope)
        if text is None:
            return None
        self._needs(node, text, path)
        if node.named or not isinstance(script, Literal):
            self.plain = False
        command = shell.run_script(text)
        status, output = (self._flag(node, key) for key in ("returnStatus", "returnStdout"))
        if status is None or output is None:
            return None
        if status:
            self._say("exact", node.at, path, "sh", "nothing looks at its status, so its failure is passed over")
            return f"{{ {command} || :; }}"
        if output:
            self._say("exact", node.at, path, "sh", "nothing looks at what it prints")
            return f"{command} >/dev/null"
        label = literal_text(node.argument("label"))
        self._say("exact", node.at, path, "sh", f"its label {label!r} is only shown" if label else "")
        return command

    @staticmethod
    def _flag(node: Call, key: str) -> bool | None:
        value = node.argument(key)
        return False if value is None else value.value is True if isinstance(value, Literal) else None

    def _needs(self, node: Call, text: Pieces, path: str) -> None:
        """Say which variables have to be set for a text."""
        names = [
            piece.name for piece in text if isinstance(piece, Ref) and piece.needed and piece.name != shell.WORKSPACE
        ]
        if names:
            listed = ", ".join(dict.fromkeys(names))
            span = node.at._replace(end=node.at.start)
            self._say("manual", span, f"{path}.env", "variable", f"nothing here sets {listed}: the step fails without")

    def _echo(self, node: Call, scope: Scope, path: str) -> str | None:
        text = self._text(node, scope, "message")
        if text is None or node.body:
            return None
        self._needs(node, text, path)
        self._say("exact", node.at, path, node.name)
        return f"printf '%s\\n' {shell.word(text)}"

    @staticmethod
    def _text(node: Call, scope: Scope, key: str) -> Pieces | None:
        """The text of the only argument, be it named or not."""
        if len(node.args) + len(node.named) != 1:
            return None
        value = node.args[0] if node.args else node.argument(key)
        return None if value is None else pieces(value, scope)

    def _error(self, node: Call, scope: Scope, path: str) -> str | None:
        text = self._text(node, scope, "message")
        if text is None:
            return None
        self._needs(node, text, path)
        self._say("exact", node.at, path, node.name)
        return shell.failing(text)

    def _unstable(self, node: Call, scope: Scope, path: str) -> str | None:
        text = self._text(node, scope, "message")
        if text is None:
            return None
        self._say("approximated", node.at, path, node.name, "a run here is not unstable: the line is printed")
        told = f"printf '%s\\n' {shell.word(text)} >&2"
        mark = self._record(Marks("UNSTABLE", "UNSTABLE"), node.name)
        return f"{{ {told}; {mark}; }}" if mark else told

    def _sleep(self, node: Call, scope: Scope, path: str) -> str | None:
        seconds = seconds_of(node, scope, "SECONDS")
        if seconds is None:
            return None
        self._say("exact", node.at, path, node.name)
        return f"sleep {seconds:g}"

    def _checkout(self, node: Call, _scope: Scope, path: str) -> str | None:
        if len(node.args) == 1 and isinstance(node.args[0], Name) and node.args[0].name == "scm" and not self._folder:
            self._say("approximated", node.at, path, "checkout scm", "nothing is fetched: run it where the files are")
            return ""
        return self._beyond(node.at, path, node.name, "nothing is fetched here")

    def _stash(self, node: Call, _scope: Scope, path: str) -> str | None:
        if self._folder:
            return self._beyond(node.at, path, node.name, "files are not carried from folder to folder here")
        self._say("approximated", node.at, path, node.name, "all jobs work in one folder, so the files are there")
        return ""

    def _write_file(self, node: Call, scope: Scope, path: str) -> str | None:
        named = dict(node.named)
        if set(named) != {"file", "text"}:
            return None
        file, text = pieces(named["file"], scope), pieces(named["text"], scope)
        if file is None or text is None:
            return None
        self._needs(node, (*file, *text), path)
        self._say("exact", node.at, path, node.name)
        target = (
            shell.word(("./", *file) if isinstance(file[0], str) and file[0][:1] == "-" else file) if file else "''"
        )
        return f'mkdir -p "$(dirname {target})" && printf %s {shell.word(text)} >{target}'

    def _input(self, node: Call, scope: Scope, path: str) -> str:
        text = self._text(node, scope, "message")
        said = "".join(piece if isinstance(piece, str) else f"${piece.name}" for piece in text) if text else ""
        self._say("manual", node.at, path, node.name, "a person is asked before the job runs, not in the middle of it")
        self.guards.append(said or "a person is asked")
        return ""

    # Blocks

    def _block(self, node: Call, scope: Scope, path: str) -> list[str] | None:
        return None if node.body is None else self._commands(node.body.statements, scope, path)

    def _through(self, node: Call, scope: Scope, path: str) -> str | None:
        if node.body is None:
            return None
        if node.name in _ANSI:
            self._head("dropped", node, path, "it is about how Jenkins shows the log")
        elif node.name == "script":
            if not all(isinstance(each, Call) and each.of is None for each in node.body.statements):
                return self._beyond(node.at, path, "script", "a script block is a program of Groovy")
            self._head("exact", node, path, "there are only steps in it")
        else:
            self._head("approximated", node, path, "the steps are part of the job of their stage")
        inner = self._block(node, scope, path)
        return shell.chain(inner) if inner else ""

    def _dir(self, node: Call, scope: Scope, path: str) -> str | None:
        text = self._text(node, scope, "path")
        if text is None or node.body is None:
            return None
        self._needs(node, text, f"{path}.path")
        self._head("exact", node, path)
        outer, self._folder = self._folder, True
        inner = self._block(node, scope, path) or []
        self._folder = outer
        folder = shell.word(text)
        return shell.group(inner, [f"mkdir -p -- {folder}", f"cd -- {folder}"])

    def _with_env(self, node: Call, scope: Scope, path: str) -> str | None:
        if len(node.args) != 1 or not isinstance(node.args[0], ListOf) or node.body is None:
            return None
        inner, exports = scope.within(), []
        for item in node.args[0].items:
            text = pieces(item, scope)
            if not text or not isinstance(text[0], str) or "=" not in text[0]:
                return None
            name, _, rest = text[0].partition("=")
            value: Pieces = (*([rest] if rest else []), *text[1:])
            name, plus, _ = name.partition("+")
            if not NAME.match(name):
                return None
            self._needs(node, text, f"{path}.{name}")
            exports.append(f"export {name}={shell.word(value)}{f':${{{name}}}' if plus else ''}")
            inner.declare(name, value)
        self._head("exact", node, path)
        return shell.group(self._block(node, inner, path) or [], exports)

    def _with_credentials(self, node: Call, scope: Scope, path: str) -> str | None:
        if len(node.args) != 1 or not isinstance(node.args[0], ListOf) or node.body is None:
            return None
        names = []
        for item in node.args[0].items:
            named = dict(item.named) if isinstance(item, Call) else {}
            found = [literal_text(value) for key, value in named.items() if key.lower().endswith("variable")]
            if not found or any(name is None or not NAME.match(name) for name in found):
                return None
            names += [name for name in found if name]
        inner = scope.within()
        for name in names:
            inner.declare(name, None)
        self.secrets += names
        self._head("manual", node, path, f"set {', '.join(names)} in the environment: the step fails without")
        return shell.group(self._block(node, inner, path) or [], shell.demand(names))

    def _timeout(self, node: Call, scope: Scope, path: str) -> str | None:
        seconds = seconds_of(node, scope, "MINUTES")
        if seconds is None or node.body is None:
            return None
        if (activity := node.argument("activity")) and static(activity, scope) is not False:
            self._head("dropped", node, path, "a limit on silence is not kept here")
            return shell.group(self._block(node, scope, path) or [])
        self._head("approximated", node, path, "by timeout(1), which ends the commands' own processes alone")
        return shell.limited(self._block(node, scope, path) or [], seconds)

    def _retry(self, node: Call, scope: Scope, path: str) -> str | None:
        tries = tries_of(node, scope)
        if tries is None or node.body is None:
            return None
        self._head("exact", node, path)
        return shell.retried(self._block(node, scope, path) or [], tries)

    def _caught(self, node: Call, scope: Scope, path: str) -> str | None:
        if node.body is None:
            return None
        text = pieces(node.args[0], scope) if node.args else None
        said = node.argument("message")
        text = pieces(said, scope) if said is not None else text
        self._head("approximated", node, path, "its failure is told, and neither ends nor marks the run")
        told = shell.word(text or ("a failure was passed over",))
        inner = shell.group(self._block(node, scope, path) or [])
        mark = self._record(caught(node, scope), node.name)
        if mark:
            return f"{{ {inner} || {{ printf '%s\\n' {told} >&2; {mark}; }}; }}"
        return f"{{ {inner} || printf '%s\\n' {told} >&2; }}"


def tries_of(node: Call, scope: Scope) -> int | None:
    """How often in all ``retry`` tries; None if it says more than a number."""
    value = node.args[0] if len(node.args) == 1 and not node.named else node.argument("count")
    if value is None or (node.named and len(node.named) > 1):
        return None
    count = static(value, scope)
    count = int(count) if isinstance(count, str) and count.isdigit() else count
    return None if count is UNKNOWN or type(count) is not int or not 0 < count <= 10000 else count


Translate = Callable[[Steps, Call, Scope, str], str | None]
_STEPS: dict[str, Translate] = {
    "sh": Steps._sh, "echo": Steps._echo, "print": Steps._echo, "println": Steps._echo, "error": Steps._error,
    "unstable": Steps._unstable, "sleep": Steps._sleep, "checkout": Steps._checkout, "stash": Steps._stash,
    "unstash": Steps._stash, "writeFile": Steps._write_file, "input": Steps._input, "script": Steps._through,
    "timestamps": Steps._through, "ansiColor": Steps._through, "node": Steps._through, "stage": Steps._through,
    "dir": Steps._dir, "withEnv": Steps._with_env, "withCredentials": Steps._with_credentials,
    "timeout": Steps._timeout, "retry": Steps._retry, "catchError": Steps._caught, "warnError": Steps._caught,
}  # fmt: skip
