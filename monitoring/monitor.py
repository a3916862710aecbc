"""The main loop: messages -> windows -> reports, and the offsets of what is finished."""

import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

from contract.errors import DeadLetterReason
from contract.settings import schema_of
from contract.topics import Topics
from monitoring.consumer import StreamConsumer
from monitoring.live.collector import StreamCollector
from monitoring.metrics.metrics import MonitoringMetrics
from monitoring.reporting.worker import ReportWorker
from monitoring.settings import MonitoringSettings
from monitoring.shadow_publisher import ShadowPublisher
from monitoring.windows.batch import (
    E_co,
    EventBatch,
    InvalidMessage,
    MessageBatch,
    TopicPartition,
)
from monitoring.windows.decode import decode_customers, decode_outcomes, decode_predictions
from monitoring.windows.held_partitions import SETTLE_TIME, HeldPartitions
from monitoring.windows.late_records import LATE
from monitoring.windows.pending_labels import PendingLabels
from monitoring.windows.shadow_windows import ShadowWindows
from monitoring.windows.tumbling import Results, TumblingWindows, WindowExtension
from monitoring.windows.watermark import IdlenessDetector, Watermark
from monitoring.windows.window import ClosedWindow, OpenWindow, WindowLimits

log = logging.getLogger(__name__)

POLL_TIMEOUT: Final = 0.2
HOUSEKEEPING_INTERVAL: Final = 1.0
REFRESH_INTERVAL: Final = 30.0
COMPARISON_INTERVAL: Final = 2.0

MAX_WINDOWS_AHEAD: Final = 2
"""Windows beyond the watermark that a partition is read before it is paused."""


