"""The HTTP servers of all stages, each on loopback and in this process."""

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Final

from prometheus_client import CollectorRegistry

from contract.http_access import access_policy
from contract.process import serve_metrics
from contract.settings import Settings, load
from intent.local.network import free_ports, http_get
from monitoring.pages.app import create_app
from monitoring.pages.broadcaster import EventBroadcaster
from monitoring.pages.middleware import AccessControl
from monitoring.pages.server import serve
from monitoring.settings import MonitoringSettings
from stream_app.app import ScorerApp
from stream_app.endpoints import add_endpoints
from stream_app.settings import ScorerSettings
from tests.support.builders import eventually
from tests.support.pages import EMPTY_PAGE_DATA

HOST: Final = "127.0.0.1"


@contextmanager
def metrics_server(**given: Any) -> Iterator[int]:
    """The simulator's and the training's."""
    (port,) = free_ports(HOST, 1)
    stop = serve_metrics(CollectorRegistry(), HOST, port, access_policy(load(Settings, **given)))
    try:
        yield port
    finally:
        stop()


@contextmanager
def monitoring(**given: Any) -> Iterator[int]:
    """The monitoring's."""
    settings = load(MonitoringSettings, **given)
    broadcaster = EventBroadcaster(EMPTY_PAGE_DATA.snapshot)
    app = AccessControl(create_app(settings, EMPTY_PAGE_DATA, broadcaster), access_policy(settings))
    (port,) = free_ports(HOST, 1)
    stop = serve(app, broadcaster, HOST, port)
    try:
        eventually(lambda: http_get(HOST, port, "/healthz") is not None)
        yield port
    finally:
        stop()


@contextmanager
def scorer(**given: Any) -> Iterator[int]:
    """The scorer's, of a worker that is starting."""
    (port,) = free_ports(HOST, 1)
    loop = asyncio.new_event_loop()
    app = ScorerApp(load(ScorerSettings, scorer_port=port, **given))
    add_endpoints(
        app,
        metrics=CollectorRegistry(),
        find_fault=lambda: "",
        is_ready=lambda: False,
        held_back=list,
    )
    web: Any = app.web
    web.init_server()
    loop.run_until_complete(web.start_server())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield port
    finally:
        asyncio.run_coroutine_threadsafe(web.stop_server(), loop).result(20)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.run_until_complete(asyncio.sleep(0))  # what was cancelled ends
        loop.close()


SERVERS: Final[Mapping[str, Callable[..., AbstractContextManager[int]]]] = {
    "metrics": metrics_server,
    "monitoring": monitoring,
    "scorer": scorer,
}
