"""Faust as in its tutorial: an agent that processes single records."""

import time
from typing import Any

from benchmarks.scoring.contenders import faust_app, peer


def main() -> None:
    """Drains until it is stopped."""
    model = peer.PeerModel()
    app, customers, predictions = faust_app.create_app()

    @app.agent(customers)
    async def score(stream: Any) -> None:
        async for event in stream.events():
            message = event.message
            place = peer.Place(message.partition, message.offset, round(time.time() * 1000))
            value = peer.score_one(model, event.value, place)
            predictions.send_soon(key=message.key, value=value)

    faust_app.run(app)


if __name__ == "__main__":
    main()
