"""Lines that are broken on purpose, to see that the tests notice: ``make mutate``."""
