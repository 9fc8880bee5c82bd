"""Runs as they were, read from whatever tells of them, and what can be learnt from that."""
