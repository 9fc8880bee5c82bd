"""A workflow document is taken as it is, byte for byte, unless it is to be brought up to date."""

from __future__ import annotations

from exlib.convert.account import Account, Place
from exlib.convert.draft import Untouched
from exlib.convert.source import Source
from exlib.convert.wishes import Wishes
from exlib.document import Document
from exlib.workflow import application_name


def read(source: Source, wishes: Wishes, account: Account) -> list[Untouched]:
    """The document, with its old spellings mended where ``wishes.upgrade`` says so."""
    document = Document(source.raw, source.name)
    whole = Place(source.name, 1, len(source.lines), "", "", True)
    if not wishes.upgrade:
        account.exact(whole, "document", "kept byte for byte")
        return [Untouched(application_name(document), document.raw)]
    from exlib.fix import mend

    mended = mend(document)
    account.exact(whole, "document", "kept byte for byte, but for what is named")
    for made in mended.mends:
        account.exact(source.place(made.line), "old spelling", made.message, job=made.job)
    return [Untouched(application_name(document), mended.raw)]
