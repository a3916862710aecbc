"""How far event time has advanced, over partitions that are read at different speeds. Pure."""

from collections.abc import Collection

from monitoring.windows.batch import TopicPartition


class Watermark:
    """The smallest event time that may still arrive, over the topics that are windowed.

    A topic has reached the smallest of the latest event times of its partitions with unread
    records; a partition that is read to its end holds nothing back. Windows therefore wait for a
    scorer that lags, until its topic is idle.

    Attributes:
        value: The watermark, ms. It never goes back.
    """

    def __init__(self, topics: Collection[str], lateness: int) -> None:
        """`lateness` is how much older (ms) than the latest record a record may be."""
        self._topics = topics
        self._lateness = lateness
        self._latest: dict[TopicPartition, int] = {}
        self.value = float("-inf")

    def observe(self, partition: TopicPartition, time: int) -> None:
        """Notes that a record with this event time (ms) was read."""
        if time > self._latest.get(partition, -1):
            self._latest[partition] = time

    def advance(
        self,
        unread: Collection[TopicPartition],
        idle: Collection[str],
        now: int,
        limit: float = float("inf"),
    ) -> float:
        """Advances the watermark, and returns it. When all topics are idle, it follows the clock.

        Args:
            unread: Partitions that are not read to their end.
            idle: Topics without records for long. An idle topic with unread partitions still holds
                the watermark back.
            now: The time, ms since the epoch.
            limit: Event time (ms) beyond which it does not advance.
        """
        active = [
            topic
            for topic in self._topics
            if topic not in idle or any(partition[0] == topic for partition in unread)
        ]
        reached = min((self._reached(topic, unread) for topic in active), default=now)
        self.value = max(self.value, min(reached - self._lateness, limit))
        return self.value

    def partition_watermarks(
        self, partitions: Collection[TopicPartition]
    ) -> dict[TopicPartition, float]:
        """The watermark (ms) of each partition alone."""
        return {
            partition: self._latest.get(partition, float("-inf")) - self._lateness
            for partition in partitions
        }

    def partitions_ahead(self, watermark: float, limit: int) -> set[TopicPartition]:
        """The partitions that are read further than `limit` ms beyond the watermark.

        Reading on there would only fill memory, as their windows cannot close yet. Before there is
        a watermark, they are compared with the slowest partition that was read.
        """
        if watermark == float("-inf"):
            watermark = min(self._latest.values(), default=watermark)
        return {partition for partition, time in self._latest.items() if time > watermark + limit}

    def _reached(self, topic: str, unread: Collection[TopicPartition]) -> float:
        partitions = [partition for partition in unread if partition[0] == topic]
        if any(partition not in self._latest for partition in partitions):
            return float("-inf")
        times = [self._latest[partition] for partition in partitions]
        if times:
            return min(times)
        latest = (time for partition, time in self._latest.items() if partition[0] == topic)
        return max(latest, default=float("-inf"))


class IdlenessDetector:
    """Finds idle topics, so that windows do not wait for them.

    All times are seconds of one monotonic clock.
    """

    def __init__(
        self,
        topics: Collection[str],
        *,
        idle_timeout: float,
        prediction_timeout: float,
        now: float,
    ) -> None:
        """Starts with all topics active.

        Args:
            topics: The topics that are windowed.
            idle_timeout: Seconds after which topics are idle if none has records.
            prediction_timeout: Seconds after which a topic is idle although others have records.
            now: The time.
        """
        self._idle_timeout = idle_timeout
        self._prediction_timeout = prediction_timeout
        self._read_at = dict.fromkeys(topics, now)

    def record_read(self, topic: str, now: float) -> None:
        """Notes that a record was read; other topics are ignored."""
        if topic in self._read_at:
            self._read_at[topic] = now

    def idle_topics(self, now: float, all_read: bool) -> set[str]:
        """The idle topics. `all_read` says whether every partition is read to its end."""
        times = self._read_at
        if all_read and all(now - read_at > self._idle_timeout for read_at in times.values()):
            return set(times)
        return {
            topic for topic, read_at in times.items() if now - read_at > self._prediction_timeout
        }
