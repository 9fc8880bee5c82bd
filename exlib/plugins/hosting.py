"""What the engine needs to have checks and waits answered: the command of a host process, and how to read its answer.

The host's interpreter is isolated (``-I``): no variable of the job and nothing in its directory changes what is
imported. Built-in checks do without ``site`` too, for a quick start; plugins of others find what this process finds.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from typing import Any

from exlib.plugins.checks import CHECKS, run_instantly
from exlib.plugins.verdict import Verdict, read_verdict
from exlib.workflow import PluginSource

__all__ = ["Verdict", "host_argv", "read_verdict", "run_instantly"]

_ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
_BOOT = "import sys; sys.path.insert(0, sys.argv.pop(1)); from exlib.plugins.host import main; sys.exit(main())"


def host_argv(
    role: str,
    name: str,
    params_json: str,
    *,
    sources: Sequence[PluginSource] = (),
    allow_shell: bool = True,
) -> list[str]:
    """The command that runs a plugin, ``role`` being check or wait, in the job's directory and environment.

    The parameters are the document's own: ``${NAME}`` is expanded inside, so that no value of the environment stands
    in a command line, which every user of the machine can read.
    """
    options: dict[str, Any] = {} if allow_shell else {"allow_shell": False}
    builtin = role == "check" and name in CHECKS
    if not builtin:
        options |= {"sources": sources, "path": _own_path()}
    flags = ["-I", "-S"] if builtin else ["-I", "-X", "faulthandler"]
    return [sys.executable, *flags, "-c", _BOOT, _ROOT, role, name, params_json, json.dumps(options)]


def _own_path() -> list[str]:
    """Where this process imports from, but for the interpreter's own library."""
    library = os.path.dirname(os.__file__)
    return [os.path.abspath(entry) for entry in sys.path if entry and entry != library and not _below(entry, library)]


def _below(entry: str, library: str) -> bool:
    return entry.startswith(os.path.join(library, "lib-")) or entry.endswith(".zip")
