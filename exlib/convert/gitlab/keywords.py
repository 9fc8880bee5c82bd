"""Keys of jobs that a document has no words for: what becomes of each. All of them are kept in ``x-source``."""

import re
from typing import Any

from exlib.convert.account import Fate

KEPT: dict[str, tuple[Fate, str]] = {
    "artifacts": ("approximated", "all jobs work in one folder: files are there without being passed on or collected"),
    "cache": ("approximated", "the folder stays as it is: nothing is fetched or kept"),
    "coverage": ("dropped", "no coverage is read from the log"),
    "dast_configuration": ("dropped", "it configures GitLab's own scanner"),
    "environment": ("dropped", "no deployment is recorded"),  # but for jobs that deploy, which are guarded
    "hooks": ("dropped", "no sources are fetched, so nothing hooks in"),
    "id_tokens": ("manual", "there are no such tokens here: set the variables, or log in by other means"),
    "identity": ("manual", "there is no such identity here: log in by other means"),
    "image": ("manual", "its commands run on this machine: have what the image holds, or call a container"),
    "inputs": ("manual", "a job takes no inputs here: set variables"),
    "interruptible": ("dropped", "no newer pipeline ends a run"),
    "manual_confirmation": ("dropped", "the reason of the guard is what is shown"),
    "pages": ("manual", "nothing is published: copy the folder to where it is served"),
    "publish": ("manual", "nothing is published: copy the folder to where it is served"),
    "release": ("manual", "no release is made: make it by hand, then allow the job"),
    "resource_group": ("manual", "jobs of one group may run at once: let one depend on the other"),
    "secrets": ("manual", "nothing is fetched from a vault: set the variables"),
    "services": ("manual", "start what they offer before the run"),
    "tags": ("dropped", "no runner is chosen: it runs here"),
    "trigger": ("manual", "no other pipeline is started: do it by hand, or put a command that does it in its place"),
    "run": ("manual", "its steps cannot be run here: put a command in their place"),
}
GUARDED = {
    "environment": "it deploys to an environment, which may wait for an approval",
    "release": "it makes a release, which is not made here",
    "trigger": "it starts another pipeline, which is not started here",
    "run": "its steps cannot be run here",
}
"""Keys whose work is not done here: what waits for it must not go on by itself."""
STRANGE = re.compile(r"it is for [^;]*, another system|what it runs on is not known: [^;]*")
"""Reasons that come of tags."""
WORKERS = 4
"""How many jobs run at once where nothing says how many runners there are."""
LIMIT = 3600
"""Seconds: the limit of a job where neither it nor the project says another."""
MANUAL = "it is started by hand"
UNREAD = "files that it includes were not read"
BEYOND = ("what another pipeline makes", "from what was not read", "which was not read", "is not in the pipeline")
"""Parts of reasons that a configuration made from the document cannot give again by itself."""
BY_HAND = [{"when": "manual"}]
NOTED = frozenset(
    [
        "description", "tags", "priority", "detach", "inputs", "outputs", "continue_on_error", "retry_delay",
        "retry_backoff", "retry_jitter", "max_retry_time",
    ]
)  # fmt: skip
"""Keys of jobs that only a note can bring back."""
CONDITIONS = ("rules", "only", "except", "when", "start_in", "allow_failure")
READ = (
    "script", "before_script", "after_script", "stage", "needs", "dependencies", "extends", "inherit", "variables",
    "parallel", "retry", "timeout", *CONDITIONS,
)  # fmt: skip


def deploys(environment: Any) -> bool:
    """Whether what stands under ``environment`` begins a deployment; there are words for jobs that do not."""
    action = environment.get("action") if isinstance(environment, dict) else None
    return bool(environment) and action not in ("stop", "prepare", "verify", "access")
