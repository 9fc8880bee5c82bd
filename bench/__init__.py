"""The benchmark: ex-run against its peers, its cost per job, and the price of the live view."""
