"""Variables whose values must not be written."""

from __future__ import annotations

from collections.abc import Mapping

from exlib.convert.outgoing import Outgoing
from exlib.environment import REFERENCE, is_secret, layered
from exlib.masking import Mask


class Hidden:
    """Variables that are secrets, and those that hold the value of one, of whichever job."""

    def __init__(self, outgoing: Outgoing) -> None:
        whole = outgoing.workflow
        self._secrets = frozenset(whole.secrets)
        values = {value for job in outgoing.jobs for value in self._values(whole.env, job.job.env)}
        self._mask = Mask({*values, *self._values(whole.env, {})})

    def _values(self, wider: Mapping[str, str], own: Mapping[str, str]) -> list[str]:
        if not any(is_secret(name, self._secrets) for name in (*wider, *own)):
            return []
        full = layered({}, wider, own)
        return [value for name, value in full.items() if is_secret(name, self._secrets) and REFERENCE.sub("", value)]

    def names(self, variables: Mapping[str, str]) -> list[str]:
        """Those among variables."""
        return [name for name, value in variables.items() if self._holds(name, value)]

    def _holds(self, name: str, value: str) -> bool:
        return is_secret(name, self._secrets) or self._mask.text(value) != value
