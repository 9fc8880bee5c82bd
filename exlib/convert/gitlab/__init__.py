"""GitLab CI configurations: a pipeline of stages or needs, with what it inherits, includes and refers to."""
