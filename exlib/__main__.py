"""``python -m exlib`` is ``executioner``."""

import sys

from exlib.launch import umbrella

sys.exit(umbrella(sys.argv[1:]))
