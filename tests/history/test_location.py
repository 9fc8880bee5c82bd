from __future__ import annotations

import os
from pathlib import Path

from exlib.history.location import database_path, log_root, state_dir


def test_the_state_directory_is_xdg_else_below_home() -> None:
    assert state_dir({"HOME": "/home/ann"}) == "/home/ann/.local/state/executioner"
    assert state_dir({"HOME": "/home/ann", "XDG_STATE_HOME": "/var/ann"}) == "/var/ann/executioner"


def test_a_relative_or_empty_xdg_directory_is_ignored() -> None:
    for value in ("", "state", "./state"):
        assert state_dir({"HOME": "/h", "XDG_STATE_HOME": value}) == "/h/.local/state/executioner"


def test_the_option_wins_over_the_variable_over_the_default() -> None:
    environ = {"HOME": "/h", "EX_DB": "/var/runs.db"}
    assert database_path("here.db", environ) == os.path.abspath("here.db")
    assert database_path(None, environ) == "/var/runs.db"
    assert database_path(None, {"HOME": "/h"}) == "/h/.local/state/executioner/history.db"
    assert database_path(None, {"HOME": "/h", "EX_DB": ""}) == "/h/.local/state/executioner/history.db"


def test_all_ways_to_one_database_agree(tmp_path: Path) -> None:
    (tmp_path / "real.db").touch()
    (tmp_path / "link.db").symlink_to("real.db")
    assert database_path(str(tmp_path / "link.db")) == database_path(str(tmp_path / "real.db"))


def test_logs_live_beside_the_database() -> None:
    assert log_root({"HOME": "/h"}) == "/h/.local/state/executioner/logs"
