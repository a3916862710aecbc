"""ASGI middleware of the pages: access control, and security headers on every response."""

from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contract.http_access import AccessPolicy

PAGE_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
"""Only the page's own scripts run. Trusted types prevent markup made from a record's text."""

REPORT_POLICY: Final = (
    "sandbox allow-scripts allow-popups; default-src 'none'; "
    "script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data: blob:; "
    "font-src data:; base-uri 'none'; frame-ancestors 'none'"
)
"""Evidently's reports have inline scripts. The sandbox gives them an opaque origin, from which
neither the page nor its form can be reached."""

COMMON_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class AccessControl:
    """Passes on the requests that the guard admits."""

    def __init__(self, app: ASGIApp, guard: AccessPolicy) -> None:
        self._app = app
        self._guard = guard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles a request, or the server's lifespan."""
        app = self._app
        if scope["type"] != "lifespan":
            headers = Headers(scope=scope)
            denial = self._guard.check_request(
                scope["path"], headers.get("authorization"), headers.get("host")
            )
            if denial is not None:
                app = Response(denial.body, denial.status, denial.headers)
        await app(scope, receive, send)


class SecurityHeaders:
    """Adds a Content-Security-Policy and `COMMON_HEADERS` to every response."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles a request."""
        is_report = scope["type"] == "http" and scope["path"].startswith("/reports/")

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = REPORT_POLICY if is_report else PAGE_POLICY
                headers.update(COMMON_HEADERS)
                headers.setdefault("Cache-Control", "no-cache")
            await send(message)

        await self._app(scope, receive, send_with_headers)
