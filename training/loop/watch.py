"""Wires the loop, and turns it in a thread beside Prefect's runner."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from contract import kafka, process
from contract.http_access import access_policy
from contract.topics import topics
from training.loop.decision import Rules
from training.loop.diary import diary
from training.loop.inbox import Inbox
from training.loop.judge import Judge
from training.loop.ledger import Ledger
from training.loop.loop import Desk, Loop
from training.loop.metrics import LoopMetrics
from training.loop.orchestrator import Orchestrator
from training.settings import TrainingSettings

ENDS_WITHIN: Final = 10.0
"""Seconds for the turn in hand."""


@contextmanager
def watching(settings: TrainingSettings) -> Iterator[None]:
    """The loop turns until the block ends; what ends the loop interrupts the block, and is raised.

    Raises `PortTaken`, `BrokerUnreachable` or `TopicUnavailable`.
    """
    metrics = LoopMetrics()
    stop_serving = process.serve_metrics(
        metrics.registry,
        settings.listen_host,
        settings.training_port,
        access_policy(settings),
    )
    try:
        thread = _Turning(loop(settings, metrics))
        thread.start()
        try:
            yield
        finally:
            thread.end()
    finally:
        stop_serving()


class _Turning(threading.Thread):
    def __init__(self, loop: Loop) -> None:
        super().__init__(name="loop", daemon=True)
        self._loop = loop
        self._stop_asked = threading.Event()
        self._failure: BaseException | None = None

    def run(self) -> None:
        try:
            while not self._stop_asked.is_set():
                self._loop.turn()
        except BaseException as failure:  # noqa: BLE001 raised in the main thread
            self._failure = failure
            signal.raise_signal(signal.SIGINT)
        finally:
            self._loop.close()

    def end(self) -> None:
        """Raises what went wrong in the thread."""
        self._stop_asked.set()
        self.join(ENDS_WITHIN)
        if self._failure is not None:
            raise self._failure


def loop(settings: TrainingSettings, metrics: LoopMetrics) -> Loop:
    """A loop that turns when it is told to. Raises `BrokerUnreachable` or `TopicUnavailable`."""
    names = topics(settings)
    kafka.ensure_topics(settings, names)
    ledger = Ledger(settings.model_name)
    return Loop(
        Desk(
            model=settings.model_name,
            kinds=settings.retrain_kinds,
            rules=Rules(
                settle=round(settings.retrain_delay * 1000),
                cooldown=round(settings.retrain_cooldown * 1000),
                attempts=settings.retrain_max_attempts,
                retry_after=round(settings.retrain_retry_delay * 1000),
            ),
            topics=names,
            inbox=Inbox(
                settings,
                settings.training_group,
                kept=(names.alerts.name, names.retraining_requests.name),
                whole=(names.shadow_comparisons.name,),
            ),
            orchestrator=Orchestrator(settings.deployment, settings.model_name, settings.data_dir),
            ledger=ledger,
            judge=Judge(settings, ledger, metrics),
            diary=diary(settings, metrics),
            metrics=metrics,
        )
    )
