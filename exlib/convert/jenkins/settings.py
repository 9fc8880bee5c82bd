"""The sections that stand beside stages and steps: agent, options, tools, when, input."""

from __future__ import annotations

from exlib.convert.jenkins import conditions
from exlib.convert.jenkins.context import Context, body_of
from exlib.convert.jenkins.durations import seconds_of
from exlib.convert.jenkins.ledger import Ledger, literal_text
from exlib.convert.jenkins.steps import tries_of
from exlib.convert.jenkins.syntax import Call, Literal, Name, Node

_HARMLESS = {
    "timestamps": "ex-run's own log has times", "ansiColor": "it is about how Jenkins shows the log",
    "buildDiscarder": "ex-run keeps its own history", "durabilityHint": "it is about Jenkins itself",
    "preserveStashes": "nothing is stashed here", "disableResume": "ex-run resumes only when it is told to",
    "disableConcurrentBuilds": "nothing keeps a second run from starting",
    "overrideIndexTriggers": "it is about Jenkins itself", "quietPeriod": "nothing waits before a run",
    "rateLimitBuilds": "nothing limits how often it runs", "newContainerPerStage": "there are no containers",
}  # fmt: skip
_SAME = {
    "skipDefaultCheckout": "nothing is fetched anyway",
}  # fmt: skip
RUNNING = "nothing more starts after a failure; what runs goes on to its end"


def agent(ledger: Ledger, call: Call, context: Context) -> Context:
    """Where it runs: here, whatever the source says, which is kept."""
    path, text = f"{context.path}agent", ledger.text(call.at)
    only = call.args[0] if len(call.args) == 1 and not call.body else None
    if isinstance(only, Name) and only.name in ("any", "none"):
        ledger.say("exact", call.at, path, "agent")
        return context.with_(agent=text)
    kind = next((each.name for each in call.body.statements if isinstance(each, Call)), "") if call.body else ""
    if kind in ("label", "node"):
        ledger.say("dropped", call.at, path, "agent", "jobs run on this machine, whatever its labels")
    else:
        ledger.say("manual", call.at, path, "agent", "jobs run on this machine itself, and not in a container of it")
    return context.with_(agent=text)


def tools(ledger: Ledger, call: Call, context: Context) -> Context:
    """The programs that Jenkins would install."""
    texts = []
    for each in body_of(ledger, call):
        ledger.say("manual", each.at, f"{context.path}tools", "tool", "it has to be installed, and on PATH")
        texts.append(ledger.text(each.at))
    ledger.head("exact", call.at, f"{context.path}tools", "tools")
    return context.with_(tools=(*context.tools, *texts))


def options(ledger: Ledger, call: Call, context: Context) -> Context:
    """Limits and tries; what is about Jenkins is kept."""
    timeout, retries, texts = context.timeout, context.retries, list(context.options)
    guards, skips = [], None
    where = f"{context.path}options"
    for each in body_of(ledger, call):
        name = each.name if isinstance(each, (Call, Name)) else ""
        path = f"{where}.{name}"
        if isinstance(each, Call) and name == "timeout" and (limit := seconds_of(each, context.scope, "MINUTES")):
            timeout = limit if timeout is None else min(timeout, limit)
            many = not context.path
            ledger.say(
                "approximated" if many else "exact",
                each.at,
                path,
                name,
                "it is the limit of each job, and not of all together" if many else "",
            )
            if many:
                texts.append(ledger.text(each.at))
            continue
        if isinstance(each, Call) and name == "retry" and (tries := tries_of(each, context.scope)):
            retries = tries - 1
            many = not context.path
            reason = "each job is tried again by itself, and not all of them" if many else ""
            ledger.say("approximated" if many else "exact", each.at, path, name, reason)
            if many:
                texts.append(ledger.text(each.at))
            continue
        texts.append(ledger.text(each.at))
        if name in _SAME:
            ledger.say("exact", each.at, path, name, _SAME[name])
        elif name == "skipStagesAfterUnstable" and not context.path:
            skips = each.at, path
        elif name == "parallelsAlwaysFailFast":
            ledger.say("approximated", each.at, path, name, RUNNING)
        elif name in _HARMLESS:
            ledger.say("dropped", each.at, path, name, _HARMLESS[name])
        elif name in (
            "checkoutToSubdirectory",
            "skipStagesAfterUnstable",
            "lock",
            "timeout",
            "retry",
            "catchError",
            "warnError",
            "withCredentials",
        ):
            guards.append(f"the option {name} has no translation")
            ledger.say("manual", each.at, path, name, "it changes what the steps do, and has no translation")
        else:
            ledger.say("dropped", each.at, path, name or "option", "nothing here does what this option does")
    ledger.head("exact", call.at, where, "options")
    return context.with_(timeout=timeout, retries=retries, options=tuple(texts), guards=tuple(guards), skips=skips)


def when(ledger: Ledger, call: Call, context: Context) -> tuple[Context, bool | None]:
    """The condition, and whether it holds; one that nobody can decide here guards what is in it."""
    path = f"{context.path}when"
    values: list[bool | None] = []
    guards, texts = [], []
    for each in body_of(ledger, call):
        text = ledger.text(each.at)
        if isinstance(each, Call) and each.name in conditions.SETTINGS:
            ledger.say("exact", each.at, f"{path}.{each.name}", each.name, "there is nothing to wait for")
            if not context.when:
                texts.append(text)
            continue
        value = conditions.decided(each, context.scope)
        values.append(value)
        texts.append(text)
        said = " ".join(text.split())
        if value is None:
            guards.append(f"when {said}")
            ledger.say("manual", each.at, path, "when", "not decided here: it waits until EX_ALLOW names the job")
        else:
            reason = f"it {'holds' if value else 'does not hold'}, by what is known here"
            ledger.say("exact", each.at, path, "when", reason)
    ledger.head("exact", call.at, path, "when")
    held = conditions.all_of(values)
    return context.with_(when=(*context.when, *texts), guards=guards if held is None else ()), held


def asked(ledger: Ledger, call: Call, context: Context) -> Context:
    """The question that a person has to answer before the stage begins."""
    message = _message(call)
    ledger.say("manual", call.at, f"{context.path}input", "input", "it waits until EX_ALLOW names the job")
    return context.with_(asked=ledger.text(call.at), guards=[message or "a person is asked"])


def _message(call: Call) -> str | None:
    for each in call.body.statements if call.body else ():
        if isinstance(each, Call) and each.name == "message" and len(each.args) == 1:
            return literal_text(each.args[0])
    return None


def flag(node: Node | None) -> bool:
    """Whether ``failFast true`` and its like say true."""
    return (
        isinstance(node, Call)
        and len(node.args) == 1
        and isinstance(node.args[0], Literal)
        and node.args[0].value is True
    )
