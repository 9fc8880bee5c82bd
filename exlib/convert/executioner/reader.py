"""A workflow document is taken as it is, byte for byte, unless it is to be brought up to date."""

from __future__ import annotations

from exlib.convert.account import Account, Place
from exlib.convert.draft import Untouched
from exlib.convert.executioner.upgrade import upgraded
from exlib.convert.source import Source
from exlib.convert.wishes import Wishes
from exlib.document import Document
from exlib.workflow import application_name


def read(source: Source, wishes: Wishes, account: Account) -> list[Untouched]:
    """The document, with its old spellings mended where ``wishes.upgrade`` says so."""
    document = Document(source.raw, source.name)
    if not wishes.upgrade:
        whole = Place(source.name, 1, document.text.rstrip("\n").count("\n") + 1, "", "", True)
        account.exact(whole, "document", "kept byte for byte")
        return [Untouched(application_name(document), document.raw)]
    return [Untouched(application_name(document), upgraded(document, account))]
