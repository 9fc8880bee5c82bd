"""Errors that are known by name: how a line of a log shows one, and what it means, in one table.

The first pattern of the table that a line matches is what the line says; more telling ones stand before general ones.
"""

import re
from typing import NamedTuple


class Pattern(NamedTuple):
    """A kind of error: its name, what shows it in a line, what that means, and whether it tells the cause itself.

    One that is ``vague`` (a word such as error) counts only where nothing else of a log is known. ``begins`` is where
    a message of several lines starts, such as a traceback, whose last line is the one matched.
    """

    name: str
    shows: re.Pattern[str]
    meaning: str
    vague: bool = False
    begins: re.Pattern[str] | None = None


_TRACEBACK = re.compile(r"^\s*(?:\| )?Traceback \(most recent call last\):")


def _known(
    name: str, shows: str, meaning: str, *, vague: bool = False, begins: re.Pattern[str] | None = None
) -> Pattern:
    return Pattern(name, re.compile(shows), meaning, vague, begins)


PATTERNS: tuple[Pattern, ...] = (
    # -- memory and disk: what lies under whatever else is said ------------------------------------------------
    _known(
        "Java out of memory",
        r"java\.lang\.OutOfMemoryError|There is insufficient memory for the Java Runtime",
        "the Java process used up its heap or the machine's memory; raise -Xmx, or give it less at a time",
    ),
    _known(
        "Python out of memory",
        r"^\s*MemoryError\b|^numpy\S*ArrayMemoryError|Unable to allocate .* for an array",
        "Python could not get the memory that it asked for",
    ),
    _known(
        "out of memory",
        r"(?i)\bout of memory\b|\bcannot allocate memory\b|\boom[-_ ]?kill(?:er|ed)?\b|\bENOMEM\b|Killed process \d+",
        "no memory was left, and the kernel may have ended the process with SIGKILL",
    ),
    _known(
        "killed",
        r"^(?:\S+: (?:line )?\d+: +\d+ )?Killed\b",
        "somebody ended the process with SIGKILL: often the kernel, for want of memory",
    ),
    _known(
        "disk full",
        r"(?i)No space left on device|\bENOSPC\b|disk quota exceeded|\bdisk (?:is )?full\b",
        "the file system or the user's quota is full",
    ),
    # -- Oracle -------------------------------------------------------------------------------------------------
    _known("ORA-00001", r"\bORA-00001\b", "unique constraint: a row with this key is there already"),
    _known("ORA-00054", r"\bORA-00054\b", "another session holds a lock on the table, and NOWAIT was asked for"),
    _known(
        "ORA-00060",
        r"\bORA-00060\b",
        "deadlock: two sessions waited for each other, and this one was chosen to give up",
    ),
    _known("ORA-00942", r"\bORA-00942\b", "the table or view does not exist, or this user may not see it"),
    _known("ORA-01017", r"\bORA-01017\b", "wrong user or password; repeated tries may lock the account"),
    _known("ORA-01555", r"\bORA-01555\b", "snapshot too old: the query ran longer than its undo was kept"),
    _known("ORA-01652", r"\bORA-0165[0-9]\b", "the tablespace has no room for another extent"),
    _known(
        "ORA-12154", r"\bORA-12(?:154|514|505|541|170)\b", "the database cannot be reached under this name or address"
    ),
    _known("ORA-28000", r"\bORA-2800[01]\b", "the account is locked, or its password has expired"),
    _known("Oracle", r"\bORA-\d{5}\b", "an error of the Oracle database: its number is in Oracle's error messages"),
    _known("PL/SQL", r"\bPLS-\d{5}\b", "PL/SQL that does not compile; the lines after it say where"),
    _known(
        "SQL*Plus",
        r"\bSP2-\d{4}\b",
        "SQL*Plus did not take a command; often it is not connected, or a script is missing",
    ),
    _known("Oracle network", r"\bTNS-\d{5}\b", "Oracle's listener or network did not answer"),
    # -- other databases ----------------------------------------------------------------------------------------
    _known(
        "PostgreSQL connection",
        r"psql: error: (?:connection to server|could not connect)|\bFATAL: +(?:password authentication|role|database|"
        r"no pg_hba|sorry, too many clients|the database system is)",
        "psql could not get a session: the server is away, full, or refuses user or database",
    ),
    _known(
        "PostgreSQL",
        r"^(?:psql:\S+:\d+: )?(?:ERROR|FATAL|PANIC): {1,2}\S|\bSQLSTATE\b",
        "a statement was refused by PostgreSQL; its own message says which and why",
    ),
    _known(
        "MySQL",
        r"\bERROR \d{4} \([0-9A-Z]{5}\)",
        "an error of MySQL or MariaDB: its number is in the server's error reference",
    ),
    # -- network ------------------------------------------------------------------------------------------------
    _known(
        "connection refused",
        r"(?i)connection refused|\bECONNREFUSED\b",
        "nothing listens at this address and port, or a firewall rejects it",
    ),
    _known(
        "connection reset",
        r"(?i)connection reset|broken pipe|\bECONNRESET\b|server closed the connection",
        "the other side ended the connection",
    ),
    _known(
        "name not resolved",
        r"(?i)could not resolve host|name or service not known|temporary failure in name resolution|getaddrinfo failed|"
        r"\bENOTFOUND\b|unknown host|nodename nor servname",
        "a host name was not found: a wrong name, or no name server",
    ),
    _known(
        "network timeout",
        r"(?i)(?:connection|connect|read|operation|request|i/o) timed? ?out|\bETIMEDOUT\b",
        "the other side did not answer in time",
    ),
    _known(
        "no route",
        r"(?i)no route to host|network is unreachable|\bEHOSTUNREACH\b",
        "the machine cannot be reached from here",
    ),
    _known(
        "certificate",
        r"(?i)certificate verify failed|certificate has expired|SSL certificate problem|self[- ]signed certificate",
        "the certificate of the other side is not trusted here, or has expired",
    ),
    _known(
        "SSH",
        r"Permission denied \((?:publickey|password|keyboard)|Host key verification failed",
        "ssh did not let the user in, or does not know the host",
    ),
    # -- programs and the shell ---------------------------------------------------------------------------------
    _known(
        "Java",
        r"^(?:Exception in thread |Caused by: )|"
        r"^(?:javax?|com|org|net|io|sun|jdk|scala|kotlin)\.[\w.$]+(?:Exception|Error)\b",
        "an exception ended a Java thread; the lines 'at ...' say where",
    ),
    _known(
        "Python",
        r"^(?:[A-Za-z_][\w.]*(?:Error|Exception|Warning|Interrupt|Exit)|StopIteration|AssertionError)(?:: .*)?$",
        "an exception ended a Python program; the lines above it say where",
        begins=_TRACEBACK,
    ),
    _known("Python traceback", _TRACEBACK.pattern, "an exception ended a Python program"),
    _known(
        "command not found",
        r"(?i)command not found|^(?:\S+: )?(?:line )?\d+: \S+: not found$|^exec: .*: not found",
        "the program is not installed, or PATH does not have its directory",
    ),
    _known(
        "no such file",
        r"(?i)no such file or directory|\bENOENT\b|can't open (?:input )?file|cannot open file",
        "a file or directory that is named does not exist",
    ),
    _known(
        "permission denied",
        r"(?i)permission denied|\bEACCES\b|operation not permitted|access denied",
        "the user who runs the job may not do that",
    ),
    _known(
        "shell syntax",
        r"(?i)syntax error|unterminated quoted string|unexpected EOF while looking for|unexpected end of file",
        "the shell, or a program, could not parse its input",
    ),
    _known(
        "unbound variable",
        r": unbound variable$|: parameter (?:null or )?not set$",
        "a variable that is used was never set, and set -u forbids it",
    ),
    _known(
        "segmentation fault",
        r"(?i)segmentation fault|\bSIGSEGV\b|core dumped|Bus error",
        "a program crashed by a fault of its own",
    ),
    _known(
        "assertion",
        r"(?i)assertion (?:`.*' |.*)?failed|^panic: ",
        "a program stopped itself, as something was not as it has to be",
    ),
    _known(
        "HTTP",
        r"\b(?:HTTP(?:/\d(?:\.\d)?)? |returned error: |status(?: code)?[ =:]+)[45]\d\d\b",
        "a server refused a request or failed",
    ),
    # -- what only sounds like an error -------------------------------------------------------------------------
    _known("fatal", r"(?i)^\W*(?:\S+ ){0,4}\W?(?:fatal|panic|critical)\b", "a program called it fatal", vague=True),
    _known(
        "error",
        r"(?i)(?<![\w-])(?:error|failed|failure|exception|cannot|could not|unable to|refused|aborted|invalid|missing)\b"
        r"(?!\s*[=:]?\s*0\b)",
        "a line that speaks of an error",
        vague=True,
    ),
)

