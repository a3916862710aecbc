"""The Faust app of the scorer: wires consumer, agent, sink, alias watcher and endpoints."""

import logging
import time
from collections.abc import AsyncIterable, AsyncIterator, Callable
from typing import Any, Final

import faust
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.log import server_logger
from aiohttp.web import AppRunner, SockSite
from faust.app.base import BootStrategy
from faust.web.base import Web
from faust.web.drivers.aiohttp import Web as AiohttpWeb
from mode import CrashingSupervisor

from contract import kafka
from contract.events import CustomerRecord
from contract.folders import writable_folder
from contract.http_access import access_policy
from contract.listener import Listener
from contract.process import check_port
from contract.topic_decoder import TopicDecoder
from contract.topic_encodings import customer_decoder
from contract.topics import topics
from stream_app.batch_processor import BatchProcessor
from stream_app.committer import Committer
from stream_app.endpoints import access_middleware, add_endpoints
from stream_app.metrics import ScorerMetrics
from stream_app.models.alias_watcher import AliasWatcher
from stream_app.models.initial_model import InitialModel
from stream_app.models.registries import create_registry
from stream_app.models.reload_metrics import ReloadMetrics
from stream_app.models.serving import ServingState
from stream_app.progress import Progress
from stream_app.scoring.dead_letter_limit import DeadLetterLimit
from stream_app.scoring.message import MessageLimits
from stream_app.scoring.score import ScoredBatch, score_batch
from stream_app.settings import ScorerSettings
from stream_app.transport.batch_consumer import Batch, BatchConsumer
from stream_app.transport.message_limits import fetch_message_limits
from stream_app.transport.transactional_producer import TransactionalProducer
from stream_app.watchdog import Watchdog
from stream_app.worker import ScorerWorker

log = logging.getLogger(__name__)

UNHEALTHY_RATIO: Final = 0.5
"""Share of INTENT_PROGRESS_TIMEOUT after which the endpoints report a stuck worker."""


class WithoutKafka(BootStrategy):
    """Starts none of Faust's own Kafka clients. docs/decisions/0002 says what they lose."""

    enable_kafka = False


class WebServer(AiohttpWeb):
    """Faust's web server on a `Listener`, which limits connections."""

    async def start_server(self) -> None:
        """Starts to listen. Raises `OSError` if it cannot."""
        server_logger.addFilter(_is_not_bad_request)
        self._runner = AppRunner(self.web_app, access_log=None)
        await self._runner.setup()
        listener = Listener(self.app.conf.web_bind, self.app.conf.web_port)
        await SockSite(self._runner, listener).start()


