"""Shared by the Faust peers: an app on Faust's own topics, at least once."""

from typing import Any

import faust

from benchmarks.scoring.contenders import peer


def create_app() -> tuple[faust.App, Any, Any]:
    """Creates the app with topics `customers` and `predictions`; values are bytes."""
    app = faust.App(
        peer.GROUP,
        broker=f"kafka://{peer.BOOTSTRAP}",
        store="memory://",
        web_enabled=False,
        consumer_auto_offset_reset="earliest",
        consumer_max_fetch_size=2_000_000,
        broker_max_poll_records=10_000,
        broker_commit_every=10_000,
        stream_buffer_maxsize=16_384,
        producer_linger=0.005,
        producer_max_batch_size=131_072,
        producer_compression_type="lz4",
        topic_disable_leader=True,
        worker_redirect_stdouts=False,
    )
    customers = app.topic(peer.CUSTOMERS, value_type=bytes, value_serializer="raw")
    predictions = app.topic(peer.PREDICTIONS, value_type=bytes, value_serializer="raw")
    return app, customers, predictions


def run(app: faust.App) -> None:
    """Runs a worker until it is stopped."""
    faust.Worker(app, loglevel="WARNING").execute_from_commandline()
