"""The keys of a DAG and of a step, in the spelling of version 2 and in the older ones."""

from __future__ import annotations

from collections.abc import Iterator

from exlib.convert.yaml.tree import Node

_OLD = {
    "working_dir": ("workingDir", "dir"),
    "preconditions": ("precondition",),
    "call": ("run",),
    "labels": ("tags",),
    "with": ("config",),
    "failure": ("failed",),
    "delay_sec": ("delaySec", "delay"),
}
NO_WORD = {
    "group": "kept in x-source", "labels": "kept in x-source", "schedule": "kept in x-source: have cron start it",
    "hist_retention_days": "kept in x-source; ex-history keeps runs until it is told otherwise",
    "hist_retention_runs": "kept in x-source; ex-history keeps runs until it is told otherwise",
    "max_active_runs": "kept in x-source; several runs at once are not refused",
    "timeout_sec": "kept in x-source: give ex-run --timeout",
    "delay_sec": "kept in x-source; the run begins at once",
    "restart_wait_sec": "kept in x-source; nothing restarts a run",
    "max_clean_up_time_sec": "kept in x-source; ex-run gives every process ten seconds",
    "max_output_size": "kept in x-source; a log may be of any size",
    "skip_if_successful": "kept in x-source; ex-run starts whenever it is called",
    "catchup_window": "kept in x-source; nothing starts missed runs", "overlap_policy": "kept in x-source",
    "queue": "kept in x-source; ex-run has no queues", "log_output": "kept in x-source; a job has one log",
    "mail_on": "kept in x-source: state email_address", "error_mail": "kept in x-source: state email_address",
    "info_mail": "kept in x-source: state email_address", "wait_mail": "kept in x-source",
    "smtp": "its values are not taken over, as they may be secrets: state smtp_server",
    "otel": "kept in x-source", "run_config": "kept in x-source", "webhook": "kept in x-source",
    "artifacts": "kept in x-source; ex-run keeps no artifacts",
    "retry_policy": "kept in x-source; ex-run --resume goes on with a run",
    "worker_selector": "kept in x-source; jobs run where ex-run does",
}  # fmt: skip
"""Keys of a DAG that no document can say, with what becomes of them."""
BY_HAND = frozenset(["schedule", "timeout_sec", "mail_on", "error_mail", "info_mail", "smtp"])
"""Those of them that a person has to see to."""
BEYOND = {
    "call": "it starts another workflow of Dagu", "parallel": "it starts another workflow of Dagu several times",
    "container": "it runs in a container", "approval": "a person has to approve it", "messages": "it asks a model",
    "agent": "it asks a model", "llm": "it asks a model", "tools": "it asks a model", "repeat_policy": "it is repeated",
    "routes": "it chooses what runs next", "value": "it chooses what runs next", "with": "it has options of its kind",
    "worker_selector": "it runs on a chosen worker",
}  # fmt: skip
"""Keys of a step that no job can do, and why."""
ELSEWHERE = frozenset(["container", "ssh", "kubernetes", "redis", "s3", "llm", "harness", "harnesses", "step_types",
                       "registry_auths", "defaults"])  # fmt: skip
"""Keys of a DAG that change where or how its steps run."""


def camel(key: str) -> str:
    """The key as version 1 wrote it."""
    first, *others = key.split("_")
    return first + "".join(word.capitalize() for word in others)


def spellings(key: str) -> Iterator[str]:
    """The key and the older ways to write it."""
    yield key
    if "_" in key:
        yield camel(key)
    yield from _OLD.get(key, ())


def field(node: Node | None, key: str) -> Node | None:
    """The value under a key in any of its spellings."""
    if node is None:
        return None
    return next((found for name in spellings(key) if (found := node.members.get(name)) is not None), None)


def as_new(key: str) -> str:
    """The present spelling of a key."""
    return _NEW.get(key, key)


_KNOWN = [*NO_WORD, *ELSEWHERE, *_OLD, "log_dir", "handler_on", "max_active_steps", "timeout_sec", "continue_on",
          "repeat_policy", "mail_on_error", "signal_on_stop", "interval_sec", "exit_code", "mark_success",
          "max_interval_sec", "shell_packages"]  # fmt: skip
_NEW = {old: key for key in _KNOWN for old in spellings(key)}
