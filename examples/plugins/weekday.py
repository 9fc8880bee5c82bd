"""A plugin file, listed under "dependency_plugins": it needs no installation, its function is the plugin."""

from __future__ import annotations

import time
from typing import Any


def weekday(params: dict[str, Any], context: Any) -> bool | str:
    """Pass when today is one of ``days``, digits from 0 (Monday) to 6."""
    del context
    today = time.localtime().tm_wday
    return str(today) in params["days"] or f"today is day {today}, wanted is one of {params['days']}"
