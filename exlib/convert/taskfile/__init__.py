"""Taskfile, version 3: the tasks that a target reaches, with what can be known of their variables."""
