"""What differs between two documents as workflows: jobs added, removed, renamed and changed, told by their ids.

Spellings that mean the same are the same: old names of keys, dependencies as text, in another order or in another
form. Whether a value that stands there equals the one that would count without it is asked by ``effects`` alone.
"""

from exlib.delta.compare import delta
from exlib.delta.model import ABSENT, Change, Delta, JobDelta, Rename

__all__ = ["ABSENT", "Change", "Delta", "JobDelta", "Rename", "delta"]
