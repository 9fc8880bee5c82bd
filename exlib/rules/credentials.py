"""Secrets in command lines: passwords, tokens and keys written out where a variable or a file should stand."""

from __future__ import annotations

import re

from exlib.environment import is_secret
from exlib.rules.script import Script, Simple, Word
from exlib.rules.wrappers import stages

_NAME = (
    r"(?:[\w-]*?[-_])?"
    r"(?:password|passwd|passphrase|pass|pwd|secret|token|api[-_]?key|access[-_]?key|secret[-_]?key)"
)
_OPTION = re.compile(rf"--{_NAME}|-(?:password|passwd|passphrase|pwd|(?:src|dest)?(?:store|key)pass)", re.IGNORECASE)
_OPTION_VALUE = re.compile(rf"--?({_NAME})=(.+)", re.IGNORECASE | re.DOTALL)
_ABOUT_ONE = re.compile(
    r"--?(?:no|ask|prompt|force|with|without|use|show|hide|skip|reset|change|require|allow)[-_]", re.I
)
"""Options that speak of a password without holding one: ``--ask-pass``, ``--no-password``."""
_NO_SECRET = re.compile(
    r"true|false|yes|no|on|off|none|null|prompt|stdin|fd:\d+|(?:id|type|src|name)=.*|\S*/\S+", re.IGNORECASE
)
"""Values that are a choice, a name or a path."""
_URL = re.compile(r"[a-z][a-z0-9+.-]*://[^\s/:@]*:([^\s/@]+)@[^\s/]", re.IGNORECASE)
_HEADER = re.compile(
    r"(?:Authorization:\s*(?:Bearer|Basic|Token)|X-(?:API-Key|Auth-Token):|Private-Token:)\s+(\S+)", re.IGNORECASE
)
_ASSIGNED = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.+)", re.DOTALL)
_ORACLE = re.compile(r"(?:userid=)?[\w$#.\"]+/([^@\s/\"]+|\"[^\"]+\")(?:@\S+)?", re.IGNORECASE)
_USER_PASSWORD = re.compile(r"[^:\s]+:(.+)")
_CONNECTION = re.compile(r"(?:^|[\s?&=])password\s*=\s*('[^']*'|[^\s&]+)", re.IGNORECASE)

_MYSQL = frozenset(
    "mysql mysqldump mysqladmin mysqlimport mysqlcheck mysqlshow mysqlbinlog mysqlpump mariadb mariadb-dump "
    "mariadb-admin sshpass".split()
)
_ASKING = frozenset("psql pg_dump pg_dumpall pg_restore createdb dropdb createuser vacuumdb pg_basebackup".split())
"""Programs whose ``--password`` takes no value: they ask for it. Their connection strings may hold one."""
_CONNECTING = _ASKING | {"dropuser", "reindexdb", "clusterdb", "pg_isready", "pgbench", "ogr2ogr", "ogrinfo"}
_ORACLE_TOOLS = frozenset("sqlplus sqlldr exp imp expdp impdp rman".split())
_LOGIN = frozenset("docker podman nerdctl buildah skopeo helm oras oc az".split())
"""Programs whose ``login`` takes a password after ``-p``."""
_SPLIT_OPTIONS = {
    "sshpass": "-p",
    "redis-cli": "-a",
    "mongo": "-p",
    "mongosh": "-p",
    "mongodump": "-p",
    "isql": "-P",
    "sqlcmd": "-P",
    "bcp": "-P",
}
_SENDING = frozenset(["curl", "wget"])
_ASSIGNING = frozenset("export declare typeset local readonly env sudo doas".split())


def find_credential(script: Script) -> str | None:
    """What kind of credential a command holds, without its value; None if there is none to be seen."""
    for simple in script.commands:
        if (found := _in_command(simple)) is not None:
            return found
    return None


def _in_command(simple: Simple) -> str | None:
    started = list(stages(simple))
    assigning = [word for name, words in started if name in _ASSIGNING for word in words]
    for word in (*simple.assignments, *assigning):
        match = _ASSIGNED.fullmatch(word.text)
        if match and is_secret(match[1]) and _literal(match[2], word):
            return f"the value of {match[1]}"
    asking = any(name in _ASKING for name, _ in started)
    for number, word in enumerate(simple.words[1:], start=1):
        after = simple.words[number + 1] if number + 1 < len(simple.words) else None
        if not (asking and word.text == "--password") and (found := _in_word(word, after)) is not None:
            return found
    for name, words in started:
        for number in range(len(words)):
            if (found := _by_program(name, words, number)) is not None:
                return found
    return None


def _in_word(word: Word, after: Word | None) -> str | None:
    """What any program's argument shows by its form."""
    about_one = _ABOUT_ONE.match(word.text) is not None
    if (match := _OPTION_VALUE.fullmatch(word.text)) and not about_one and _secret(match[2], word):
        return f"a value for {word.text.partition('=')[0]}"
    if _OPTION.fullmatch(word.text) and not about_one and after and _secret_word(after):
        return f"a value for {word.text}"
    if (match := _URL.search(word.text)) and _literal(match[1], word):
        return "a password in a URL"
    if (match := _HEADER.search(word.text)) and _literal(match[1], word):
        return "an authorization header"
    if word.text.startswith("pass:") and _literal(word.text[5:], word):
        return "a password after pass:"
    return None


def _by_program(program: str, words: list[Word], number: int) -> str | None:
    """What an argument means to the program it is given to."""
    word, text = words[number], words[number].text
    after = words[number + 1] if number + 1 < len(words) else None
    if program in _MYSQL and text.startswith("-p") and len(text) > 2 and _literal(text[2:], word):
        return "a password after -p"
    if text == _SPLIT_OPTIONS.get(program) and after and _argument(after):
        return f"a password after {text}"
    if program in _LOGIN and text[:2] == "-p" and any(earlier.text == "login" for earlier in words[:number]):
        given = _literal(text[2:], word) if text[2:] else after is not None and _argument(after)
        return "a password after -p" if given else None
    if program in _CONNECTING and (match := _CONNECTION.search(text)) and _literal(match[1].strip("'"), word):
        return "a password in a connection string"
    if program in _ORACLE_TOOLS and not text.startswith(("-", "@", "/")):
        match = _ORACLE.fullmatch(text)
        return "a password after the user's name" if match and _literal(match[1], word) else None
    if program in _SENDING and text in ("-u", "--user", "--proxy-user", "-U") and after:
        match = _USER_PASSWORD.fullmatch(after.text)
        return f"a password after {text}" if match and _literal(match[1], after) else None
    return None


def _secret(value: str, word: Word) -> bool:
    return _literal(value, word) and _NO_SECRET.fullmatch(value) is None


def _secret_word(word: Word) -> bool:
    return _argument(word) and _secret(word.text, word)


def _argument(word: Word) -> bool:
    return not word.text.startswith("-") and _literal(word.text, word)


def _literal(value: str, word: Word) -> bool:
    """Whether a value is written out: not a reference, not empty, not a place to fill in."""
    if ("$" in value or "`" in value) and (word.dynamic or re.search(r"\s", word.text)):
        return False  # in a word of several words, as the command of sh -c is one, a shell expands it later
    return bool(value.strip("*xX.<>")) and not value.startswith(("@", "file:", "env:"))
