"""A declarative pipeline as a document: each stage that has steps becomes a job."""

from __future__ import annotations

import os
import re
from typing import Any

from exlib.convert.account import Account
from exlib.convert.draft import Draft
from exlib.convert.jenkins import pipeline as whole
from exlib.convert.jenkins import settings
from exlib.convert.jenkins.context import Context, body_of, sections
from exlib.convert.jenkins.jobs import Jobs
from exlib.convert.jenkins.ledger import Ledger, comment_text
from exlib.convert.jenkins.parser import Parsed
from exlib.convert.jenkins.scope import Scope
from exlib.convert.jenkins.stages import Stages
from exlib.convert.jenkins.syntax import Call
from exlib.convert.jenkins.variables import environment
from exlib.convert.notes import read_note
from exlib.convert.shell.carried import leave_unstated
from exlib.convert.source import Source
from exlib.convert.wishes import Wishes

_SECTIONS = frozenset("agent environment options parameters tools triggers libraries stages post".split())
_NOTED = frozenset(
    "application_name working_dir parallel max_workers inherit_shell_env log_dir mask_logs allow_shell security_policy "
    "dependency_plugins email_address email_on_success email_on_failure smtp_server smtp_port smtp_security smtp_user "
    "smtp_password_file smtp_from default_timeout default_max_retries default_retry_delay default_retry_backoff "
    "default_retry_jitter default_max_retry_time default_retry_on_exit_codes continue_on_error secrets".split()
)
"""Keys of a workflow that a note may hold."""


def read(source: Source, wishes: Wishes, account: Account) -> list[Draft]:
    """The document. Raises InputError for what is no declarative pipeline."""
    parsed = Parsed(source)
    ledger = Ledger(source, parsed, account)
    pipeline = whole.found_pipeline(ledger, parsed)
    draft = Draft(_name(source), "jenkins")
    found = sections(ledger, body_of(ledger, pipeline), _SECTIONS, "a pipeline")
    if "stages" not in found:
        raise ledger.refuse(pipeline.at, "there are no stages in it", "stages { stage('name') { … } }")
    ledger.head("exact", pipeline.at, "pipeline", "pipeline")
    whole.around(ledger, parsed, pipeline, draft.kept)
    _describe(ledger, pipeline, draft)
    note = _note(ledger, pipeline)
    context = _context(ledger, parsed, found, wishes, draft)
    stages, jobs = _stages(ledger, found, context, draft)
    _settle_settings(draft, context, stages, jobs, note)
    _loose_comments(ledger, draft)
    ledger.settle()
    return [draft] if draft.jobs else []


def _name(source: Source) -> str:
    name = os.path.basename(source.name)
    stem = re.sub(r"\.(jenkinsfile|groovy)$", "", name, flags=re.IGNORECASE)
    if stem == "Jenkinsfile":
        stem = os.path.basename(source.folder) or stem
    return stem.strip("<>")


def _context(ledger: Ledger, parsed: Parsed, found: dict[str, Call], wishes: Wishes, draft: Draft) -> Context:
    """What holds for all the stages."""
    kept = draft.kept
    context = Context(Scope(wishes.variables, whole.locals_before(parsed, ledger.source.text)))
    if "parameters" in found:
        context = whole.parameters(ledger, found["parameters"], context, kept)
    if "environment" in found:
        context = environment(ledger, found["environment"], context)
    for name, read_section in (("agent", settings.agent), ("tools", settings.tools), ("options", settings.options)):
        if name in found:
            context = read_section(ledger, found[name], context)
    if "triggers" in found:
        whole.triggers(ledger, found["triggers"], kept)
    if "libraries" in found:
        whole.libraries(ledger, found["libraries"], kept)
    single = {"agent": context.agent or "agent any", "tools": list(context.tools), "options": list(context.options)}
    kept |= {key: value for key, value in {**single, "environment": context.environment}.items() if value}
    return context


def _stages(ledger: Ledger, found: dict[str, Call], context: Context, draft: Draft) -> tuple[Stages, Jobs]:
    """The jobs, in the draft."""
    jobs = Jobs(ledger, draft)
    fast = any(option.startswith("parallelsAlwaysFailFast") for option in context.options)
    stages = Stages(ledger, jobs, fail_fast=fast)
    ledger.head("exact", found["stages"].at, "stages", "stages")
    # What the pipeline has of its own stands in the document; a stage hands down what it adds.
    inner = context.with_(env={}, environment={}, agent="", tools=(), options=(), timeout=None, retries=None)
    reached = stages.sequence(found["stages"], inner, [])
    stages.apply_notes()
    if "post" in found:
        stages.post(found["post"], inner, reached)
        if found["post"].body is not None:
            _keep_post(ledger, found["post"], draft)
            ledger.kept_comments(found["post"].body.at, "post")
    jobs.outcomes.settle(draft, context.skips)
    return stages, jobs


def _keep_post(ledger: Ledger, post: Call, draft: Draft) -> None:
    """The parts of ``post`` that became no job."""
    made = {job.get("x-source", {}).get("after") for job in draft.jobs}
    rest = {
        each.name: ledger.inside(each.body)
        for each in body_of(ledger, post)
        if isinstance(each, Call) and each.body is not None and each.name not in made
    }
    if rest:
        draft.kept["post"] = rest


def _settle_settings(draft: Draft, context: Context, stages: Stages, jobs: Jobs, note: dict[str, Any]) -> None:
    """The keys of the document."""
    given = {name: context.scope.variables[name] for name in sorted(context.scope.used)}
    env = {**context.env, **{name: value for name, value in given.items() if name not in context.env}}
    keys: dict[str, Any] = {}
    if stages.fast:
        keys |= {"parallel": True, "max_workers": max(1, stages.widest)}
        if all(stages.fast):
            draft.kept["failFast"] = True
        else:
            keys["continue_on_error"] = True
    keys["default_timeout"] = context.timeout
    if context.retries:
        keys |= {"default_max_retries": context.retries, "default_retry_delay": 0, "default_max_retry_time": 0}
    if env:
        keys["env_variables"] = env
    if jobs.secrets:
        keys["secrets"] = list(jobs.secrets)
    draft.settings |= keys | {key: value for key, value in note.items() if key in _NOTED}
    leave_unstated(draft.settings, note)


def _describe(ledger: Ledger, pipeline: Call, draft: Draft) -> None:
    """The comments before the pipeline."""
    said = []
    for comment in ledger.loose_comments():
        if comment.end <= pipeline.at.start:
            ledger.commented(comment, "pipeline")
            if not comment.text.startswith("#!"):
                said.append(comment_text(comment))
    if text := "\n".join(said).strip():
        draft.settings["description"] = text


def _note(ledger: Ledger, pipeline: Call) -> dict[str, Any]:
    """The keys that a comment of ours at the head of the pipeline holds."""
    assert pipeline.body is not None
    first = pipeline.body.statements[0].at.start
    for comment in ledger.comments_in(pipeline.at.start, first):
        if (keys := read_note(comment.text)) is not None:
            ledger.commented(comment, "pipeline")
            return keys
    return {}


def _loose_comments(ledger: Ledger, draft: Draft) -> None:
    """Comments that belong to no stage: kept, all together."""
    texts = []
    for comment in ledger.loose_comments():
        ledger.commented(comment, "pipeline")
        if text := comment_text(comment):
            texts += [line for line in text.split("\n") if line.strip()]
    if texts:
        draft.kept["comments"] = texts
