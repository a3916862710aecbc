"""Which topics have gone silent, so that windows need not wait for them. Pure: time is given."""

from collections.abc import Collection


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
