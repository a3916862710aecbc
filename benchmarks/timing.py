"""How long a call takes where other load must not count."""

import time
from collections.abc import Callable
from typing import Any


def fastest(work: Callable[[], Any], rounds: int) -> float:
    """Processor time in seconds of the fastest of many calls, after one that is not counted."""
    work()
    times = []
    for _ in range(rounds):
        started = time.process_time()
        work()
        times.append(time.process_time() - started)
    return min(times)
