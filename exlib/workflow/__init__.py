"""The typed, read-only view of a document, and tolerant readers of its single keys.

Legacy spellings are read here and only here. The view expects a document without error findings (``rules.check``);
the readers (``job_id``, ``dependency_entries``) accept anything.
"""

from exlib.workflow.keys import (
    LEGACY_JOB_KEYS,
    LEGACY_TOP_KEYS,
    MERGE_CONFLICT,
    application_name,
    dependency_entries,
    dependency_ids,
    dependency_target,
    env_text,
    job_description,
    job_id,
)
from exlib.workflow.model import (
    DEFAULT_MAX_RETRY_TIME,
    DEFAULT_RETRY_BACKOFF,
    DEFAULT_RETRY_DELAY,
    DEFAULT_RETRY_JITTER,
    DEFAULT_TIMEOUT,
    RETRY_STATUSES,
    Check,
    Job,
    Mail,
    PluginSource,
    Retry,
    Wait,
    Workflow,
    plugin_sources,
)

__all__ = [
    "DEFAULT_MAX_RETRY_TIME",
    "DEFAULT_RETRY_BACKOFF",
    "DEFAULT_RETRY_DELAY",
    "DEFAULT_RETRY_JITTER",
    "DEFAULT_TIMEOUT",
    "LEGACY_JOB_KEYS",
    "LEGACY_TOP_KEYS",
    "MERGE_CONFLICT",
    "RETRY_STATUSES",
    "Check",
    "Job",
    "Mail",
    "PluginSource",
    "Retry",
    "Wait",
    "Workflow",
    "application_name",
    "dependency_entries",
    "dependency_ids",
    "dependency_target",
    "env_text",
    "job_description",
    "job_id",
    "plugin_sources",
]
