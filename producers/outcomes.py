"""Outcomes that wait for their time. Pure: time is an argument."""

import heapq


class PendingOutcomes:
    """What customers will have done, by when it becomes known."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, bytes | None, bytes]] = []
        self._added = 0

    def add(self, due: float, key: bytes | None, outcome: bytes) -> None:
        """An outcome that becomes known at `due` (seconds)."""
        heapq.heappush(self._heap, (due, self._added, key, outcome))
        self._added += 1

    def take(self, now: float = float("inf")) -> list[tuple[bytes | None, bytes]]:
        """Key and value of those that are known by now, the earliest first; all of them if ever."""
        known = []
        while self._heap and self._heap[0][0] <= now:
            _, _, key, outcome = heapq.heappop(self._heap)
            known.append((key, outcome))
        return known
