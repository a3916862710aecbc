"""Serves /metrics from a thread: for a stage that has no web server of its own."""

import threading
from collections.abc import Callable
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry, make_wsgi_app

from contract.guard import Guard


def start(registry: CollectorRegistry, host: str, port: int, guard: Guard) -> Callable[[], None]:
    """Listens; returns what stops it. Raises `OSError` if it cannot."""
    app = guard.wsgi(make_wsgi_app(registry))
    server = make_server(host, port, app, _Server, _Silent)
    thread = threading.Thread(target=server.serve_forever, name="metrics", daemon=True)
    thread.start()

    def stop() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return stop


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Silent(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  as inherited
        """A scrape is no news."""
