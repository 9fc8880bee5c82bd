"""Shape: what the schema says about keys and types. A quick test first, ``jsonschema`` for what fails it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from exlib import schema
from exlib.environment import is_secret
from exlib.findings import Pointer
from exlib.rules.nearest import Nearest
from exlib.rules.subject import Subject, named, shown

if TYPE_CHECKING:
    from jsonschema import ValidationError

_PHRASES = {
    "string": "a string",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
}
_WANTED = {
    "inherit_shell_env": 'true, false, "default" or a list of names',
    "dependencies": "a list of job ids",
    "email_address": "a mail address or a list of them",
    "jobs": "a list of jobs",
    "shell": "true, false or a program such as bash",
    "tags": "a list of strings",
}
_BOUNDS = {"minimum": "at least", "exclusiveMinimum": "more than", "maximum": "at most"}


def check_shape(subject: Subject) -> None:
    """Report what the schema refuses (E201 to E205), and give ``subject`` the rest to go on with."""
    root = schema.load("workflow")
    data, properties = subject.document.data, root["properties"]
    tests = {key: test for key, test in schema.tests_of(root, root).items() if key != "jobs"}
    subject.top = {key: value for key, value in data.items() if key not in tests or tests[key](value)}
    for key in data.keys() - subject.top.keys():
        _explain(subject, (key,), data[key], properties[key], root)
        if (kept := _kept(data[key], properties[key], root)) is not None:
            subject.top[key] = kept
    if "jobs" not in data:
        subject.report("E201", "the document has no jobs", mend='add "jobs": [{"id": "...", "command": "..."}]')
    elif not isinstance(data["jobs"], list):
        _explain(subject, ("jobs",), data["jobs"], {"type": "array"}, root)
    _check_jobs(subject, root)


def _check_jobs(subject: Subject, root: Mapping[str, Any]) -> None:
    described = root["$defs"]["job"]
    test_of = schema.tests_of(described, root).get
    complete = schema.compiled({key: described[key] for key in ("required", "anyOf")}, root)
    for index, raw in enumerate(subject.document.jobs):
        if not isinstance(raw, dict):
            _explain(subject, ("jobs", index), raw, {"type": "object"}, root)
            subject.jobs.append({})
            continue
        if not complete(raw):
            _missing(subject, index, raw)
        bad = [key for key, value in raw.items() if (test := test_of(key)) is not None and not test(value)]
        if not bad:
            subject.jobs.append(raw)
            continue
        job = {key: value for key, value in raw.items() if key not in bad}
        for key in bad:
            below = described["properties"][key]
            _explain(subject, ("jobs", index, key), raw[key], below, root)
            if (kept := _kept(raw[key], below, root)) is not None:
                job[key] = kept
        subject.jobs.append(job)


def _kept(value: Any, below: Mapping[str, Any], root: Mapping[str, Any]) -> Any:
    """What is left of a list or of variables when their bad items are blanked; None if nothing is."""
    found = schema.resolve(below, root)
    if isinstance(value, list) and "items" in found:
        test = schema.compiled(found["items"], root)
        return [item if test(item) else None for item in value]
    if isinstance(value, dict) and "additionalProperties" in found:
        test = schema.compiled(found["additionalProperties"], root)
        return {key: item if test(item) else "" for key, item in value.items()}
    return None


def _missing(subject: Subject, index: int, raw: Mapping[str, Any]) -> None:
    at: Pointer = ("jobs", index)
    if "id" not in raw and "job_id" not in raw:
        subject.report("E201", f"job number {index + 1} has no id", at, mend='add "id": "..."')
    if "command" not in raw:
        subject.report("E201", "the job has no command", at, mend='add "command": "..."')


def _explain(subject: Subject, at: Pointer, value: Any, below: Mapping[str, Any], root: Mapping[str, Any]) -> None:
    for error in schema.errors_of(value, below, root):
        pointer = (*at, *error.absolute_path)
        code, message, mend = _worded(error, pointer)
        subject.report(code, message, pointer, mend=mend)


def _worded(error: ValidationError, pointer: Pointer) -> tuple[str, str, str | None]:
    """The code, the message and the mend of one complaint of ``jsonschema``."""
    name = named(pointer)
    value: Any = error.instance
    rule: Any = error.validator_value
    got = f", got {_shown(value, pointer)}"
    word = str(error.validator)
    if word == "type":
        return (
            "E203",
            f"{_noun(pointer, name)} must be {_wanted(pointer, rule)}{got}",
            _retyped(value, rule, error.schema),
        )
    if word in _BOUNDS:
        no_limit = isinstance(error.schema, dict) and "null" in error.schema.get("type", ())
        return "E204", f"{name} must be {_BOUNDS[word]} {rule}{got}", "null means no limit" if no_limit else None
    if word == "enum":
        words = list(dict.fromkeys(str(each).upper() if str(each).upper() in rule else str(each) for each in rule))
        near = Nearest(words).to(value) if isinstance(value, str) else None
        return "E205", f"{name} must be one of {', '.join(words)}{got}", f"did you mean {near}?" if near else None
    if word == "pattern" and rule != "\\S":
        return "E205", f"{name} must be {_wanted(pointer, [])}{got}", None
    if word in ("pattern", "minLength"):
        return "E202", f"{name} is empty", None
    if word == "required":
        missing = next(key for key in rule if key not in value)
        return "E201", f'{name} has no "{missing}"', f'add "{missing}": "..."'
    return "E201", f'{name} names neither a "job" nor a "plugin"', 'write {"job": "ID"} or {"plugin": "NAME"}'


def _noun(pointer: Pointer, name: str) -> str:
    return f"job number {int(pointer[1]) + 1}" if len(pointer) == 2 and pointer[0] == "jobs" else name


def _wanted(pointer: Pointer, rule: str | list[str]) -> str:
    last = pointer[-1]
    if isinstance(last, str) and last in _WANTED and "env_variables" not in pointer[:-1]:
        return _WANTED[last]
    if len(pointer) > 1 and pointer[-2] == "dependencies":
        return "a job id or an object"
    types = [rule] if isinstance(rule, str) else rule
    return " or ".join(_PHRASES[name] for name in types if name != "null")


def _retyped(value: Any, rule: str | list[str], described: Any) -> str | None:
    """How to write the same value with the type that is wanted."""
    types = {rule} if isinstance(rule, str) else set(rule)
    if isinstance(value, str):
        bare = value.strip()
        if types & {"number", "integer"} and _is_number(bare):
            return f"write {bare} without quotes"
        if "boolean" in types and bare.lower() in ("true", "false", "yes", "no"):
            return f"write {'true' if bare.lower() in ('true', 'yes') else 'false'} without quotes"
        if "array" in types and "string" in described.get("items", {}).get("type", ()) and len(bare) < 40:
            return f"write {json.dumps([bare], ensure_ascii=False)}"
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        if "string" in types:
            return f'write "{value}" in quotes'
        if "boolean" in types and value in (0, 1):
            return f"write {'true' if value else 'false'}"
    return None


def _is_number(text: str) -> bool:
    try:
        return type(json.loads(text)) in (int, float)
    except ValueError:
        return False


def _shown(value: Any, pointer: Pointer) -> str:
    return "a value that is not shown" if is_secret(str(pointer[-1])) else shown(value)
