"""`stuck_worker.py loop|client|fetcher`: a worker that gets stuck for a cause from within.

`loop` blocks the event loop at the first record, `client` the end of the Kafka client. With
`fetcher`, the client silently stops fetching after its first batch.
"""

import sys
import time
from typing import Any

from contract import process
from stream_app import app
from stream_app.__main__ import main
from stream_app.transport.batch_consumer import Batch, BatchConsumer


def block(*_: Any) -> None:
    time.sleep(600)


def poll_once(self: BatchConsumer, timeout: float, resolve: bool = True) -> Batch | None:
    batch = poll_batch(self, timeout, resolve)
    if batch is not None:
        self._consumer.pause(self._consumer.assignment())
    return batch


poll_batch = BatchConsumer.poll_batch
match sys.argv.pop():
    case "loop":
        app.__dict__["score_batch"] = block
    case "client":
        BatchConsumer.close = block  # type: ignore[method-assign,assignment]
    case "fetcher":
        BatchConsumer.poll_batch = poll_once  # type: ignore[method-assign]
process.run_main(main)
