"""Whether a user stands behind the schedule of an entry, as in the system's crontabs, or the command begins there."""

from __future__ import annotations

import re
import shutil

from exlib.convert.crontab.entry import Entry, parse
from exlib.convert.source import Source
from exlib.errors import InputError

_USUAL = frozenset(
    "root www-data nobody daemon postgres oracle bin sys operator apache tomcat mongodb rabbitmq elasticsearch jenkins "
    "gitlab-runner nagios zabbix prometheus grafana munin logcheck smmsp postfix dovecot clamav amavis debian-spamd "
    "irc gnats uucp ftp chrony messagebus systemd-network systemd-timesync avahi syslog statd openldap nextcloud "
    "icinga cacti backuppc bacula amanda sap db2inst1 sybase informix asterisk vmail roundcube ubuntu debian ec2-user "
    "vagrant".split()
)
_PROGRAMS = frozenset(
    "mail man sync lp git mysql backup news list proxy games redis svn nginx httpd http squid exim ansible kafka solr "
    "hadoop hdfs hive spark airflow bind ntp dbus ldap mailman deploy".split()
)
"""Accounts that may be programs as well: only what follows tells them apart."""
_SHELL = frozenset(
    ". : [ [[ alias bg break case cd command continue do done echo elif else env esac eval exec exit export "
    "false fg fi "
    "flock for getopts hash if ionice jobs kill let local nice nohup printf pwd read readonly return run-one run-parts "
    "set shift sleep source sudo test then time timeout times touch trap true type ulimit umask unset until wait "
    "while".split()
)
_ACCOUNT = re.compile(r"[a-z_][a-z0-9_-]{0,30}\$?")
_COMMAND = re.compile(r"(?:/|\./|~/|\$|[\[({:.](?=\s)|\[\[\s|[A-Za-z_]\w*=)")
_BLANKS = re.compile(r"[ \t]+")


def user_in(command: str) -> str | None:
    """The account that the text behind a schedule begins with, if a command follows it; None if none does."""
    word, blanks, rest = _parted(command)
    if not rest or rest.startswith(("-", "<", ">", "|", "&", ";")) or not _ACCOUNT.fullmatch(word) or word in _SHELL:
        return None
    if word in _USUAL:
        return word
    told = word in _PROGRAMS or _is_account(word)
    if word in _PROGRAMS or shutil.which(word) is not None:
        return word if told and (_COMMAND.match(rest) or rest.split()[0] in _SHELL) else None
    return word if told or "\t" in blanks else None


def _is_account(word: str) -> bool:
    """Whether this machine has such an account."""
    import pwd

    try:
        pwd.getpwnam(word)
    except (KeyError, OSError):
        return False
    return True


def names_users(source: Source) -> bool:
    """Whether the entries of a crontab name users: one does plainly, and a user could stand in each of the others."""
    found = False
    for number, text in enumerate(source.lines, 1):
        if not text.strip() or text.lstrip(" \t").startswith("#"):
            continue
        try:
            entry = parse(source, number, users=False)
        except InputError:
            continue
        if isinstance(entry, Entry):
            word, _, rest = _parted(entry.command)
            if not rest or not _ACCOUNT.fullmatch(word) or word in _SHELL:
                return False
            found = found or user_in(entry.command) is not None
    return found


def _parted(command: str) -> tuple[str, str, str]:
    """The first word, the blanks behind it, the rest."""
    blanks = _BLANKS.search(command)
    if blanks is None:
        return command, "", ""
    return command[: blanks.start()], blanks[0], command[blanks.end() :]
