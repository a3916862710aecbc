"""How far event time has come, over partitions that are read at different speeds. Pure."""

from collections.abc import Collection

from monitoring.windows.batch import Place


class Watermark:
    """The least event time that may still come, over the topics that windows are made of.

    A topic is as far as the slowest of its partitions that still have records to read; a partition
    that is read to its end holds nothing back. So the scorer may lag behind the customers: windows
    wait for its predictions, until it is silent.
    """

    def __init__(self, topics: Collection[str], lateness: int) -> None:
        """`lateness` in ms: how much older than the latest a record may be."""
        self._topics = topics
        self._lateness = lateness
        self._latest: dict[Place, int] = {}

    def saw(self, place: Place, time: int) -> None:
        """A record of that event time (ms) was read."""
        if time > self._latest.get(place, -1):
            self._latest[place] = time

    def value(self, behind: Collection[Place], silent: Collection[str], now: int) -> float:
        """The watermark in ms. Where all topics are silent, event time follows the clock.

        Args:
            behind: partitions that are not read to their end.
            silent: topics that have had no record for long; one of them counts while it is behind.
            now: in ms since the epoch.
        """
        heard = [
            topic
            for topic in self._topics
            if topic not in silent or any(place[0] == topic for place in behind)
        ]
        if not heard:
            return now - self._lateness
        return min(self._reached(topic, behind) for topic in heard) - self._lateness

    def ahead(self, watermark: float, by: int) -> set[Place]:
        """The partitions that are read further than `by` ms beyond the watermark.

        To read on there would only fill memory: their windows cannot close yet. Before there is a
        watermark, nothing is ahead but of the slowest partition that was read.
        """
        if watermark == float("-inf"):
            watermark = min(self._latest.values(), default=watermark)
        return {place for place, time in self._latest.items() if time > watermark + by}

    def _reached(self, topic: str, behind: Collection[Place]) -> float:
        unread = [place for place in behind if place[0] == topic]
        if any(place not in self._latest for place in unread):
            return float("-inf")
        times = [self._latest[place] for place in unread]
        if times:
            return min(times)
        seen = (time for place, time in self._latest.items() if place[0] == topic)
        return max(seen, default=float("-inf"))
