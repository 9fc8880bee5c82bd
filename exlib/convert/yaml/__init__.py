"""YAML as a tree in which every value knows its place, for all formats that are written in it."""
