"""Figures kept on a page: the text between two comments is what was measured last."""

from __future__ import annotations

from pathlib import Path

README = Path(__file__).with_name("README.md")


def keep(name: str, text: str, page: Path = README) -> None:
    """Replace what stands between ``<!-- name -->`` and ``<!-- end of name -->``."""
    whole = page.read_text(encoding="utf-8")
    begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->\n"
    before, _, rest = whole.partition(begin)
    _, found, after = rest.partition(end)
    if not found:
        raise ValueError(f"{page} has no {begin.strip()} … {end.strip()}")
    lines = text.strip("\n")
    page.write_text(f"{before}{begin}\n{lines}\n\n{end}{after}", encoding="utf-8")


def block(text: str) -> str:
    """Text as an indented block of Markdown."""
    return "\n".join(f"    {line}".rstrip() for line in text.splitlines())
