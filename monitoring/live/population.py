"""The latest customers and probabilities, a bounded even sample of what is read. Pure."""

import threading
from collections import deque
from collections.abc import Sequence
from typing import Final, Generic, TypeVar

T = TypeVar("T")

MOST_OF_A_BATCH: Final = 250
"""So many of one batch are looked at: what the page shows must not cost the windows."""


def spread(batch: Sequence[T]) -> Sequence[T]:
    """At most `MOST_OF_A_BATCH` of a batch, evenly spread over it."""
    return batch[:: -(-len(batch) // MOST_OF_A_BATCH) or 1]


class Latest(Generic[T]):
    """The latest of what came. Written by one thread, read by others."""

    def __init__(self, kept: int) -> None:
        self._lock = threading.Lock()
        self._kept: deque[T] = deque(maxlen=kept)

    def add(self, batch: Sequence[T]) -> None:
        """These came; the oldest make room for them."""
        with self._lock:
            self._kept.extend(batch)

    def all(self) -> list[T]:
        """The oldest first."""
        with self._lock:
            return list(self._kept)
