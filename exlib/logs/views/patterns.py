"""--patterns: the errors of many runs, grouped by the shape of their messages."""

from __future__ import annotations

from collections.abc import Iterator

from exlib.console import cut, names, plural
from exlib.logs.grouping import Group, Grouping
from exlib.logs.tojson import patterns_csv, patterns_json
from exlib.logs.views import Form, Telling
from exlib.logs.views.failures_sheet import patterns_sheet
from exlib.logs.views.layout import damage_lines, day_and_time, wrapped
from exlib.logs.views.writing import written


def text(grouping: Grouping, telling: Telling) -> str:
    """The groups for a terminal, the largest first."""
    groups = grouping.groups()
    tries = plural(grouping.tries, "failed try", "failed tries")
    head = f"{tries}, {plural(len(groups), 'kind')} of message" if groups else "no try failed"
    sections = [[telling.voice.style(head, "bold")]]
    sections += [list(_group(group, telling)) for group in groups[: telling.top]]
    if len(groups) > telling.top:
        rest = plural(len(groups) - telling.top, "kind")
        sections.append([telling.voice.style(f"and {rest} more; --top {len(groups)} shows all", "dim")])
    if grouping.ungrouped:
        sections.append([f"{plural(grouping.ungrouped, 'try', 'tries')} had further messages, too many to keep"])
    sections.append(damage_lines(telling))
    return "\n\n".join("\n".join(lines) for lines in sections if lines) + "\n"


def _group(group: Group, telling: Telling) -> Iterator[str]:
    voice = telling.voice
    several = len({application for application, _ in group.jobs}) > 1
    ranked = sorted(group.jobs.items(), key=lambda item: (-item[1], item[0]))
    jobs = [voice.plain(f"{application}/{job}" if several else job) for (application, job), _ in ranked]
    count = voice.style(f"{group.count:>5,}x", "red", "bold")
    form = cut(voice.plain(group.shape), max(telling.columns - 8, 30), voice.pick("…", "~"))
    yield f"{count}  {voice.style(form, 'bold')}"
    if group.pattern is not None and not group.pattern.vague:
        yield from wrapped(f"{group.pattern.name}: {group.pattern.meaning}", telling, "        ")
    first, last = day_and_time(group.first), day_and_time(group.last)
    when = f"{first if first == last else f'{first} to {last}'}, in {plural(len(group.runs), 'run')}"
    yield f"        {voice.style(when, 'dim')}"
    yield f"        {voice.style('jobs: ' + names(jobs, len(jobs), max(telling.columns - 14, 30)), 'dim')}"
    if group.shape != group.example:
        example = cut(voice.plain(group.example), max(telling.columns - 14, 30), voice.pick("…", "~"))
        yield f"        {voice.style('e.g.  ' + example, 'dim')}"


def _reader(telling: Telling) -> Grouping:
    return Grouping(telling.mask)


_WRITTEN = written(patterns_sheet)
FORMS = {
    "text": Form(_reader, text),
    "json": Form(_reader, patterns_json),
    "markdown": Form(_reader, _WRITTEN["markdown"]),
    "html": Form(_reader, _WRITTEN["html"]),
    "csv": Form(_reader, lambda grouping, _: patterns_csv(grouping)),
}
