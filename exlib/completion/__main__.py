"""``python -m exlib.completion DIR`` writes one file a shell into DIR."""

from __future__ import annotations

import sys
from pathlib import Path

from exlib.completion.model import commands
from exlib.completion.shells import FILES


def main(directory: str) -> None:
    """Write every file that differs, and name it."""
    known = commands()
    for name, render in FILES.items():
        path, text = Path(directory, name), render(known)
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            sys.stderr.write(f"wrote {path}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
