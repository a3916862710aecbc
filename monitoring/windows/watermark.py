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


class Silence:
    """When something was last read, in seconds of any clock that only goes forward."""

    def __init__(self, topics: Collection[str], idle: float, patience: float, now: float) -> None:
        """A topic is silent after `idle` seconds if all are, after `patience` if others are not."""
        self._idle = idle
        self._patience = patience
        self._read = dict.fromkeys(topics, now)

    def read(self, topic: str, now: float) -> None:
        """A record of the topic was read; a topic that does not matter here is let pass."""
        if topic in self._read:
            self._read[topic] = now

    def silent(self, now: float, all_read: bool) -> set[str]:
        """The topics that nothing more is expected of for now; `all_read`: up to their ends."""
        if all_read and all(now - read > self._idle for read in self._read.values()):
            return set(self._read)
        return {topic for topic, read in self._read.items() if now - read > self._patience}
