"""Which jobs a filter keeps, what they then depend on, and the document that is left."""

from exlib.select.criteria import Criteria, quoted, select
from exlib.select.cut import cut
from exlib.select.partition import Part, by_component, by_tag, into_parts
from exlib.select.rewire import Rewiring, rewire
from exlib.select.roster import Roster

__all__ = [
    "Criteria",
    "Part",
    "Rewiring",
    "Roster",
    "by_component",
    "by_tag",
    "cut",
    "into_parts",
    "quoted",
    "rewire",
    "select",
]
