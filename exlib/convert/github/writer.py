"""Writes a workflow of GitHub Actions: a job for each job, started by hand unless its source says otherwise.

What came from a workflow and was not changed since is written as it was there: the text that ``x-source`` kept is read
again, and the jobs that come out the same are taken from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from exlib.convert.account import Account, Place
from exlib.convert.github import kept
from exlib.convert.github.outenv import hidden, variables
from exlib.convert.github.outjobs import names, output_job
from exlib.convert.github.outtriggers import triggers
from exlib.convert.notes import note
from exlib.convert.outgoing import Outgoing
from exlib.convert.source import Source
from exlib.convert.wishes import File, Wishes
from exlib.convert.yaml.tree import path_below
from exlib.document import Document
from exlib.environment import is_secret
from exlib.errors import ExecutionerError

_DEFAULTS = (
    "default_timeout", "default_max_retries", "default_retry_delay", "default_retry_backoff", "default_retry_jitter",
    "default_max_retry_time", "default_retry_on_exit_codes",
)  # fmt: skip
_NOTED = ("parallel", "max_workers", "continue_on_error")
_AS_IT_WAS = "as it was in the workflow that it came from"


def write(outgoing: Outgoing, _wishes: Wishes) -> list[File]:
    """The workflow as one file."""
    source = outgoing.kept("github")
    before = _read_again(source)
    source = source if before else {}
    same = _same_jobs(outgoing, before, source)
    origins = {_origin(job) for job in outgoing.raw["jobs"]}
    whole = bool(before) and origins <= same == set(source["jobs"]) and _same_top(outgoing, before)
    said = {key: list(texts) for key, texts in source.get("comments", {}).items()}
    if whole:
        _say_whole(outgoing)
        return [File("", kept.dump({**source["workflow"], "jobs": source["jobs"]}, said))]
    data = _top(outgoing, source, before, said)
    data["jobs"] = _jobs(outgoing, source, same, said)
    return [File("", kept.dump(data, said))]


def _read_again(source: Mapping[str, Any]) -> dict[str, Any]:
    """The document that the kept workflow becomes; nothing if none is kept, or it is none."""
    workflow, jobs, comments = source.get("workflow"), source.get("jobs"), source.get("comments", {})
    if not isinstance(workflow, dict) or not isinstance(jobs, dict) or not _are_texts(comments):
        return {}
    from exlib.convert.github.reader import read

    try:
        wishes = Wishes(split_steps=bool(source.get("split_steps")), variables=dict(source.get("variables") or {}))
        text = kept.dump({**workflow, "jobs": jobs}, comments)
        made = read(Source(text.encode(), f"{source.get('file') or 'workflow'}.yml"), wishes, Account())
    except (ExecutionerError, ValueError, TypeError, AttributeError, RecursionError):
        return {}  # somebody edited it: then the document alone counts
    return dict(Document(made[0].raw, "<kept>").data)


def _are_texts(comments: Any) -> bool:
    return isinstance(comments, dict) and all(
        isinstance(texts, list) and all(isinstance(text, str) for text in texts) for texts in comments.values()
    )


def _origin(job: Mapping[str, Any]) -> str | None:
    source = job.get("x-source")
    return source.get("job") if isinstance(source, dict) else None


def _same_jobs(outgoing: Outgoing, before: Mapping[str, Any], source: Mapping[str, Any]) -> set[str]:
    """The jobs of the kept workflow that the document still says, and whatever they need too."""
    now, then = _grouped(outgoing.raw["jobs"]), _grouped(before.get("jobs", ()))
    same = {name for name in source.get("jobs", ()) if before and now.get(name, []) == then.get(name, [])}
    # A job that is made anew under its old name can be needed as before.
    named = {name for name, jobs in now.items() if len(jobs) == 1 and jobs[0]["id"] == name}
    while True:
        lost = {name for name in same if not set(_needs(source["jobs"][name])) <= same | named}
        if not lost:
            return same
        same -= lost


def _grouped(jobs: Any) -> dict[str | None, list[Any]]:
    found: dict[str | None, list[Any]] = {}
    for job in jobs:
        found.setdefault(_origin(job), []).append(job)
    return found


def _needs(job: Any) -> list[str]:
    needs = job.get("needs", []) if isinstance(job, dict) else []
    return [str(need) for need in needs] if isinstance(needs, list) else [str(needs)]


def _same_top(outgoing: Outgoing, before: Mapping[str, Any]) -> bool:
    keys = {key for key in {*outgoing.raw, *before} if key not in ("jobs", "x-source")}
    return all(outgoing.raw.get(key) == before.get(key) for key in keys)


def _say_whole(outgoing: Outgoing) -> None:
    for speaker in (outgoing, *outgoing.jobs):
        speaker.exact(*speaker.unsaid())


def _top(
    outgoing: Outgoing, source: Mapping[str, Any], before: Mapping[str, Any], said: dict[str, list[str]]
) -> dict[str, Any]:
    """All but the jobs."""
    workflow = dict(source.get("workflow", {}))
    title = outgoing.workflow.name
    if "${{" in title:
        outgoing.approximated("application_name", "GitHub takes ${{ for an expression")
    data: dict[str, Any] = {"name": title.replace("${{", "$ {{")}
    data |= {key: value for key, value in workflow.items() if key not in ("name", "env")}
    if not {"on", "true"} & set(data):
        data["on"] = triggers(outgoing)
    found = variables(outgoing.workflow.env, {}, frozenset(outgoing.workflow.secrets), hidden(outgoing))
    inherited = [name for name in outgoing.workflow.secrets if name not in _defined(outgoing)]
    env = {**found.env, **{name: f"${{{{ secrets.{name} }}}}" for name in inherited}}
    env = _restored(env, workflow.get("env"), outgoing.raw.get("env_variables"), before.get("env_variables"))
    if env:
        data["env"] = env
    asked = [*found.asked, *inherited]
    if outgoing.raw.get("default_timeout", 0) is None and any("timeout" not in job.raw for job in outgoing.jobs):
        outgoing.approximated("default_timeout", "GitHub ends a job after six hours at the latest")
    outgoing.exact("working_dir", "description")
    outgoing.exact(*(key for key in ("application_name", *_DEFAULTS) if key not in outgoing.said))
    if asked:
        for key in ("env_variables", "secrets"):
            outgoing.manual(key, f"the values of secrets are not written: give GitHub {', '.join(asked)}")
    else:
        outgoing.exact("env_variables", "secrets")
    above = outgoing.workflow.description.split("\n") if outgoing.workflow.description else []
    if extra := _unspoken(outgoing, bool(workflow)):
        above.append(note(extra))
    for first in list(workflow)[:1]:
        said.pop(first, None)
    said["name"] = above
    return data


def _restored(env: dict[str, str], was: Any, now: Any, then: Any) -> dict[str, Any]:
    """The variables, those that did not change as they were; some of those are none of the document's own."""
    if not isinstance(then, dict) or not isinstance(now, dict):
        return env
    was = was if isinstance(was, dict) else {}
    same = {name for name in {*then, *now} if then.get(name) == now.get(name)}
    old = {name: value for name, value in was.items() if name in same or name not in then}
    return {**old, **{name: value for name, value in env.items() if name not in same and name not in old}}


