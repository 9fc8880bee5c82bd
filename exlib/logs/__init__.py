"""What past runs tell: read from streams, logs and the history, and judged."""
