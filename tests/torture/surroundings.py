"""Surroundings that are wrong: limits, missing things, clocks, and sizes of workflows."""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.commands.run import test_endings, test_outcomes, test_rough
from tests.commands.run.lab import PATIENCE, Lab, job
from tests.torture.trial import Trial


def again(test: Callable[..., None], *arguments: Any) -> Callable[[random.Random, Path], None]:
    """A test that ``make test`` makes as it stands, tried more often."""

    def act(_rng: random.Random, place: Path) -> None:
        test(Lab(place), *arguments)

    return act


def cannot_start(rng: random.Random, place: Path) -> str:
    """A job whose directory, shell, program or command is not to be had, beside one that runs."""
    change, reason = rng.choice(
        [
            ({"working_dir": "nowhere"}, "working directory"),
            ({"working_dir": "wf.json"}, "working directory"),
            ({"shell": "/no/such/shell"}, "the shell /no/such/shell does not exist"),
            ({"shell": "./wf.json"}, "does not exist or cannot be executed"),
            ({"shell": False, "command": "no-such-program x"}, "no-such-program: no such program on PATH"),
            ({"command": "no-such-program x"}, "exit code 127 (command not found)"),
            ({"command": "./wf.json; exit $?"}, "exit code 126 (cannot be executed)"),
            ({"command": "true " + "x" * rng.randint(131_072, 3_000_000)}, "too long for the kernel"),
            ({"env_variables": {"LONG": "x" * rng.randint(131_072, 3_000_000)}}, "too long for the kernel"),
            ({"env_variables": {f"V{n}": "x" * 100_000 for n in range(100)}}, "too long for the kernel"),
        ]
    )
    test_outcomes.test_a_job_that_cannot_start_fails_with_the_reason(Lab(place), change, reason)
    return reason


def few_descriptors(rng: random.Random, place: Path) -> str:
    """More workers than descriptors, with checks, which take more of them."""
    limit = rng.choice([48, 64, 64, 64, 100])
    test_rough.test_few_descriptors(Lab(place), limit)
    return f"{limit} descriptors"


CLOSED = ("<&-", ">&-", "2>&-", ">&- 2>&-", "<&- >&-", "<&- 2>&-", "<&- >&- 2>&-")


def closed_streams(rng: random.Random, place: Path) -> str:
    """Whatever is closed at the start: the numbers 0, 1 and 2 must not become somebody's file."""
    lab = Lab(place)
    which = rng.choice(CLOSED)
    check = {"name": "check_command", "params": {"command": "echo of a check"}}
    jobs = [job("a", "cat; echo out; echo err >&2", post_checks=[check])]
    jobs += [job("b", "exit 3", "a"), job("c", "echo c", "a")]
    way = rng.choice([(), ("-v",), ("-q",), ("--events", "events")])
    done = lab.call("ex-run", str(lab.write(jobs)), "-k", *way, before=("sh", "-c", f'exec "$@" {which}', "sh"))
    assert done.code == 1, (which, done.code, done.err)
    assert lab.status() == {"a": "success", "b": "failed", "c": "success"}
    assert (lab.log("a"), lab.log("b"), lab.log("c")) == (b"out\nerr\n", b"", b"c\n")
    return which


# -- no process to be had -----------------------------------------------------------------------------


def ordinary_user() -> tuple[str, ...] | None:
    """The words that run a command as somebody whose processes can be counted out; root's cannot."""
    if shutil.which("prlimit") is None or shutil.which("setpriv") is None:
        return None
    if os.geteuid():
        return ()
    access = ("--inh-caps=+dac_override", "--ambient-caps=+dac_override")  # the lab belongs to root
    return ("setpriv", "--reuid=61234", "--clear-groups", *access)


def no_process(rng: random.Random, _place: Path) -> str:
    """The kernel refuses to fork for a while: the engine waits, and then everything runs."""
    who = ordinary_user()
    if who is None:
        return "no prlimit or setpriv"
    with TemporaryDirectory(prefix="torture-") as open_place:  # the one given may lie where this user cannot go
        os.chmod(open_place, 0o777)
        lab = Lab(Path(open_place))
        workers = rng.choice([1, 3])
        jobs = [job("first", "touch here; until test -e go; do sleep 0.02; done")]
        jobs += [job(f"j{n}", f"echo {n}", "first") for n in range(6)]
        argv = [*who, *lab.argv("ex-run", str(lab.write(jobs)), "-j", str(workers))]
        with subprocess.Popen(argv, cwd=lab.path, env=lab.env, stderr=subprocess.PIPE) as run:
            try:
                told = refuse_processes(run, lab, who, rng.uniform(0.0, 0.5))
            finally:
                run.terminate()
        assert run.returncode == 0, told
        assert set(lab.status().values()) == {"success"}
        assert all(len(lab.tries(f"j{n}")) == 1 for n in range(6)), "to be refused a process is no attempt of its own"
        assert [lab.log(f"j{n}") for n in range(6)] == [b"%d\n" % n for n in range(6)]
    return f"{workers} workers"


