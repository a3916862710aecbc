"""`stuck_worker.py loop|client|fetcher`: a worker that stops where nothing outside can stop it.

`loop` blocks the event loop at the first record, `client` the Kafka client's end. `fetcher` has the
client fetch no more after its first batch, and say nothing of it.
"""

import sys
import time
from typing import Any

from contract import process
from stream_app.__main__ import main
from stream_app.scoring import score as scoring
from stream_app.transport.batches import Batch, Batches


def block(*_: Any) -> None:
    time.sleep(600)


def take_once(self: Batches, seconds: float) -> Batch | None:
    batch = take(self, seconds)
    if batch is not None:
        self._consumer.pause(self._consumer.assignment())
    return batch


take = Batches.take
match sys.argv.pop():
    case "loop":
        scoring.score = block  # type: ignore[assignment]
    case "client":
        Batches.close = block  # type: ignore[method-assign,assignment]
    case "fetcher":
        Batches.take = take_once  # type: ignore[method-assign]
process.run_main(main)
