"""A channel without an agent."""

import asyncio

from stream_app.transport.batch_consumer import Batch


class FakeChannel:
    """Collects the batches that the agent would receive."""

    def __init__(self) -> None:
        self.batches: asyncio.Queue[Batch] = asyncio.Queue()

    async def send(self, *, value: Batch) -> None:
        await self.batches.put(value)
