"""What is going on now: fed by the main loop, and by a thread that asks the broker each second."""

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
from contract.features import CATEGORICAL, NUMERICAL, frame
from contract.shutdown import Shutdown
from contract.topics import Topics
from monitoring.drift.columns import PROBABILITY
from monitoring.live.ends import Broker, Ends
from monitoring.live.latency import Delays
from monitoring.live.letters import Letter, letter
from monitoring.live.pictures import Picture, Reference, reference
from monitoring.live.population import Latest, spread
from monitoring.live.series import Moment, Series
from monitoring.live.steps import step
from monitoring.live.tail import Tail
from monitoring.reporting import reference as registry
from monitoring.settings import MonitoringSettings
from monitoring.windows.position import Position

log = logging.getLogger(__name__)

EVERY: Final = 1.0
"""Seconds between two looks at the broker."""

MOMENTS: Final = 120
CUSTOMERS: Final = 2_000
LETTERS: Final = 20
STEPS: Final = 60


class Now(Struct, frozen=True):
    """The stream now.

    Attributes:
        moments: the latest seconds, the oldest first.
        pictures: the latest customers beside the reference, a picture for each feature, and of
            the probabilities that were predicted.
        predicted_at: when a prediction was last read, or this process began; ms since the epoch.
        version: of the model that made the latest prediction.
        reference: the version whose reference set that is.
    """

    moments: tuple[Moment, ...]
    pictures: list[Picture]
    version: str | None
    reference: str
    predicted_at: int = 0


class Live:
    """Takes what the main loop reads, and reads the rest in a thread of its own."""

    def __init__(
        self,
        settings: MonitoringSettings,
        topics: Topics,
        newest: Callable[[], registry.Reference],
        shutdown: Shutdown,
    ) -> None:
        """`newest` gives the reference set that the windows are compared with now.

        A failure of the thread is handed to `shutdown`.
        """
        self._settings = settings
        self._topics = topics
        self._newest = newest
        self._customers: Latest[CustomerRecord] = Latest(CUSTOMERS)
        self._probabilities: Latest[float] = Latest(CUSTOMERS)
        self._delays = Delays(MOMENTS)
        self._series = Series(MOMENTS)
        self._letters: Latest[Letter] = Latest(LETTERS)
        self._steps: Latest[LifecycleEvent] = Latest(STEPS)
        self._version: str | None = None
        self._predicted_at = _now()
        self._positions: Mapping[int, Position] = {}
        self._scales: tuple[str, Reference] | None = None
        self._shutdown = shutdown
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="live", daemon=True)

    def customers(self, events: Sequence[CustomerRecord]) -> None:
        """Customers were read."""
        self._customers.add(spread(events))

    def predictions(self, events: Sequence[Prediction]) -> None:
        """Predictions were read."""
        if events:
            some = spread(events)
            self._delays.add(some)
            self._probabilities.add([each.probability for each in some])
            self._version = events[-1].model_version
            self._predicted_at = _now()

    def read_to(self, positions: Mapping[int, Position]) -> None:
        """The main loop has read the partitions of `customers` so far."""
        self._positions = positions

    def start(self) -> None:
        """Begins to ask the broker."""
        self._thread.start()

    def stop(self) -> None:
        """Ends that."""
        self._stopping.set()
        self._thread.join()

    def now(self) -> Now:
        """The stream now. From any one thread."""
        newest = self._newest()
        if self._scales is None or self._scales[0] != newest.version:
            scales = reference(newest.rows, (*NUMERICAL, PROBABILITY), CATEGORICAL)
            self._scales = newest.version, scales
        customers = self._customers.all()
        pictures = self._scales[1].pictures(frame(customers)) if customers else []
        probabilities = pd.DataFrame({PROBABILITY: self._probabilities.all()})
        pictures += self._scales[1].pictures(probabilities) if len(probabilities) else []
        moments = self._series.moments()
        return Now(moments, pictures, self._version, newest.version, self._predicted_at)

    def letters(self) -> list[Letter]:
        """The latest dead letters, the newest first."""
        return self._letters.all()[::-1]

    def steps(self) -> list[LifecycleEvent]:
        """The latest steps of the models' lives, the newest first."""
        return sorted(self._steps.all(), key=lambda each: each.occurred_at, reverse=True)

    def _run(self) -> None:
        own = self._settings
        topics = self._topics.dead_letters.name, self._topics.model_lifecycle.name
        with self._shutdown.on_failure():
            broker = Broker(own, self._topics.customers.name, own.scorer_group)
            group = f"{own.monitoring_group}-page"
            with closing(Tail(own, group, topics, max(LETTERS, STEPS), self._take)) as tail:
                while not self._stopping.wait(EVERY):
                    ends = self._ask(broker, tail)
                    self._series.add(_now(), ends, self._delays.of)

    def _ask(self, broker: Broker, tail: Tail) -> Ends | None:
        """A broker that is away costs the page some figures; the main loop sees to the rest."""
        try:
            tail.read()
            return broker.ends(self._positions)
        except KafkaException as failure:
            log.info("the page has no figures of the broker (%s)", failure.args[0])
            return None

    def _take(self, message: Message) -> None:
        if message.topic() == self._topics.dead_letters.name:
            if (dead := letter(message.value())) is not None:
                self._letters.add([dead])
        elif (told := step(message.value())) is not None:
            self._steps.add([told])


def _now() -> int:
    return round(time.time() * 1000)
