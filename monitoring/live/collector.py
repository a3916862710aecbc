"""Collects the stream's current state for the live page, from the main loop and from the broker."""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from typing import Final

import pandas as pd
from confluent_kafka import KafkaException, Message
from msgspec import Struct

from contract.events import CustomerRecord, LifecycleEvent, Prediction
from contract.schema.task import Interval
from contract.settings import schema_of
from contract.shutdown import Shutdown
from contract.topics import Topics
from monitoring.drift.columns import output_column
from monitoring.live.buffers import LatencyBySecond, RatePoint, RateSeries, RingBuffer, subsample
from monitoring.live.histograms import BinnedDistribution, BinnedReference, bin_reference
from monitoring.live.messages import (
    DeadLetterText,
    decode_dead_letter_text,
    decode_lifecycle_event,
)
from monitoring.live.offsets import OffsetReader, RecordTotals
from monitoring.live.tail import TopicTail
from monitoring.reporting.reference import ReferenceSet
from monitoring.settings import MonitoringSettings
from monitoring.windows.position import Position

log = logging.getLogger(__name__)

POLL_INTERVAL: Final = 1.0
"""Seconds between two requests to the broker."""

MAX_POINTS: Final = 120
MAX_RECORDS: Final = 2_000
MAX_DEAD_LETTERS: Final = 20
MAX_LIFECYCLE_EVENTS: Final = 60


class StreamSnapshot(Struct, frozen=True):
    """The stream at one moment.

    Attributes:
        points: Rates, lag and latency of the latest seconds, oldest first.
        distributions: The latest records compared with the reference set: one distribution for
            each feature, and one of the model's outputs: probabilities, or numbers.
        model_version: Version that made the latest prediction; None before the first.
        reference_version: Version whose reference set is compared.
        last_prediction_at: When a prediction was last read, or else when the process started, ms
            since the epoch.
        threshold: Decision threshold of `model_version`: above this probability, it predicts the
            positive class. None unless there are two classes, and while the reference set is of
            another version.
        interval: Prediction interval of `model_version`; None unless the target is numeric, and
            while the reference set is of another version.
    """

    points: tuple[RatePoint, ...]
    distributions: list[BinnedDistribution]
    model_version: str | None
    reference_version: str
    last_prediction_at: int = 0
    threshold: float | None = None
    interval: Interval | None = None


