"""Runs, jobs and attempts, kept durably. ``store.py`` is the protocol, ``sqlite.py`` the default."""
