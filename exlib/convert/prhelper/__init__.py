"""The text of the PR helper: the steps of a database release, line by line."""
