"""Settings that cannot do what they say: without effect, contradictory, or beyond sense."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from exlib.findings import Pointer
from exlib.rules.ids import CONTROL
from exlib.rules.subject import Subject, shown
from exlib.workflow import DEFAULT_MAX_RETRY_TIME, DEFAULT_RETRY_DELAY, DEFAULT_RETRY_JITTER

_RETRY = ("retry_delay", "retry_backoff", "retry_jitter", "max_retry_time", "retry_on_status", "retry_on_exit_codes")
_VERY_LONG = 30 * 86_400.0
_ADDRESS = re.compile(r"(?:[^<>@,;]*<)?[^\s<>@,;]+@(?:[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])>?")


def check_addresses(subject: Subject) -> None:
    """Report E206: what is not a mail address."""
    value = subject.top.get("email_address")
    if not value:
        return
    listed = isinstance(value, list)
    for place, text in enumerate(value if listed else value.split(",")):
        if text is None or (not listed and not text.strip()):
            continue
        if not _is_address(text.strip()):
            at: Pointer = ("email_address", place) if listed else ("email_address",)
            subject.report("E206", f"{shown(text.strip())} is not a mail address", at, mend="write name@example.com")


def _is_address(text: str) -> bool:
    if not _ADDRESS.fullmatch(text) or ("<" in text) != text.endswith(">"):
        return False
    local, _, domain = text.rpartition("@")
    return not local.endswith(".") and ".." not in local and ".." not in domain and not local.startswith(".")


def check_settings(subject: Subject) -> None:
    """Report W406 to W410, W412 and W414."""
    top = subject.top
    _check_name(subject)
    if top.get("max_workers", 1) > 1 and not top.get("parallel", False):
        subject.report(
            "W407",
            "max_workers has no effect while parallel is not true",
            ("max_workers",),
            mend='add "parallel": true, or run with ex-run --parallel',
            at_key=True,
        )
    if isinstance(subject.document.data.get("jobs"), list) and not subject.jobs:
        subject.report("W412", "the workflow has no jobs: there is nothing to run", ("jobs",))
    _check_mail(subject)
    _check_top_retries(subject)
    _check_times(subject, top, (), "default_")
    for index, raw in enumerate(subject.jobs):
        _check_retries(subject, raw, ("jobs", index))
        _check_times(subject, raw, ("jobs", index), "")


def _check_name(subject: Subject) -> None:
    key = "application_name" if "application_name" in subject.top else "name"
    if control := CONTROL.search(subject.top.get(key) or ""):
        subject.report(
            "W414",
            f"the name holds the control character U+{ord(control[0]):04X}",
            (key,),
            mend="remove the character; what needs several lines belongs into description",
        )


def _check_mail(subject: Subject) -> None:
    top = subject.top
    wanted = [key for key in ("email_on_success", "email_on_failure") if top.get(key) is True]
    if not top.get("email_address"):
        dangling = wanted + [key for key in top if key.startswith("smtp_")]
        if dangling:
            subject.report(
                "W408",
                f"{' and '.join(dangling)} without email_address: no mail is sent",
                (dangling[0],),
                mend='add "email_address"',
                at_key=True,
            )
    elif "email_on_success" not in top and "email_on_failure" not in top:
        subject.report(
            "W408",
            "email_address without email_on_success or email_on_failure: no mail is sent",
            ("email_address",),
            mend='add "email_on_failure": true, or false to say that none is wanted',
            at_key=True,
        )


def _check_top_retries(subject: Subject) -> None:
    top = subject.top
    given = [f"default_{key}" for key in _RETRY if f"default_{key}" in top]
    if given and not top.get("default_max_retries") and not any(raw.get("max_retries") for raw in subject.jobs):
        subject.report(
            "W406",
            f"{_have_no_effect(given)}: no job is ever retried",
            (given[0],),
            mend='add "default_max_retries", or "max_retries" to a job',
            at_key=True,
        )


def _check_retries(subject: Subject, raw: Mapping[str, Any], at: Pointer) -> None:
    if raw.keys().isdisjoint(_RETRY):
        return
    given = [key for key in _RETRY if key in raw]
    top = subject.top
    if not raw.get("max_retries", top.get("default_max_retries", 0)):
        subject.report(
            "W406",
            f"{_have_no_effect(given)}: the job is never retried",
            (*at, given[0]),
            mend='add "max_retries"',
            at_key=True,
        )
    elif raw.get("retry_on_status") == [] and not raw.get(
        "retry_on_exit_codes", top.get("default_retry_on_exit_codes")
    ):
        subject.report(
            "W406",
            "the job is never retried: retry_on_status is empty and no exit code is listed",
            (*at, "retry_on_status"),
            mend='list "FAILED", "ERROR" or "TIMEOUT"',
        )
    elif 0 in (raw.get("retry_on_exit_codes") or ()):
        subject.report(
            "W406",
            "exit code 0 is success and never retried",
            (*at, "retry_on_exit_codes", raw["retry_on_exit_codes"].index(0)),
            mend="remove the 0",
        )


def _have_no_effect(keys: Sequence[str]) -> str:
    if len(keys) == 1:
        return f"{keys[0]} has no effect"
    return f"{', '.join(keys[:-1])} and {keys[-1]} have no effect"


def _check_times(subject: Subject, raw: Mapping[str, Any], at: Pointer, prefix: str) -> None:
    timeout = raw.get(f"{prefix}timeout")
    if timeout is not None and timeout > _VERY_LONG:
        subject.report(
            "W410",
            f"{prefix}timeout is {_days(timeout)}: it is in seconds",
            (*at, f"{prefix}timeout"),
            mend="write seconds, or null for no limit",
        )
    delay_key, cap_key = f"{prefix}retry_delay", f"{prefix}max_retry_time"
    if delay_key not in raw and cap_key not in raw:
        return
    top = subject.top
    if not raw.get(f"{prefix}max_retries", top.get("default_max_retries", 0)):
        return  # W406 tells
    delay = raw.get(delay_key, top.get("default_retry_delay", DEFAULT_RETRY_DELAY))
    cap = raw.get(cap_key, top.get("default_max_retry_time", DEFAULT_MAX_RETRY_TIME))
    jitter = raw.get(f"{prefix}retry_jitter", top.get("default_retry_jitter", DEFAULT_RETRY_JITTER))
    if cap and delay * (1 - jitter) > cap:
        key = delay_key if delay_key in raw else cap_key
        subject.report(
            "W409",
            f"{delay_key} ({delay:g} s) is longer than {cap_key} ({cap:g} s): no retry can begin in time",
            (*at, key),
            mend=f"shorten {delay_key}, or set {cap_key} to 0 for no cap",
        )
    elif delay > _VERY_LONG:
        subject.report("W410", f"{delay_key} is {_days(delay)}: it is in seconds", (*at, delay_key))


def _days(seconds: float) -> str:
    days = seconds / 86_400
    return f"{days:,.0f} days" if days < 3_650 else f"{days / 365.25:,.0f} years"
