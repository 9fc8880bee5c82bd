"""How a status looks in a picture: colours that colour-blind people can tell apart, and a mark and an outline besides.

The strong colours are those of Okabe and Ito, "Color Universal Design" (2008); fills are tints of them.
"""

from typing import NamedTuple


class Look(NamedTuple):
    """``mark`` is one character, ``outline`` solid, bold, dashed or dotted; each colour for light and dark pages."""

    mark: str
    outline: str
    strong: tuple[str, str]
    fill: tuple[str, str]


LOOKS = {
    "success": Look("✓", "solid", ("#00795a", "#3ecb9f"), ("#d9f1e7", "#143a2f")),
    "reused": Look("=", "dotted", ("#00795a", "#3ecb9f"), ("#eef7f3", "#12271f")),
    "failed": Look("✗", "bold", ("#ad4200", "#ff8a4c"), ("#fcdfcd", "#4a2109")),
    "timeout": Look("◷", "bold", ("#7a5500", "#f2b632"), ("#fdecbf", "#43320a")),
    "lost": Look("?", "bold", ("#a34478", "#e59ac3"), ("#f6dfec", "#431f34")),
    "skipped": Look("↷", "dotted", ("#666b73", "#9aa1ab"), ("#f1f2f4", "#23262b")),
    "cancelled": Look("■", "dashed", ("#3f444c", "#c3c8d0"), ("#e3e5e9", "#2e3238")),
    "running": Look("▸", "solid", ("#0068a5", "#5cb8ef"), ("#d8ecf9", "#10314a")),
    "retrying": Look("↻", "dashed", ("#0068a5", "#5cb8ef"), ("#d8ecf9", "#10314a")),
    "waiting": Look("◦", "dashed", ("#666b73", "#9aa1ab"), ("#ffffff", "#191c20")),
    "pending": Look("·", "solid", ("#666b73", "#9aa1ab"), ("#ffffff", "#191c20")),
}
"""Every status a job can be shown with; ``reused`` is a success of an earlier attempt."""

CRITICAL = ("#7b1fa2", "#d59bf0")
"""The critical path, on light and dark pages; it is drawn thicker, too."""

WRONG = ("#c01020", "#ff7a80")
"""What cannot be: a dependency in a circle or on a job that is missing; it is drawn dashed, too."""
