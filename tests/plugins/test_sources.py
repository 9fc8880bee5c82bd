from __future__ import annotations

from pathlib import Path

import pytest

from exlib.document import Document
from exlib.errors import InputError
from exlib.plugins.sources import names
from exlib.workflow import PluginSource, plugin_sources
from tests.plugins.asking import ask, plugin_file


def test_a_file_brings_its_public_functions_and_its_class_without_being_run(tmp_path: Path) -> None:
    text = "raise SystemExit\ndef one(p, c): ...\ndef _two(p, c): ...\nclass Three: ...\nPLUGIN_CLASS = Three\n"
    assert names(plugin_file(tmp_path, text)) == {"one", "custom"}
    assert names(plugin_file(tmp_path, "x = 1\n")) == frozenset()


@pytest.mark.parametrize(
    ("raw", "reason"), [(b"def (", "it is not Python"), (b"\0", "it is not Python"), (b"\xff = 1", "it is not Python")]
)
def test_a_file_that_is_not_python_is_refused(tmp_path: Path, raw: bytes, reason: str) -> None:
    path = tmp_path / "bad.py"
    path.write_bytes(raw)
    with pytest.raises(InputError, match=reason):
        names(PluginSource("bad", str(path)))


def test_a_missing_file_is_refused_by_name_and_by_the_host(tmp_path: Path) -> None:
    source = PluginSource("gone", str(tmp_path / "gone.py"))
    message = f"plugin file {source.path} cannot be used: no such file or directory"
    with pytest.raises(InputError) as raised:
        names(source)
    assert raised.value.message == message
    asked = ask("wait", "gone", {}, cwd=tmp_path, sources=[source])
    assert (asked.verdict.message, asked.exit_code, asked.log) == (message, 1, "")


def test_a_file_that_crashes_while_it_is_loaded(tmp_path: Path) -> None:
    source = plugin_file(tmp_path, "def custom(params, context):\n    return True\n\nopen('/none/such')\n")
    asked = ask("check", "custom", {}, cwd=tmp_path, sources=[source])
    assert not asked.verdict.passed
    assert "FileNotFoundError" in asked.verdict.message
    assert asked.exit_code == 2


def test_the_first_file_that_has_the_name_brings_it(tmp_path: Path) -> None:
    first = plugin_file(tmp_path, "def other(p, c):\n    return True\n", "first")
    second = plugin_file(tmp_path, "def wanted(p, c):\n    return (True, __file__)\n", "second")
    third = plugin_file(tmp_path, "def wanted(p, c):\n    return False\n", "third")
    asked = ask("check", "wanted", {}, cwd=tmp_path, sources=[first, second, third])
    assert asked.verdict == (True, second.path)


def test_a_file_may_be_called_like_a_module_and_import_what_lies_beside_it(tmp_path: Path) -> None:
    (tmp_path / "beside_it.py").write_text("VALUE = 'from beside'\n")
    text = "import json, beside_it\n\ndef json_ok(p, c):\n    return (hasattr(json, 'loads'), beside_it.VALUE)\n"
    source = plugin_file(tmp_path, text, "json")
    assert ask("check", "json_ok", {}, cwd=tmp_path, sources=[source]).verdict == (True, "from beside")


def test_a_plugin_file_leaves_nothing_beside_it(tmp_path: Path) -> None:
    source = plugin_file(tmp_path, "def custom(params, context):\n    return True\n")
    assert ask("check", "custom", {}, cwd=tmp_path, sources=[source]).verdict.passed
    assert [path.name for path in tmp_path.iterdir()] == ["custom.py"]


def test_a_documents_files_are_absolute_and_may_be_named(tmp_path: Path) -> None:
    raw = b'{"dependency_plugins": ["lib/a.py", {"name": "feed", "path": "/x/b.py"}, {"path": "../c.py"}, 7, {}, ""]}'
    assert plugin_sources(Document(raw, str(tmp_path / "wf.json"))) == (
        PluginSource("a", str(tmp_path / "lib/a.py")),
        PluginSource("feed", "/x/b.py"),
        PluginSource("c", str(tmp_path.parent / "c.py")),
    )
    assert plugin_sources(Document(b'{"dependency_plugins": "a.py"}')) == ()
