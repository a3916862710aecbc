"""What the page shows, part by part: looked at once a second, for all clients at once.

A client is sent what changed since it was last sent something: one that reads slowly gets the
newest, and what it missed costs no memory.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from starlette.concurrency import run_in_threadpool

EVERY: Final = 1.0
"""Seconds between two looks, at least, and between two messages to a client."""

MOST_CLIENTS: Final = 50

HEARTBEAT_EVERY: Final = 5.0
"""Seconds without news after which a client is sent a comment: it is alive, and so is it to us."""

HEARTBEAT: Final = b":\n\n"

Parts = Mapping[str, Any]
"""By name; what stands before a colon in it is the event that the client hears of."""


@dataclass(frozen=True)
class Told:
    """A part as it is sent, and since which look it is so."""

    since: int
    message: bytes


class Board:
    """Used in one event loop; `stop` from any thread."""

    def __init__(
        self,
        look: Callable[[], Parts],
        every: float = EVERY,
        on_failure: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        """`look` is called in a thread of the pool, once at a time, while there are clients.

        `on_failure` is entered around all that this does, and hears of what goes wrong.
        """
        self._look = look
        self._on_failure = on_failure
        self._every = every
        self._told: dict[str, Told] = {}
        self._looks = 0
        self._looked = asyncio.Event()
        self._stopping = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self.clients = 0

    @property
    def full(self) -> bool:
        """Whether there is no room for another client."""
        return self.clients >= MOST_CLIENTS

    async def run(self) -> None:
        """Looks, and looks again, until stopped."""
        self._loop = asyncio.get_running_loop()
        with self._on_failure():
            while not self._stopping.is_set():
                if self.clients:
                    self._take(await run_in_threadpool(self._look))
                try:
                    await asyncio.wait_for(self._stopping.wait(), self._every)
                except TimeoutError:
                    continue
        self._looked.set()

    def stop(self) -> None:
        """Ends every client's messages."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stopping.set)

    async def messages(self) -> AsyncGenerator[bytes, None]:
        """Server-sent events: first all there is, then what changed, at most one a look."""
        self.clients += 1
        try:
            seen = 0
            sent_at = time.monotonic()
            while not self._stopping.is_set():
                if seen == self._looks:
                    await self._looked.wait()
                news = [each.message for each in self._told.values() if each.since > seen]
                seen = self._looks
                if news or time.monotonic() - sent_at > HEARTBEAT_EVERY:
                    sent_at = time.monotonic()
                    yield b"".join(news) or HEARTBEAT
        finally:
            self.clients -= 1

    def _take(self, parts: Parts) -> None:
        self._looks += 1
        told = {}
        for name, part in parts.items():
            message = _message(name, part)
            known = self._told.get(name)
            told[name] = known if known and known.message == message else Told(self._looks, message)
        self._told = told
        self._looked.set()
        self._looked = asyncio.Event()


def _message(name: str, part: Any) -> bytes:
    """JSON has no raw line ends: one line of data is enough."""
    event = name.partition(":")[0].encode()
    return b"event: " + event + b"\ndata: " + msgspec.json.encode(part) + b"\n\n"
