"""``python -m exlib`` is ``executioner``."""

import sys

from exlib.launch import main

sys.exit(main(["executioner", *sys.argv[1:]]))
