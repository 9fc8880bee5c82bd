"""WfFormat: recorded executions of scientific workflows, with their tasks, their files and what was measured."""