class Monitor:
    """Reads the topics and builds windows, one iteration after the other."""

    def __init__(
        self,
        settings: MonitoringSettings,
        topics: Topics,
        reports: ReportWorker,
        metrics: MonitoringMetrics,
        collector: StreamCollector,
    ) -> None:
        """Continues where an earlier process stopped."""
        self._schema = schema_of(settings)
        self._reports = reports
        self._metrics = metrics
        self._collector = collector
        self._customers = topics.customers.name
        self._outcomes = topics.outcomes.name
        self._streams = {
            topics.customers.name: "customers",
            topics.predictions.name: "predictions",
            topics.shadow.name: "shadow",
            topics.outcomes.name: "outcomes",
        }
        self._handlers: dict[str, Callable[[MessageBatch], Results]] = {
            topics.customers.name: self._add_customers,
            topics.predictions.name: self._add_predictions,
            topics.shadow.name: self._add_shadow_predictions,
            topics.outcomes.name: self._add_outcomes,
        }
        self._skip_tombstones = settings.skip_tombstones
        self._length = round(settings.window_seconds * 1000)
        self._max_future = round(settings.max_future_seconds * 1000)
        restored = reports.restore_windows()
        self._pending_labels = PendingLabels(
            settings.pending_label_max_windows, settings.pending_max_outcomes, restored
        )
        self._shadow_windows = ShadowWindows(
            settings.model_name, settings.pending_label_max_windows, restored
        )
        self._shadow_publisher = ShadowPublisher(
            settings, topics.shadow_comparisons, self._shadow_windows.mark_unpublished
        )
        self._windows = TumblingWindows(
            self._length,
            WindowLimits(
                settings.sample_rows, settings.window_max_ids, settings.pending_label_max_ids
            ),
            self._schema.task,
            closed_before=max((summary.end for summary in reports.summaries()), default=0),
            extension=WindowExtension(
                settings.window_min_rows, round(settings.window_max_seconds * 1000)
            ),
            max_late_windows=min(
                settings.pending_label_max_windows, settings.report_retention_count
            ),
            closed=reports.closed_spans(),
        )
        self._windowed = topics.customers.name, topics.predictions.name
        self._watermark = Watermark(self._windowed, round(settings.allowed_lateness * 1000))
        self._held = HeldPartitions(settings.open_transaction_timeout)
        self._max_wait = round((settings.open_transaction_timeout + SETTLE_TIME) * 1000)
        self._idleness = IdlenessDetector(
            self._windowed,
            idle_timeout=settings.idle_timeout,
            prediction_timeout=settings.prediction_timeout,
            now=time.monotonic(),
        )
        # two models never give the same number, so those of a shadow are not compared
        shadow = () if self._schema.task.numeric else (topics.shadow,)
        self._consumer = StreamConsumer(
            settings, (topics.customers, topics.predictions, *shadow, topics.outcomes)
        )
        self._housekeeping_at = 0.0
        self._comparison_at = 0.0
        self._refresh_at = time.monotonic() + REFRESH_INTERVAL

    def close(self) -> None:
        """Finishes the current report, commits offsets and disconnects."""
        self._reports.stop()
        self._shadow_publisher.close()
        self._consumer.commit(self._required_offsets(), wait=True)
        self._consumer.close()

    def held_back(self) -> list[str]:
        """What holds back records, in words."""
        return [
            *(transaction.describe() for transaction in self._consumer.open_transactions),
            *filter(None, [self._consumer.waits_for]),
        ]

    def run_once(self) -> None:
        """Reads what has arrived, and closes the windows that are over.

        Raises:
            PipelineError: A fault that must stop the process.
            OSError: The index or a report cannot be written.
        """
        for messages in self._consumer.poll(POLL_TIMEOUT):
            topic = messages.partition[0]
            results = self._handlers[topic](messages)
            self._metrics.consumer.count_records(self._streams[topic], topic, results)
            self._idleness.record_read(topic, time.monotonic())
        watermark = self._advance_watermark(time.monotonic())
        self._consumer.pause_only(self._watermark.partitions_ahead(watermark, self._max_ahead()))
        missing = self._watermark.partition_watermarks(self._held.missing)
        for window in self._windows.close_until(watermark, missing):
            self._report(window)
        if self._reports.is_idle:  # new windows first
            self._update_closed_window()
        if time.monotonic() >= self._housekeeping_at:
            self._do_housekeeping()

    def _update_closed_window(self) -> None:
        """Closes the oldest window with late records again, if it is time to."""
        late = self._windows.pop_late_records(time.monotonic())
        if late is None:
            return
        if not self._windows.is_closed(late.start):
            self._report(self._windows.close(late))
        elif (state := self._reports.load_state(late.start)) is not None:
            self._report(self._windows.update(late, state, self._held.missing))
        else:
            self._drop_late_records(late)

    def _drop_late_records(self, late: OpenWindow) -> None:
        log.warning("dropped late records, as their window is not on disk start=%d", late.start)
        topics = {stream: topic for topic, stream in self._streams.items()}
        for stream, count in late.state().header.records.items():
            self._metrics.consumer.count_records(stream, topics[stream], {LATE: count})

    def _report(self, window: ClosedWindow) -> None:
        """Has a window reported that has closed, for the first time or with late records."""
        results = self._pending_labels.add_window(window.labels)
        self._shadow_windows.add_window(window.labels)
        self._metrics.consumer.count_records("outcomes", self._outcomes, results)
        self._reports.submit_window(window)

    def _max_ahead(self) -> int:
        """Event time (ms) beyond the watermark that a partition is read before it is paused.

        While windows wait for a held partition, the others are not paused: the predictions of its
        records come after what they have now.
        """
        longest_wait = self._max_wait if self._held.is_waiting else 0
        return MAX_WINDOWS_AHEAD * self._length + longest_wait

    def _advance_watermark(self, now: float) -> float:
        """The watermark (ms) at `now`, in seconds of the monotonic clock."""
        held = self._consumer.held_partitions()
        held = {each: held[each] for each in held if each[0] in self._windowed}
        self._held.update(held, self._watermark.partition_watermarks(held), now)
        unread = self._consumer.unread_partitions()
        idle = self._idleness.idle_topics(now, all_read=not unread)
        return self._watermark.advance(
            unread, idle, now=round(time.time() * 1000), limit=self._held.watermark
        )

    def _do_housekeeping(self) -> None:
        self._housekeeping_at = time.monotonic() + HOUSEKEEPING_INTERVAL
        if time.monotonic() >= self._refresh_at:
            self._refresh_at = time.monotonic() + REFRESH_INTERVAL
            self._consumer.assign_new_partitions()
        self._reports.retry_alerts()
        for window in self._pending_labels.pop_changed_windows():
            self._reports.update_labels(window)
        if time.monotonic() >= self._comparison_at:
            self._publish_comparisons()
        self._consumer.commit(self._required_offsets())
        self._update_metrics()
        self._consumer.check_progress()
        positions = self._consumer.positions()
        self._collector.set_positions(
            {
                partition[1]: position
                for partition, position in positions.items()
                if partition[0] == self._customers
            }
        )

    def _update_metrics(self) -> None:
        metrics = self._metrics.consumer
        metrics.set_lag(self._consumer.lag())
        metrics.set_partition_ends(self._consumer.ends, self._consumer.open_transactions)
        metrics.open_windows.set(len(self._windows))
        metrics.pending_outcomes.set(self._pending_labels.pending_outcomes)
        metrics.heartbeat.set_to_current_time()

    def _publish_comparisons(self) -> None:
        self._comparison_at = time.monotonic() + COMPARISON_INTERVAL
        updated = self._shadow_windows.pop_updated_comparisons()
        self._shadow_publisher.publish(updated)
        if updated:
            self._metrics.shadow.set_comparisons(self._shadow_windows.all_comparisons())

    def _required_offsets(self) -> dict[TopicPartition, int]:
        """By partition, the offset from which a restarted process must read."""
        required: dict[TopicPartition, int] = {}
        holders = self._windows, self._pending_labels, self._shadow_windows, self._reports
        for offsets in (each for holder in holders for each in holder.required_offsets()):
            for partition, offset in offsets.items():
                required[partition] = min(offset, required.get(partition, offset))
        return required

    def _add_customers(self, messages: MessageBatch) -> Results:
        batch, invalid = decode_customers(messages, self._schema)
        self._collector.add_customers(batch.events)
        latest = self._latest_valid_time()
        timely = [message for message in invalid if message.time <= latest]
        self._windows.add_invalid(
            messages.partition, [each for each in timely if not self._is_tombstone(each)]
        )
        for message in timely:
            self._watermark.observe(messages.partition, message.time)
        results = self._add_to_windows(batch, self._windows.add_customers)
        return results + self._count_invalid(invalid)

    def _add_predictions(self, messages: MessageBatch) -> Results:
        batch, invalid = decode_predictions(messages, self._schema)
        self._collector.add_predictions(batch.events)
        results = self._add_to_windows(batch, self._windows.add_predictions)
        return results + Counter(invalid=len(invalid))

    def _add_shadow_predictions(self, messages: MessageBatch) -> Results:
        batch, invalid = decode_predictions(messages, self._schema)
        timely = batch.up_to(self._latest_valid_time())
        future = Counter(future=len(batch) - len(timely), invalid=len(invalid))
        if len(timely):  # holds no window open, but is paused when it is too far ahead
            self._watermark.observe(batch.partition, int(timely.times.max()))
        is_open = self._windows.is_open(timely)
        late, rest = self._shadow_windows.add_late_predictions(timely.select(~is_open))
        results = self._windows.add_shadow_predictions(timely.select(is_open))
        return results + late + self._windows.add_shadow_predictions(rest) + future

    def _add_outcomes(self, messages: MessageBatch) -> Results:
        batch, invalid = decode_outcomes(messages, self._schema)
        return self._pending_labels.add_outcomes(batch) + self._count_invalid(invalid)

    def _count_invalid(self, invalid: Sequence[InvalidMessage]) -> Results:
        tombstones = sum(map(self._is_tombstone, invalid))
        return Counter(invalid=len(invalid) - tombstones, tombstone=tombstones)

    def _is_tombstone(self, message: InvalidMessage) -> bool:
        return self._skip_tombstones and message.reason is DeadLetterReason.NULL_VALUE

    def _add_to_windows(
        self, batch: EventBatch[E_co], add: Callable[[EventBatch[E_co]], Results]
    ) -> Results:
        """Adds events to their windows. Events of the future are counted and not windowed."""
        latest = self._latest_valid_time()
        timely = batch.up_to(latest)
        if len(timely):
            self._watermark.observe(batch.partition, int(timely.times.max()))
        elif len(batch):
            self._watermark.observe(batch.partition, latest)
        return add(timely) + Counter(future=len(batch) - len(timely))

    def _latest_valid_time(self) -> int:
        """The latest event time that is windowed, ms."""
        return round(time.time() * 1000) + self._max_future