def refuse_processes(run: subprocess.Popen[bytes], lab: Lab, who: Sequence[str], seconds: float) -> str:
    """Allow the engine no process from the end of its first job on, until it said so and these seconds passed."""
    assert run.stderr is not None
    lab.wait_for("here")
    engine = test_endings.engine_of(run)
    limit = [*who, "prlimit", "--pid", str(engine)]
    subprocess.run([*limit, "--nproc=0:"], check=True)
    (lab.path / "go").touch()
    seen = b""
    while b"waiting for the machine" not in seen:
        more = os.read(run.stderr.fileno(), 4096)
        assert more, f"it did not wait: {seen.decode()}"
        seen += more
    assert b"cannot start a process: resource temporarily unavailable" in seen
    time.sleep(seconds)
    assert run.poll() is None
    soft, _ = resource.getrlimit(resource.RLIMIT_NPROC)
    subprocess.run([*limit, f"--nproc={'unlimited' if soft < 0 else soft}:"], check=True)
    _, rest = run.communicate(timeout=PATIENCE)
    return (seen + rest).decode()


# -- the clock ------------------------------------------------------------------------------------------

CLOCK = Path(__file__).with_name("clock.c")


def clock_set(rng: random.Random, place: Path) -> str:
    """A job sets the clock back, forth, or to and fro by a day, as every program sees it; the engine too."""
    if shutil.which("cc") is None or sys.platform != "linux":
        return "no C compiler"
    lab = Lab(place)
    (place / "offset").write_text("0")
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", "clock.so", str(CLOCK), "-ldl"], cwd=place, check=True)
    lab.env |= {"LD_PRELOAD": str(place / "clock.so"), "CLOCK_OFFSET": str(place / "offset")}
    day = 86_400
    way = rng.choice([(day,), (-day,), (day, -day), (-day, day), (day, -day, 0)])
    steps = "; ".join(f"echo {offset} > offset.new; mv offset.new offset; sleep 0.05" for offset in way)
    waiting = {"plugin": "file", "params": {"path": "never"}, "timeout": 1.5}
    settling = {"plugin": "file", "params": {"path": "quiet", "settled": 1}}
    jobs = [
        job("setter", f"sleep 0.2; {steps}; touch quiet; sleep 0.1"),
        job("flaky", "test $EX_ATTEMPT -ge 3", max_retries=3, retry_delay=0.2, max_retry_time=60),
        job("slow", "sleep 987", timeout=1.2),
        {**job("late"), "dependencies": [waiting]},
        {**job("settled"), "dependencies": [settling]},
        job("after", "date +%s", "setter"),
    ]
    begun = time.monotonic()
    done = lab.call("ex-run", str(lab.write(jobs)), "-j6", "-k", "--timeout", "60", "--grace", "0.2")
    spent = time.monotonic() - begun
    assert done.code == 1, done.err
    assert spent < PATIENCE, f"it took {spent:.0f} s"
    assert lab.status() == {
        "setter": "success", "flaky": "success", "slow": "timeout", "late": "failed", "settled": "success",
        "after": "success",
    }  # fmt: skip
    drift = int(lab.log("after")) - time.time() - way[-1]
    assert abs(drift) < PATIENCE, f"the clock was not set: {drift}"
    assert len(lab.tries("flaky")) == 3
    assert "waited longer than 1.5 s" in (lab.reasons()["late"] or "")
    spans = [one.duration for record in lab.jobs() for one in (record, *lab.tries(record.job))]
    spans += [run.duration for run in lab.runs()]
    assert all(0 <= span <= spent for span in spans if span is not None), spans
    told = lab.call("ex-history", "export", "--format", "json")
    assert all(0 <= span <= spent for span in durations(json.loads(told.out))), told.out
    return ", ".join(f"{offset:+d}" for offset in way)


def durations(value: Any) -> Sequence[float]:
    """Every duration in a JSON document."""
    if isinstance(value, list):
        return [span for one in value for span in durations(one)]
    if not isinstance(value, dict):
        return []
    own = [span for key, span in value.items() if key == "duration" and span is not None]
    return own + [span for one in value.values() for span in durations(one)]


# -- sizes ----------------------------------------------------------------------------------------------

PER_JOB = 4.0
"""KiB above the interpreter that a job may take, from the start to the end of the run."""


