"""Attempts of a job: which failure is worth another one."""

from __future__ import annotations

from typing import Any

from exlib.convert.gitlab.parts import Teller
from exlib.convert.gitlab.plan import Planned

_STATUS = {
    "script_failure": "FAILED",
    "job_execution_timeout": "TIMEOUT",
    "stuck_or_timeout_failure": "TIMEOUT",
}
_MOST = 2


def attempts(job: Planned) -> int:
    """How often a job is tried again. Raises InputError for what is no number of that."""
    retry = job.part.get("retry")
    if retry is None or retry.is_null:
        return 0
    most = retry.get("max") if retry.is_map else retry
    count = most.value if most is not None else 0
    if not isinstance(count, int) or isinstance(count, bool) or not 0 <= count <= _MOST:
        raise retry.refuse(f"a job can be tried again up to {_MOST} times")
    return count


def is_after_script(job: Planned) -> bool:
    """Whether the failure of a script is worth another attempt."""
    reasons = _reasons(job)
    return not reasons or "always" in reasons or "script_failure" in reasons


def put_retries(made: dict[str, Any], count: int, job: Planned, teller: Teller) -> None:
    """Put the attempts into a job; ``count`` is 0 if its script sees to them."""
    retry = job.part.get("retry")
    if retry is None:
        return
    when, codes = retry.get("when"), retry.get("exit_codes")
    said = ""
    if not attempts(job):
        made["max_retries"] = 0
    if count:
        made |= {"max_retries": count, "retry_delay": 0, "retry_jitter": 0, "max_retry_time": 0}
        reasons = _reasons(job)
        if reasons and "always" not in reasons:
            made["retry_on_status"] = sorted({_STATUS.get(reason, "ERROR") for reason in reasons})
            said = "failures of a runner are taken for jobs that could not be started"
        if codes is not None:
            listed = codes.items if codes.is_list else [codes]
            if not all(isinstance(code.value, int) for code in listed):
                raise codes.refuse("exit_codes must be numbers")
            made["retry_on_exit_codes"] = [code.value for code in listed]
            said = said or "it is tried again after a timeout too"
    elif (when is not None or codes is not None) and retry.plain():
        said = "as its failure is allowed, it is tried again after any"
    teller.tell(retry, "approximated" if said else "exact", "retry", said, job.name)


def _reasons(job: Planned) -> list[str]:
    """The failures that are worth another attempt, where they are named."""
    when = job.part.get("retry", "when")
    if when is None or when.is_null:
        return []
    return [each.text for each in (when.items if when.is_list else [when])]
