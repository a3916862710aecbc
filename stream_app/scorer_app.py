"""The Faust app as the scorer's parts share it: settings, and what a running worker has opened."""

from collections.abc import Callable
from typing import Any

import faust
from faust.app.base import BootStrategy
from faust.web.base import Web

from stream_app.pipeline import Pipeline
from stream_app.pump import Pump
from stream_app.settings import ScorerSettings
from stream_app.swap.first import First
from stream_app.web_server import WebServer


class WithoutKafka(BootStrategy):
    """Starts none of Faust's own Kafka clients: docs/decisions/0002 says what they lose."""

    enable_kafka = False


class ScorerApp(faust.App):
    """A Faust app whose channel `customers` is fed by the pump. Connects nothing by itself."""

    BootStrategy = WithoutKafka

    def __init__(self, settings: ScorerSettings, first: First | None, **given: Any) -> None:
        super().__init__(
            settings.scorer_group,
            broker=f"kafka://{settings.kafka_bootstrap.replace(',', ';')}",
            datadir=settings.data_dir / "faust",
            web_host=settings.listen_host,
            web_bind=settings.listen_host,
            web_port=settings.scorer_port,
            web_stats_enabled=False,
            web_graph_enabled=False,
            worker_redirect_stdouts=False,
            autodiscover=False,
            **given,
        )
        self.settings = settings
        self.first = first
        self.pipeline: Pipeline | None = None
        self.pump: Pump | None = None
        self.end: Callable[[], None] = self._no_worker

    def _new_web(self) -> Web:
        return WebServer(self)

    @staticmethod
    def _no_worker() -> None:
        raise RuntimeError("no worker runs this app")
