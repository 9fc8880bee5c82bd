"""Where a command runs: local processes and dry runs, behind one protocol of four verbs."""
