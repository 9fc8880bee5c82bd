"""Crontabs: those of one user and those of the system, whose entries name a user."""
