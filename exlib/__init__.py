"""The library behind the ex-* commands: the document, the graph, the engine and the findings."""

__version__ = "0.1.0"
