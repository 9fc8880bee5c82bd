"""The sections of a pipeline that no stage has: parameters, triggers, libraries; and what stands before it."""

from __future__ import annotations

import itertools
import re
from typing import Any

from exlib.convert.jenkins.context import Context, body_of
from exlib.convert.jenkins.ledger import Ledger, literal_text
from exlib.convert.jenkins.lexer import Token
from exlib.convert.jenkins.parser import Parsed
from exlib.convert.jenkins.scope import text_of
from exlib.convert.jenkins.syntax import Assign, Call, ListOf, Literal, Name, Node, Opaque
from exlib.environment import NAME

_CRON = re.compile(r"[-*/,0-9A-Za-z]+(?:[ \t]+[-*/,0-9A-Za-z]+){4}|@(?:yearly|annually|monthly|weekly|daily|hourly)")


def found_pipeline(ledger: Ledger, parsed: Parsed) -> Call:
    """The pipeline. Raises InputError, with the line, for a scripted one."""
    pipelines = [each for each in parsed.statements if isinstance(each, Call) and each.name == "pipeline" and each.body]
    if len(pipelines) > 1:
        raise ledger.refuse(pipelines[1].at, "there is a second pipeline", "convert them one by one")
    if pipelines:
        return pipelines[0]
    for token, after in itertools.pairwise(parsed.tokens):
        if token.kind == "name" and token.text in ("node", "stage", "podTemplate") and after.text in ("{", "("):
            raise ledger.source.refuse(
                token.line,
                f"{token.text} begins a scripted pipeline, which is a program: only declarative ones are read",
                "pipeline { agent any; stages { … } } is a declarative one",
            )
    if parsed.statements:
        raise ledger.refuse(parsed.statements[0].at, "there is no pipeline { … } in it")
    raise ledger.source.refuse(0, "there is no pipeline { … } in it")


def locals_before(parsed: Parsed, text: str) -> dict[str, str | None]:
    """Variables of Groovy outside of the pipeline; a text that nothing changes is known, all else is not."""
    found: dict[str, str | None] = {}
    for each in parsed.statements:
        if isinstance(each, Assign) and isinstance(each.target, Name):
            value = literal_text(each.value)
            name = each.target.name
            found[name] = value if _assigned(parsed.tokens, name) == 1 else None
        elif isinstance(each, Opaque):
            # @Field String x = …, def (a, b) = …: every name in it may be one that it sets
            found |= dict.fromkeys(re.findall(r"\w+", text[each.at.start : each.at.end].split("{")[0]))
    return found


def _assigned(tokens: list[Token], name: str) -> int:
    """How often a name stands before a sign that changes it."""
    count = 0
    for token, after in itertools.pairwise(tokens):
        if token.kind == "name" and token.text == name and after.kind == "op":
            count += after.text in ("=", "+=", "-=", "*=", "/=", "++", "--", "<<", "?=")
        if after.kind == "name" and after.text == name and token.kind == "op":
            count += token.text in ("++", "--")
    return count


def parameters(ledger: Ledger, call: Call, context: Context, kept: dict[str, Any]) -> Context:
    """Variables with their defaults, or what --var says; a password is a secret."""
    scope, env, texts = context.scope.within(), dict(context.env), []
    for each in body_of(ledger, call):
        named = dict(each.named) if isinstance(each, Call) else {}
        name = literal_text(named.get("name"))
        if not isinstance(each, Call) or name is None or not NAME.match(name):
            ledger.say("manual", each.at, "parameters", "parameter", "only Groovy knows its name: set the variable")
            continue
        texts.append(ledger.text(each.at))
        path = f"parameters.{name}"
        if each.name in ("password", "credentials"):
            scope.secrets.add(name)
            ledger.say(
                "manual", each.at, path, each.name, f"set {name} in the environment: jobs that use it fail without"
            )
            continue
        value = scope.variables.get(name, default_of(each))
        if value is None:
            scope.declare(name, None)
            ledger.say("manual", each.at, path, each.name, f"it has no default that is known: set {name}")
            continue
        scope.declare(name, (value,))
        scope.parameters.add(name)
        scope.switches[name] = each.name == "booleanParam"
        env[name] = value
        reason = f"nobody is asked: ex-run --env {name}=VALUE gives another value"
        ledger.say("approximated", each.at, path, each.name, reason)
    ledger.head("exact", call.at, "parameters", "parameters")
    kept |= {"parameters": texts} if texts else {}
    return context.with_(scope=scope, env=env)


def default_of(call: Call) -> str | None:
    """The value of a parameter that nobody sets; None for one that is not known."""
    if call.name == "choice":
        choices = call.argument("choices")
        if isinstance(choices, ListOf) and choices.items:
            return literal_text(choices.items[0])
        text = literal_text(choices)
        return None if text is None else text.split("\n", 1)[0]
    value = call.argument("defaultValue")
    if value is None:
        return "false" if call.name == "booleanParam" else ""
    return text_of(value.value) if isinstance(value, Literal) else None


def triggers(ledger: Ledger, call: Call, kept: dict[str, Any]) -> None:
    """When Jenkins would start it: kept, as nothing here starts anything."""
    texts, schedules = [], []
    for each in body_of(ledger, call):
        name = each.name if isinstance(each, Call) else "trigger"
        texts.append(ledger.text(each.at))
        reason = (
            "nothing starts it by itself: a line of a crontab does" if name == "cron" else "nothing starts it by itself"
        )
        ledger.say("dropped", each.at, f"triggers.{name}", name, reason)
        if isinstance(each, Call) and name == "cron" and each.args:
            lines = [line.strip() for line in (literal_text(each.args[0]) or "").split("\n")]
            schedules += [line for line in lines if line and not line.startswith("#")]
    ledger.head("exact", call.at, "triggers", "triggers", "kept")
    kept |= {"triggers": texts} if texts else {}
    zones = [line.removeprefix("TZ=") for line in schedules if line.startswith("TZ=")]
    schedules = [line for line in schedules if not line.startswith("TZ=")]
    if len(zones) > 1 or (zones and len(schedules) != 1):
        return
    if len(schedules) == 1 and _CRON.fullmatch(schedules[0]) and "H" not in schedules[0]:
        kept["schedule"] = schedules[0]
        kept |= {"timezone": zones[0]} if zones else {}


def libraries(ledger: Ledger, call: Call, kept: dict[str, Any]) -> None:
    """Shared libraries: the steps of theirs that are used are spoken of where they stand."""
    texts = []
    for each in body_of(ledger, call):
        texts.append(ledger.text(each.at))
        ledger.say("dropped", each.at, "libraries", "library", "nothing is loaded: its steps have no translation")
    ledger.head("exact", call.at, "libraries", "libraries")
    kept |= {"libraries": texts} if texts else {}


def around(ledger: Ledger, parsed: Parsed, pipeline: Call, kept: dict[str, Any]) -> None:
    """The Groovy before and after the pipeline: kept, as it is no part of a job."""
    before: list[str] = []
    after: list[str] = []
    for each in parsed.statements:
        if each is pipeline:
            continue
        (before if each.at.start < pipeline.at.start else after).append(ledger.text(each.at))
        ledger.say("dropped", each.at, "", _what(each), "Groovy is not run here")
    kept |= {key: value for key, value in (("before", before), ("after", after)) if value}


def _what(node: Node) -> str:
    return "definition" if isinstance(node, (Assign, Opaque)) else "statement"
