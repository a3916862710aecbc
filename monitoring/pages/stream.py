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


def stream(board: Board) -> Response:
    """What a client that asks for events is answered."""
    if board.full:
        return PlainTextResponse(
            "too many look at this page: close some\n", 503, {"Retry-After": "10"}
        )
    return _Events(board)


class _Events(StreamingResponse):
    def __init__(self, board: Board) -> None:
        self._messages = board.messages()
        super().__init__(self._messages, media_type="text/event-stream", headers=HEADERS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        except TimeoutError:
            log.info("a client of the page that read nothing for %g s is let go", SLOWEST)

    async def stream_response(self, send: Send) -> None:
        async def hurried(message: Message) -> None:
            async with asyncio.timeout(SLOWEST):
                await send(message)

        try:
            await super().stream_response(hurried)
        finally:
            await self._messages.aclose()  # at once, for it counts the clients
