"""Ninja build files: build statements with a rule become jobs, and jobs become statements that always run."""
