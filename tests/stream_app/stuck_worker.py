"""A worker whose event loop is blocked by the first record that it scores."""

import time
from typing import Any

from contract import process
from stream_app.__main__ import main
from stream_app.scoring import score as scoring


def block(*_: Any) -> None:
    time.sleep(600)


scoring.score = block  # type: ignore[assignment]  # nothing outside can block a loop
process.run(main)
