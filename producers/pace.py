"""The clock of a run: which records are due now, and when each of them was."""

import threading
import time
from collections.abc import Iterator
from typing import Final

import numpy as np

from data.population import Floats
from producers.schedule import Rate

TICK: Final = 0.002
"""Seconds between two looks at what is due."""

MOST_AT_ONCE: Final = 5_000


def due_times(rate: Rate, records: int, stop: threading.Event) -> Iterator[Floats]:
    """When the next records are due, in seconds from the start; none of them lies ahead.

    Yields every `TICK` or so, an empty array where nothing is due. Ends after so many records (0:
    never), or when told to stop. Where there is no rate to keep, they are due when yielded.
    """
    began = time.monotonic()
    sent = 0
    while not stop.is_set() and (not records or sent < records):
        elapsed = time.monotonic() - began
        left = min(records - sent, MOST_AT_ONCE) if records else MOST_AT_ONCE
        count = min(rate.due(elapsed) - sent, left) if rate.usual else left
        yield rate.times(sent, count) if rate.usual else np.full(count, elapsed)
        sent += count
        if count < left:
            stop.wait(TICK)
