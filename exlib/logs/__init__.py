<<<<<<< HEAD
"""What past runs tell: read from streams, logs and the history, and judged."""
=======
"""Runs as they were, read from whatever tells of them, and what can be learnt from that."""
>>>>>>> trends
