"""Runs the simulator against the clock: records when they are due, outcomes when they are known."""

import threading
import time
from typing import Protocol

import numpy as np

from data.population import Floats
from producers.outcomes import PendingOutcomes
from producers.pace import MOST_AT_ONCE, due_times
from producers.publisher import Outlet
from producers.schedule import Drift, Rate
from producers.simulator import Simulated


class Simulator(Protocol):
    """Makes the records: of cars from their population, of another table from its data set."""

    def draw(self, due: Floats) -> list[Simulated]:
        """The next records, due at these times (seconds)."""


class Simulation:
    """One run. Where it keeps a rate, its records carry the time at which they were due, not that
    of their sending: a latency measured from it has no coordinated omission.
    """

    def __init__(self, simulator: Simulator, outlet: Outlet) -> None:
        self._simulator = simulator
        self._outlet = outlet
        self._pending = PendingOutcomes()

    def run(self, rate: Rate, drift: Drift, records: int, stop: threading.Event) -> int:
        """Publishes until told to stop, or so many records (0: without end); returns how many.

        Outcomes that are still to come are published at the end, at once: none is lost.
        Raises `BrokerUnreachable` when something was not delivered.
        """
        started = time.time()
        sent = 0
        for due in due_times(rate, records, stop):
            if len(due):
                self._records(due, started, stamped=bool(rate.usual))
                self._outlet.metrics.drift.set(float(drift.share(due[-1:])[0]))
                sent += len(due)
            self._known_outcomes(time.time())
        self._known_outcomes(float("inf"))
        self._outlet.publisher.flush()
        return sent

    def _records(self, due: Floats, started: float, stamped: bool) -> None:
        drawn = self._simulator.draw(due)
        times = started + due
        self._outlet.publisher.publish(
            self._outlet.topics.customers.name,
            [(record.key, record.value) for record in drawn],
            np.rint(times * 1000).astype(int).tolist() if stamped else None,
        )
        for record, time_due in zip(drawn, times.tolist(), strict=True):
            if record.key is not None and record.outcome is not None:
                self._pending.add(time_due + record.outcome_delay, record.key, record.outcome)
        valid = sum(record.valid for record in drawn)
        self._outlet.metrics.valid.inc(valid)
        self._outlet.metrics.invalid.inc(len(drawn) - valid)

    def _known_outcomes(self, now: float) -> None:
        while known := self._pending.take(now, MOST_AT_ONCE):
            self._outlet.publisher.publish(self._outlet.topics.outcomes.name, known)
            self._outlet.metrics.outcomes.inc(len(known))
