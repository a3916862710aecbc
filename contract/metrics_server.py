"""Serves /metrics, /healthz and /readyz from a thread, for stages without a web server."""

import logging
import sys
import threading
from collections.abc import Callable, Iterable
from http import HTTPStatus
from socketserver import ThreadingMixIn
from typing import Any, Final
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from prometheus_client import CollectorRegistry, make_wsgi_app

from contract.http_access import PUBLIC_PATHS, AccessPolicy, PlainResponse
from contract.listener import Listener

StartResponse = Callable[..., Any]
Body = Iterable[bytes]

HEALTHY: Final = PlainResponse(200, b"ok\n", {})
NOT_FOUND: Final = PlainResponse(404, b"paths: /metrics, /healthz, /readyz\n", {})

log = logging.getLogger(__name__)


def start_metrics_server(
    registry: CollectorRegistry, listener: Listener, access: AccessPolicy
) -> Callable[[], None]:
    """Starts to answer on the listener; returns a function that stops it."""
    server = _Server(listener, _application(registry, access))
    thread = threading.Thread(target=server.serve_forever, name="metrics", daemon=True)
    thread.start()

    def stop() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return stop


def _application(
    registry: CollectorRegistry, access: AccessPolicy
) -> Callable[[dict[str, Any], StartResponse], Body]:
    metrics = make_wsgi_app(registry)  # answers every path with all metrics

    def application(environ: dict[str, Any], start_response: StartResponse) -> Body:
        path = environ["PATH_INFO"]
        authorization, host = environ.get("HTTP_AUTHORIZATION"), environ.get("HTTP_HOST")
        response = access.check_request(path, authorization, host)
        if response is None and path == "/metrics":
            # without Accept, of which some make it raise: one format, as of all stages
            page: Body = metrics({**environ, "HTTP_ACCEPT": ""}, start_response)
            return page
        response = response or (HEALTHY if path in PUBLIC_PATHS else NOT_FOUND)
        status = HTTPStatus(response.status)
        headers = [("Content-Type", "text/plain; charset=utf-8"), *response.headers.items()]
        start_response(f"{status.value} {status.phrase}", headers)
        return [response.body]

    return application


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def __init__(self, listener: Listener, application: Any) -> None:
        super().__init__(listener.getsockname()[:2], _QuietHandler, bind_and_activate=False)
        self.socket.close()
        self.socket = listener
        self.server_name, self.server_port = listener.getsockname()[:2]
        self.setup_environ()
        self.set_app(application)
        self.server_activate()

    def handle_error(self, request: Any, client_address: Any) -> None:
        del request
        log.debug("request failed client=%s", client_address, exc_info=sys.exc_info())


class _QuietHandler(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  as inherited
        """Logs nothing: Prometheus scrapes every few seconds."""
