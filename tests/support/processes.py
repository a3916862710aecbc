"""Processes that a process has started, any of which may end while they are looked at."""

from contextlib import suppress

import psutil


def child_processes(pid: int, words: str = "") -> list[psutil.Process]:
    """A process's descendants whose command has these words, less those that have ended."""
    found = []
    for each in psutil.Process(pid).children(recursive=True):
        with suppress(psutil.NoSuchProcess):  # a zombie's command is not told either
            if words in " ".join(each.cmdline()):
                found.append(each)
    return found
