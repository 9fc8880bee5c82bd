"""What the caller of a conversion asked for beside the two formats."""

from collections.abc import Mapping
from typing import NamedTuple


class Wishes(NamedTuple):
    """Each format names in the table those that it heeds; another one is refused, not ignored."""

    granularity: str = "command"
    split_steps: bool = False
    evaluate: bool = False
    upgrade: bool = False
    each: bool = False
    variables: Mapping[str, str] = {}
    targets: tuple[str, ...] = ()
    sheet: str = ""


class File(NamedTuple):
    """A file of the result; a format of one file leaves its name empty. Nothing here writes it."""

    name: str
    content: str | bytes
