"""Plugins in Python files that a document lists under ``dependency_plugins``: which names a file brings, and loading.

A file brings each of its public functions under the function's name, and its ``PLUGIN_CLASS`` under the source's name.
"""

from __future__ import annotations

import os
import sys
from types import ModuleType
from typing import Any

from exlib.errors import InputError
from exlib.workflow import PluginSource

CLASS_MARK = "PLUGIN_CLASS"


def names(source: PluginSource) -> frozenset[str]:
    """The plugin names in a file, found without running it. Raises InputError if it cannot be read or parsed."""
    import ast

    try:
        with open(source.path, "rb") as stream:
            tree = ast.parse(stream.read(), source.path)
    except OSError as error:
        raise _unusable(source, (error.strerror or str(error)).lower()) from None
    except (SyntaxError, ValueError, RecursionError) as error:
        raise _unusable(source, f"it is not Python: {error}") from None
    found = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            found.add(node.name)
        targets = node.targets if isinstance(node, ast.Assign) else []
        if any(isinstance(target, ast.Name) and target.id == CLASS_MARK for target in targets):
            found.add(source.name)
    return frozenset(found)


def load(source: PluginSource, name: str) -> Any:
    """Run the file and return the plugin ``name`` of it. Whatever the file raises comes through."""
    module = _run(source)
    if name == source.name and hasattr(module, CLASS_MARK):
        return getattr(module, CLASS_MARK)
    return getattr(module, name)


def _run(source: PluginSource) -> ModuleType:
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location(f"executioner_plugin_{source.name}", source.path)
    if spec is None or spec.loader is None:
        raise _unusable(source, "its name does not end in .py")
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    sys.path.append(os.path.dirname(source.path))  # for what lies beside it, after everything else
    sys.dont_write_bytecode, kept = True, sys.dont_write_bytecode  # the file lies in a place of the user's
    try:
        spec.loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = kept
    return module


def _unusable(source: PluginSource, why: str) -> InputError:
    return InputError(f"plugin file {source.path} cannot be used: {why}", mend='see "dependency_plugins"')
