"""Live page's server-sent events: one snapshot a second, of which each client gets the changes.

Nothing is queued for a client. A slow one gets the latest state and misses what was between.
"""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.types import Message, Receive, Scope, Send

log = logging.getLogger(__name__)

SNAPSHOT_INTERVAL: Final = 1.0
"""Minimum seconds between two snapshots, and between two messages to a client."""

MAX_CLIENTS: Final = 50

HEARTBEAT_INTERVAL: Final = 5.0
"""Seconds without a change after which a client gets a comment. A send shows whether it is gone."""

HEARTBEAT: Final = b":\n\n"

SEND_TIMEOUT: Final = 15.0
"""Seconds after which a client that does not read is disconnected."""

HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}

Snapshot = Mapping[str, Any]
"""Data by key. The key up to a colon is the name of the event: `window:1` is sent as `window`."""


@dataclass(frozen=True)
class _Event:
    """An encoded event.

    Attributes:
        changed_in: Number of the snapshot in which its data last changed.
        message: The event as it is sent.
    """

    changed_in: int
    message: bytes


class EventBroadcaster:
    """Sends snapshots to all clients. Used in one event loop; `stop` from any thread."""

    def __init__(
        self,
        take_snapshot: Callable[[], Snapshot],
        interval: float = SNAPSHOT_INTERVAL,
        on_failure: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        """Prepares the broadcaster; `run` must be started as a task.

        Args:
            take_snapshot: Is called in a worker thread, once at a time, while there are clients.
            interval: Seconds between two snapshots.
            on_failure: Context in which `run` works, and which is given its failure.
        """
        self._take_snapshot = take_snapshot
        self._on_failure = on_failure
        self._interval = interval
        self._events: dict[str, _Event] = {}
        self._snapshots = 0
        self._published = asyncio.Event()
        self._stopping = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self.clients = 0

    @property
    def is_full(self) -> bool:
        """Whether the maximum number of clients is connected."""
        return self.clients >= MAX_CLIENTS

    async def run(self) -> None:
        """Takes snapshots until stopped."""
        self._loop = asyncio.get_running_loop()
        with self._on_failure():
            while not self._stopping.is_set():
                if self.clients:
                    self._publish(await run_in_threadpool(self._take_snapshot))
                try:
                    await asyncio.wait_for(self._stopping.wait(), self._interval)
                except TimeoutError:
                    continue
        self._published.set()

    def stop(self) -> None:
        """Ends the streams of all clients."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stopping.set)

    async def subscribe(self) -> AsyncGenerator[bytes, None]:
        """Yields all events first, then those that changed, at most once per snapshot."""
        self.clients += 1
        try:
            received = 0
            sent_at = time.monotonic()
            while not self._stopping.is_set():
                if received == self._snapshots:
                    await self._published.wait()
                changes = [
                    event.message for event in self._events.values() if event.changed_in > received
                ]
                received = self._snapshots
                if changes or time.monotonic() - sent_at > HEARTBEAT_INTERVAL:
                    sent_at = time.monotonic()
                    yield b"".join(changes) or HEARTBEAT
        finally:
            self.clients -= 1

    def _publish(self, snapshot: Snapshot) -> None:
        self._snapshots += 1
        events = {}
        for key, data in snapshot.items():
            message = _encode_event(key, data)
            previous = self._events.get(key)
            is_same = previous is not None and previous.message == message
            events[key] = previous if previous and is_same else _Event(self._snapshots, message)
        self._events = events
        self._published.set()
        self._published = asyncio.Event()


def event_response(broadcaster: EventBroadcaster, request: Request) -> Response:
    """Returns the stream of events, or 503 if too many clients are connected.

    HEAD gets headers alone: a stream without a body would never end.
    """
    if request.method == "HEAD":
        return Response(media_type=_EventStream.media_type, headers=HEADERS)
    if broadcaster.is_full:
        return PlainTextResponse(
            f"the page has {MAX_CLIENTS} clients already: close some of them and try again\n",
            503,
            {"Retry-After": "10"},
        )
    return _EventStream(broadcaster)


class _EventStream(StreamingResponse):
    media_type = "text/event-stream"

    def __init__(self, broadcaster: EventBroadcaster) -> None:
        self._messages = broadcaster.subscribe()
        super().__init__(self._messages, headers=HEADERS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        except TimeoutError:
            log.info("disconnected a client of the page that read nothing seconds=%g", SEND_TIMEOUT)

    async def stream_response(self, send: Send) -> None:
        async def send_with_timeout(message: Message) -> None:
            async with asyncio.timeout(SEND_TIMEOUT):
                await send(message)

        try:
            await super().stream_response(send_with_timeout)
        finally:
            await self._messages.aclose()  # now, since it counts the clients


def _encode_event(key: str, data: Any) -> bytes:
    """Encodes an event. JSON has no line breaks, so that one line of data is enough."""
    name = key.partition(":")[0].encode()
    return b"event: " + name + b"\ndata: " + msgspec.json.encode(data) + b"\n\n"
