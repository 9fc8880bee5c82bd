"""Two workflows to start from: a full one and the smallest useful one. Both validate and run anywhere."""

from __future__ import annotations

SAMPLE = """\
{
  "application_name": "nightly_load",
  "description": "Fetch, check and load the day's orders, then report",
  "parallel": true,
  "max_workers": 2,
  "default_timeout": 600,
  "env_variables": {
    "STAGE": "demo",
    "DATA_DIR": "/tmp/${STAGE}"
  },
  "jobs": [
    {
      "id": "fetch_orders",
      "description": "Fetch the orders; the network fails at times, so try three times",
      "command": "echo \\"orders of $STAGE fetched on attempt $EX_ATTEMPT\\"",
      "max_retries": 2,
      "retry_delay": 1,
      "tags": ["fetch"]
    },
    {
      "id": "fetch_prices",
      "description": "Fetch the prices at the same time",
      "command": "echo 'prices fetched'",
      "tags": ["fetch"]
    },
    {
      "id": "load",
      "description": "Load both; a run of more than a minute means that something is stuck",
      "command": "echo \\"loading into $TARGET\\" && sleep 1",
      "dependencies": ["fetch_orders", "fetch_prices"],
      "env_variables": {"TARGET": "warehouse"},
      "timeout": 60,
      "priority": 10,
      "tags": ["load"]
    },
    {
      "id": "report",
      "description": "Report only when there is room to write it",
      "command": "echo 'all loaded'",
      "dependencies": ["load"],
      "pre_checks": [
        {"name": "check_disk_space", "params": {"path": "/tmp", "min_mb": 1}}
      ]
    }
  ]
}
"""

SIMPLE = """\
{
  "application_name": "simple",
  "jobs": [
    {"id": "hello", "command": "echo hello"},
    {"id": "world", "command": "echo world", "dependencies": ["hello"]}
  ]
}
"""
