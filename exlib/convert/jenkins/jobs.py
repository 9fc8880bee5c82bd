"""One stage with steps as one job: its command, its limits, what of it is kept for the way back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from exlib.convert.draft import Draft, depend, guard, guard_of
from exlib.convert.jenkins import shell
from exlib.convert.jenkins.context import Context, body_of
from exlib.convert.jenkins.durations import seconds_of
from exlib.convert.jenkins.ledger import Ledger, comment_text, digest, literal_text
from exlib.convert.jenkins.outcomes import BY_OUTCOME, Outcomes
from exlib.convert.jenkins.steps import Steps, tries_of
from exlib.convert.jenkins.syntax import Call, Closure
from exlib.convert.notes import read_note
from exlib.convert.shell.carried import restore_meaning

NOTED = frozenset(
    "tags priority max_retries retry_delay retry_backoff retry_jitter max_retry_time retry_on_status "
    "retry_on_exit_codes inputs outputs continue_on_error detach working_dir dependencies run".split()
)
"""Keys of a job that a note may hold."""
_APART = ("dependencies", "working_dir", "run")
"""Those that say something of the lines of the stage."""
_AFTER = (
    "always",
    "changed",
    "fixed",
    "regression",
    "aborted",
    "failure",
    "success",
    "unstable",
    "unsuccessful",
    "cleanup",
)
"""The parts of ``post``, in the order in which Jenkins comes to them."""
_RUN = ("always", "failure", "success", "unstable", "unsuccessful", "cleanup")
_FAILED = ("failure", "unsuccessful")
POST = frozenset([*_AFTER, "notBuilt"])
_NOWHERE = "nothing here knows of the runs before, or of that result"


class Jobs:
    """The jobs of a draft, as stages become them."""

    def __init__(self, ledger: Ledger, draft: Draft) -> None:
        self.ledger = ledger
        self.draft = draft
        self.secrets: dict[str, None] = {}
        self.outcomes = Outcomes(ledger)

    def add(
        self,
        stage: Call,
        name: str,
        steps: Call,
        context: Context,
        after: Sequence[str],
        post: Call | None = None,
        *,
        last: bool = False,
    ) -> dict[str, Any]:
        """The job of a stage. ``last``: nothing follows it, as nothing follows the steps of ``post``."""
        ledger = self.ledger
        wanted = self.draft.new_id(name)
        assert steps.body is not None
        body, note = steps.body, self._note(stage, wanted)
        timeout, retries, folder, body, lifted = self._lifted(body, context, note, wanted)
        recording = post is not None and any(getattr(each, "name", "") in BY_OUTCOME for each in body_of(ledger, post))
        made = Steps(ledger, f"{context.path}{steps.name}", wanted, context.scope, after=last, recording=recording)
        commands = made.commands(body)
        parts = self._post(post, made, context, wanted) if post is not None else {}
        script = self._script(made, body, commands, context) if not parts else None
        command, program = self._command(made, commands, script, context, steps)
        if parts:
            command = _with_post(command, parts, recorded=bool(made.recorded))
        job: dict[str, Any] = {"id": wanted, "command": command}
        if description := self._description(stage, context.path, wanted):
            job["description"] = description
        depend(job, after)
        job |= {name: value for name, value in note.items() if name not in _APART}
        job |= {"shell": program} if program else {}
        job |= {"env_variables": dict(context.env)} if context.env else {}
        job |= {"working_dir": folder} if folder else {}
        job |= {"timeout": timeout} if timeout is not None else {}
        job |= self._tries(retries, note)
        plain = script is not None and self._plain(made, body)
        if script is not None and plain:
            restore_meaning(job, note, script.text)
        for why in (*context.guards, *made.guards):
            guard(job, why)
        self.secrets.update(dict.fromkeys(made.secrets))
        self.outcomes.may_be(wanted, made.results)
        kept = self._kept(context, post, steps, command, wanted, plain=plain)
        if reason := guard_of(job):
            kept["guard"] = digest(reason)
        if kept:
            job["x-source"] = kept | ({"within": lifted} if lifted and "steps" in kept else {})
        self.draft.jobs.append(job)
        return job

    @staticmethod
    def _tries(retries: int | None, note: dict[str, Any]) -> dict[str, Any]:
        """Jenkins tries again at once, and as often as is stated."""
        if retries is None:
            return {}
        at_once = {} if "retry_delay" in note else {"retry_delay": 0, "max_retry_time": 0} if retries else {}
        return {"max_retries": retries, **at_once}

    def _lifted(
        self, body: Closure, context: Context, note: dict[str, Any], job: str
    ) -> tuple[float | None, int | None, str | None, Closure, list[str]]:
        """Limits around all the steps, as those of the job."""
        timeout, retries, folder = context.timeout, context.retries, None
        lifted: list[str] = []
        path = f"{context.path}steps"
        while len(body.statements) == 1:
            only = body.statements[0]
            if not isinstance(only, Call) or only.of is not None or only.body is None or only.body.head:
                break
            limit = seconds_of(only, context.scope, "MINUTES") if only.name == "timeout" else None
            tries = tries_of(only, context.scope) if only.name == "retry" else None
            if limit is not None and only.argument("activity") is None and folder is None and timeout is None:
                timeout = limit
            elif tries is not None and retries is None and timeout is None and folder is None:
                retries = tries - 1
            elif only.name == "dir" and folder is None and "working_dir" in note:
                if len(only.args) != 1 or literal_text(only.args[0]) != note["working_dir"]:
                    break
                folder = note["working_dir"]
            else:
                break
            self.ledger.head("exact", only.at, f"{path}.{only.name}", only.name, job=job)
            path = f"{path}.{only.name}"
            lifted.append(only.name)
            body = only.body
        return timeout, retries, folder, body, lifted

    def _script(self, made: Steps, body: Closure, commands: list[str], context: Context) -> shell.Script | None:
        """The one script of a stage in which nothing else does anything; None if there is more."""
        if len(commands) != 1 or context.exports or made.guards:
            return None
        for each in body.statements:
            if isinstance(each, Call) and each.name == "sh" and len(each.args) == 1 and not each.named:
                text = literal_text(each.args[0])
                if text is not None and text.strip() and commands[0] == shell.run_script((text,)):
                    return shell.plain_script(text)
        return None

    def _plain(self, made: Steps, body: Closure) -> bool:
        """Whether a script is all that there is, so that nothing has to be kept beside it."""
        return made.plain and len(body.statements) == 1 and not self.ledger.comments_in(body.at.start, body.at.end)

    def _command(
        self, made: Steps, commands: list[str], script: shell.Script | None, context: Context, steps: Call
    ) -> tuple[str, str | None]:
        """The command of the job, and its key ``shell``."""
        text = script.text if script else shell.chain(commands)
        scope = made.scope
        unset = scope.secrets | {name for name, value in scope.env.items() if value is None}
        secrets = [name for name in sorted(unset) if re.search(rf"\b{re.escape(name)}\b", text)]
        self.secrets.update(dict.fromkeys(name for name in secrets if name in scope.secrets))
        known = frozenset([*scope.env, *scope.variables]) - frozenset(secrets)
        names = [*shell.missing(text, known), *(name for name in secrets if f"${{{name}:?" not in text)]
        whole = "\n".join([*context.exports, text])
        names += [name for name in shell.missing(whole, known) if name not in names]
        absent = [name for name in names if name not in secrets and name != shell.WORKSPACE]
        if absent and (script is None or script.sh):
            reason = f"nothing here sets {', '.join(absent)}: the job fails without"
            at = steps.at._replace(end=steps.at.start, end_line=steps.at.line)
            self.ledger.say("manual", at, f"{context.path}{steps.name}", "variables of Jenkins", reason)
        demands = shell.demand(names)
        if script is not None:
            if script.sh and demands:
                return "\n".join([*demands, script.text]), script.shell
            return script.text, script.shell
        return shell.chain([*demands, *context.exports, *commands]), None

    def _post(self, post: Call, steps: Steps, context: Context, job: str) -> dict[str, list[str]]:
        """What comes after the steps, in the order in which it does; what has no translation guards the job."""
        path = f"{context.path}post"
        self.ledger.head("exact", post.at, path, "post", job=job)
        parts: dict[str, list[str]] = {}
        for each in sorted(body_of(self.ledger, post), key=lambda node: _order(node)):
            if not isinstance(each, Call) or each.name not in POST:
                raise self.ledger.refuse(each.at, "this is no part of post", f"there are {', '.join(sorted(POST))}")
            where = f"{path}.{each.name}"
            if each.name not in _RUN or (each.name == "unstable" and not steps.recorded):
                self.ledger.say("dropped", each.at, where, each.name, _NOWHERE, job=job)
                continue
            doubts = list(steps.unread)
            made = Steps(self.ledger, where, job, context.scope, after=True, recording=True)
            parts[each.name] = made.commands(each.body)
            if each.name in BY_OUTCOME and parts[each.name]:
                self.outcomes.hangs(job, each, where, doubts)
            else:
                self.ledger.head("exact", each.at, where, each.name, job=job)
            if each.name not in _FAILED:
                steps.guards += [why for why in made.guards if why not in steps.guards]
                steps.take_results(made)
            steps.secrets += made.secrets
        return {name: commands for name, commands in parts.items() if commands}

    def _kept(
        self, context: Context, post: Call | None, steps: Call, command: str, job: str, *, plain: bool
    ) -> dict[str, Any]:
        """What the document has no words for."""
        kept: dict[str, Any] = {}
        if not plain and steps.body is not None:
            kept |= {"steps": self.ledger.inside(steps.body), "made": digest(command)}
            self.ledger.kept_comments(steps.body.at, context.path.rstrip("."), job=job)
        if post is not None and post.body is not None:
            kept["post"] = self.ledger.inside(post.body)
            self.ledger.kept_comments(post.body.at, context.path.rstrip("."), job=job)
        listed = {"tools": context.tools, "options": context.options, "when": context.when}
        kept |= {key: list(value) for key, value in listed.items() if value}
        single = {"agent": context.agent, "input": context.asked, "environment": context.environment}
        return kept | {key: value for key, value in single.items() if value}

    def _description(self, stage: Call, path: str, job: str) -> str:
        """The comments right above a stage."""
        said = []
        for comment in self.ledger.above(stage.at):
            self.ledger.commented(comment, path.rstrip("."), job=job)
            said.append(comment_text(comment))
        return "\n".join(said).strip()

    def _note(self, stage: Call, job: str) -> dict[str, Any]:
        """The keys that a comment of ours at the head of a stage holds."""
        body = stage.body
        if body is None:
            return {}
        first = body.statements[0].at.start if body.statements else body.at.end
        for comment in self.ledger.comments_in(body.at.start, first):
            if (keys := read_note(comment.text)) is not None:
                self.ledger.commented(comment, "", job=job)
                return {key: value for key, value in keys.items() if key in NOTED}
        return {}

    def note_of(self, stage: Call) -> dict[str, Any]:
        """The same, for who only asks for the order."""
        return self._note(stage, "")


_BY_CODE = {
    "success": '[ "$ex_code" -eq 0 ]',
    "failure": '[ "$ex_code" -ne 0 ]',
    "unsuccessful": '[ "$ex_code" -ne 0 ]',
}
_RECORDED = {
    "success": '[ "$ex_code" -eq 0 ] && [ ! -s "$ex_outcome" ]',
    "failure": '{ [ "$ex_code" -ne 0 ] || grep -q FAILURE "$ex_outcome"; }',
    "unstable": '[ "$ex_code" -eq 0 ] && [ -s "$ex_outcome" ] && ! grep -q FAILURE "$ex_outcome"',
    "unsuccessful": '{ [ "$ex_code" -ne 0 ] || [ -s "$ex_outcome" ]; }',
}
"""When a part runs; the steps leave a line in a file for a failure that they passed over."""
_RECORD = ('ex_outcome="$(mktemp)" || exit 1', "export ex_outcome", "trap 'rm -f \"$ex_outcome\"' EXIT")


def _with_post(command: str, parts: dict[str, list[str]], *, recorded: bool) -> str:
    """The command with what comes after it, whether it succeeded or not."""
    lines = [*(_RECORD if recorded else ()), "(", command, ")", "ex_code=$?"]
    for name in _RUN:
        if name not in parts:
            continue
        block = shell.group(parts[name])
        # A failure in what runs after a failure changes nothing, unless the failure was one that was passed over.
        after = ":" if name in _FAILED and not recorded else '{ [ "$ex_code" -ne 0 ] || ex_code=1; }'
        after = after if name in _FAILED else "ex_code=$?"
        test = (_RECORDED if recorded else _BY_CODE).get(name)
        lines.append(f"if {test}; then {block} || {after}; fi" if test else f"{block} || {after}")
    return "\n".join([*lines, 'exit "$ex_code"'])


def _order(node: object) -> int:
    name = getattr(node, "name", "")
    return _AFTER.index(name) if name in _AFTER else len(_AFTER)
