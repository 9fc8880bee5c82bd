"""The engine's guarantees, tried many times over: ``python -m tests.torture``, or ``make torture``."""
