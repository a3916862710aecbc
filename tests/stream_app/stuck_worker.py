"""`stuck_worker.py loop|client|fetcher|written|offsets-sent|PID`: gets stuck at a known point.

`loop` blocks the event loop at the first record, `client` the end of the Kafka client. With
`fetcher`, the client silently stops fetching after its first batch. With the process id of a
broker, that is stopped (SIGSTOP) just before the first transaction. With `written` and
`offsets-sent` the worker stops itself in its first transaction, once the predictions are written
and once the offsets are sent too.
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
from stream_app.transport.transactional_producer import TransactionalProducer


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


def send_offsets_and_sleep(self: TransactionalProducer, batch: Batch) -> None:
    TransactionalProducer._send_offsets = send_offsets  # type: ignore[method-assign]
    if mode == "offsets-sent":
        send_offsets(self, batch)
    self._producer.flush()
    os.kill(os.getpid(), signal.SIGSTOP)
    if mode == "written":
        send_offsets(self, batch)


poll_batch = BatchConsumer.poll_batch
send_offsets = TransactionalProducer._send_offsets
commit_batch = Committer.commit_batch
mode = sys.argv.pop()
match mode:
    case "loop":
        app.__dict__["score_batch"] = block
    case "client":
        BatchConsumer.close = block  # type: ignore[method-assign]
    case "fetcher":
        BatchConsumer.poll_batch = poll_once  # type: ignore[method-assign]
    case "written" | "offsets-sent":
        TransactionalProducer._send_offsets = send_offsets_and_sleep  # type: ignore[method-assign]
    case _:
        Committer.commit_batch = stop_broker_and_commit  # type: ignore[method-assign]
process.run_main(main)
