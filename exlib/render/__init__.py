"""Pictures and pages: pure functions from graphs, figures and tables to text."""
