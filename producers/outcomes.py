"""Outcomes that wait for their time. Pure: time is an argument."""

import heapq


class PendingOutcomes:
    """What customers will have done, by when it becomes known."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, bytes, bytes]] = []

    def add(self, due: float, key: bytes, outcome: bytes) -> None:
        """An outcome that becomes known at `due` (seconds)."""
        heapq.heappush(self._heap, (due, key, outcome))

    def take(self, now: float, most: int) -> list[tuple[bytes, bytes]]:
        """Key and value of those that are known by now, so many at most, the earliest first."""
        known: list[tuple[bytes, bytes]] = []
        while self._heap and self._heap[0][0] <= now and len(known) < most:
            _, key, outcome = heapq.heappop(self._heap)
            known.append((key, outcome))
        return known
