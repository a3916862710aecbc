"""All wiring of the scorer: the Faust app, its agent, its pages and its worker."""

import time
from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass
from typing import Any

import faust
from faust.app.base import BootStrategy
from mode import CrashingSupervisor
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from contract import kafka
from contract.topics import topics
from stream_app import scoring
from stream_app.batches import Batch, Batches
from stream_app.metrics import ScorerMetrics
from stream_app.model_store import load_champion
from stream_app.pump import Pump
from stream_app.settings import ScorerSettings
from stream_app.transactions import Transactions


class WithoutKafka(BootStrategy):  # type: ignore[misc]  # Faust ships no types
    """Starts no Kafka client of Faust's: it acknowledges records that were lost (decision 2)."""

    enable_kafka = False
