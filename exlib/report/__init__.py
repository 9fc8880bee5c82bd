"""Readers of events and findings: live view, lines, summaries, run log, mail, finding formats."""
