"""A file whose disk takes no byte more, and who has it open."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def stalled_file(path: Path) -> Iterator[None]:
    """Whoever writes to the file waits; after the block, their write fails."""
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
    """Path of each file that the process has open, pipes too; as often as it has it open."""
    found = []
    for each in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            found.append(str(each.readlink()))
    return found
