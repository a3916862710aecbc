"""What a worker holds open: the model, the Kafka clients and the metrics."""

from dataclasses import dataclass

from contract import kafka
from contract.process import check_port, writable_folder
from contract.topics import topics
from stream_app.metrics import ScorerMetrics
from stream_app.model.store import RegisteredModel, load_champion
from stream_app.progress import Progress
from stream_app.scoring.flood import Flood
from stream_app.scoring.message import Limits
from stream_app.settings import ScorerSettings
from stream_app.transport.batches import Batches
from stream_app.transport.limits import limits
from stream_app.transport.transactions import Transactions


@dataclass(frozen=True)
class Pipeline:
    """Everything outside the worker that a batch meets on its way."""

    model: RegisteredModel
    batches: Batches
    transactions: Transactions
    limits: Limits
    metrics: ScorerMetrics
    flood: Flood
    progress: Progress


def open_pipeline(settings: ScorerSettings) -> Pipeline:
    """Checks all that a worker needs and opens it; joins the consumer group last.

    Raises the `PipelineError` of whatever is missing.
    """
    writable_folder(settings.home)
    check_port(settings.listen_host, settings.scorer_port)
    kafka.check_broker(settings)
    model = load_champion(settings)
    names = topics(settings)
    kafka.ensure_topics(settings, names)
    transactions = Transactions(settings, names)
    transactions.open()
    progress = Progress()
    metrics = ScorerMetrics(lambda: progress.seconds)
    metrics.model(model, model.is_compiled)
    return Pipeline(
        model,
        Batches(settings, names.customers, metrics),
        transactions,
        limits(settings, names),
        metrics,
        Flood(settings.dead_letter_share, settings.dead_letter_count),
        progress,
    )
