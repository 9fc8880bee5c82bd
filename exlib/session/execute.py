"""Run a workflow: the one place where scheduler, store and readers meet."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
import time
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from exlib.console import Console, printable
from exlib.document import STDIN_NAME, Document
from exlib.engine import guard, survivors
from exlib.engine.executors.local import LocalExecutor
from exlib.engine.interrupts import Interrupts, Level
from exlib.engine.journal import Journal
from exlib.engine.outcome import Options, Outcome
from exlib.engine.plan import Plan
from exlib.engine.process import Process
from exlib.engine.progress import finished
from exlib.engine.scheduler import Scheduler
from exlib.engine.site import Site
from exlib.engine.states import State
from exlib.engine.waiting import Waiting
from exlib.errors import AnswerNo, Busy, ExecutionerError, Exit, StorageError
from exlib.events import Event, JobReused, RunFinished, RunStarted
from exlib.graph import Graph
from exlib.history.location import log_root
from exlib.history.store import NewRun
from exlib.masking import Mask
from exlib.report.summary import Collector, summary_text
from exlib.session import choice, display, logs, resume, takeover
from exlib.session.redaction import redacted
from exlib.session.request import Request
from exlib.session.resume import Resumption
from exlib.workflow import Workflow

if TYPE_CHECKING:
    from exlib.history.sqlite import SqliteStore

_COLLECT = 20_000
"""New objects between two looks of the collector: the events of a thousand jobs, of which none is in a circle."""


class Session:
    """One attempt of a run, with all that it needs."""

    def __init__(
        self, document: Document, workflow: Workflow, site: Site, request: Request, console: Console, mask: Mask
    ) -> None:
        self.document = document
        self.workflow = workflow
        self.site = site
        self.request = request
        self.console = console
        self.graph = Graph([job.id for job in workflow.jobs], [job.dependencies for job in workflow.jobs])
        self.settled = choice.left_out(workflow.jobs, request.skip, request.only)
        self.collector = Collector()
        self.mask = mask
        self.hidden_env = takeover.hidden_env(request, workflow.secrets, mask)

    def execute(self) -> int:
        """Run to the end and return the exit code. Raises StorageError before anything started."""
        from exlib.history.sqlite import open_store

        testament = guard.stand(self._epitaph)
        events = display.event_writer(self.request)  # a pipe without a reader is waited for, and ^C ends that
        interrupts = Interrupts()
        interrupts.listen()
        root = self.request.log_dir or self.site.log_root() or log_root()
        with contextlib.closing(open_store(self.request.db)) as store, contextlib.ExitStack() as stack:
            resumed = self._resumption(store, interrupts)
            parent = logs.make_parent(root, self.workflow.name)
            run, attempt = store.begin(self._new_run(), self.request.resume)
            testament(str(run))
            self.site.open_run(run, logs.make_log_dir(parent, run, attempt))
            typical = self._typical(store)
            readers = display.readers(self.console, self.request, self.graph, typical, self.site.log_dir, self.mask)
            self.journal = Journal(store, [self.collector, *events, *readers], self.mask)
            stack.callback(self.journal.close)
            outcome = self._schedule(store, run, attempt, resumed, interrupts)
            code = self._close(store, run, attempt, outcome, interrupts)
        self._tell(run)
        return code

    def _resumption(self, store: SqliteStore, interrupts: Interrupts) -> Resumption | None:
        """Claim the run to resume and decide what of it is reused; None for a new run."""
        if self.request.resume is None:
            return None
        store.claim(self.request.resume)
        found = resume.decide(
            self.workflow.jobs, self.graph, store.jobs(self.request.resume), self.site.fingerprint, self.request
        )
        self._settle_survivors(store, found.in_flight, interrupts)
        if found.in_flight:
            self.console.warn(f"cut off in the attempt before, run again: {printable(', '.join(found.in_flight))}")
        for node, why in found.again.items():
            self.console.note(f"runs again: {printable(self.workflow.jobs[node].id)} ({why})")
        return found

    def _settle_survivors(self, store: SqliteStore, jobs: list[str], interrupts: Interrupts) -> None:
        """No job may run beside its own earlier process, which outlived engine and guard."""
        run = self.request.resume or 0
        remains = store.remains(run)

        def look() -> dict[Process, str]:
            return survivors.find(remains.log_dirs, jobs, remains.processes)

        found = look()
        if not found:
            return
        still = f"still running from the attempt before: {printable(', '.join(sorted(set(found.values()))))}"
        if self.request.on_alive == "refuse":
            raise AnswerNo(still, mend="--on-alive end ends them, --on-alive wait waits for them")
        self.console.warn(f"{still}; {'waiting for' if self.request.on_alive == 'wait' else 'ending'} them")
        if self.request.on_alive == "end":
            if not survivors.end(look, self.request.grace):
                pids = ", ".join(str(pid) for pid, _ in sorted(look()))
                raise AnswerNo(f"{still}, and cannot be ended: pid {pids}", mend="end them as their owner, then resume")
        elif not survivors.wait(look, lambda: interrupts.level == 0):
            raise AnswerNo("interrupted while waiting for them")

    def _new_run(self) -> NewRun:
        raw, taken_out = self._kept
        name = self.document.name
        return NewRun(
            application=self.workflow.name,
            document_name=name if name == STDIN_NAME else os.path.abspath(name),
            document=raw,
            redacted=taken_out,
            working_dir=self.site.working_dir,
            total_jobs=len(self.workflow.jobs),
            workers=self.request.workers,
            command_line=self.mask.text(self.request.command_line),
            options=takeover.to_keep(self.request, self.hidden_env),
        )

    @cached_property
    def _kept(self) -> tuple[bytes, bool]:
        """What of the document the history may keep, and whether anything was taken out."""
        return redacted(self.document, self.mask, self.workflow.secrets)

    def _schedule(
        self, store: SqliteStore, run: int, attempt: int, resumed: Resumption | None, interrupts: Interrupts
    ) -> Outcome:
        jobs, request = self.workflow.jobs, self.request
        settled = {**(resumed.reused | resumed.left_out if resumed else {}), **self.settled}
        plan = Plan(self.graph, [job.priority for job in jobs])
        plan.start((node, state) for node, (state, _) in settled.items())
        for event in self._first_events(run, attempt, settled):
            self.journal.emit(event)
        # What was loaded so far stays to the end: the collector need not look at it again and again.
        gc.freeze()
        gc.set_threshold(_COLLECT)
        gc.enable()
        with contextlib.closing(LocalExecutor(request.workers, mask=self._log_mask)) as executor:
            return Scheduler(
                jobs,
                plan,
                executor,
                self.site.place,
                self.journal,
                options=Options(request.continue_on_error, request.timeout, request.grace),
                interrupts=interrupts,
                waiting=Waiting(jobs, self.site.place, store.last_job),
            ).run()

    @property
    def _log_mask(self) -> Mask | None:
        """What masks the jobs' logs, if the document asks for that and there is anything to mask."""
        return self.mask if self.workflow.mask_logs and self.mask.active else None

    def _typical(self, store: SqliteStore) -> Mapping[str, float]:
        """What jobs took in earlier runs; only the live view wants to know."""
        return store.typical_durations(self.workflow.name) if display.wants_live(self.console, self.request) else {}

    def _first_events(self, run: int, attempt: int, settled: choice.Settled) -> Iterator[Event]:
        now = time.time()
        jobs = self.workflow.jobs
        yield RunStarted(
            now, run, attempt, self.workflow.name, self.document.name, len(jobs), self.request.workers,
            self.site.working_dir, self.site.log_dir, os.getpid(),
        )  # fmt: skip
        for node, (state, why) in settled.items():
            job = jobs[node]
            if state is State.SUCCESS:
                yield JobReused(now, job.id, why)
            else:
                yield finished(job, state, why, None, now, now)

    def _close(self, store: SqliteStore, run: int, attempt: int, outcome: Outcome, interrupts: Interrupts) -> int:
        """Record the end of the run, tell everybody, and tidy up. Returns the exit code."""
        code = outcome.exit_code
        self.journal.emit(
            RunFinished(
                time.time(), run, attempt, outcome.status, code, outcome.duration, outcome.counts, outcome.reason
            )
        )
        error = self.journal.finish(lambda: interrupts.level is not Level.KILL)
        interrupts.leave()
        if isinstance(error, Busy):
            self.console.warn(error.message)
        elif error is not None:
            code = Exit.STORAGE
            self.console.warn(f"the end of the run is not on record: {error.message}")
        else:
            with contextlib.suppress(StorageError):
                logs.prune(store, self.request, self.workflow.name)
        return code

    def _tell(self, run: int) -> None:
        """Print the summary and send the mail."""
        command = self._resume_command(run)
        text = summary_text(self.collector, self.console, resume=command, mask=self.mask)
        if text:
            self.console.say(text)
        if self.workflow.mail is None:
            return
        from exlib.report import mail

        try:
            mail.send(self.workflow.mail, self.collector, resume=command, mask=self.mask)
        except ExecutionerError as error:
            message = f"{error.message} ({error.mend})" if error.mend else error.message
            self.console.warn(f"the mail was not sent: {self.mask.text(message)}")

    def _resume_command(self, run: int | str) -> str:
        """The command that goes on with this run; what the history may not keep has to be said again."""
        hidden = [f" --env {name}=…" for name in self.hidden_env]
        lost = self.document.name == STDIN_NAME and self._kept[1]
        return f"{self.request.resume_with} {run}{''.join(hidden)}{' FILE' if lost else ''}"

    def _epitaph(self, message: str, run: str) -> None:
        how = f"; resume with: {self._resume_command(run)}" if run else ""
        sys.stderr.write(f"ex-run: {message}{how}\n")
