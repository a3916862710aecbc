"""POST /records: one record from the page's form, and the answer to it."""

import threading
from collections.abc import Callable
from typing import Any, Final

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from contract.errors import InvalidRecord
from monitoring.pages.fields import Given
from monitoring.pages.guard import JSON, refusal
from monitoring.pages.trial import Answer, NoAnswer
from monitoring.settings import MonitoringSettings

LARGEST: Final = 16_384
"""Bytes."""

AT_ONCE: Final = 4


class Form:
    """Lets in who may publish, a few at a time."""

    def __init__(self, settings: MonitoringSettings, run: Callable[[Given], Answer]) -> None:
        """`run` raises `InvalidRecord` or `NoAnswer`."""
        self._settings = settings
        self._run = run
        self._places = threading.Semaphore(AT_ONCE)

    async def post(self, request: Request) -> Response:
        """The answer as JSON, or `error`, what is wrong and what to do."""
        if (refused := refusal(self._settings, request.headers)) is not None:
            return _json({"error": refused.words}, refused.status)
        try:
            given = msgspec.json.decode(await _body(request), type=dict[str, Any])
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
            return _json({"error": f"no record: {fault}"}, 400)
        if not self._places.acquire(blocking=False):
            return _json({"error": "others are trying records: try again in a moment"}, 429)
        try:
            return _json(await run_in_threadpool(self._run, given))
        except InvalidRecord as invalid:
            return _json({"error": invalid.detail, "reason": invalid.reason}, 422)
        except NoAnswer as none:
            return _json({"error": str(none)}, 504)
        finally:
            self._places.release()


async def _body(request: Request) -> bytes:
    body = b""
    try:
        async for part in request.stream():
            body += part
            if len(body) > LARGEST:
                raise msgspec.DecodeError(f"it is larger than {LARGEST} bytes")
    except ClientDisconnect:
        raise msgspec.DecodeError("it was cut off") from None
    return body


def _json(content: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(content), status, media_type=JSON)
