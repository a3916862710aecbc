"""Replaces itself with a command that receives a signal when its parent process dies.

Run as a script, not imported: `parent_death_wrapper.py PARENT SIGNAL COMMAND...`. On Linux the
kernel sends the signal however the parent ended, even by SIGKILL. Other systems have no such
option: there a parent that is killed leaves its children running.

This is a separate program because code between fork and exec is not safe in a process with threads.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def main(parent: int, signal_number: int, command: list[str]) -> None:
    """Never returns."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal_number)
        if os.getppid() != parent:  # the parent died before the call
            sys.exit(128 + signal_number)
    os.execv(command[0], command)  # noqa: S606 no shell is the point


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
