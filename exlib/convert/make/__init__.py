"""Makefiles, as GNU make reads them: targets with their recipes become jobs, and jobs become phony targets."""
