"""What every tool keeps: FILE or stdin in, the product alone on stdout, ``-o``, ``-q``, ``-v``, ``--color``."""

from exlib.commands.contract.declaring import (
    Command,
    F,
    Forward,
    Group,
    file_argument,
    number_of_workers,
    output_option,
    refuse_contradicting_workers,
    show_short_help,
    tool,
    worker_options,
    workers_of,
)
from exlib.commands.contract.reading import load, load_alone, read_bytes, refuse_events, with_includes
from exlib.commands.contract.writing import chosen_format, refuse_overwriting, write_file, write_output

__all__ = [
    "Command",
    "F",
    "Forward",
    "Group",
    "chosen_format",
    "file_argument",
    "load",
    "load_alone",
    "number_of_workers",
    "output_option",
    "read_bytes",
    "refuse_contradicting_workers",
    "refuse_events",
    "refuse_overwriting",
    "show_short_help",
    "tool",
    "with_includes",
    "worker_options",
    "workers_of",
    "write_file",
    "write_output",
]
