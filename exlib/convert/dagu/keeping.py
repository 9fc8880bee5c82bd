"""What is kept of a DAG as it is, for the way back: all but the values of secrets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from exlib.convert.account import Account
from exlib.convert.dagu.keys import as_new
from exlib.convert.dagu.scene import Scene
from exlib.convert.yaml.tree import Node
from exlib.environment import is_secret
from exlib.masking import Mask

OF_AUTHOR = frozenset(["env", "params", "with", "step_types", "artifacts", "dotenv"])
"""Keys that hold names of the author's own, or that kept their spelling."""
_PAIRS = frozenset(["env", "params"])
"""Those of them whose texts may be ``NAME=value``."""
_NAMES_ALONE = frozenset(["secrets", "key", "primary_key", "dedupe_key"])
"""Keys that sound like secrets, and name them or something else."""
_PAIR = re.compile(r"(?:^|(?<=\s))[\"']?([A-Za-z_]\w*)=(\"[^\"]*\"|'[^']*'|\S+)")
_REFERENCE = re.compile(r"\$(?:\{[^}]*\}|\w+)|`[^`]*`")


def kept(scene: Scene, node: Node, key: str = "") -> Any:
    """The value with its keys in their present spelling, without what is secret: the account is told of that."""
    return _plain(scene, node, key in OF_AUTHOR, key in _PAIRS)


def hidden(account: Account, secrets: list[str]) -> None:
    """Take the values of secrets that were not kept from the account."""
    mask = Mask(secrets)
    if mask.active:
        account.entries[:] = [
            entry._replace(place=entry.place._replace(text=mask.text(entry.place.text))) for entry in account.entries
        ]


def note_secrets(scene: Scene, node: Node) -> None:
    """Remember the values of secrets below a node of which nothing is kept."""
    for _ in _members(scene, node, False):
        pass


def _plain(scene: Scene, node: Node, own: bool, pairs: bool) -> Any:
    if node.is_list:
        return [_plain(scene, one, own, pairs) for one in node.items if not (pairs and holds_secret(scene, one))]
    if not node.is_map:
        return node.plain()
    found: dict[str, Any] = {}
    for new, value in _members(scene, node, own):
        if pairs and holds_secret(scene, value):
            continue
        if new == "executor" and value.is_map:
            found |= _plain(scene, value, own, pairs)
        elif new == "executor":
            found["type"] = value.plain()
        else:
            found[new] = _plain(scene, value, own or new in OF_AUTHOR, pairs or new in _PAIRS)
    return found


def _members(scene: Scene, node: Node, own: bool) -> Iterator[tuple[str, Node]]:
    """The members that may be kept, by their present names."""
    for key, value in node.members.items():
        new = key if own else as_new(key)
        if new not in _NAMES_ALONE and is_secret(new) and _is_known(value):
            _leave_out(scene, value, new)
        else:
            yield new, value


def _is_known(value: Node) -> bool:
    """Whether it is a value, and not where one comes from."""
    if not value.is_scalar:
        return True
    return isinstance(value.plain(), str | int | float) and bool(_REFERENCE.sub("", value.text).strip())


def holds_secret(scene: Scene, node: Node) -> bool:
    """Whether a text sets a variable that is a secret."""
    found = [pair for pair in _PAIR.finditer(node.text) if is_secret(pair[1])] if node.is_scalar else []
    found = [pair for pair in found if _REFERENCE.sub("", pair[2]).strip("\"'")]
    for pair in found:
        _leave_out(scene, node, pair[1], pair[2].strip("\"'"))
    return bool(found)


def _leave_out(scene: Scene, node: Node, name: str, value: str = "") -> None:
    scene.secrets += [value] if value else _texts(node)
    scene.account.manual(node.whole, name, "the value of a secret is not kept: set it where it is needed")


def _texts(node: Node) -> list[str]:
    if node.is_scalar:
        return [node.text]
    return [text for one in [*node.items, *node.members.values()] for text in _texts(one)]
