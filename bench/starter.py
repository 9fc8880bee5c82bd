"""Start one command and tell its wall seconds, its peak memory in KiB, its exit code and when it began.

    python -IS starter.py OUTPUT COMMAND [ARGUMENT]…

A process of its own because the kernel counts the memory that a child shares with its parent before the exec as the
child's: this one is small (about 5 MiB), the benchmark is not. The peak is that of the largest single process of the
command and its children, not their sum. OUTPUT takes what the command prints.
"""

import os
import sys
import time


def main(output: str, command: list[str]) -> None:
    """Run the command to its end and print the four figures."""
    null = os.open(os.devnull, os.O_RDONLY)
    printed = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    began, clock = time.perf_counter(), time.time()
    child = os.fork()
    if not child:
        os.dup2(null, 0)
        os.dup2(printed, 1)
        os.dup2(printed, 2)
        try:
            os.execvp(command[0], command)
        finally:
            os._exit(127)
    _, status, usage = os.wait4(child, 0)
    print(time.perf_counter() - began, usage.ru_maxrss, os.waitstatus_to_exitcode(status), clock)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
