"""What jobs print: however much, whatever the bytes, wherever it goes."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.commands.run.lab import Done, Lab, job
from tests.torture.trial import Trial

MEGABYTE = 1_000_000
GROWTH = 50_000
"""KiB by which the engine may grow, however much its jobs print."""
MEMORY = "grep -E 'VmRSS|VmHWM' /proc/$PPID/status > {}"
"""A job's parent is the engine."""


def quick_jobs(number: int) -> Callable[[random.Random, Path], None]:
    """Each prints some bytes of its own, to one stream or to both in turn."""

    def act(rng: random.Random, place: Path) -> None:
        lab = Lab(place)
        (place / "data").mkdir()
        jobs, expected = [], {}
        for index in range(number):
            name = f"j{index}"
            data = rng.randbytes(rng.choice([0, 1, 80, 4_096, 70_000]))
            (place / "data" / name).write_bytes(data)
            if rng.random() < 0.5:
                jobs.append(job(name, f"cat data/{name}"))
                expected[name] = data
            else:
                jobs.append(job(name, f"cat data/{name}; cat data/{name} >&2; echo end"))
                expected[name] = data + data + b"end\n"
        done = lab.call("ex-run", str(lab.write(jobs)), "-q", "-j", str(rng.choice([1, 4, 16])))
        assert done.code == 0, done.err
        wrong = [name for name, data in expected.items() if lab.log(name) != data]
        assert not wrong, f"the logs of {wrong} are not what the jobs printed"

    return act


