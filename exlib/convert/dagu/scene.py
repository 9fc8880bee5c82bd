"""What the steps of one DAG share."""

from __future__ import annotations

from exlib.convert.account import Account
from exlib.convert.draft import Draft
from exlib.convert.yaml.tree import Tree

DEFAULT_SHELL = "sh -e"
"""What Dagu uses where no shell is named: that of the user, which ends at the first failure."""


class Scene:
    """What the steps of one DAG share."""

    def __init__(self, tree: Tree, draft: Draft, account: Account) -> None:
        self.tree = tree
        self.draft = draft
        self.account = account
        self.shell: str | bool = DEFAULT_SHELL
        self.places: list[str] = []
        """The values of parameters without a name."""
        self.unknown: dict[str, str] = {}
        """Names that only a run of Dagu gives a value, with the reason."""
        self.elsewhere: list[str] = []
        """Why no step can run here as it does there."""
        self.doubts: list[str] = []
        """Why a person has to look at every step before it runs."""
        self.secrets: list[str] = []
        """Values of secrets that are not kept."""
