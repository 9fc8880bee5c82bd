"""Errors known by name: each with lines that show it, and lines that must not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exlib.logs.patterns import PATTERNS, recognise

SHOWN = {
    "Java out of memory": ["java.lang.OutOfMemoryError: Java heap space", "Caused by: java.lang.OutOfMemoryError: GC"],
    "Python out of memory": ["MemoryError", "numpy.core._exceptions._ArrayMemoryError: Unable to allocate 74.5 GiB"],
    "out of memory": [
        "fork: Cannot allocate memory",
        "Out of memory: Killed process 4711 (load) total-vm:8388608kB",
        "ERROR:  out of memory",
        "slurmstepd: error: Detected 1 oom_kill event",
    ],
    "killed": ["Killed", "./load.sh: line 3: 4711 Killed                  ./big"],
    "disk full": [
        "cp: error writing 'x': No space left on device",
        "OSError: [Errno 28] No space left on device",
        "Disk quota exceeded",
    ],
    "ORA-00001": ["ORA-00001: unique constraint (APP.PK_ORDERS) violated"],
    "ORA-00054": ["ORA-00054: resource busy and acquire with NOWAIT specified"],
    "ORA-00060": ["ORA-00060: deadlock detected while waiting for resource"],
    "ORA-00942": ["ORA-00942: table or view does not exist"],
    "ORA-01017": ["ORA-01017: invalid username/password; logon denied"],
    "ORA-01555": ["ORA-01555: snapshot too old", "2026-01-31 23:59:59,123 - INFO - ORA-01555: snapshot too old"],
    "ORA-01652": ["ORA-01652: unable to extend temp segment by 128 in tablespace TEMP"],
    "ORA-12154": ["ORA-12154: TNS:could not resolve the connect identifier", "ORA-12541: TNS:no listener"],
    "ORA-28000": ["ORA-28000: the account is locked"],
    "Oracle": ["ORA-06512: at line 3", "ORA-01403: no data found"],
    "PL/SQL": ["PLS-00201: identifier 'FOO' must be declared"],
    "SQL*Plus": ["SP2-0640: Not connected", 'SP2-0310: unable to open file "x.sql"'],
    "Oracle network": ["TNS-12535: TNS:operation timed out"],
    "PostgreSQL connection": [
        'psql: error: connection to server at "db1" (10.0.0.3), port 5432 failed: Connection refused',
        'FATAL:  password authentication failed for user "ann"',
        "FATAL:  sorry, too many clients already",
    ],
    "PostgreSQL": [
        'ERROR:  relation "orders" does not exist',
        "psql:load.sql:12: ERROR:  duplicate key value",
        "SQLSTATE 23505",
    ],
    "MySQL": ["ERROR 1045 (28000): Access denied for user 'ann'@'localhost'", "ERROR 2002 (HY000): Can't connect"],
    "connection refused": [
        "curl: (7) Failed to connect to db1 port 80: Connection refused",
        "connect ECONNREFUSED 10.0.0.3:80",
    ],
    "connection reset": [
        "read: Connection reset by peer",
        "server closed the connection unexpectedly",
        "write: Broken pipe",
    ],
    "name not resolved": [
        "curl: (6) Could not resolve host: db1",
        "ssh: Temporary failure in name resolution",
        "getaddrinfo ENOTFOUND db1",
    ],
    "network timeout": ["curl: (28) Connection timed out after 3000 ms", "i/o timeout", "requests: Read timed out."],
    "no route": ["connect: No route to host", "Network is unreachable"],
    "certificate": [
        "SSL certificate problem: unable to get local issuer",
        "certificate verify failed: self signed certificate",
    ],
    "SSH": ["ann@db1: Permission denied (publickey,password).", "Host key verification failed."],
    "Python": [
        "KeyError: 'a'",
        "psycopg.OperationalError: no",
        "AssertionError",
        "pkg.mod.OwnException: x",
        "KeyboardInterrupt",
    ],
    "Python traceback": ["Traceback (most recent call last):"],
    "Java": [
        'Exception in thread "main" java.lang.NullPointerException',
        "java.io.IOException: x",
        "Caused by: com.x.OwnError",
    ],
    "command not found": [
        "bash: line 1: nosuch: command not found",
        "/bin/sh: 1: nosuch: not found",
        "zsh: command not found: nosuch",
    ],
    "no such file": ["cat: x.csv: No such file or directory", "Error: ENOENT: x", "python3: can't open file '/x.py'"],
    "permission denied": ["/bin/sh: 1: ./x.sh: Permission denied", "mount: Operation not permitted", "Access denied"],
    "shell syntax": [
        '/bin/sh: 1: Syntax error: "then" unexpected',
        "bash: -c: line 1: unexpected EOF while looking for matching",
    ],
    "unbound variable": ["./x.sh: line 3: TARGET: unbound variable", "sh: 1: TARGET: parameter not set"],
    "segmentation fault": ["Segmentation fault (core dumped)", "Bus error"],
    "assertion": ["a.out: a.c:3: main: Assertion `x == 1' failed.", "panic: runtime error: index out of range"],
    "HTTP": ["curl: (22) The requested URL returned error: 503", "HTTP/1.1 404 Not Found", "status code: 500"],
    "fatal": ["fatal: not a git repository", "[FATAL] giving up", "2026-01-31 23:59:59 CRITICAL giving up"],
    "error": ["error: it went wrong", "ERROR in row 3", "load failed", "Unable to write row 7", "Exception!"],
}
HARMLESS = [
    "",
    "No errors",
    "0 errors, 0 warnings",
    "12 rows, 0 failed",
    "finished without errors",
    "errors: 0",
    "loaded 1200 rows",
    "error_log opened",
    "the mirror is reflected",
    "PR-1234 applied",
    "ORA-1 is no code",
    "storage-ORA-000012 renamed",
    "memory 20 MiB",
    "connected in 12 ms",
    "HTTP/1.1 200 OK",
    "port 5432 open",
    "warnings 3",
    "    at com.example.Load.main(Load.java:3)",
    '  File "load.py", line 3, in <module>',
]


def test_every_pattern_has_lines_that_show_it() -> None:
    assert SHOWN.keys() == {pattern.name for pattern in PATTERNS}
    assert len(SHOWN) == len(PATTERNS)


@pytest.mark.parametrize(("name", "line"), [(name, line) for name, lines in SHOWN.items() for line in lines])
def test_a_line_is_known_by_name(name: str, line: str) -> None:
    found = recognise(line)
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize("line", HARMLESS)
def test_what_is_no_error_is_none(line: str) -> None:
    assert recognise(line) is None


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.name)
def test_a_meaning_is_one_line(pattern: object) -> None:
    meaning = getattr(pattern, "meaning", "")
    assert meaning
    assert "\n" not in meaning
    assert not meaning.endswith(".")


@given(st.text(max_size=200))
def test_no_line_is_too_much(line: str) -> None:
    recognise(line)
