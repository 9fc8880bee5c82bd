from __future__ import annotations

from exlib.convert.conversion import convert
from exlib.convert.source import Source
from exlib.convert.wishes import Wishes


def test_a_single_file_has_a_name_where_a_directory_is_asked_for() -> None:
    [file] = convert(Source(b"@daily x\n", "one.crontab"), "crontab", "executioner", Wishes(each=True)).files
    assert file.name == "one.json"
    [file] = convert(Source(b"@daily x\n", "one.crontab"), "crontab", "executioner", Wishes()).files
    assert file.name == ""
