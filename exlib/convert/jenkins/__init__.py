"""Declarative Jenkinsfiles, both ways: a small reading of Groovy, the pipeline that stands in it, and its jobs."""