def _defined(outgoing: Outgoing) -> set[str]:
    return {*outgoing.workflow.env, *(name for job in outgoing.workflow.jobs for name in job.env)}


def _unspoken(outgoing: Outgoing, came: bool) -> dict[str, Any]:
    """What GitHub has no word for, for a comment that comes back."""
    extra: dict[str, Any] = {}
    for key, value in outgoing.unsaid().items():
        if is_secret(key) or key == "dependency_plugins":
            outgoing.dropped(key, "GitHub has no word for it")
        elif key in _NOTED:
            outgoing.approximated(key, "there, all jobs whose needs are met run, whatever else failed")
            if not came:
                extra[key] = value
        else:
            outgoing.dropped(key, "GitHub has no word for it: it is in a comment")
            extra[key] = value
    if not came:
        _defaults_said(outgoing, extra)
    return extra


def _defaults_said(outgoing: Outgoing, extra: dict[str, Any]) -> None:
    """Say what the document leaves to defaults that GitHub does not have, where jobs have no order among them."""
    order = [job.job for job in outgoing.jobs]
    if all(before.id in after.dependencies for before, after in pairwise(order)):
        return
    reasons = {
        "parallel": "jobs that need nothing of each other run at once there, and here one after another",
        "continue_on_error": "after a failure GitHub goes on with what does not need it",
    }
    here = Place(outgoing.document.name, 1, 1)
    for key, reason in reasons.items():
        if key not in outgoing.raw:
            outgoing.account.approximated(here._replace(path=key), key, reason)
            extra[key] = False


def _jobs(
    outgoing: Outgoing, source: Mapping[str, Any], same: set[str], said: dict[str, list[str]]
) -> dict[str, dict[str, Any]]:
    """The jobs in the order of the document: as they were kept, or made anew."""
    origins = {job.job.id: _origin(job.raw) for job in outgoing.jobs}
    new = [job.job.id for job in outgoing.jobs if origins[job.job.id] not in same]
    named = names(new, same)
    known = {each: named.get(each, str(origins[each])) for each in origins}
    made: dict[str, dict[str, Any]] = {}
    defaults = "defaults" in source.get("workflow", {})
    hiding = hidden(outgoing)
    _forget(said, source, same)
    for job in sorted(outgoing.jobs, key=lambda job: job.index):
        origin = origins[job.job.id]
        if job.job.id not in named:
            made[str(origin)] = source["jobs"][origin]
            for key in job.unsaid():
                job.account.exact(job.place(key), key, _AS_IT_WAS, job=job.job.id)
                job.said.add(key)
            continue
        needs = list(dict.fromkeys(known[other] for other in job.job.dependencies))
        before = source.get("jobs", {}).get(origin)
        name = named[job.job.id]
        result = output_job(job, outgoing, name, needs, before if isinstance(before, dict) else {}, defaults, hiding)
        made[name] = result.data
        if result.comments:
            said[path_below("jobs", name)] = result.comments
    return made


def _forget(said: dict[str, list[str]], source: Mapping[str, Any], same: set[str]) -> None:
    """The comments of jobs that are made anew, as their places are not there any more."""
    for name in source.get("jobs", {}):
        if name in same:
            continue
        path = path_below("jobs", name)
        for place in [place for place in said if place == path or place.startswith((f"{path}.", f"{path}["))]:
            del said[place]
