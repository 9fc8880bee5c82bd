"""What git has to be told so that it merges workflows by job, and the merge by lines for what is no workflow."""

from __future__ import annotations

import subprocess

CONFIG = """\
# ex-merge as git's merge driver for this repository. Run it: ex-merge --git-config | sh
git config merge.executioner.name 'workflows, merged by job and key' &&
git config merge.executioner.driver 'ex-merge --git-driver -- %O %A %B %P' &&
attributes="$(git rev-parse --show-toplevel)/.gitattributes" &&
{ [ -z "$(tail -c 1 "$attributes" 2>/dev/null)" ] || echo >> "$attributes"; } &&
{ grep -qs 'merge=executioner' "$attributes" || echo '*.json merge=executioner' >> "$attributes"; }
"""


def merge_by_lines(ancestor: str, ours: str, theirs: str) -> bool:
    """Merge into the file of ours as git does on its own, with its markers; whether there was no conflict."""
    labels = [word for side in ("ours", "base", "theirs") for word in ("-L", side)]
    try:
        done = subprocess.run(
            ["git", "merge-file", *labels, "--", ours, ancestor, theirs], stdout=subprocess.DEVNULL, check=False
        )
    except OSError:
        return False  # the file stays ours, and git keeps all three versions in its index
    return done.returncode == 0
