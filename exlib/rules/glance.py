"""Whether a command is worth reading for the security lint: a glance that costs a microsecond."""

from __future__ import annotations

_WORTH_A_LOOK = tuple(
    "rm$find$curl$wget$fetch$aria2c$chmod$umask$install$mkdir$sudo$su $doas$pkexec$runuser$pass$pwd$secret$token$key$"
    "auth$cred$login$://$mysql$mariadb$redis-cli$mongo$sqlplus$sqlldr$exp$imp$rman$isql$sqlcmd$bcp".split("$")
)
"""Pieces of which a command has one before it is worth reading: reading takes longer."""
_MAY_HIDE = ("'", '"', "\\", "su")
_BARE = str.maketrans({**dict.fromkeys("'\"\\"), **dict.fromkeys("\t\r\n;&|<>()`", " ")})


def worth_a_look(command: str) -> bool:
    """Whether the security lint could find something in a command."""
    text = f"{command.casefold()} "
    if any(map(text.__contains__, _WORTH_A_LOOK)):
        return True
    if not any(map(text.__contains__, _MAY_HIDE)):
        return False
    # Quotes inside a word are no part of it (r\m, 'su'do), and more than a blank ends one.
    bare = text.replace("\\\n", "").translate(_BARE)
    return any(map(bare.__contains__, _WORTH_A_LOOK))
