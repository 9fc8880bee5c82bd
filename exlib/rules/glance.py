"""Whether a command is worth reading for the security lint: a glance that costs a microsecond."""

from __future__ import annotations

_WORTH_A_LOOK = tuple(
    "rm$find$curl$wget$fetch$aria2c$chmod$umask$install$mkdir$sudo$su $doas$pkexec$runuser$pass$secret$token$key$auth$"
    "cred$://$mysql$mariadb$redis-cli$mongo$sqlplus$sqlldr$exp$imp$rman$isql$sqlcmd$bcp".split("$")
)
"""Pieces of which a command has one before it is worth reading: reading takes longer."""


def worth_a_look(command: str) -> bool:
    """Whether the security lint could find something in a command."""
    return any(map(command.lower().__contains__, _WORTH_A_LOOK))
