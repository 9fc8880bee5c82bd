"""The machine and the programs that a table was made with, and the environment that they are given."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from bench.peers import Peer

ROOT = Path(__file__).resolve().parents[1]


def environ(home: Path) -> dict[str, str]:
    """A small environment, the same for all: a user's shell without this one's peculiarities."""
    places = [ROOT / ".venv-bench" / "bin", Path(sys.executable).parent, ROOT / "bin"]
    path = os.pathsep.join([*map(str, places), os.environ["PATH"]])
    return {"PATH": path, "HOME": str(home), "LC_ALL": "C.UTF-8", "TERM": "xterm-256color"}


def description(folder: Path) -> str:
    """Date, processors, kernel, Python and the file system of a folder, in two lines."""
    processors = f"{len(os.sched_getaffinity(0))} processors ({_processor()})"
    return (
        f"{time.strftime('%Y-%m-%d')}, {processors},\n"
        f"Linux {platform.release()}, Python {platform.python_version()}, files on {_file_system(folder)}"
    )


def versions(peers: Iterable[Peer], variables: Mapping[str, str]) -> str:
    """The version of each peer that is there, in one line."""
    known = {peer.program: _version(peer, variables) for peer in peers if peer.found(variables["PATH"])}
    return ", ".join(f"{program} {version}" for program, version in known.items())


def _version(peer: Peer, variables: Mapping[str, str]) -> str:
    """The first number that it says of itself; luigi does not say, its package does."""
    argv = [peer.program, "--version"]
    if peer.program == "luigi":
        python = Path(str(peer.found(variables["PATH"]))).with_name("python")
        argv = [str(python), "-c", "from importlib.metadata import version; print(version('luigi'))"]
    done = subprocess.run(argv, env=variables, capture_output=True, text=True, check=False)
    number = re.search(r"\d+(\.\d+)*", done.stdout)
    return number[0] if number else "?"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _file_system(folder: Path) -> str:
    """The type of the mount that holds a folder: the longest mount point above it."""
    mounts = (line.split()[1:3] for line in Path("/proc/mounts").read_text().splitlines())
    above = [(point, kind) for point, kind in mounts if folder.resolve().is_relative_to(point)]
    return max(above, key=lambda found: len(found[0]))[1]
