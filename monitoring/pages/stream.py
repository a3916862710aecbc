"""The board's messages -> a client, as server-sent events. One that reads nothing is let go."""

import asyncio
import logging
from typing import Final

from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from monitoring.pages.board import Board

log = logging.getLogger(__name__)

SLOWEST: Final = 15.0
"""Seconds in which a client must have taken what it was sent."""

HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def stream(board: Board, slowest: float = SLOWEST) -> Response:
    """What a client that asks for events is answered."""
    if board.full:
        return PlainTextResponse(
            "too many look at this page: close some\n", 503, {"Retry-After": "10"}
        )
    return _Events(board, slowest)


class _Events(StreamingResponse):
    def __init__(self, board: Board, slowest: float) -> None:
        super().__init__(board.messages(), media_type="text/event-stream", headers=HEADERS)
        self._slowest = slowest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        except TimeoutError:
            log.info("a client of the page that read nothing for %g s is let go", self._slowest)

    async def stream_response(self, send: Send) -> None:
        async def hurried(message: Message) -> None:
            async with asyncio.timeout(self._slowest):
                await send(message)

        await super().stream_response(hurried)
