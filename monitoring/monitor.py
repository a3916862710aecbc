"""The main loop: messages -> windows -> reports, and the offsets of what is done with."""

import time
from collections import Counter
from collections.abc import Callable
from typing import Final

from contract.topics import Topics
from monitoring.consumer import StreamConsumer
from monitoring.live.collector import StreamCollector
from monitoring.metrics.metrics import MonitoringMetrics
from monitoring.reporting.worker import Reports
from monitoring.settings import MonitoringSettings
from monitoring.shadow_publisher import Comparisons
from monitoring.windows import decode
from monitoring.windows.batch import Batch, E_co, Messages, Place
from monitoring.windows.pending_labels import History
from monitoring.windows.shadow_windows import Shadows
from monitoring.windows.tumbling import Extension, Results, Windows
from monitoring.windows.watermark import Silence, Watermark
from monitoring.windows.window import Limits

WAIT: Final = 0.2
HOUSEKEEPING_EVERY: Final = 1.0
REFRESH_EVERY: Final = 30.0
COMPARE_EVERY: Final = 2.0

WINDOWS_AHEAD: Final = 2
"""So many windows beyond the watermark a partition is read before it waits for the others."""


class Monitor:
    """Reads the topics, turn by turn."""

    def __init__(
        self,
        settings: MonitoringSettings,
        topics: Topics,
        reports: Reports,
        metrics: MonitoringMetrics,
        collector: StreamCollector,
    ) -> None:
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
        self._handlers: dict[str, Callable[[Messages], Results]] = {
            topics.customers.name: self._take_customers,
            topics.predictions.name: self._take_predictions,
            topics.shadow.name: self._take_shadows,
            topics.outcomes.name: self._take_outcomes,
        }
        self._length = round(settings.window_seconds * 1000)
        self._future = round(settings.max_future_seconds * 1000)
        restored = reports.restore()
        self._history = History(settings.pending_label_windows, settings.pending_outcomes, restored)
        self._shadows = Shadows(settings.model_name, settings.pending_label_windows, restored)
        self._comparisons = Comparisons(settings, topics.shadow_comparisons, self._shadows.again)
        self._windows = Windows(
            self._length,
            Limits(settings.sample_rows, settings.window_max_ids, settings.pending_label_ids),
            closed_before=max((each.end for each in reports.summaries()), default=0),
            extension=Extension(
                settings.window_min_rows, round(settings.window_max_seconds * 1000)
            ),
        )
        windowed = topics.customers.name, topics.predictions.name
        self._watermark = Watermark(windowed, round(settings.allowed_lateness * 1000))
        self._silence = Silence(
            windowed, settings.idle_timeout, settings.prediction_timeout, time.monotonic()
        )
        self._consumer = StreamConsumer(
            settings, (topics.customers, topics.predictions, topics.shadow, topics.outcomes)
        )
        self._keep_house_at = 0.0
        self._compare_at = 0.0
        self._refresh_at = time.monotonic() + REFRESH_EVERY

    def close(self) -> None:
        """Finishes the report in hand and leaves the broker."""
        self._reports.stop()
        self._comparisons.close()
        self._consumer.commit(self._first_needed(), last=True)
        self._consumer.close()

    def turn(self) -> None:
        """Reads what is there, closes the windows that are over.

        Raises the `PipelineError` or `OSError` that must stop the process.
        """
        for messages in self._consumer.take(WAIT):
            topic = messages.place[0]
            results = self._handlers[topic](messages)
            self._metrics.reading.records(self._streams[topic], topic, results)
            self._silence.read(topic, time.monotonic())
        behind = self._consumer.behind()
        silent = self._silence.silent(time.monotonic(), all_read=not behind)
        watermark = self._watermark.value(behind, silent, now=round(time.time() * 1000))
        self._consumer.hold(self._watermark.ahead(watermark, WINDOWS_AHEAD * self._length))
        for window in self._windows.close(watermark):
            waited = self._history.add(window.labels)
            self._shadows.add(window.labels)
            self._metrics.reading.records("outcomes", self._outcomes, waited)
            self._reports.close(window)
        if time.monotonic() >= self._keep_house_at:
            self._keep_house()

    def _keep_house(self) -> None:
        self._keep_house_at = time.monotonic() + HOUSEKEEPING_EVERY
        if time.monotonic() >= self._refresh_at:
            self._refresh_at = time.monotonic() + REFRESH_EVERY
            self._consumer.refresh()
        self._reports.send_alerts()
        for labels in self._history.changed():
            self._reports.labelled(labels)
        if time.monotonic() >= self._compare_at:
            self._compare()
        self._consumer.commit(self._first_needed())
        self._metrics.reading.lag(self._consumer.lag())
        self._metrics.reading.ends(self._consumer.ends, self._consumer.open_transactions)
        self._consumer.check_progress()
        positions = self._consumer.positions().items()
        self._collector.set_positions(
            {place[1]: each for place, each in positions if place[0] == self._customers}
        )
        self._metrics.reading.open_windows.set(len(self._windows))
        self._metrics.reading.waiting_outcomes.set(self._history.waiting)
        self._metrics.reading.last_loop.set_to_current_time()

    def _compare(self) -> None:
        self._compare_at = time.monotonic() + COMPARE_EVERY
        news = self._shadows.news()
        self._comparisons.tell(news)
        if news:
            self._metrics.shadows.known(self._shadows.known())

    def _first_needed(self) -> dict[Place, int]:
        """Where each partition must be read again by a process that goes on from here."""
        first: dict[Place, int] = {}
        needs = self._windows, self._history, self._shadows, self._reports
        for offsets in (each for part in needs for each in part.first_offsets()):
            for place, offset in offsets.items():
                first[place] = min(offset, first.get(place, offset))
        return first

    def _take_customers(self, messages: Messages) -> Results:
        batch, invalid = decode.customers(messages)
        self._collector.add_customers(batch.events)
        latest = self._latest()
        timely = [each for each in invalid if each.time <= latest]
        self._windows.invalid(messages.place, timely)
        for each in timely:
            self._watermark.saw(messages.place, each.time)
        return self._windowed(batch, self._windows.customers) + Counter(invalid=len(invalid))

    def _take_predictions(self, messages: Messages) -> Results:
        batch, invalid = decode.predictions(messages)
        self._collector.add_predictions(batch.events)
        return self._windowed(batch, self._windows.predictions) + Counter(invalid=len(invalid))

    def _take_shadows(self, messages: Messages) -> Results:
        batch, invalid = decode.predictions(messages)
        timely = batch.until(self._latest())
        future = Counter(future=len(batch) - len(timely), invalid=len(invalid))
        if len(timely):  # it holds no window open, but waits where it is too far ahead
            self._watermark.saw(batch.place, int(timely.times.max()))
        is_open = self._windows.is_open(timely)
        late = self._shadows.late(timely.where(~is_open))
        return self._windows.shadows(timely.where(is_open)) + late + future

    def _take_outcomes(self, messages: Messages) -> Results:
        batch, invalid = decode.outcomes(messages)
        return self._history.outcomes(batch) + Counter(invalid=len(invalid))

    def _windowed(self, batch: Batch[E_co], take: Callable[[Batch[E_co]], Results]) -> Results:
        """What becomes of events; those of the future count, but for no window."""
        latest = self._latest()
        timely = batch.until(latest)
        if len(timely):
            self._watermark.saw(batch.place, int(timely.times.max()))
        elif len(batch):
            self._watermark.saw(batch.place, latest)
        return take(timely) + Counter(future=len(batch) - len(timely))

    def _latest(self) -> int:
        """The latest event time that can be, in ms."""
        return round(time.time() * 1000) + self._future
