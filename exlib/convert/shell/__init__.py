"""A job as text for a shell, which does by itself what ex-run does for it, and what comes back from such a text."""
