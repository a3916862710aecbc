"""`customers`, `predictions` and `outcomes` -> messages by partition. Owns the Kafka consumer."""

import logging
import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Final, cast

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka import Message as KafkaMessage

from contract import kafka, kafka_login
from contract.errors import BrokerUnreachable, TopicUnavailable, WorkerFailed
from contract.partition_watch import OpenTransaction, PartitionEnd, PartitionWatch
from contract.starvation import Starvation
from contract.topics import Topic
from monitoring.settings import MonitoringSettings
from monitoring.windows.batch import Messages, Place
from monitoring.windows.position import Position

log = logging.getLogger(__name__)

MOST: Final = 10_000


class StreamConsumer:
    """Reads every partition of the topics, and knows which are read to their end.

    It takes the partitions without a membership, for a window needs all of them: a process that
    was killed is replaced at once, not after its session has timed out. Its group keeps offsets.
    """

    def __init__(self, settings: MonitoringSettings, topics: Iterable[Topic]) -> None:
        """Goes on from the committed offsets. Raises `BrokerUnreachable` or `AccessDenied`."""
        self._settings = settings
        self._address = settings.kafka_bootstrap
        self._timeout = settings.kafka_timeout
        self._topics = [topic.name for topic in topics]
        self._consumer: Consumer = kafka.consumer(
            settings, settings.monitoring_group, enable_partition_eof=True
        )
        self._at_end: set[Place] = set()
        self._held: set[Place] = set()
        self._positions: defaultdict[Place, Position] = defaultdict(Position)
        self._places: set[Place] = set()
        self._read_to: dict[Place, int] = {}
        self._starvation: Starvation[Place] = Starvation()
        self._watch = PartitionWatch(settings)
        self.refresh()
        self._watch.start()

    def refresh(self) -> None:
        """Takes the partitions that are new. Raises `BrokerUnreachable`."""
        try:
            known = self._consumer.list_topics(timeout=self._timeout).topics
            new = [
                TopicPartition(topic, partition)
                for topic in self._topics
                if topic in known
                for partition in known[topic].partitions
                if (topic, partition) not in self._places
            ]
            if new:
                starts = kafka.positions(self._consumer, new, self._timeout)
                self._consumer.incremental_assign(starts)
                for start in starts:  # negative: the oldest record, wherever that is
                    self._read_to[start.topic, start.partition] = max(0, start.offset)
        except KafkaException as failure:
            kafka_login.check(self._settings, failure.args[0])
            raise BrokerUnreachable(
                f"the broker at {self._address} does not say where to go on "
                f"({failure.args[0].str()}): see to it, and start again"
            ) from None
        self._places |= {(each.topic, each.partition) for each in new}
        self._watch.watch(self._places)

    def take(self, seconds: float) -> list[Messages]:
        """Records that are there, waiting at most `seconds` for a first one.

        Raises `TopicUnavailable` when a topic is gone, `WorkerFailed` on a fatal client error.
        """
        messages = self._consumer.consume(1, seconds)
        if messages:
            messages += self._consumer.consume(MOST - 1, 0)
        by_place: defaultdict[Place, list[KafkaMessage]] = defaultdict(list)
        for message in messages:
            place = cast(Place, (message.topic(), message.partition()))
            if message.error() is None:
                self._at_end.discard(place)  # in its turn: the end may come in the same batch
                by_place[place].append(message)
            else:
                self._see_to(place, message)
        self._starvation.delivered(by_place)
        if len(messages) < MOST:
            self._starvation.drained(time.monotonic())
        return [self._columns(place, found) for place, found in by_place.items()]

    def behind(self) -> set[Place]:
        """The partitions that have, or while they are held may have, records to read."""
        return self._places - (self._at_end - self._held)

    def hold(self, places: Collection[Place]) -> None:
        """Reads on in all partitions but these."""
        now = set(places) & self._places
        if paused := now - self._held:
            self._consumer.pause([TopicPartition(*place) for place in paused])
        if resumed := self._held - now:
            self._consumer.resume([TopicPartition(*place) for place in resumed])
        self._held = now

    def lag(self) -> dict[Place, int]:
        """Records to read, by partition; 0 before the first is read."""
        lag = {}
        for place, position in self.positions().items():
            _, high = self._consumer.get_watermark_offsets(TopicPartition(*place), cached=True)
            lag[place] = 0 if position.after is None else position.count(position.after, high)
        return lag

    def check_progress(self) -> None:
        """Call it about once a second.

        Raises:
            WorkerFailed: A partition has had records to read and delivered none for
                INTENT_PROGRESS_TIMEOUT.
        """
        self._starvation.has_records(
            place
            for place, end in self.ends.items()
            if end.last_stable > self._position(place) and place not in self._held
        )
        longest = self._starvation.longest
        if longest is None:
            return
        (topic, partition), since = longest
        seconds = time.monotonic() - since
        if seconds > self._settings.progress_timeout:
            raise WorkerFailed(
                f"{topic}, partition {partition} has records to read and none came for "
                f"{seconds:.0f} s (INTENT_PROGRESS_TIMEOUT={self._settings.progress_timeout:g}): "
                "check that the broker is running, and start again"
            )

    @property
    def ends(self) -> Mapping[Place, PartitionEnd]:
        """Where the partitions end, as far as the broker has said."""
        return self._watch.ends

    @property
    def open_transactions(self) -> tuple[OpenTransaction, ...]:
        """The transactions that hold back a partition."""
        return self._watch.open_transactions

    def positions(self) -> dict[Place, Position]:
        """How far each partition is read."""
        return {place: self._positions[place] for place in self._places}

    def commit(self, first_needed: Mapping[Place, int], last: bool = False) -> None:
        """Commits, of each partition, where reading must start again, or where it is now.

        The last time waits for the broker's word.
        """
        offsets = [
            TopicPartition(*place, first_needed.get(place, position.after))
            for place, position in self._positions.items()
            if position.after is not None
        ]
        if not offsets:
            return
        try:
            if last:
                self._consumer.commit(offsets=offsets, asynchronous=False)
            else:
                self._consumer.commit(offsets=offsets, asynchronous=True)
        except KafkaException as failure:  # the next start reads more again; nothing is lost
            log.warning("offsets are not committed: %s", failure.args[0].str())

    def close(self) -> None:
        """Leaves the broker."""
        self._watch.stop()
        self._consumer.close()

    def _position(self, place: Place) -> int:
        """The offset up to which a partition was read, aborted records and markers included."""
        return max(self._positions[place].after or 0, self._read_to[place])

    def _columns(self, place: Place, found: list[KafkaMessage]) -> Messages:
        offsets = [message.offset() for message in found]
        position = self._positions[place]
        self._positions[place] = position.read(len(offsets), offsets[0], offsets[-1])  # type: ignore[arg-type]
        values = [message.value() for message in found]
        stamps = [message.timestamp()[1] for message in found]
        return Messages(place, values, offsets, stamps)  # type: ignore[arg-type]

    def _see_to(self, place: Place, message: KafkaMessage) -> None:
        error = cast(KafkaError, message.error())
        kafka_login.check(self._settings, error)
        if error.code() == KafkaError._PARTITION_EOF:
            self._at_end.add(place)
            self._read_to[place] = cast(int, message.offset())
            self._positions[place] = self._positions[place].read_to_end(self._read_to[place])
        elif error.code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
            raise TopicUnavailable(f"topic {place[0]} is gone: create it and start again")
        elif error.fatal():
            raise WorkerFailed(f"the Kafka consumer failed ({error.str()}): start again")
        else:
            log.warning("kafka consumer: %s", error.str())
