"""When cron starts an entry: the fields as cron itself reads them, checked and kept as text."""

import re
from collections.abc import Sequence
from typing import NamedTuple

NICKNAMES = ("@reboot", "@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


class Field(NamedTuple):
    """A field: its name, the lowest and the highest number, and the names that stand for numbers from the lowest on."""

    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()


SECOND = Field("second", 0, 59)
MINUTE = Field("minute", 0, 59)
HOUR = Field("hour", 0, 23)
DAY = Field("day of month", 1, 31)
MONTH = Field("month", 1, 12, _MONTHS)
WEEKDAY = Field("day of week", 0, 7, _DAYS)
YEAR = Field("year", 1970, 2099)
FIVE = (MINUTE, HOUR, DAY, MONTH, WEEKDAY)
SIX = (*FIVE, YEAR)
SEVEN = (SECOND, *FIVE, YEAR)
"""supercronic's forms: with a year behind, and with seconds in front too."""

_NUMBER = r"[0-9]{1,4}|[A-Za-z]+"
_TERM = re.compile(rf"(?P<all>[*?])|(?P<low>{_NUMBER})?(?:(?P<to>[-~])(?P<high>{_NUMBER})?)?")
_LAST = {DAY: re.compile(r"L|LW|[0-9]{1,2}W"), WEEKDAY: re.compile(rf"(?:{_NUMBER})(?:L|#[1-5])")}
"""What some crons know beyond the usual: the last day, the weekday next to one, the second Monday."""


class Flaw(NamedTuple):
    """What is wrong with a field: its place among the fields, and the words."""

    field: int
    message: str


def flaw(texts: Sequence[str], fields: Sequence[Field]) -> Flaw | None:
    """The first thing that is wrong with the fields; None if they can be read."""
    for place, (text, field) in enumerate(zip(texts, fields, strict=True)):
        for term in text.split(","):
            message = _term(term, field, len(fields) > len(FIVE))
            if message:
                return Flaw(place, message)
    return None


def is_schedule(text: object) -> bool:
    """Whether it is a schedule that a line of a crontab can begin with, in any of the forms."""
    if not isinstance(text, str):
        return False
    fields = text.split(" ")
    forms = {5: FIVE, 6: SIX, 7: SEVEN}
    return text in NICKNAMES or (len(fields) in forms and flaw(fields, forms[len(fields)]) is None)


def is_random(schedule: str) -> bool:
    """Whether cron itself picks a time in a range, once."""
    return "~" in schedule


def is_plain(schedule: str) -> bool:
    """Whether every cron knows all of it."""
    return schedule in NICKNAMES or (
        len(schedule.split()) == len(FIVE) and not re.search(r"[~#?]|[0-9a-z]L|\bL|W\b", schedule)
    )


def _term(term: str, field: Field, extended: bool) -> str | None:
    last = _LAST.get(field)
    if last is not None and last.fullmatch(term):
        return None
    body, slash, step = term.partition("/")
    if slash and not (step.isascii() and step.isdigit() and 0 < len(step) < 5 and int(step)):
        return f'the step of the {field.name} must be a whole number above 0, got "{step}"'
    match = _TERM.fullmatch(body)
    if match is None or not body or (match["to"] == "-" and not (match["low"] and match["high"])):
        return f'"{term}" is no {field.name}'
    if match["all"]:
        return None if match["all"] == "*" or extended else f'"{term}" is no {field.name}'
    low = _value(match["low"], field) if match["low"] else field.low
    high = _value(match["high"], field) if match["high"] else (field.high if match["to"] else low)
    for text, value in ((match["low"], low), (match["high"], high)):
        if value is None:
            names = f", or {field.names[0]} to {field.names[-1]}" if field.names else ""
            return f'the {field.name} must be {field.low} to {field.high}{names}, got "{text}"'
    backwards = low is not None and high is not None and low > high
    return f"the {field.name} runs backwards: {body}" if backwards else None


def _value(text: str, field: Field) -> int | None:
    if text.isdigit():
        return int(text) if field.low <= int(text) <= field.high else None
    names = {name: field.low + place for place, name in enumerate(field.names)}
    return names.get(text.lower())
