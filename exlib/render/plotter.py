"""The program that lays out: DOT on stdin, a picture on stdout, in a process of its own that can be ended.

Run as a file, not as a module of the package: it knows nothing of the rest, and ``-P`` keeps the modules beside it out
of its path, of which one could otherwise stand in for the packages it needs.
"""

from __future__ import annotations

import resource
import sys


def main(engine: str, form: str, way: str, limit: str) -> int:
    """Draw as ``form``: ``system`` by the programs on PATH, ``wheel`` in pygraphviz.

    The engine is ``dot``, or ``placed`` if every node has its place and only the arrows are to be drawn.
    """
    # Should nobody be left who ends it, it and what it starts end themselves after so much time of the processor.
    resource.setrlimit(resource.RLIMIT_CPU, (int(limit), int(limit)))
    source = sys.stdin.buffer.read().decode("utf-8")
    if way == "system":
        import graphviz  # type: ignore[import-untyped]

        placed = engine == "placed"
        try:
            drawing = graphviz.Source(source, engine="neato" if placed else "dot")
            picture: bytes = drawing.pipe(format=form, neato_no_op=1 if placed else None)
        except graphviz.CalledProcessError as error:
            sys.stderr.write((error.stderr or b"").decode("utf-8", "replace") or str(error))
            return 1
    else:
        import pygraphviz  # type: ignore[import-untyped]

        picture = pygraphviz.AGraph(string=source).draw(format=form, prog="nop" if engine == "placed" else "dot")
    sys.stdout.buffer.write(picture)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
