"""The columns of a table of jobs: which key of a job each fills, and how its cells are read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal, NamedTuple

from exlib.convert.tables.limits import limit_of

Kind = Literal[
    "text", "number", "whole", "boolean", "words", "ids", "paths", "codes", "json", "shell", "variable", "gate", "other"
]

KINDS: dict[str, Kind] = {
    "id": "text", "description": "text", "command": "text", "dependencies": "ids", "inputs": "paths",
    "outputs": "paths", "timeout": "number", "env_variables": "json", "working_dir": "text", "shell": "shell",
    "tags": "words", "priority": "whole", "max_retries": "whole", "retry_delay": "number", "retry_backoff": "number",
    "retry_jitter": "number", "max_retry_time": "number", "retry_on_status": "words", "retry_on_exit_codes": "codes",
    "pre_checks": "json", "post_checks": "json", "continue_on_error": "boolean", "detach": "boolean",
}  # fmt: skip
_ALIASES = {
    "id": "job job_id name job_name task task_id task_name step step_id step_name",
    "description": "desc comment comments job_description what title",
    "command": "cmd script run shell_command command_line commandline exec execute",
    "dependencies": "dependency depends depends_on dependson after needs requires deps predecessor predecessors",
    "env_variables": "env environment variables environment_variables",
    "timeout": "timeout_seconds time_limit limit timeout_s timeout_sec",
    "tags": "tag label labels group groups",
    "working_dir": "cwd dir directory workdir working_directory folder",
    "max_retries": "retries retry",
    "inputs": "input reads",
    "outputs": "output writes",
}
_KEYS = {alias: key for key, names in _ALIASES.items() for alias in names.split()} | {key: key for key in KINDS}
_VARIABLE = re.compile(r"env(?:ironment|_variables)?[.:]\s*([A-Za-z_]\w*)", re.IGNORECASE | re.ASCII)


class Column(NamedTuple):
    """A column: the key of a job that it fills, or its own title; and how its cells are read."""

    key: str
    kind: Kind


def column(title: str) -> Column:
    """What a title stands for; case, blanks and hyphens are forgiven."""
    variable = _VARIABLE.fullmatch(title.strip())
    if variable:
        return Column(variable[1], "variable")
    plain = re.sub(r"[\s_-]+", "_", title.strip().lower()).strip("_").removesuffix("_(s)").removesuffix("_(seconds)")
    key = _KEYS.get(plain)
    if key is not None:
        return Column(key, KINDS[key])
    return Column(title.strip(), "other" if limit_of(title) is None else "gate")


def is_header(titles: Iterable[object]) -> bool:
    """Whether a row names the columns: one of them is the command, and no text stands there twice."""
    found = [column(title).key for title in titles if isinstance(title, str)]
    return "command" in found
