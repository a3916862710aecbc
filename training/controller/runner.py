"""Builds the retraining controller, and runs it in a thread beside Prefect's runner."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from contract import kafka, process
from contract.http_access import access_policy
from contract.topics import topics
from training.controller.comparison_store import ComparisonStore
from training.controller.controller import RetrainingController
from training.controller.lifecycle_log import open_lifecycle_log
from training.controller.live_evaluator import LiveEvaluator
from training.controller.metrics import ControllerMetrics
from training.controller.orchestrator import Orchestrator
from training.controller.request_consumer import RequestConsumer
from training.settings import TrainingSettings

SHUTDOWN_TIMEOUT: Final = 10.0
"""Seconds for the current tick."""


@contextmanager
def running_controller(settings: TrainingSettings) -> Iterator[None]:
    """Runs the controller until the block ends.

    An error of the controller interrupts the block and is raised from it.

    Raises:
        PortTaken: another process listens on the port of the metrics.
        BrokerUnreachable: no broker answers.
        TopicUnavailable: a topic is missing and cannot be created.
    """
    metrics = ControllerMetrics()
    stop_metrics_server = process.serve_metrics(
        metrics.registry,
        settings.listen_host,
        settings.training_port,
        access_policy(settings),
    )
    try:
        thread = _ControllerThread(build_controller(settings, metrics))
        thread.start()
        try:
            yield
        finally:
            thread.stop()
    finally:
        stop_metrics_server()


class _ControllerThread(threading.Thread):
    def __init__(self, controller: RetrainingController) -> None:
        super().__init__(name="controller", daemon=True)
        self._controller = controller
        self._stop_requested = threading.Event()
        self._failure: BaseException | None = None

    def run(self) -> None:
        try:
            while not self._stop_requested.is_set():
                self._controller.tick()
        except BaseException as failure:  # noqa: BLE001 raised in the main thread
            self._failure = failure
            signal.raise_signal(signal.SIGINT)
        finally:
            self._controller.close()

    def stop(self) -> None:
        """Raises the error that ended the thread, if there was one."""
        self._stop_requested.set()
        self.join(SHUTDOWN_TIMEOUT)
        if self._failure is not None:
            raise self._failure


def build_controller(
    settings: TrainingSettings, metrics: ControllerMetrics
) -> RetrainingController:
    """Builds a controller. Raises `BrokerUnreachable` or `TopicUnavailable`."""
    names = topics(settings)
    kafka.ensure_topics(settings, names)
    comparisons = ComparisonStore(settings.model_name)
    return RetrainingController(
        settings,
        consumer=RequestConsumer(
            settings,
            settings.training_group,
            resumed_topics=(names.alerts.name, names.retraining_requests.name),
            replayed_topics=(names.shadow_comparisons.name,),
        ),
        orchestrator=Orchestrator(settings.deployment, settings.model_name, settings.data_dir),
        comparisons=comparisons,
        evaluator=LiveEvaluator(settings, comparisons, metrics),
        lifecycle_log=open_lifecycle_log(settings, metrics),
        metrics=metrics,
    )
