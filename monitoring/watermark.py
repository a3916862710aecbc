"""How far event time has come, over partitions that are read at different speeds. Pure."""

from monitoring.window import Place


class Watermark:
    """The smallest of the latest event times of the partitions that still have records to read.

    A partition that is read to its end holds nothing back. When all are, it is the latest time.
    """

    def __init__(self, lateness: int) -> None:
        """`lateness` in ms: how much older than the latest a record may be."""
        self._lateness = lateness
        self._latest: dict[Place, int] = {}

    def saw(self, place: Place, time: int) -> None:
        """A record of that event time (ms) was read."""
        if time > self._latest.get(place, -1):
            self._latest[place] = time

    def value(self, behind: set[Place]) -> float:
        """The watermark in ms, given the partitions that are not read to their end."""
        if not self._latest:
            return float("-inf")
        if behind - self._latest.keys():
            return float("-inf")  # one of them has not shown a record yet
        times = [self._latest[place] for place in behind] or [max(self._latest.values())]
        return min(times) - self._lateness
