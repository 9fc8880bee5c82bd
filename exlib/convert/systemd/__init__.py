"""Workflows as units of systemd: a service for each job, one for the whole, timers where there is a schedule."""
