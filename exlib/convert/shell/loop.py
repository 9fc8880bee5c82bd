"""Attempts of a job, one after another, in a POSIX shell: which failure is worth another one, and when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from exlib.convert.outgoing import OutJob
from exlib.convert.shell.words import number

CHECKED = 1
"""The exit code of a job whose check did not pass, where nothing asks which failure it was."""
_TIMED_OUT = "TIMEOUT"
_BY_TIMEOUT = (124, 137)
"""Exit codes of timeout(1): the command ended by TERM, or had to be killed. A command may end with them as well."""
_KEYS = ("max_retries", "retry_delay", "retry_backoff", "max_retry_time", "retry_on_status", "retry_on_exit_codes")


class Loop:
    """What stands around one attempt; ``check`` and ``error`` are exit codes of it that no command's failure means."""

    def __init__(self, job: OutJob, timed: bool) -> None:
        """``timed``: the attempt ends by timeout(1) if it takes too long."""
        self._job = job
        self._retry = job.job.retry
        self._timed = timed
        taken = {*self._retry.on_exit_codes, *_BY_TIMEOUT}
        free = [code for code in (CHECKED, *range(119, 0, -1)) if code not in taken]
        self.check = free[0]
        self.error = free[1] if self._retry.on_status != {"ERROR", "FAILED", "TIMEOUT"} else CHECKED

    def around(self, body: list[str]) -> list[str]:
        """The lines of the whole."""
        self._job.exact(*_KEYS)
        self._job.approximated("retry_jitter", "the delays are those of the document, not spread")
        return ["attempt() (", *body, ")", *self._loop()]

    def _loop(self) -> Iterator[str]:
        retry = self._retry
        began = "; began=$(date +%s)" if retry.max_time else ""
        yield f"tries=0; delay={number(retry.delay)}{began}"
        worth = self._worth()
        timed = _TIMED_OUT in worth
        yield f"until {'since=$(date +%s); ' if timed else ''}attempt; do"
        yield f"  code=$?{'; why=$code' if worth else ''}"
        if timed:
            # What ended with such a code before its time was up said so itself.
            limit = int(self._job.job.timeout or 0)
            early = f"$(($(date +%s) - since)) -lt {limit}"
            yield f'  case "$code" in {_either(_BY_TIMEOUT)}) [ {early} ] || why={_TIMED_OUT} ;; esac'
        if worth:
            yield f"  {worth}"
        yield f'  [ "$tries" -lt {retry.limit} ] || exit "$code"'
        if retry.max_time:
            late = f"$(date +%s) - $began + $delay > {number(retry.max_time)}"
            yield f'  awk "BEGIN {{ exit ({late}) }}" || exit "$code"'
        yield '  tries=$((tries + 1)); sleep "$delay"'
        if retry.backoff != 1 and retry.limit > 1:
            yield f'  delay=$(awk "BEGIN {{ print $delay * {number(retry.backoff)} }}")'
        yield "done"

    def _worth(self) -> str:
        """The line that ends it after a failure that is not worth another attempt; empty if all are."""
        retry = self._retry
        marked: dict[int | str, str] = {self.error: "ERROR", **({_TIMED_OUT: "TIMEOUT"} if self._timed else {})}
        if "FAILED" in retry.on_status:
            final = [code for code, status in marked.items() if status not in retry.on_status]
            final = final if self.error != self.check else []
            return f'case "$why" in {_either(final)}) exit "$code" ;; esac' if final else ""
        worth = [code for code, status in marked.items() if status in retry.on_status]
        codes = dict.fromkeys([*sorted(retry.on_exit_codes), *worth])
        return f'case "$why" in {_either(codes)}) ;; *) exit "$code" ;; esac' if codes else 'exit "$code"'


def _either(codes: Iterable[int | str]) -> str:
    return "|".join(map(str, codes))
