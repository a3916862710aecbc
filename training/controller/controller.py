"""Reconciles on each tick: pending requests -> one training at a time; changes -> lifecycle log."""

import logging
import time
from typing import Final

from confluent_kafka import Message

from contract import codec
from contract.errors import InvalidRecord
from contract.events import LifecycleEvent
from contract.outbox import Outbox
from contract.topics import topics
from training.controller.comparison_store import ComparisonStore
from training.controller.lifecycle_log import requested_event, run_events, withdrawn_event
from training.controller.live_evaluator import LiveEvaluator
from training.controller.metrics import ControllerMetrics
from training.controller.orchestrator import Orchestrator, PrefectUnavailable
from training.controller.pending_requests import (
    PendingRequests,
    Request,
    TopicPartition,
    request_from_alert,
    request_from_person,
    request_id_of_incident,
)
from training.controller.policy import (
    RetrainingPolicy,
    Run,
    StartRun,
    cooldown_end,
    next_action,
)
from training.controller.request_consumer import RequestConsumer
from training.settings import TrainingSettings

log = logging.getLogger(__name__)

POLL_TIMEOUT: Final = 0.2
RECONCILE_INTERVAL: Final = 2.0
"""Seconds between two polls of Prefect and of the registry."""


class RetrainingController:
    """Keeps nothing that its successor would need.

    Requests stay on their topics until Prefect has their run. Runs are in Prefect, versions in the
    registry, and published events on `model-lifecycle`.
    """

    def __init__(  # noqa: PLR0913  its dependencies, by name
        self,
        settings: TrainingSettings,
        *,
        consumer: RequestConsumer,
        orchestrator: Orchestrator,
        comparisons: ComparisonStore,
        evaluator: LiveEvaluator,
        lifecycle_log: Outbox[LifecycleEvent],
        metrics: ControllerMetrics,
    ) -> None:
        self._model = settings.model_name
        self._alert_kinds = settings.retrain_kinds
        self._policy = RetrainingPolicy.from_settings(settings)
        self._topics = topics(settings)
        self._consumer = consumer
        self._orchestrator = orchestrator
        self._comparisons = comparisons
        self._evaluator = evaluator
        self._lifecycle_log = lifecycle_log
        self._metrics = metrics
        self._pending = PendingRequests()
        self._resolved: set[str] = set()
        self._runs: list[Run] = []
        self._next_reconcile = 0.0
        self._last_warning = ""

    def tick(self) -> None:
        """Reads messages, and reconciles when the interval is over.

        What Prefect, the registry or the broker cannot do now is tried again in a later tick.

        Raises:
            PipelineError: the process must stop.
        """
        self._read_messages()
        if self._consumer.caught_up and time.monotonic() >= self._next_reconcile:
            self.reconcile()
            self._next_reconcile = time.monotonic() + RECONCILE_INTERVAL

    def reconcile(self) -> None:
        """Reads all messages, takes the decisions that are due, and publishes what happened.

        Raises:
            PipelineError: the process must stop.
        """
        while self._read_messages():
            continue
        version_events = self._evaluator.evaluate(_now_ms())
        self._reconcile_trainings()  # published first: a run comes before its version
        self._lifecycle_log.add_events(version_events)
        self._lifecycle_log.send_pending()
        if not len(self._lifecycle_log):  # everything that was read is published
            self._consumer.commit_offsets(self._pending.offsets_to_commit())
        self._metrics.set_pending(
            _now_ms(), self._pending.list_requests(), cooldown_end(self._runs, self._policy)
        )

    def close(self) -> None:
        """Closes the consumer."""
        self._consumer.close()

    def _read_messages(self) -> bool:
        """Returns whether there may be more messages."""
        messages = self._consumer.poll(POLL_TIMEOUT)
        for message in messages:
            self._read_message(message)
        return bool(messages) or not self._consumer.caught_up

    def _read_message(self, message: Message) -> None:
        partition: TopicPartition = str(message.topic()), int(message.partition() or 0)
        offset = int(message.offset() or 0)
        try:
            self._handle_message(message, partition, offset)
        except InvalidRecord as invalid:
            log.warning(
                "skipped an invalid message topic=%s offset=%d: %s", partition[0], offset, invalid
            )
        self._pending.mark_read(partition, offset)

    def _handle_message(self, message: Message, partition: TopicPartition, offset: int) -> None:
        source = message.timestamp()[1], partition, offset
        value = message.value()
        if partition[0] == self._topics.shadow_comparisons.name:
            self._comparisons.add_comparison(codec.decode_shadow_comparison(value))
        elif partition[0] == self._topics.retraining_requests.name:
            self._add_request(request_from_person(codec.decode_retraining_request(value), *source))
        elif (alert := codec.decode_alert(value)).kind in self._alert_kinds:
            if alert.status == "firing":
                self._add_request(request_from_alert(alert, *source))
            else:
                self._resolved.add(request_id_of_incident(alert.incident))

    def _add_request(self, request: Request) -> None:
        self._pending.add_request(request)
        self._lifecycle_log.add_events([requested_event(self._model, request)])

    def _reconcile_trainings(self) -> None:
        try:
            self._runs = self._orchestrator.list_runs()
            self._drop_answered_requests(self._runs)
            action = next_action(self._pending.list_requests(), self._runs, _now_ms(), self._policy)
            if isinstance(action, StartRun):
                run = self._orchestrator.start_run(action)
                self._runs = [run, *(other for other in self._runs if other.id != run.id)]
                self._drop_answered_requests([run])
                log.info(
                    "requested a flow run id=%s requests=%s", run.id, ",".join(run.request_ids)
                )
        except PrefectUnavailable as failure:
            self._metrics.set_prefect_down()
            self._warn_once(f"{failure}; requests stay pending")
            return
        self._warn_once("")
        self._metrics.set_runs(self._runs, self._policy.max_attempts)
        self._lifecycle_log.add_events(run_events(self._model, self._runs))

    def _drop_answered_requests(self, runs: list[Run]) -> None:
        """Drops the requests that have a run, and withdraws those of resolved alerts."""
        self._pending.remove_requests({id_ for run in runs for id_ in run.request_ids})
        for request in self._pending.remove_requests(self._resolved):
            self._lifecycle_log.add_events([withdrawn_event(self._model, request, _now_ms())])
        self._resolved.clear()

    def _warn_once(self, warning: str) -> None:
        """Logs a warning when it changes; an empty one resets it."""
        if warning and warning != self._last_warning:
            log.warning(warning)
        self._last_warning = warning


def _now_ms() -> int:
    return round(time.time() * 1000)
