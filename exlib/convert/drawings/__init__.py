"""Drawings: a picture of the jobs and their order, in the languages of Graphviz and of Mermaid."""
