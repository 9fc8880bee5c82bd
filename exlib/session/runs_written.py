"""The comparison of two runs in the formats of ex-diff."""

from __future__ import annotations

from exlib.console import printable
from exlib.logs.model import Job
from exlib.report.delta_formats import written
from exlib.report.sheet import Section, Sheet, Words
from exlib.report.wording import Voice
from exlib.session.differing_runs import Runs


def runs_written(form: str, runs: Runs, voice: Voice, columns: int) -> str:
    """The product; what is made for other programs has the runs beside the difference of the documents."""
    if form == "json":
        from exlib.logs.jsonreports import comparison_body
        from exlib.report.delta_json import delta_json

        return delta_json(runs.difference, runs.hiding, runs=comparison_body(runs.comparison))
    if form == "brief":
        return _brief(runs, voice) + written(form, runs.difference, runs.hiding, voice, columns)
    if form == "json-patch":
        return written(form, runs.difference, runs.hiding, voice, columns)
    sheet = _sheet(runs)
    if form == "html":
        from exlib.report.sheet_html import sheet_html

        return sheet_html(sheet)
    if form == "text":
        from exlib.report.sheet_text import sheet_text

        return sheet_text(sheet, voice, columns)
    if form == "github":
        from exlib.report.delta_github import sheet_github

        return sheet_github(sheet)
    from exlib.report.sheet_markdown import sheet_markdown

    return sheet_markdown(sheet)


def _sheet(runs: Runs) -> Sheet:
    from exlib.logs.views.comparison import runs_sheet
    from exlib.report.delta_sheet import delta_sections

    sheet, found = runs_sheet(runs.comparison), runs.difference
    if found.equal:
        return sheet._replace(
            sections=[*sheet.sections, Section("Documents", [Words("They are the same as workflows.")])]
        )
    told = [one._replace(level=3) for one in delta_sections(found, runs.hiding)]
    documents = Section("Documents", [Words(f"{found.sentence}.")])
    return sheet._replace(sections=[*sheet.sections, documents, *told])


def _brief(runs: Runs, voice: Voice) -> str:
    """``! id: success -> failed`` for every job that ended otherwise."""
    return "".join(
        f"{voice.style('!', 'red')} {printable(pair.job)}: {_ended(pair.before)} -> {_ended(pair.after)}\n"
        for pair in runs.comparison.different
    )


def _ended(job: Job | None) -> str:
    return "-" if job is None else job.record.status
