"""Faust with `take`: an agent that gets up to 5,000 records at once."""

import time
from typing import Any

from benchmarks.scoring.contenders import faust_app, peer

MOST = 5_000


def main() -> None:
    """Drains until it is stopped."""
    model = peer.PeerModel()
    app, customers, predictions = faust_app.made()

    @app.agent(customers, concurrency=1)
    async def score(stream: Any) -> None:
        async for values in stream.take(MOST, within=0.1):
            now = round(time.time() * 1000)
            places = [peer.Place(0, number, now) for number in range(len(values))]
            for value in peer.score_batch(model, values, places):
                predictions.send_soon(value=value)

    faust_app.run(app)


if __name__ == "__main__":
    main()