class StreamCollector:
    """Collects what the page shows of the stream.

    The main loop passes on the records that it reads. A thread polls the broker for the rest.
    """

    def __init__(
        self,
        settings: MonitoringSettings,
        topics: Topics,
        current_reference: Callable[[], ReferenceSet],
        shutdown: Shutdown,
    ) -> None:
        """Prepares the collector; `start` starts its thread.

        Args:
            settings: Settings of the monitoring.
            topics: All topics.
            current_reference: Returns the reference set that windows are compared with now.
            shutdown: Is given the thread's failure.
        """
        self._settings = settings
        self._schema = schema_of(settings)
        self._topics = topics
        self._current_reference = current_reference
        self._customers: RingBuffer[CustomerRecord] = RingBuffer(MAX_RECORDS)
        self._output = output_column(self._schema)
        self._outputs: RingBuffer[float] = RingBuffer(MAX_RECORDS)
        self._latencies = LatencyBySecond(MAX_POINTS)
        self._series = RateSeries(MAX_POINTS)
        self._dead_letters: RingBuffer[DeadLetterText] = RingBuffer(MAX_DEAD_LETTERS)
        self._lifecycle_events: RingBuffer[LifecycleEvent] = RingBuffer(MAX_LIFECYCLE_EVENTS)
        self._model_version: str | None = None
        self._last_prediction_at = _now_ms()
        self._positions: Mapping[int, Position] = {}
        self._binned_reference: tuple[str, BinnedReference] | None = None
        self._shutdown = shutdown
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="live", daemon=True)

    def add_customers(self, customers: Sequence[CustomerRecord]) -> None:
        """Takes a subsample of a batch of customer records."""
        self._customers.extend(subsample(customers))

    def add_predictions(self, predictions: Sequence[Prediction]) -> None:
        """Takes a subsample of a batch of predictions."""
        if predictions:
            sample = subsample(predictions)
            self._latencies.add_predictions(sample)
            self._outputs.extend([getattr(prediction, self._output) for prediction in sample])
            self._model_version = predictions[-1].model_version
            self._last_prediction_at = _now_ms()

    def set_positions(self, positions: Mapping[int, Position]) -> None:
        """Takes the main loop's positions in the partitions of `customers`."""
        self._positions = positions

    def start(self) -> None:
        """Starts to poll the broker."""
        self._thread.start()

    def stop(self) -> None:
        """Stops polling, and waits until the thread has ended."""
        self._stopping.set()
        self._thread.join()

    def snapshot(self) -> StreamSnapshot:
        """Returns the stream's current state. Not to be called by two threads at once."""
        reference = self._current_reference()
        if self._binned_reference is None or self._binned_reference[0] != reference.version:
            numerical = (*self._schema.numerical, self._output)
            binned = bin_reference(reference.rows, numerical, self._schema.categorical)
            self._binned_reference = reference.version, binned
        binned = self._binned_reference[1]
        customers = self._customers.to_list()
        to_frame = self._schema.encoder.to_frame
        distributions = binned.compare(to_frame(customers)) if customers else []
        outputs = pd.DataFrame({self._output: self._outputs.to_list()})
        distributions += binned.compare(outputs) if len(outputs) else []
        version = self._model_version
        is_current = version == reference.version
        has_threshold = is_current and len(self._schema.target.classes) == 2
        return StreamSnapshot(
            points=self._series.points(),
            distributions=distributions,
            model_version=version,
            reference_version=reference.version,
            last_prediction_at=self._last_prediction_at,
            threshold=reference.rule.threshold if has_threshold else None,
            interval=reference.rule.interval if is_current else None,
        )

    def dead_letters(self) -> list[DeadLetterText]:
        """Returns the latest dead letters, newest first."""
        return self._dead_letters.to_list()[::-1]

    def lifecycle_events(self) -> list[LifecycleEvent]:
        """Returns the latest lifecycle events, newest first."""
        events = self._lifecycle_events.to_list()
        return sorted(events, key=lambda event: event.occurred_at, reverse=True)

    def _run(self) -> None:
        settings = self._settings
        topics = self._topics.dead_letters.name, self._topics.model_lifecycle.name
        with self._shutdown.on_failure():
            reader = OffsetReader(settings, self._topics.customers.name, settings.scorer_group)
            group = f"{settings.monitoring_group}-page"
            depth = max(MAX_DEAD_LETTERS, MAX_LIFECYCLE_EVENTS)
            with closing(TopicTail(settings, group, topics, depth, self._add_message)) as tail:
                while not self._stopping.wait(POLL_INTERVAL):
                    totals = self._poll_broker(reader, tail)
                    self._series.add_totals(_now_ms(), totals, self._latencies.quantiles)

    def _poll_broker(self, reader: OffsetReader, tail: TopicTail) -> RecordTotals | None:
        """Returns None if the broker does not answer: the main loop handles an outage."""
        try:
            tail.poll()
            return reader.read_totals(self._positions)
        except KafkaException as failure:
            log.info("page got no offsets from the broker error=%s", failure.args[0])
            return None

    def _add_message(self, message: Message) -> None:
        if message.topic() == self._topics.dead_letters.name:
            if (dead_letter := decode_dead_letter_text(message.value())) is not None:
                self._dead_letters.extend([dead_letter])
        elif (event := decode_lifecycle_event(message.value())) is not None:
            self._lifecycle_events.extend([event])


def _now_ms() -> int:
    return round(time.time() * 1000)
