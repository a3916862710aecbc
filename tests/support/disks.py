"""A file whose disk stalls, and the files that a process has open."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def stalled_file(path: Path) -> Iterator[None]:
    """Blocks writes to the file; after the block they fail."""
    os.mkfifo(path)
    end = os.open(path, os.O_RDWR | os.O_NONBLOCK)  # Linux opens both ends at once
    try:
        with suppress(BlockingIOError):
            while True:
                os.write(end, bytes(4096))
        yield
    finally:
        os.close(end)


def open_files(pid: int) -> list[str]:
    """Path of each open file descriptor of the process, pipes included."""
    paths = []
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            paths.append(str(descriptor.readlink()))
    return paths
