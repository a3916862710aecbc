"""`stuck_worker.py loop|client|fetcher|PID`: a worker that gets stuck at a known point.

`loop` blocks the event loop at the first record, `client` the end of the Kafka client. With
`fetcher`, the client silently stops fetching after its first batch. With the process id of a
broker, that is stopped (SIGSTOP) just before the first transaction.
"""

import os
import signal
import sys
import time
from typing import Any

from contract import process
from stream_app import app
from stream_app.__main__ import main
from stream_app.committer import Committer
from stream_app.scoring.score import ScoredBatch
from stream_app.transport.batch_consumer import Batch, BatchConsumer


def block(*_: Any, **__: Any) -> None:
    time.sleep(600)


def poll_once(self: BatchConsumer, timeout: float, resolve: bool = True) -> Batch | None:
    batch = poll_batch(self, timeout, resolve)
    if batch is not None:
        self._consumer.pause(self._consumer.assignment())
    return batch


async def stop_broker_and_commit(self: Committer, batch: Batch, scored: ScoredBatch) -> None:
    os.kill(int(mode), signal.SIGSTOP)
    await commit_batch(self, batch, scored)


poll_batch = BatchConsumer.poll_batch
commit_batch = Committer.commit_batch
mode = sys.argv.pop()
match mode:
    case "loop":
        app.__dict__["score_batch"] = block
    case "client":
        BatchConsumer.close = block  # type: ignore[method-assign]
    case "fetcher":
        BatchConsumer.poll_batch = poll_once  # type: ignore[method-assign]
    case _:
        Committer.commit_batch = stop_broker_and_commit  # type: ignore[method-assign]
process.run_main(main)
