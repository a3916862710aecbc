"""Faust's web server with limits: what connections may cost, and no traceback of a bad request."""

import logging

from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.log import server_logger
from aiohttp.web import AppRunner, SockSite
from faust.web.drivers.aiohttp import Web

from contract.listener import Listener


class WebServer(Web):
    """Listens by a `Listener`."""

    async def start_server(self) -> None:
        """Starts to answer. Raises `OSError` if it cannot listen."""
        server_logger.addFilter(_is_no_bad_request)
        self._runner = AppRunner(self.web_app, access_log=None)
        await self._runner.setup()
        listener = Listener(self.app.conf.web_bind, self.app.conf.web_port)
        await SockSite(self._runner, listener).start()


def _is_no_bad_request(record: logging.LogRecord) -> bool:
    """False for what a client is told by a 400."""
    fault = record.exc_info[1] if record.exc_info else None
    return not isinstance(fault, HttpProcessingError)
