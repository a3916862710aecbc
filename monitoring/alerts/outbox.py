"""Alerts -> the topic `alerts`, each once. An alert is on disk before it comes here."""

import logging

from contract import codec
from contract.events import Alert
from contract.outbox import Outbox, Route
from contract.settings import Settings

log = logging.getLogger(__name__)


def outbox(settings: Settings) -> Outbox[Alert]:
    """Episode and status are an alert's name. Raises `BrokerUnreachable`."""
    return Outbox(
        settings,
        Route(
            topic=settings.topic_alerts,
            decode=codec.decode_alert,
            name=lambda alert: (alert.incident, alert.status),
            key=lambda alert: alert.kind,
            sent=_told,
        ),
    )


def _told(alert: Alert) -> None:
    log.warning("alert %s, %s: %s", alert.incident, alert.status, alert.message)
