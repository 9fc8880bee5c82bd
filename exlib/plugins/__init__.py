"""Checks before and after a job, and waits for the world outside: built-in ones and those of others."""
