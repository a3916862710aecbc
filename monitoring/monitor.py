"""The main loop: messages -> windows -> reports, and the offsets of what is done with."""

import logging
import time
from typing import Final

from confluent_kafka import Message

from contract import codec
from contract.errors import InvalidRecord, PipelineError
from contract.events import made_id
from contract.topics import Topics
from monitoring.consumer import StreamConsumer, where
from monitoring.metrics import MonitoringMetrics
from monitoring.reference import Reference, champion_version, load_reference
from monitoring.reports import Reports
from monitoring.settings import MonitoringSettings
from monitoring.watermark import Watermark
from monitoring.window import Windows

log = logging.getLogger(__name__)

WAIT: Final = 0.2
HOUSEKEEPING_EVERY: Final = 1.0


class Monitor:
    """Reads the topics, turn by turn."""

    def __init__(
        self,
        settings: MonitoringSettings,
        topics: Topics,
        reports: Reports,
        metrics: MonitoringMetrics,
        reference: Reference,
    ) -> None:
        self._settings = settings
        self._reports = reports
        self._metrics = metrics
        self._reference = reference
        length = round(settings.window_seconds * 1000)
        kept = reports.summaries()[: settings.kept_windows]
        self._windows = Windows(
            length,
            settings.sample_rows,
            settings.kept_windows,
            settings.kept_outcomes,
            not_before=kept[-1].start if kept else 0,
        )
        self._watermark = Watermark(round(settings.allowed_lateness * 1000))
        self._future = round(settings.future_seconds * 1000)
        self._windowed = {topics.customers.name, topics.predictions.name}
        self._handlers = {
            topics.customers.name: self._customer,
            topics.predictions.name: self._prediction,
            topics.outcomes.name: self._outcome,
        }
        self._consumer = StreamConsumer(
            settings, (topics.customers, topics.predictions, topics.outcomes)
        )
        self._read_at = time.monotonic()
        self._kept_house_at = 0.0
        self._looked_at = time.monotonic()

    def close(self) -> None:
        """Finishes the report in hand and leaves the group."""
        self._reports.stop()
        self._consumer.close()

    def turn(self) -> None:
        """Reads what is there, closes the windows that are over.

        Raises the `PipelineError` or `OSError` that must stop the process.
        """
        messages = self._consumer.take(WAIT)
        now = round(time.time() * 1000)
        for message in messages:
            topic = str(message.topic())
            self._metrics.records(topic, self._handlers[topic](message, now))
        if messages:
            self._read_at = time.monotonic()
        for window in self._windows.close(self._closing_time()):
            self._reports.close(window, self._reference)
        if time.monotonic() - self._kept_house_at > HOUSEKEEPING_EVERY:
            self._keep_house()

    def _closing_time(self) -> float:
        """The watermark; beyond all time once the stream has been silent for long enough."""
        behind = {place for place in self._consumer.behind() if place[0] in self._windowed}
        silent = time.monotonic() - self._read_at > self._settings.idle_seconds
        return float("inf") if silent and not behind else self._watermark.value(behind)

    def _keep_house(self) -> None:
        self._kept_house_at = time.monotonic()
        for window in self._windows.changed():
            self._reports.changed(window)
        self._consumer.commit(self._windows.first_offsets())
        self._metrics.lag(self._consumer.lag())
        self._metrics.last_loop.set_to_current_time()
        if time.monotonic() - self._looked_at > self._settings.reference_poll:
            self._looked_at = time.monotonic()
            self._follow_champion()

    def _follow_champion(self) -> None:
        """Windows that close from now on are compared with the present champion's reference."""
        try:
            version = champion_version(self._settings)
            if version != self._reference.version:
                self._reference = load_reference(self._settings, version)
                self._metrics.reference(self._settings.model_name, version)
                log.info("the reference is that of version %s now", version)
        except PipelineError as failure:
            log.warning("keeping the reference of %s: %s", self._reference.version, failure)

    def _customer(self, message: Message, now: int) -> str:
        try:
            record = codec.decode_customer(message.value())
        except InvalidRecord:
            return "invalid"
        place, offset = where(message)
        stamp = message.timestamp()[1]
        time_ = stamp if record.event_time is None else record.event_time
        if time_ > now + self._future:
            return "future"
        self._watermark.saw(place, time_)
        return self._windows.customer(
            record.id or made_id(*place, offset), record, time_, place, offset
        )

    def _prediction(self, message: Message, now: int) -> str:
        try:
            prediction = codec.decode_prediction(message.value())
        except InvalidRecord:
            return "invalid"
        place, offset = where(message)
        if prediction.event_time > now + self._future:
            return "future"
        self._watermark.saw(place, prediction.event_time)
        return self._windows.prediction(prediction, place, offset)

    def _outcome(self, message: Message, _: int) -> str:
        try:
            outcome = codec.decode_outcome(message.value())
        except InvalidRecord:
            return "invalid"
        place, offset = where(message)
        return self._windows.outcome(outcome, place, offset)
