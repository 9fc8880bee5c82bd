"""Runs out of whatever tells of them: event streams, run logs, job logs, the original's logs, the history."""