_HARMLESS = re.compile(
    r"(?i)\b(?:no|0|without|zero) (?:\w+ )?(?:errors?|failed|failures?|exceptions?)\b"
    r"|\b(?:errors?|failed|failures?)[ =:]+0\b"
)
_STAMP = re.compile(
    r"^\s*\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?\]?(?: - (?:[A-Z]+ - )?|:? +)"
)
"""The time with which many programs begin a line, and the level that Python's logging puts behind it."""
_QUICK = re.compile(
    r"(?i)error|exception|fail|fatal|panic|killed|memory|space|quota|full|ora-|pls-|sp2-|tns-|psql|sqlstate|refused|"
    r"reset|pipe|closed|resolve|resolution|known|getaddrinfo|notfound|nodename|timed|timeout|route|unreach|"
    r"certificate|denied|host key|traceback|interrupt|exit|stopiteration|caused by|found|no such|enoent|open|permitted|eacces|"
    r"syntax|unterminated|unexpected|unbound|not set|fault|sigsegv|dumped|bus|assert|http|status|critical|cannot|could|"
    r"unable|abort|invalid|missing|warning|enomem|oom|enospc|econn|allocate|eof"
)
"""A word of any of the patterns: a line without is passed over at once."""


def recognise(line: str) -> Pattern | None:
    """What kind of error a line shows, if any."""
    if _QUICK.search(line) is None:
        return None
    line = _STAMP.sub("", line, count=1)
    for pattern in PATTERNS:
        if pattern.shows.search(line) is not None:
            if pattern.vague and _HARMLESS.search(line) is not None:
                return None
            return pattern
    return None
