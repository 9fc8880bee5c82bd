"""The tables of the history, and the steps from each version of them to the next.

``PRAGMA user_version`` is the number of steps a database has seen. A step is never changed once released:
what follows is a further step. Times are ISO 8601 in UTC with milliseconds (``2026-01-31T23:59:59.123Z``): a
person can read them in the sqlite3 shell, they sort as text, and SQLite's date functions take them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from exlib.errors import StorageError

APPLICATION_ID = 0x45584543
"""``EXEC``: how a history is told apart from another program's database."""

_FIRST = """
CREATE TABLE counter (last_run INTEGER NOT NULL);
INSERT INTO counter VALUES (0);

CREATE TABLE run_summary (
  run_id INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  application_name TEXT NOT NULL,
  status TEXT NOT NULL,
  start_time TEXT NOT NULL,
  end_time TEXT,
  total_jobs INTEGER NOT NULL,
  completed_jobs INTEGER NOT NULL DEFAULT 0,
  failed_jobs INTEGER NOT NULL DEFAULT 0,
  skipped_jobs INTEGER NOT NULL DEFAULT 0,
  exit_code INTEGER,
  reason TEXT,
  working_dir TEXT NOT NULL,
  log_dir TEXT NOT NULL DEFAULT '',
  document_name TEXT NOT NULL,
  document_sha256 TEXT NOT NULL,
  document_redacted INTEGER NOT NULL,
  workers INTEGER NOT NULL,
  host TEXT NOT NULL,
  user TEXT NOT NULL,
  pid INTEGER NOT NULL,
  boot_id TEXT NOT NULL,
  command_line TEXT NOT NULL,
  PRIMARY KEY (run_id, attempt)
) WITHOUT ROWID;
CREATE INDEX run_by_application ON run_summary (application_name, run_id);
CREATE INDEX run_by_document ON run_summary (document_sha256);

CREATE TABLE job_history (
  run_id INTEGER NOT NULL,
  job_id TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  status TEXT NOT NULL,
  start_time TEXT,
  end_time TEXT,
  duration REAL,
  command TEXT NOT NULL,
  exit_code INTEGER,
  signal TEXT,
  retries INTEGER NOT NULL DEFAULT 0,
  log_file TEXT,
  fingerprint TEXT,
  max_rss_kb INTEGER,
  cpu_seconds REAL,
  reason TEXT,
  PRIMARY KEY (run_id, job_id, attempt)
) WITHOUT ROWID;

CREATE TABLE retry_history (
  run_id INTEGER NOT NULL,
  job_id TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  number INTEGER NOT NULL,
  status TEXT NOT NULL,
  start_time TEXT NOT NULL,
  duration REAL,
  exit_code INTEGER,
  signal TEXT,
  reason TEXT,
  pid INTEGER,
  log_file TEXT,
  max_rss_kb INTEGER,
  cpu_seconds REAL,
  PRIMARY KEY (run_id, job_id, attempt, number)
) WITHOUT ROWID;

CREATE TABLE job_mark (
  run_id INTEGER NOT NULL,
  job_id TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  marked_by TEXT NOT NULL,
  mark_time TEXT NOT NULL,
  reason TEXT NOT NULL,
  status_before TEXT NOT NULL,
  PRIMARY KEY (run_id, job_id, attempt)
) WITHOUT ROWID;

CREATE TABLE document (
  sha256 TEXT PRIMARY KEY,
  size INTEGER NOT NULL,
  zlib BLOB NOT NULL
)
"""

_RESUMABLE_OPTIONS = "ALTER TABLE run_summary ADD COLUMN options TEXT NOT NULL DEFAULT '{}'"

