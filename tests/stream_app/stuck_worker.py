"""`stuck_worker.py loop|client`: a worker in which one call never returns.

`loop` blocks the event loop at the first record, `client` the Kafka client's end: nothing outside
can do that.
"""

import sys
import time
from typing import Any

from contract import process
from stream_app.__main__ import main
from stream_app.scoring import score as scoring
from stream_app.transport.batches import Batches


def block(*_: Any) -> None:
    time.sleep(600)


if sys.argv.pop() == "loop":
    scoring.score = block  # type: ignore[assignment]
else:
    Batches.close = block  # type: ignore[method-assign,assignment]
process.run(main)