class ScorerApp(faust.App):
    """The Faust app. Connects to nothing until a worker calls `open_scorer`.

    Args:
        settings: Of the worker.
        initial_model: A model that is loading already; without it, `open_scorer` starts to load it.
    """

    BootStrategy = WithoutKafka

    def __init__(self, settings: ScorerSettings, initial_model: InitialModel | None = None) -> None:
        super().__init__(
            settings.scorer_group,
            broker=f"kafka://{settings.kafka_bootstrap.replace(',', ';')}",
            datadir=settings.data_dir / "faust",
            web_host=settings.listen_host,
            web_bind=settings.listen_host,
            web_port=settings.scorer_port,
            web_stats_enabled=False,
            web_graph_enabled=False,
            web_application_options={"middlewares": [access_middleware(access_policy(settings))]},
            worker_redirect_stdouts=False,
            autodiscover=False,
            Worker=ScorerWorker,
            agent_supervisor=CrashingSupervisor,
        )
        self._settings = settings
        self._initial_model = initial_model

    def _new_web(self) -> Web:
        return WebServer(self)

    def open_scorer(self, stop_worker: Callable[[], None]) -> BatchProcessor:
        """Opens what a worker needs, then adds the agent, its tasks and the endpoints.

        The model loads meanwhile. The consumer joins its group last.

        Args:
            stop_worker: Stops the worker that runs this app.

        Raises:
            PipelineError: Something that a worker needs is missing.
        """
        initial_model = self._initial_model or InitialModel(self._settings)
        try:
            writable_folder(self._settings.data_dir)
            check_port(self._settings.listen_host, self._settings.scorer_port)
            return self._open_scorer(initial_model, stop_worker)
        finally:
            initial_model.cancel()

    def _open_scorer(
        self, initial_model: InitialModel, stop_worker: Callable[[], None]
    ) -> BatchProcessor:
        settings = self._settings
        kafka.check_broker(settings)
        topic_names = topics(settings)
        kafka.ensure_topics(settings, topic_names)
        message_limits = fetch_message_limits(settings, topic_names)
        producer = TransactionalProducer(settings, topic_names, message_limits)
        producer.init_transactions()
        decoder = customer_decoder(settings)
        progress = Progress(settings.longest_rebalance)
        metrics = ScorerMetrics(lambda: progress.oldest_pending_seconds)
        serving = ServingState(initial_model.wait())
        metrics.reloads.set_serving_models(serving.models)
        alias_watcher = _create_alias_watcher(settings, serving, metrics.reloads)
        consumer = BatchConsumer(settings, topic_names.customers, metrics)
        channel = self.channel(maxsize=1)
        processor = BatchProcessor(
            channel=channel,
            consumer=consumer,
            decoder=decoder,
            committer=Committer(
                producer=producer,
                dead_letter_limit=DeadLetterLimit(
                    max_invalid_ratio=settings.dead_letter_max_ratio,
                    min_records=settings.dead_letter_min_records,
                ),
                message_limits=message_limits,
                metrics=metrics,
                serving=serving,
            ),
            progress=progress,
            stop_worker=stop_worker,
        )
        self._add_agent(
            channel,
            processor,
            lambda batch: score_with_serving_models(batch, serving, message_limits, decoder),
        )
        self._add_tasks(processor, progress, alias_watcher)
        add_endpoints(
            self,
            metrics=metrics.registry,
            find_fault=lambda: processor.find_fault(UNHEALTHY_RATIO * settings.progress_timeout),
            is_ready=lambda: processor.ready,
            held_back=lambda: [
                *(transaction.describe() for transaction in consumer.open_transactions),
                *filter(None, [progress.waits_for]),
            ],
        )
        return processor

    def _add_agent(
        self,
        channel: Any,
        processor: BatchProcessor,
        score_batch: Callable[[Batch], ScoredBatch],
    ) -> None:
        @self.agent(channel, sink=[processor.commit_batch])
        async def score(batches: AsyncIterable[Batch]) -> AsyncIterator[tuple[Batch, ScoredBatch]]:
            async for batch in batches:
                yield batch, score_batch(batch)

    def _add_tasks(
        self, processor: BatchProcessor, progress: Progress, alias_watcher: AliasWatcher | None
    ) -> None:
        @self.task  # type: ignore[untyped-decorator]  # Faust does not type it
        async def start_processing() -> None:
            self.flow_control.resume()  # Faust does it only for its own consumer
            progress.start_iteration()  # the start, which may take long, is not pending work
            Watchdog(progress, self._settings.progress_timeout).start()
            if alias_watcher is not None:
                alias_watcher.start()
            await self.add_runtime_dependency(processor)

        @self.on_before_shutdown.connect
        async def drain(*_: Any, **__: Any) -> None:
            if processor.started:
                await processor.drain()
            if alias_watcher is not None:
                alias_watcher.stop()


def score_with_serving_models(
    batch: Batch,
    serving: ServingState,
    message_limits: MessageLimits,
    decoder: TopicDecoder[CustomerRecord] | None = None,
) -> ScoredBatch:
    """Scores a batch. Reads the serving models once, so that the batch has a single version."""
    models = serving.models
    now = round(time.time() * 1000)
    return score_batch(
        batch.messages, models.champion, now, message_limits, models.shadow, decoder=decoder
    )


def _create_alias_watcher(
    settings: ScorerSettings, serving: ServingState, metrics: ReloadMetrics
) -> AliasWatcher | None:
    registry = create_registry(settings)
    if registry is None:
        log.warning(
            "aliases are not followed, because only MLflow can read registry=%s: use an MLflow "
            "server, or restart the worker after a promotion",
            settings.registry_uri,
        )
        return None
    return AliasWatcher(settings, registry=registry, serving=serving, metrics=metrics)


def _is_not_bad_request(record: logging.LogRecord) -> bool:
    """False for an error that the client is informed of by status 400."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, HttpProcessingError)
