"""A channel to an agent that nobody runs."""

import asyncio

from stream_app.transport.batch_consumer import Batch


class Channel:
    """Stands where the agent waits for batches."""

    def __init__(self) -> None:
        self.batches: asyncio.Queue[Batch] = asyncio.Queue()

    async def send(self, *, value: Batch) -> None:
        await self.batches.put(value)
