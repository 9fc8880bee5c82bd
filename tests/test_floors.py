"""Who may import whom: a module imports only from lower floors, wherever in it the import stands."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FLOORS = (
    {"errors", "findings", "__init__"},
    {
        "document",
        "workflow",
        "environment",
        "events",
        "console",
        "masking",
        "digest",
        "gitsettings",
        "schema",
        "plugins",
        "sample",
    },
    {"graph", "select", "rules", "fix", "canonical", "analysis", "delta", "merge", "render", "convert"},
    {"history", "engine"},
    {"report", "simulation", "logs", "optimize"},
    {"session"},
    {"commands"},
    {"launch", "completion", "__main__"},
)
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
MODULES = sorted((ROOT / "exlib").rglob("*.py"))


def room(module: str) -> str:
    """The first part below exlib: ``exlib.document.edit`` is of ``document``."""
    return [*module.split("."), "__init__"][1]


def dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 2 else parts)


def imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: a relative import"
            if node.module in ("exlib", "exlib.commands"):
                names = (alias.name for alias in node.names if alias.name[0] != "_")
                yield from ((node.lineno, f"{node.module}.{name}") for name in names)
            elif node.module:
                yield node.lineno, node.module


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_imports_go_down(path: Path) -> None:
    own = room(dotted(path))
    assert own in FLOOR, f"{own} stands on no floor: DESIGN names them, FLOORS above repeats them"
    wrong = [
        f"line {line}: {name}"
        for line, name in imports(ast.parse(path.read_bytes()))
        if name.startswith("exlib.") and room(name) != own and FLOOR[room(name)] > FLOOR[own]
    ]
    assert not wrong


@pytest.mark.parametrize("path", [path for path in MODULES if path.parent.name == "commands"], ids=dotted)
def test_commands_never_import_commands(path: Path) -> None:
    names = [name for _, name in imports(ast.parse(path.read_bytes())) if name.startswith("exlib.commands")]
    assert set(names) <= {"exlib.commands.contract"}


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_a_module_opens_with_one_telling_line(path: Path) -> None:
    words = ast.get_docstring(ast.parse(path.read_bytes()))
    assert words
    assert len(words.splitlines()[0]) <= 120
