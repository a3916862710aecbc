"""What a worker holds open: the models, the Kafka clients and the metrics."""

import logging
from dataclasses import dataclass

from contract import kafka
from contract.folders import writable_folder
from contract.process import check_port
from contract.topics import topics
from stream_app.metrics import ScorerMetrics
from stream_app.model.registries.chosen import registry
from stream_app.progress import Progress
from stream_app.scoring.flood import Flood
from stream_app.scoring.message import Limits
from stream_app.settings import ScorerSettings
from stream_app.swap.first import First
from stream_app.swap.models import Models
from stream_app.swap.watcher import Watcher
from stream_app.transport.batches import Batches
from stream_app.transport.limits import limits
from stream_app.transport.transactions import Transactions

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Pipeline:
    """Everything outside the worker that a batch meets on its way."""

    models: Models
    watcher: Watcher | None
    batches: Batches
    transactions: Transactions
    limits: Limits
    metrics: ScorerMetrics
    flood: Flood
    progress: Progress


def open_pipeline(settings: ScorerSettings, first: First | None = None) -> Pipeline:
    """Checks all that a worker needs and opens it; joins the consumer group last.

    The model is loaded meanwhile, `first` if that has begun. Raises the `PipelineError` of whatever
    is missing.
    """
    first = first or First(settings)
    try:
        writable_folder(settings.data_dir)
        check_port(settings.listen_host, settings.scorer_port)
        return _opened(settings, first)
    finally:
        first.end()


def _opened(settings: ScorerSettings, first: First) -> Pipeline:
    kafka.check_broker(settings)
    names = topics(settings)
    kafka.ensure_topics(settings, names)
    transactions = Transactions(settings, names)
    transactions.open()
    most = limits(settings, names)
    progress = Progress(rebalance=settings.longest_rebalance)
    metrics = ScorerMetrics(lambda: progress.seconds)
    models = Models(first.wait())
    metrics.swaps.scores(models.now)
    return Pipeline(
        models,
        _watcher(settings, models, metrics),
        Batches(settings, names.customers, metrics),
        transactions,
        most,
        metrics,
        Flood(settings.dead_letter_max_ratio, settings.dead_letter_min_records),
        progress,
    )


def _watcher(settings: ScorerSettings, models: Models, metrics: ScorerMetrics) -> Watcher | None:
    asked = registry(settings)
    if asked is None:
        log.warning(
            "the aliases of %s are not watched: put an MLflow server before it, or start the "
            "worker again for another champion",
            settings.registry_uri,
        )
        return None
    return Watcher(settings, asked, models, metrics.swaps)
