"""Which jobs a resume would run again, if a run of one document had succeeded and went on with another."""

from __future__ import annotations

import os

from exlib.delta.difference import Redone
from exlib.engine.site import Site
from exlib.graph import Graph
from exlib.history.store import JobRecord
from exlib.session.request import Request
from exlib.session.resume import decide
from exlib.workflow import Workflow


def redone(before: Workflow, after: Workflow) -> Redone:
    """What ``ex-run --resume`` decides by its fingerprints; both documents are taken to be in one place."""
    then = Site(before._replace(directory=after.directory), os.environ, {}, None)
    now = Site(after, os.environ, {}, None)
    records = [_succeeded(job.id, job.command, then.fingerprint(job)) for job in before.jobs]
    graph = Graph([job.id for job in after.jobs], [job.dependencies for job in after.jobs])
    found = decide(after.jobs, graph, records, now.fingerprint, Request())
    known = {job.id for job in before.jobs}
    again = [
        (job.id, found.again.get(node) or ("it is new" if job.id not in known else "it did not run"))
        for node, job in enumerate(after.jobs)
        if node not in found.reused
    ]
    return Redone(tuple(again), len(found.reused))


def _succeeded(job: str, command: str, fingerprint: str) -> JobRecord:
    return JobRecord(
        run=0,
        attempt=1,
        job=job,
        status="success",
        reason=None,
        started=None,
        ended=None,
        duration=None,
        command=command,
        exit_code=0,
        signal=None,
        retries=0,
        log=None,
        fingerprint=fingerprint,
        memory=None,
        cpu=None,
        mark=None,
    )
