"""Runs a simulator in real time: records when they are due, outcomes when they become known."""

import heapq
import threading
import time

import numpy as np

from data.population import Floats
from producers.publisher import RecordSink
from producers.schedule import MAX_BATCH, DriftSchedule, Rate, due_times
from producers.simulator import Simulator


class PendingOutcomes:
    """Outcomes ordered by the time at which they become known."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, bytes, bytes]] = []

    def add_outcome(self, due: float, key: bytes, outcome: bytes) -> None:
        """Adds an outcome that becomes known at `due` (seconds)."""
        heapq.heappush(self._heap, (due, key, outcome))

    def pop_due(self, now: float, max_outcomes: int) -> list[tuple[bytes, bytes]]:
        """Removes and returns key and value of outcomes known by `now`, the earliest first."""
        outcomes: list[tuple[bytes, bytes]] = []
        while self._heap and self._heap[0][0] <= now and len(outcomes) < max_outcomes:
            _, key, outcome = heapq.heappop(self._heap)
            outcomes.append((key, outcome))
        return outcomes


class SimulationRun:
    """A run of a simulator.

    At a limited rate, a record's timestamp is its due time, not its send time. So a latency
    measured from the timestamp has no coordinated omission.
    """

    def __init__(self, simulator: Simulator, sink: RecordSink) -> None:
        self._simulator = simulator
        self._sink = sink
        self._pending = PendingOutcomes()

    def run(self, rate: Rate, drift: DriftSchedule, records: int, stop: threading.Event) -> int:
        """Publishes records until `stop` is set or `records` are sent (0: no limit).

        Pending outcomes are published at the end, all at once.

        Returns:
            The number of published records.

        Raises:
            BrokerUnreachable: A message was not delivered.
        """
        started = time.time()
        sent = 0
        for due in due_times(rate, records, stop):
            if len(due):
                self._publish_records(due, started, with_timestamps=bool(rate.base_rate))
                self._sink.metrics.drift.set(float(drift.fraction(due[-1:])[0]))
                sent += len(due)
            self._publish_outcomes(time.time())
        self._publish_outcomes(float("inf"))
        self._sink.publisher.flush()
        return sent

    def _publish_records(self, due: Floats, started: float, with_timestamps: bool) -> None:
        records = self._simulator.draw(due)
        times = started + due
        self._sink.publisher.publish(
            self._sink.topics.customers.name,
            [(record.key, record.value) for record in records],
            np.rint(times * 1000).astype(int).tolist() if with_timestamps else None,
        )
        for record, time_due in zip(records, times.tolist(), strict=True):
            if record.key is not None and record.outcome is not None:
                due_at = time_due + record.outcome_delay
                self._pending.add_outcome(due_at, record.key, record.outcome)
        valid = sum(record.valid for record in records)
        self._sink.metrics.valid.inc(valid)
        self._sink.metrics.invalid.inc(len(records) - valid)

    def _publish_outcomes(self, now: float) -> None:
        while outcomes := self._pending.pop_due(now, MAX_BATCH):
            self._sink.publisher.publish(self._sink.topics.outcomes.name, outcomes)
            self._sink.metrics.outcomes.inc(len(outcomes))
