"""The program that lays out: DOT on stdin, a picture on stdout, in a process of its own that can be ended.

Run as a file, not as a module of the package: it knows nothing of the rest, and ``-P`` keeps the modules beside it out
of its path, of which one could otherwise stand in for the packages it needs.
"""

from __future__ import annotations

import resource
import sys


def main(engine: str, form: str, way: str, limit: str) -> int:
    """Lay out by ``engine`` and write ``form``: ``system`` by the dot on PATH, ``wheel`` in pygraphviz."""
    # Should nobody be left who ends it, it and what it starts end themselves after so much time of the processor.
    resource.setrlimit(resource.RLIMIT_CPU, (int(limit), int(limit)))
    source = sys.stdin.buffer.read().decode("utf-8")
    if way == "system":
        import graphviz  # type: ignore[import-untyped]

        try:
            picture: bytes = graphviz.Source(source, engine=engine).pipe(format=form)
        except graphviz.CalledProcessError as error:
            sys.stderr.write((error.stderr or b"").decode("utf-8", "replace") or str(error))
            return 1
    else:
        import pygraphviz  # type: ignore[import-untyped]

        picture = pygraphviz.AGraph(string=source).draw(format=form, prog=engine)
    sys.stdout.buffer.write(picture)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
