"""A file whose disk takes no byte more."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def stalled(path: Path) -> Iterator[None]:
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
