"""Variables for what only a run knows: ``secrets.TOKEN`` is ``$TOKEN``, ``github.sha`` is ``$GITHUB_SHA``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from exlib.convert.github.expressions import path
from exlib.convert.github.runner import GIVEN
from exlib.convert.github.templates import Hole, Pieces
from exlib.environment import NAME, REFERENCE, is_secret

GITHUB = frozenset(
    "action action_path action_repository actor actor_id api_url base_ref event_name event_path graphql_url head_ref "
    "job ref ref_name ref_protected ref_type repository repository_id repository_owner repository_owner_id "
    "retention_days run_attempt run_id run_number server_url sha triggering_actor workflow workflow_ref workflow_sha "
    "workspace".split()
)
RUNNER = frozenset(["os", "arch", "name", "environment", "temp", "tool_cache", "debug"])
_FORBIDDEN = re.compile(r"[^A-Za-z0-9_]+")


class Stand(NamedTuple):
    """A variable that stands for an expression; ``whence`` says who sets it: a person, a step before, or nobody."""

    name: str
    secret: bool
    whence: str  # environment, step, none


class Naming:
    """Names for expressions. ``defined`` are the variables that the workflow sets itself, with their texts.

    ``defaults`` are the values of the variables that stand for inputs, where the workflow has some.
    """

    def __init__(self, defined: Mapping[str, set[str]], defaults: Mapping[str, str]) -> None:
        self._defined = defined
        self.defaults = defaults
        self._given: dict[str, str] = {}

    def stand(self, hole: Hole) -> Stand:
        """The variable for an expression; that of what is no plain access has to be set by whoever allows its job."""
        name = path(hole.tree)
        if name is None:
            return Stand(self._made_up(hole.written[3:-2].strip()), False, "none")
        first, _, rest = name.partition(".")
        if first == "secrets" and rest:
            return self._secret(rest, hole)
        if name.lower() == "github.token":
            return self._secret("GITHUB_TOKEN", hole)
        for context, known in (("github", GITHUB), ("runner", RUNNER)):
            if first == context and rest.lower() in known:
                return Stand(f"{context.upper()}_{rest.upper()}", False, "environment")
        if first == "env" and NAME.match(rest):
            return Stand(rest, False, "step")
        if first == "vars":
            return _given(_safe(name).upper())
        if first == "inputs" or name.lower().startswith("github.event.inputs."):
            return _given(input_name(name.rpartition(".")[2]))
        if first == "steps" and ".outputs." in rest:
            return Stand(_safe(name).upper(), False, "step")
        return Stand(_safe(name).upper(), False, "none")

    def _made_up(self, written: str) -> str:
        """A name for what is no plain access; each text has its own."""
        base = _safe(f"EXPRESSION_{written}")[:60].rstrip("_")
        name, number = base, 1
        while self._given.setdefault(name, written) != written:
            number += 1
            name = f"{base}_{number}"
        return name

    def _secret(self, name: str, hole: Hole) -> Stand:
        """A secret by its own name, unless the workflow gives that name to something else."""
        same = {hole.written.replace(" ", ""), f"${{{{secrets.{name}}}}}", "${{github.token}}"}
        if self._defined.get(name, set()) - same or not NAME.match(name):
            return Stand(_safe(f"SECRETS_{name}").upper(), True, "environment")
        return Stand(name, True, "environment")


def _given(name: str) -> Stand:
    """A variable that whoever runs the document sets; some are secrets by their names."""
    return Stand(name, is_secret(name), "environment")


def input_name(name: str) -> str:
    """The variable for an input."""
    return _safe(f"INPUT_{name}").upper()


def _safe(name: str) -> str:
    return _FORBIDDEN.sub("_", name).strip("_")


def holes(pieces: Pieces) -> list[Hole]:
    """The unknown pieces."""
    return [piece for piece in pieces if isinstance(piece, Hole)]


def plain_value(pieces: Pieces, naming: Naming) -> str | None:
    """A value for ``env_variables``, references in it; None if ex-run would not resolve it as it is meant.

    It takes a text that looks like a reference for one, and knows nothing of variables that the job's own text sets.
    """
    stands = [naming.stand(hole) for hole in holes(pieces)]
    if any(stand.whence == "step" or stand.name in GIVEN for stand in stands):
        return None
    if any(isinstance(piece, str) and REFERENCE.search(piece) for piece in pieces):
        return None
    made = "".join(p if isinstance(p, str) else f"${{{naming.stand(p).name}}}" for p in pieces)
    return made if len(REFERENCE.findall(made)) == len(holes(pieces)) else None
