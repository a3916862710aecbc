"""Child processes, any of which may end at any moment."""

from contextlib import suppress

import psutil


def child_processes(pid: int, pattern: str = "") -> list[psutil.Process]:
    """Running descendants of a process whose command line contains a text."""
    matching = []
    for process in psutil.Process(pid).children(recursive=True):
        with suppress(psutil.NoSuchProcess):  # raised for zombies too
            if pattern in " ".join(process.cmdline()):
                matching.append(process)
    return matching
