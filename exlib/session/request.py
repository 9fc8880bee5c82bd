"""What a person asks of one run, after the options were read."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

OnChange = Literal["rerun", "reuse", "refuse"]
OnAlive = Literal["end", "wait", "refuse"]


class Request(NamedTuple):
    """Options of ``ex-run``. Times in seconds, ``keep_days`` in days; None means that nothing was said."""

    workers: int = 1
    skip: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    env: Mapping[str, str] = MappingProxyType({})
    secrets: tuple[str, ...] = ()
    working_dir: str | None = None
    log_dir: str | None = None
    db: str | None = None
    continue_on_error: bool = False
    timeout: float | None = None
    grace: float = 5.0
    resume: int | None = None
    failed_only: bool = False
    on_change: OnChange = "rerun"
    on_alive: OnAlive = "end"
    events: str | None = None
    tag: bool = False
    keep_runs: int | None = None
    keep_days: float | None = None
    command_line: str = ""
    resume_with: str = "ex-run --resume"