def random_bytes(size: int) -> Callable[[random.Random, Path], None]:
    """Compared by their hash, in the log and as ``ex-history logs`` prints it."""

    def act(rng: random.Random, place: Path) -> None:
        lab = Lab(place)
        digest = hashlib.sha256()
        with (place / "data").open("wb") as stream:
            for _ in range(size // MEGABYTE):
                chunk = rng.randbytes(MEGABYTE)
                digest.update(chunk)
                stream.write(chunk)
        done = lab.run([job("out", "cat data")], "-q")
        assert done.code == 0, done.err
        assert sha(log_of(lab, "out")) == digest.hexdigest()
        shown = place / "shown"
        history = lab.call("ex-history", "logs", "1", "out", before=("sh", "-c", f'exec "$@" > {shown}', "sh"))
        assert history.code == 0, history.err
        assert sha(shown) == digest.hexdigest()

    return act


NONSENSE = (
    bytes(range(256)),
    b"\xff\xfe\x00\x00",
    b"\xc3\x28 \xa0\xa1 \xe2\x28\xa1 \xf0\x28\x8c\xbc",  # broken sequences
    b"\xed\xa0\x80\xed\xb0\x80",  # surrogates
    b"\xf4\x90\x80\x80 \xc0\xaf",  # beyond Unicode, and overlong
    b"cut off \xe2\x82",
    b"\x1b[2J\x1b]0;title\x07\r\n\x00\n",
    b"no end of line",
)


def invalid_text(rng: random.Random, place: Path) -> str:
    """In the output of a job that fails, so that the summary quotes it; the reader of it may be a terminal or not."""
    lab = Lab(place)
    data = b"".join(rng.sample(NONSENSE, rng.randint(1, len(NONSENSE))))
    (place / "data").write_bytes(data)
    way = rng.choice(["-v", "-q", "--tag", "--events=events"])
    env = lab.env | rng.choice([{}, {"LC_ALL": "C", "PYTHONUTF8": "0"}, {"LC_ALL": "C.UTF-8"}])
    document = lab.write([job("bad", "cat data; exit 3"), job("good", "cat data")])
    # What --tag shows are the job's bytes: nobody promised that they are text.
    done = lab.call("ex-run", str(document), way, "-k", env=env, before=("sh", "-c", 'exec "$@" > shown', "sh"))
    assert done.code == 1, done.err
    assert "Traceback" not in done.err
    assert "\x1b[2J" not in done.err, "a job's bytes drive the terminal"
    assert b"Traceback" not in (place / "shown").read_bytes()
    assert lab.log("bad") == lab.log("good") == data
    assert lab.reasons() == {"bad": "exit code 3", "good": None}
    return way


def one_line(size: int, *options: str) -> Callable[[random.Random, Path], None]:
    """A line that never ends, seen by the engine (--tag) or not."""

    def act(rng: random.Random, place: Path) -> None:
        lab = Lab(place)
        word = rng.randbytes(8).hex()
        printing = job("long", f"yes {word} | tr -d '\\n' | head -c {size}")
        grown(lab, [printing], *options)
        assert sha(log_of(lab, "long")) == sha_of(word.encode(), size)

    return act


def side_by_side(size: int, number: int = 8) -> Callable[[random.Random, Path], None]:
    """So many jobs at once that each prints so much."""

    def act(rng: random.Random, place: Path) -> None:
        lab = Lab(place)
        words = {f"j{index}": rng.randbytes(rng.randint(4, 40)).hex() for index in range(number)}
        grown(lab, [job(name, f"yes {word} | head -c {size}") for name, word in words.items()], f"-j{number}")
        for name, word in words.items():
            log = log_of(lab, name)
            assert sha(log) == sha_of(f"{word}\n".encode(), size), f"{name}: {log.stat().st_size} bytes"
            log.unlink()

    return act


def grown(lab: Lab, jobs: list[dict[str, object]], *options: str) -> None:
    """Run these jobs between two that look at the engine's memory."""
    jobs = [
        job("before", MEMORY.format("before")),
        *({**one, "dependencies": ["before"]} for one in jobs),
        job("after", MEMORY.format("after"), *(str(one["id"]) for one in jobs)),
    ]
    watched = ("sh", "-c", 'exec "$@" > /dev/null', "sh")
    done = lab.call("ex-run", str(lab.write(jobs)), "-q", *options, before=watched, patience=600)
    assert done.code == 0, done.err
    growth = memory(lab.path / "after", "VmHWM") - memory(lab.path / "before", "VmRSS")
    assert growth < GROWTH, f"the engine grew by {growth} KiB"


def memory(path: Path, what: str) -> int:
    return next(int(line.split()[1]) for line in path.read_text().splitlines() if line.startswith(what))


def log_of(lab: Lab, name: str) -> Path:
    return lab.logs / "lab" / "run-1" / f"{name}.1.log"


def sha(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def sha_of(word: bytes, size: int) -> str:
    """Of ``word`` over and over, cut to so many bytes."""
    digest = hashlib.sha256()
    chunk = word * (MEGABYTE // len(word))
    whole, rest = divmod(size, len(chunk))
    for _ in range(whole):
        digest.update(chunk)
    digest.update(chunk[:rest])
    return digest.hexdigest()


# -- a full disk -----------------------------------------------------------------------------------

FILL = {
    "and-fails": "yes | head -c 9000000",
    "and-succeeds": "yes | head -c 9000000; exit 0",
    "and-says-so": "yes > filler.{n} 2>/dev/null; echo lost; echo lost; exit 0",
}
"""How a job fills the disk of the logs, 4 MB, and how it ends."""
MOUNT = {
    "tmpfs": "mount -t tmpfs -o size=4m none logs",
    "ext4": "truncate -s 4M disk && mkfs.ext4 -q disk && mount -o loop disk logs",
}
IN_A_ROOM_OF_ITS_OWN = '{mount} || exit 99; "$@"; code=$?; cp -r logs kept; exit $code'


def mounts(kind: str) -> tuple[str, ...] | None:
    """The words that run a command where the logs are on a small disk; None if this user cannot have one."""
    rights = ("unshare", "--mount") if os.geteuid() == 0 else ("unshare", "--map-root-user", "--mount")
    if shutil.which("unshare") is None or (kind == "ext4" and (os.geteuid() or not shutil.which("mkfs.ext4"))):
        return None
    return (*rights, "sh", "-c", IN_A_ROOM_OF_ITS_OWN.format(mount=MOUNT[kind]), "sh")


def full_disk(kind: str) -> Callable[[random.Random, Path], str]:
    """The disk of the logs fills up under one job, while another runs beside it and a third is to come."""

    def act(rng: random.Random, place: Path) -> str:
        before = mounts(kind)
        if before is None:
            return f"no right to mount {kind}"
        lab = Lab(place)
        lab.logs.mkdir()
        way = rng.choice(list(FILL))
        beside = job("beside", "until test -e full; do sleep 0.02; done; sleep 0.1; echo beside")
        fill = f"({FILL[way].replace('filler.{n}', '$(dirname $EX_LOG)/filler')}); code=$?; touch full; exit $code"
        jobs = [job("fill", fill), beside, job("later", "true", "fill", "beside")]
        done = lab.call(
            "ex-run", str(lab.write(jobs)), "-j2", "-k", rng.choice(["-q", "-v"]), "--events", "events", before=before
        )
        if done.code == 99:
            return f"no right to mount {kind}"
        check_marks(lab, done)
        return way

    return act


def check_marks(lab: Lab, done: Done) -> None:
    """That the job is marked everywhere, and that nothing followed it."""
    assert done.code == 74, (done.code, done.err)
    assert "Traceback" not in done.err
    found = {record.job: record for record in lab.jobs()}
    assert found["fill"].log_truncated, done.err
    assert lab.tries("fill")[0].log_truncated
    assert found["later"].status in ("cancelled", "skipped")
    assert not found["later"].log_truncated
    assert "no space left" in (lab.runs()[0].reason or "")  # the run's own log may meet it first
    events = [json.loads(line) for line in (lab.path / "events").read_text().splitlines()]
    assert "fill" in [event["job"] for event in events if event["event"] == "log_truncated"]
    assert "fill: its log may be cut off, no space was left for it" in done.err
    assert "  cut off: " in done.err
    assert "its log may be cut off" in lab.call("ex-history", "show", "1").out
    if found["fill"].status == "success":
        assert found["fill"].reason == "no space was left for its log"


# -- something else in the log's place ----------------------------------------------------------------

IN_PLACE = {
    "link": "ln -s {precious} {log}",
    "link-to-nothing": "ln -s {precious}.new {log}",
    "pipe": "mkfifo {log}",
    "pipe-with-a-reader": "mkfifo {log}; (exec setsid cat < {log} > {precious}.new) & sleep 0.1; : > {log}",
    "directory": "mkdir {log}",
    "file": "echo planted > {log}",
}


def planted(rng: random.Random, place: Path) -> str:
    """A job puts something where the next one's log, or the log of its checks, belongs."""
    lab = Lab(place)
    precious = place / "precious"
    precious.write_text("precious")
    what = rng.choice(list(IN_PLACE))
    which = rng.choice(["b.1.log", "b.1.checks.log"]) if what != "file" else "b.1.log"
    plant = IN_PLACE[what].format(precious=precious, log=f'"$(dirname "$EX_LOG")"/{which}')
    check = {"name": "check_command", "params": {"command": "echo printed by a check"}}
    jobs = [job("a", plant, detach=True), job("b", "echo overwritten", "a", post_checks=[check]), job("c", "true", "b")]
    done = lab.run(jobs, "-q")
    assert done.code == 74, (what, done.code, done.err)
    assert "Traceback" not in done.err
    assert "cannot create the log" in done.err
    assert what == "file" or "is in its place" in done.err
    assert precious.read_text() == "precious"
    beyond = place / "precious.new"
    assert not beyond.exists() or beyond.read_bytes() == b""
    assert lab.status()["b"] == "failed"
    assert lab.status()["c"] in ("skipped", "cancelled")
    return f"{what} for {which}"


def private(rng: random.Random, place: Path) -> None:
    """Whatever the umask: what a job prints is for its owner's eyes."""
    lab = Lab(place)
    mask = rng.choice([0o000, 0o022, 0o077, 0o777])
    document = lab.write([job("a", "echo secret")])
    done = lab.call("ex-run", str(document), "-q", before=("sh", "-c", f'umask {mask:o}; exec "$@"', "sh"))
    if mask == 0o777 and done.code:
        return  # not even the owner may enter: refused
    assert done.code == 0, done.err
    for path in everything(lab.logs / "lab"):
        assert not stat.S_IMODE(path.lstat().st_mode) & 0o077, path


def everything(path: Path) -> Iterator[Path]:
    for directory, _, names in os.walk(path):
        yield Path(directory)
        yield from (Path(directory, name) for name in names)


TRIALS: tuple[Trial, ...] = (
    Trial("output-1000-jobs", "the bytes of 1,000 quick jobs, exactly", 20, 0, quick_jobs(1_000)),
    Trial("output-100-jobs", "the bytes of 100 quick jobs, exactly", 5, 1, quick_jobs(100)),
    Trial("output-random-200-mb", "random bytes, equal by hash", 3, 0, random_bytes(200 * MEGABYTE)),
    Trial("output-random-3-mb", "random bytes, equal by hash", 20, 1, random_bytes(3 * MEGABYTE)),
    Trial("output-invalid-text", "bytes that are no text: kept, and shown harmlessly", 40, 2, invalid_text),
    Trial("output-line-of-200-mb", "one line, the engine grows by < 50 MB", 3, 0, one_line(200 * MEGABYTE)),
    Trial("output-tagged-line", "the same, shown by --tag", 3, 0, one_line(200 * MEGABYTE, "--tag")),
    Trial("output-line-of-5-mb", "one line, shown by --tag", 5, 1, one_line(5 * MEGABYTE, "--tag")),
    Trial("output-8-x-200-mb", "8 jobs at once, the engine grows by < 50 MB", 3, 0, side_by_side(200 * MEGABYTE)),
    Trial("output-8-x-5-mb", "8 jobs at once", 5, 1, side_by_side(5 * MEGABYTE)),
    Trial("output-full-tmpfs", "a full disk of logs: marked, told, exit 74", 40, 2, full_disk("tmpfs")),
    Trial("output-full-ext4", "the same on ext4, which lies to root", 20, 1, full_disk("ext4")),
    Trial("output-planted", "a link, pipe or file in the log's place: refused", 40, 2, planted),
    Trial("output-private", "logs are for their owner alone", 10, 0, private),
)
