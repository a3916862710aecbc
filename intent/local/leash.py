"""Becomes the command that it is given, and dies with the process that started it.

Run as a script, not imported: `leash.py PARENT SIGNAL COMMAND...`. The kernel keeps the promise on
Linux: it sends the signal however the parent ended, even by SIGKILL. Elsewhere there is no such
promise to ask for, and a parent that is killed so leaves its children behind.

A program of its own, because code between fork and exec is not safe in a process with threads.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def main(parent: int, number: int, command: list[str]) -> None:
    """Never returns."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number)
        if os.getppid() != parent:  # it died before the kernel was asked
            sys.exit(128 + number)
    os.execv(command[0], command)  # noqa: S606 no shell is the point


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
