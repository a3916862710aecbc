"""POST /records: publishes a test record from the page's form, for those who may, and waits."""

import threading
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from contract.errors import InvalidRecord
from contract.http_access import host_name
from contract.settings import is_loopback
from monitoring.pages.form_fields import FormValues
from monitoring.pages.record_tester import NoResult, RecordResult
from monitoring.settings import MonitoringSettings

MEDIA_TYPE: Final = "application/json"
MAX_BODY_BYTES: Final = 16_384
MAX_CONCURRENT: Final = 4


class FormDenial(NamedTuple):
    """Why a request may not publish: HTTP status and message."""

    status: int
    message: str


def check_form_enabled(settings: MonitoringSettings) -> FormDenial | None:
    """Returns why nobody can publish from the page; None if the form is enabled."""
    if not settings.test_records_enabled:
        return FormDenial(403, "test records are disabled: set INTENT_TEST_RECORDS_ENABLED=true")
    if not settings.listen_token and not is_loopback(settings.listen_host):
        return FormDenial(
            403,
            f"the page listens on {settings.listen_host}, where anybody could publish: "
            "set INTENT_LISTEN_TOKEN",
        )
    return None


def check_request(settings: MonitoringSettings, headers: Mapping[str, str]) -> FormDenial | None:
    """Returns why a request may not publish; None if it may.

    Browsers send the origin of a request, and only the page's own origin is accepted. Without a
    token, the page must have been opened under a loopback name: another site could point a name of
    its own at this address (DNS rebinding).

    Args:
        settings: Settings of the monitoring.
        headers: The request's headers, names in lower case.
    """
    if (denial := check_form_enabled(settings)) is not None:
        return denial
    host = headers.get("host", "")
    if headers.get("origin", "").partition("://")[2] != host or not host:
        return FormDenial(403, "the request has another origin: use the form on this page")
    if headers.get("content-type", "").partition(";")[0].strip() != MEDIA_TYPE:
        return FormDenial(415, f"the Content-Type is unsupported: send {MEDIA_TYPE}")
    name = host_name(host)
    if not settings.listen_token and not is_loopback(name):  # a token was checked before
        return FormDenial(
            403, f"the page was opened as {name}: open it as localhost, or set INTENT_LISTEN_TOKEN"
        )
    return None


class RecordForm:
    """Endpoint of the form. Tests `MAX_CONCURRENT` records at once."""

    def __init__(
        self, settings: MonitoringSettings, test_record: Callable[[FormValues], RecordResult]
    ) -> None:
        """`test_record` may raise `InvalidRecord` or `NoResult`."""
        self._settings = settings
        self._test_record = test_record
        self._slots = threading.Semaphore(MAX_CONCURRENT)

    async def post(self, request: Request) -> Response:
        """Returns the `RecordResult` as JSON, or an object with `error`."""
        if (denial := check_request(self._settings, request.headers)) is not None:
            return _json({"error": denial.message}, denial.status)
        try:
            values = msgspec.json.decode(await _read_body(request), type=dict[str, Any])
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
            return _json({"error": f"the request is not a JSON object: {fault}"}, 400)
        if not self._slots.acquire(blocking=False):
            message = f"{MAX_CONCURRENT} test records are being processed: try again in a moment"
            return _json({"error": message}, 429)
        try:
            return _json(await run_in_threadpool(self._test_record, values))
        except InvalidRecord as invalid:
            return _json({"error": invalid.detail, "reason": invalid.reason}, 422)
        except NoResult as failure:
            return _json({"error": str(failure)}, 504)
        finally:
            self._slots.release()


async def _read_body(request: Request) -> bytes:
    body = b""
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_BODY_BYTES:
                raise msgspec.DecodeError(f"it is larger than {MAX_BODY_BYTES} bytes")
    except ClientDisconnect:
        raise msgspec.DecodeError("it is incomplete") from None
    return body


def _json(content: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(content), status, media_type=MEDIA_TYPE)
