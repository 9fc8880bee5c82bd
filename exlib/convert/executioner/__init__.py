"""Workflow documents themselves: as they are, or with the old spellings of the original brought up to date."""
