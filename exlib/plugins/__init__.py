"""Checks before and after a job, and waits for the world outside: built-in ones and those of others.

A plugin of your own needs nothing from here; ``Verdict`` and ``PluginContext`` are there for its type hints.
"""

from exlib.plugins.verdict import PluginContext, Verdict

__all__ = ["PluginContext", "Verdict"]