def many_jobs(number: int, shape: str) -> Callable[[random.Random, Path], str]:
    """So many jobs, one after another or none after any; what they cost is told, and held to its limit."""

    def act(rng: random.Random, place: Path) -> str:
        lab = Lab(place)
        names = [f"job_{index:07d}" for index in range(number)]
        jobs = in_a(shape, names)
        jobs[-1]["command"] = "grep -E 'VmRSS|VmHWM' /proc/$PPID/status > memory"
        jobs[-1]["priority"] = -1
        document = lab.write(jobs)
        begun = time.monotonic()
        workers = "1" if shape == "chain" else "4"
        done = lab.call("ex-run", str(document), "-q", "-j", workers, patience=3600)
        spent = time.monotonic() - begun
        assert done.code == 0, done.err[-2000:]
        [run] = lab.runs()
        assert (run.completed, run.total) == (number, number)
        if shape == "chain":
            ended = [record.job for record in sorted(lab.jobs(), key=lambda record: (record.started, record.job))]
            assert ended == names
        peak = int((place / "memory").read_text().split()[1])
        each = (peak - interpreter()) / number
        assert number < 50_000 or each < PER_JOB, f"{each:.1f} KiB a job"
        shutil.rmtree(lab.logs)
        return f"{number / spent:.0f} jobs/s, {each:.1f} KiB a job" if number >= 50_000 else shape

    return act


def in_a(shape: str, names: Sequence[str]) -> list[dict[str, Any]]:
    """Jobs of these names, each after the one before it, or none after any (flat)."""
    if shape == "flat":
        return [job(name) for name in names]
    return [job(name, "true", *before) for name, before in zip(names, [(), *((name,) for name in names)], strict=False)]


def interpreter() -> int:
    """The peak memory of a Python that does nothing, in KiB."""
    code = "import re; print(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1])"
    return int(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)


def a_million(rng: random.Random, place: Path) -> str:
    """A million jobs are validated and planned; running them takes as long as it takes, and no other path."""
    lab = Lab(place)
    shape = rng.choice(["chain", "flat"])
    number = 1_000_000
    names = [f"job_{index:07d}" for index in range(number)]
    document = str(lab.write(in_a(shape, names)))
    done = lab.call("ex-validate", "-q", document, patience=1800)
    assert done.code == 0, done.err[-2000:]
    plan = lab.call("ex-run", "--dry-run", document, before=("sh", "-c", 'exec "$@" > plan', "sh"), patience=1800)
    assert plan.code == 0, plan.err[-2000:]
    with (place / "plan").open() as stream:
        assert sum(1 for _ in stream) == number + 3
    return shape


TRIALS: tuple[Trial, ...] = (
    Trial(
        "surroundings-no-working-dir", "a missing working directory: said before anything starts, exit 2", 3, 0,
        again(test_outcomes.test_a_missing_working_directory_is_refused_before_anything_starts),
    ),
    Trial(
        "surroundings-cannot-start", "no such shell, directory, program; E2BIG: it fails, with the reason", 30, 0,
        cannot_start,
    ),
    Trial("surroundings-descriptors", "few descriptors: it takes longer, and all is done", 10, 0, few_descriptors),
    Trial("surroundings-no-process", "no process for a while: waited for, no attempt lost", 20, 1, no_process),
    Trial("surroundings-clock", "a clock set by a day: no limit, delay or duration follows", 30, 1, clock_set),
    Trial("surroundings-closed", "closed standard streams: the same run", 30, 1, closed_streams),
    Trial(
        "surroundings-closed-later", "stdout and stderr closed meanwhile: the same run", 5, 0,
        again(test_endings.test_a_closed_stderr_and_stdout_do_not_stop_the_jobs),
    ),
    Trial(
        "surroundings-killed", "a job killed by a signal: 137 and its name", 5, 0,
        again(test_outcomes.test_a_signal_is_named_and_counted_as_128_plus_its_number),
    ),
    Trial(
        "surroundings-stdin", "a job that reads standard input: end of file", 5, 0,
        again(test_outcomes.test_a_job_reads_an_empty_stdin_whatever_the_run_reads),
    ),
    Trial("surroundings-small-chain", "a chain of 200 jobs, in order", 3, 1, many_jobs(200, "chain")),
    Trial("surroundings-chain-100000", "a chain of 100,000 jobs, in order", 1, 0, many_jobs(100_000, "chain")),
    Trial("surroundings-flat-100000", "100,000 independent jobs", 1, 0, many_jobs(100_000, "flat")),
    Trial("surroundings-million", "1,000,000 jobs are validated and planned", 2, 0, a_million),
)  # fmt: skip