_ONE_ROW_A_JOB = """
ALTER TABLE job_history ADD COLUMN pid INTEGER;
ALTER TABLE job_history ADD COLUMN only_try INTEGER;
ALTER TABLE retry_history RENAME TO try;
CREATE VIEW retry_history AS
SELECT run_id, job_id, attempt, number, status, start_time, duration, exit_code, signal, reason, pid, log_file,
  max_rss_kb, cpu_seconds
FROM try
UNION ALL
SELECT j.run_id, j.job_id, j.attempt, 1, coalesce(k.status_before, j.status), j.start_time, j.duration, j.exit_code,
  j.signal, j.reason, j.pid, j.log_file, j.max_rss_kb, j.cpu_seconds
FROM job_history j LEFT JOIN job_mark k ON k.run_id = j.run_id AND k.job_id = j.job_id AND k.attempt = j.attempt
WHERE j.only_try = 1
"""
"""Nearly every job is tried once. Its row tells that try too, and a turn of the engine writes half as much."""

_EVIDENCE = """
ALTER TABLE run_summary ADD COLUMN pid_start INTEGER;
ALTER TABLE job_history ADD COLUMN pid_start INTEGER;
ALTER TABLE try ADD COLUMN pid_start INTEGER;
CREATE INDEX run_underway ON run_summary (run_id) WHERE status='running'
"""
"""``pid_start`` is when the process of that id started, in clock ticks since boot (Linux)."""

_CLOCKS_AND_FULL_DISKS = """
ALTER TABLE run_summary ADD COLUMN duration REAL;
ALTER TABLE job_history ADD COLUMN log_truncated INTEGER NOT NULL DEFAULT 0;
ALTER TABLE try ADD COLUMN log_truncated INTEGER NOT NULL DEFAULT 0;
DROP VIEW retry_history;
CREATE VIEW retry_history AS
SELECT run_id, job_id, attempt, number, status, start_time, duration, exit_code, signal, reason, pid, log_file,
  max_rss_kb, cpu_seconds, log_truncated
FROM try
UNION ALL
SELECT j.run_id, j.job_id, j.attempt, 1, coalesce(k.status_before, j.status), j.start_time, j.duration, j.exit_code,
  j.signal, j.reason, j.pid, j.log_file, j.max_rss_kb, j.cpu_seconds, j.log_truncated
FROM job_history j LEFT JOIN job_mark k ON k.run_id = j.run_id AND k.job_id = j.job_id AND k.attempt = j.attempt
WHERE j.only_try = 1
"""
"""What start and end of a run do not tell once somebody set the clock, and logs that no space was left for."""

STEPS: tuple[str, ...] = (_FIRST, _RESUMABLE_OPTIONS, _ONE_ROW_A_JOB, _EVIDENCE, _CLOCKS_AND_FULL_DISKS)
"""SQL from version n to n + 1, statements ending in semicolons; none holds a semicolon inside."""


def version_of(connection: sqlite3.Connection) -> int:
    """How many steps the database has seen."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def check(connection: sqlite3.Connection, path: str, steps: Sequence[str] = STEPS) -> None:
    """Refuse, without touching it, what a newer release wrote or what is not a history at all."""
    # One transaction: between two of them another process may commit the first step.
    connection.execute("BEGIN")
    try:
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        filled = connection.execute("SELECT 1 FROM sqlite_master").fetchone() is not None
        version = version_of(connection)
    finally:
        connection.rollback()
    if application != APPLICATION_ID and (application or filled):
        raise StorageError(
            f"{path} is another program's SQLite database; it was left untouched",
            mend="name the history with --db or EX_DB",
        )
    if version > len(steps):
        raise StorageError(
            f"{path} was written by a newer release: its tables are version {version}, this one knows {len(steps)}",
            mend="upgrade executioner, or name another history with --db or EX_DB",
        )


def migrate(connection: sqlite3.Connection, path: str, steps: Sequence[str] = STEPS) -> None:
    """Bring the tables to the newest version, each step in one transaction; many processes may do so at once."""
    check(connection, path, steps)
    while version_of(connection) < len(steps):
        connection.execute("BEGIN IMMEDIATE")
        try:
            version = version_of(connection)  # another process may have been quicker
            if version < len(steps):
                for statement in steps[version].split(";"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                connection.execute(f"PRAGMA user_version = {version + 1}")
            connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
