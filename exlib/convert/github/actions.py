"""The actions that need nothing here: what is checked out, set up or cached elsewhere is here already, or is not."""

from __future__ import annotations

import re

from exlib.convert.yaml.tree import Node

_CHECKOUT = re.compile(r"actions/checkout@.+")
_SETUP = re.compile(r"[\w.-]+/(?:[\w.-]+/)*setup-[\w.-]+@.+")
_CACHE = re.compile(r"actions/cache(?:/(?:restore|save))?@.+")
_ARTIFACT = re.compile(r"actions/(upload|download)-artifact(?:/merge)?@.+")
_ELSEWHERE = ("repository", "path", "ref")
_ANOTHER_RUN = ("repository", "run-id", "github-token")
HIT = "cache-hit"


def nothing_to_do(step: Node) -> str | None:
    """Why an action of a step needs nothing here; None for one that does something that has to be done."""
    uses = (step.get("uses") or step).text
    given = step.get("with")
    keys = list(given.members) if given is not None else []
    if _CHECKOUT.fullmatch(uses):
        if any(key.lower() in _ELSEWHERE for key in keys):
            return None
        return "the files are those of the working directory, which the jobs share"
    if _SETUP.fullmatch(uses):
        return "what it sets up has to be installed here"
    if _CACHE.fullmatch(uses):
        return "nothing is cached: what it would bring back is here already, or is made again"
    if _ARTIFACT.fullmatch(uses):
        if any(key.lower() in _ANOTHER_RUN for key in keys):
            return None
        return "the jobs share the working directory: files stay where they are made"
    return None


def is_cache(uses: str) -> bool:
    """Whether an action restores a cache, which here never holds anything."""
    return _CACHE.fullmatch(uses) is not None


def sets_nothing(uses: str) -> bool:
    """Whether an action is known to leave the variables of the job alone."""
    return any(known.fullmatch(uses) for known in (_CHECKOUT, _CACHE, _ARTIFACT))
