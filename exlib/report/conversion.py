"""What became of a source, for a person: what was lost line by line, and the sums."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from exlib.console import Console, cut, pad, plural, printable
from exlib.convert.account import FATES, Entry, Fate
from exlib.convert.conversion import Conversion
from exlib.convert.formats import FORMATS

_SHOWN = 20
_COLORS: dict[Fate, tuple[str, ...]] = {
    "exact": ("green",), "approximated": ("cyan",), "dropped": ("yellow",), "manual": ("magenta", "bold"),
}  # fmt: skip
_URGENT: dict[Fate, int] = {"manual": 0, "dropped": 1, "approximated": 2, "exact": 3}


def losses(conversion: Conversion, console: Console, *, whole: bool = False) -> Iterator[str]:
    """What is not exact, what a person has to do first; ``whole``: everything, in the order of the source."""
    groups = [[entry] for entry in conversion.entries] if whole else _alike(conversion.entries)
    shown = groups if whole else groups[:_SHOWN]
    places = [_place(entry) for entry, *_ in shown]
    width = min(max(map(len, places), default=0), 40)
    for (entry, *others), place in zip(shown, places, strict=True):
        fate = console.style(entry.fate.ljust(12), *_COLORS[entry.fate])
        more = f" and {len(others)} more" if others else ""
        reason = f": {printable(entry.reason)}" if entry.reason else ""
        yield f"{pad(place, width)}  {fate}  {cut(_construct(entry), 60)}{more}{reason}"
    if left := sum(map(len, groups[len(shown) :])):
        yield f"… and {plural(left, 'more construct')}: -v shows all, --report FILE keeps them"


def _alike(entries: Sequence[Entry]) -> list[list[Entry]]:
    """What is not exact, the urgent first; what is of one kind, for one reason, together."""
    groups: dict[tuple[str, str, str], list[Entry]] = {}
    for entry in sorted(entries, key=lambda entry: _URGENT[entry.fate]):
        if entry.fate != "exact":
            groups.setdefault((entry.fate, entry.construct, entry.reason), []).append(entry)
    return list(groups.values())


def summary(conversion: Conversion, console: Console) -> str:
    """One line: the formats, the jobs, how many constructs ended how."""
    counts = ", ".join(
        console.style(f"{count} {fate}", *(_COLORS[fate] if count and fate != "exact" else ()))
        for fate in FATES
        if (count := conversion.count(fate)) or fate == "exact"
    )
    title = f"{conversion.origin} to {conversion.target}"
    return f"{title}: {plural(conversion.jobs, 'job')}; of {plural(len(conversion.entries), 'construct')} {counts}"


def formats_table(console: Console) -> str:
    """The formats with what each can do."""
    width = max(map(len, FORMATS)) + 2
    rows = (
        f"{console.style(form.name.ljust(width), 'cyan')}{'from' if form.reads else '    '} "
        f"{'to' if form.writes else '  '}  {form.title}"
        for form in FORMATS.values()
    )
    return "\n".join(rows) + "\n"


def _place(entry: Entry) -> str:
    line = f":{entry.place.line}" if entry.place.line else ""
    return printable(f"{entry.place.file}{line}")


def _construct(entry: Entry) -> str:
    path = entry.place.path
    if not path or path.startswith("#"):
        return printable(f"{entry.construct} {cut(' '.join(entry.place.text.split()), 40)}".strip())
    return printable(path)
