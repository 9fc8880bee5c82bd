"""Scripts that ex-convert wrote, read back."""

from __future__ import annotations

from exlib.convert.account import Account
from exlib.convert.draft import Draft
from exlib.convert.source import Source


def is_own(source: Source) -> bool:
    """Whether the script is one of ours."""
    return False


def read(source: Source, draft: Draft, account: Account) -> None:
    """Fill the draft."""
