"""Serves /metrics, /healthz and /readyz from a thread: for stages without a web server."""

import logging
import sys
import threading
from collections.abc import Callable, Iterable
from http import HTTPStatus
from socketserver import ThreadingMixIn
from typing import Any, Final
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from prometheus_client import CollectorRegistry, make_wsgi_app

from contract.guard import OPEN_PATHS, Denial, Guard
from contract.listener import Listener

StartResponse = Callable[..., Any]
Answer = Iterable[bytes]

HEALTHY: Final = Denial(200, b"ok\n", {})
NOT_FOUND: Final = Denial(404, b"there are /metrics, /healthz and /readyz\n", {})

log = logging.getLogger(__name__)


def start(registry: CollectorRegistry, listener: Listener, guard: Guard) -> Callable[[], None]:
    """Answers on the listener from now on; returns what stops it."""
    server = _Server(listener, _application(registry, guard))
    thread = threading.Thread(target=server.serve_forever, name="metrics", daemon=True)
    thread.start()

    def stop() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return stop


def _application(
    registry: CollectorRegistry, guard: Guard
) -> Callable[[dict[str, Any], StartResponse], Answer]:
    metrics = make_wsgi_app(registry)  # answers every path with all metrics

    def application(environ: dict[str, Any], start_response: StartResponse) -> Answer:
        path = environ["PATH_INFO"]
        answer = guard.denial(path, environ.get("HTTP_AUTHORIZATION"), environ.get("HTTP_HOST"))
        if answer is None and path == "/metrics":
            page: Answer = metrics(environ, start_response)
            return page
        answer = answer or (HEALTHY if path in OPEN_PATHS else NOT_FOUND)
        status = HTTPStatus(answer.status)
        headers = [("Content-Type", "text/plain; charset=utf-8"), *answer.headers.items()]
        start_response(f"{status.value} {status.phrase}", headers)
        return [answer.body]

    return application


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def __init__(self, listener: Listener, application: Any) -> None:
        super().__init__(listener.getsockname()[:2], _Silent, bind_and_activate=False)
        self.socket.close()
        self.socket = listener
        self.server_name, self.server_port = listener.getsockname()[:2]
        self.setup_environ()
        self.set_app(application)
        self.server_activate()

    def handle_error(self, request: Any, client_address: Any) -> None:
        del request
        log.debug("a request of %s failed", client_address, exc_info=sys.exc_info())


class _Silent(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  as inherited
        """A scrape is no news."""
