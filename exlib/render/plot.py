"""Pictures by Graphviz: which one there is, which engine fits the size, and an end to it when it takes too long.

Graphviz may run for minutes on a graph that looks harmless, and its library can take the whole process down with it; so
it always runs in a process of its own.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from exlib.console import plural, printable, span
from exlib.errors import AnswerNo, UsageError
from exlib.render.dot import dot, placed_dot
from exlib.render.picture import Picture

FORMATS = ("svg", "png", "pdf")
TIME_LIMIT = 60.0
"""Seconds that a layout may take if nobody says otherwise."""
LARGE = 30_000_000
"""Pixels above which a picture is remarked on."""
CAREFUL, OWN = 400, 1_000
"""Boxes and arrows together above which Graphviz takes less trouble, and above which our own layout is used.

That breaks wide levels into rows and packs parts that nothing links, where dot would draw a ribbon."""
_PLOTTER = Path(__file__).with_name("plotter.py")


class Plot(NamedTuple):
    """A picture, and what is to be said about it, empty if nothing is."""

    product: bytes
    remark: str = ""


def plotted(picture: Picture, form: str, limit: float = TIME_LIMIT) -> Plot:
    """The picture as svg, png or pdf. Raises UsageError if there is no Graphviz, AnswerNo if it fails or is slow."""
    size = len(picture.boxes) + len(picture.arrows)
    engine = "placed" if size > OWN else "dot"
    text = placed_dot(picture) if engine == "placed" else dot(picture, haste=int(size > CAREFUL))
    source = text.encode("utf-8", "backslashreplace")
    complaint = ""
    for way in ways():
        code, product, said = _run(argv_of(engine, form, way, limit), source, limit, picture)
        if code == 0 and product:
            return Plot(product, _remark(form, product, scaled="Scaling by" in said))
        complaint = complaint or _why(code, said)
    if complaint:
        raise AnswerNo(f"Graphviz could not draw this: {complaint}", mend=_advice(picture))
    raise UsageError(
        f"{form} needs Graphviz, and there is none",
        mend="pip install 'executioner[viz]', or the system's package graphviz; dot, mermaid, html and text need none",
    )


def _remark(form: str, product: bytes, *, scaled: bool) -> str:
    """What is to be said of a picture that few programs show well."""
    if scaled:
        return f"too large for {form}, so it was scaled down: svg has no such bound"
    width, height = (int.from_bytes(product[at : at + 4], "big") for at in (16, 20))  # of a PNG's header
    if form == "png" and width * height > LARGE:
        size = f"{width:,} by {height:,} pixels, {len(product) / 1e6:.0f} MB"
        return f"a picture of {size}: html and svg are smaller, --collapse-prefix 1 draws less"
    return ""


def ways() -> list[str]:
    """What there is to lay out with, the first to be tried first."""
    found = ["system"] if shutil.which("dot") and find_spec("graphviz") else []
    return found + (["wheel"] if find_spec("pygraphviz") else [])


def argv_of(engine: str, form: str, way: str, limit: float) -> list[str]:
    """The command line of the process that lays out, for a little longer than ``limit`` seconds at most."""
    return [sys.executable, "-P", str(_PLOTTER), engine, form, way, str(min(int(limit) + 5, 86_400))]


def _run(argv: list[str], source: bytes, limit: float, picture: Picture) -> tuple[int, bytes, str]:
    """Exit code, stdout and stderr of a process whose whole group is ended after ``limit`` seconds, or with us."""
    process = subprocess.Popen(
        argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    try:
        product, said = process.communicate(source, timeout=limit)
    except subprocess.TimeoutExpired:
        raise AnswerNo(
            f"Graphviz had not laid out {plural(len(picture.boxes), 'box', 'boxes')} and "
            f"{plural(len(picture.arrows), 'arrow')} after {span(limit)}",
            mend=_advice(picture),
        ) from None
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
    return process.returncode, product, said.decode("utf-8", "replace")


def _why(code: int, said: str) -> str:
    lines = [line for line in said.splitlines() if line.strip() and "ontconfig" not in line]
    if code < 0:
        return f"it was ended by {signal.Signals(-code).name}"
    return printable(lines[-1].strip())[:200] if lines else f"it ended with exit code {code}"


def _advice(picture: Picture) -> str:
    advice = "draw less of it: --collapse-prefix 1, --around JOB"
    if "left out" not in picture.note:
        advice += ", --reduce"
    return f"{advice}; or --format html, which needs no Graphviz"
