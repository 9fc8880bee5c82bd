"""What two sides changed in ways that do not go together, and how a document carries it until a person decides."""

import json
from collections.abc import Sequence
from typing import Any, Final, Literal, NamedTuple

from exlib.environment import is_secret
from exlib.workflow import MERGE_CONFLICT

Side = Literal["ours", "theirs"]
Kind = Literal["changed", "deleted-by-ours", "deleted-by-theirs"]
MARK: Final = MERGE_CONFLICT


class _Absent:
    """No value: the key is not there."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = _Absent()


class Conflict(NamedTuple):
    """One conflict: of a setting (``job`` is None), of a key of a job, or of a whole job (``key`` is None).

    A variable has the key ``env_variables.NAME``; a value that is not there is ABSENT.
    """

    kind: Kind
    job: str | None
    key: str | None
    base: Any = ABSENT
    ours: Any = ABSENT
    theirs: Any = ABSENT

    @property
    def is_confidential(self) -> bool:
        """Whether its values are not to be shown: those of variables, and what is a secret by its name."""
        key = self.key or ""
        return key.startswith("env_variables") or is_secret(key)

    def record(self) -> dict[str, Any]:
        """The conflict as the document carries it under the mark."""
        found: dict[str, Any] = {"conflict": self.kind}
        if self.key is not None:
            found["key"] = self.key
        return found | self.values()

    def values(self) -> dict[str, Any]:
        """The values that there are, by side."""
        sides = (("base", self.base), ("ours", self.ours), ("theirs", self.theirs))
        return {side: value for side, value in sides if value is not ABSENT}


def in_words(conflict: Conflict) -> str:
    """A conflict in a sentence; numbers, words like true, and missing keys are shown, no other value."""
    where = "" if conflict.job is None else f'job "{conflict.job}": '
    if conflict.kind != "changed":
        deleting, other = ("ours", "theirs") if conflict.kind == "deleted-by-ours" else ("theirs", "ours")
        return f"{where}{deleting} deletes it, {other} changes it"
    known = [_brief(value) for value in (conflict.base, conflict.ours, conflict.theirs)]
    if conflict.is_confidential or None in known:
        if conflict.theirs is ABSENT or conflict.ours is ABSENT:
            side, other = ("theirs", "ours") if conflict.theirs is ABSENT else ("ours", "theirs")
            return f"{where}{side} removes {conflict.key}, {other} changes it"
        return f"{where}both sides {'add' if conflict.base is ABSENT else 'change'} {conflict.key}, each in its own way"
    base, ours, theirs = known
    return f"{where}{conflict.key} was {base}, ours has {ours}, theirs has {theirs}"


def _brief(value: Any) -> str | None:
    if value is ABSENT:
        return "not there"
    return json.dumps(value) if value is None or isinstance(value, (bool, int, float)) else None


def records(conflicts: Sequence[Conflict]) -> list[dict[str, Any]]:
    """What stands under one mark."""
    return [conflict.record() for conflict in conflicts]
