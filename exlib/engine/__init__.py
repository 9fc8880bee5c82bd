"""The engine: plan, scheduler, attempts, processes. It knows no click and no SQLite."""
