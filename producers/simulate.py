"""Runs the simulator against the clock: records when they are due, outcomes when they are known."""

import threading
import time
from typing import Any, Final

import numpy as np

from producers.outcomes import PendingOutcomes
from producers.publisher import Outlet
from producers.schedule import Drift, Rate
from producers.simulator import Simulator

TICK: Final = 0.002
"""Seconds between two looks at what is due."""

MOST_AT_ONCE: Final = 5_000


class Simulation:
    """One run. Its records carry the time at which they were due, not that of their sending:
    a latency measured from it has no coordinated omission.
    """

    def __init__(self, simulator: Simulator, outlet: Outlet) -> None:
        self._simulator = simulator
        self._publisher = outlet.publisher
        self._customers = outlet.topics.customers.name
        self._outcomes = outlet.topics.outcomes.name
        self._metrics = outlet.metrics
        self._pending = PendingOutcomes()

    def run(self, rate: Rate, drift: Drift, records: int, stop: threading.Event) -> int:
        """Publishes until told to stop, or so many records (0: without end); returns how many.

        Outcomes that are still to come are published at the end, at once: none is lost.
        Raises `BrokerUnreachable` when something was not delivered.
        """
        started, began = time.time(), time.monotonic()
        sent, last = 0, 0.0
        while not stop.is_set() and (not records or sent < records):
            elapsed = time.monotonic() - began
            due = rate.due(elapsed) if rate.usual else sent + MOST_AT_ONCE
            count = min(due, records or due) - sent
            if count > 0:
                count = min(count, MOST_AT_ONCE)
                until = last + (elapsed - last) * count / (due - sent) if rate.usual else elapsed
                self._records(count, last, until, started)
                sent, last = sent + count, until
            self._known_outcomes(time.time())
            self._metrics.drift.set(drift.share(elapsed))
            if rate.usual and sent >= due:
                stop.wait(TICK)
        self._known_outcomes(float("inf"))
        self._publisher.flush()
        return sent

    def _records(self, count: int, since: float, until: float, started: float) -> None:
        """Records due evenly between two times of the run (seconds), which `started` then."""
        times = (started + np.linspace(since, until, count + 1)[1:]).tolist()
        drawn = self._simulator.draw(count, until)
        messages: list[dict[str, Any]] = []
        for record, created in zip(drawn, times, strict=True):
            messages.append(
                {"key": record.key, "value": record.value, "timestamp": int(created * 1000)}
            )
            if record.outcome is not None:
                self._pending.add(created + record.outcome_delay, record.key, record.outcome)
        self._publisher.publish(self._customers, messages)
        valid = sum(record.valid for record in drawn)
        self._metrics.valid.inc(valid)
        self._metrics.invalid.inc(count - valid)

    def _known_outcomes(self, now: float) -> None:
        known = self._pending.take(now)
        self._publisher.publish(
            self._outcomes, [{"key": key, "value": outcome} for key, outcome in known]
        )
        self._metrics.outcomes.inc(len(known))
