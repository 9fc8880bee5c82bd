"""The masks for what past runs printed: each hides the secrets of its own workflow."""

from __future__ import annotations

import os

from exlib.document import STDIN_NAME, Document
from exlib.environment import is_secret
from exlib.errors import ExecutionerError
from exlib.logs.model import Run
from exlib.masking import Mask
from exlib.masking.documents import secret_values
from exlib.merge.includes import resolved


class Masks:
    """What hides the secrets of a run's workflow: those of its document's file, where it is still there.

    The history has no secrets; those that came from outside, by --env or the environment, are known by name here.
    """

    def __init__(self) -> None:
        self._known: dict[str, Mask] = {}

    def __call__(self, run: Run) -> Mask:
        """The mask for what a run's jobs printed."""
        name = run.document or ""
        path = os.path.join(run.working_dir or "", name) if name and name != STDIN_NAME else ""
        mask = self._known.get(path)
        if mask is None:
            mask = self._known[path] = self._mask(path)
        return mask

    def _mask(self, path: str) -> Mask:
        named: frozenset[str] = frozenset()
        values: set[str] = set()
        try:
            with open(path, "rb") as stream:
                document = resolved(Document(stream.read(), path))
            listed = document.data.get("secrets")
            named = frozenset(one for one in (listed if isinstance(listed, list) else ()) if type(one) is str)
            values = secret_values(document, named)
        except (OSError, ExecutionerError):
            pass
        return Mask(values | {os.environ[name] for name in os.environ if is_secret(name, named)})
