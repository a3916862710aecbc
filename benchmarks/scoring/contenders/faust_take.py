"""Faust with `take`: an agent that processes up to 5,000 records at once."""

import asyncio
import time
from typing import Any

from benchmarks.scoring.contenders import faust_app, peer

MAX_RECORDS = 5_000


def main() -> None:
    """Drains until it is stopped."""
    model = peer.PeerModel()
    app, customers, predictions = faust_app.create_app()

    @app.agent(customers, concurrency=1)
    async def score(stream: Any) -> None:
        async for values in stream.take(MAX_RECORDS, within=0.1):
            now = round(time.time() * 1000)
            places = [peer.Place(0, number, now) for number in range(len(values))]
            scored = peer.score_batch(model, values, places)
            await asyncio.gather(*[predictions.send(value=value) for value in scored])

    faust_app.run(app)


if __name__ == "__main__":
    main()
