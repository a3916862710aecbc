"""Drift results -> alert incidents, and their alerts on the topic `alerts`.

An incident has one alert when it begins and one when it ends. Its alerts are on disk, in the index,
before they are sent.
"""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from msgspec import Struct

from contract import codec
from contract.events import Alert, AlertKind, ColumnDrift
from contract.outbox import EventRoute, Outbox
from contract.schema import Schema
from contract.settings import Settings
from monitoring.drift.columns import PREDICTION, feature_columns, performance_column
from monitoring.drift.results import ColumnResult
from monitoring.windows.summary import WindowSummary

log = logging.getLogger(__name__)


def columns_by_kind(schema: Schema) -> Mapping[AlertKind, tuple[str, ...]]:
    """The columns of each kind of incident, which is open while any of them is in alarm."""
    return {
        "data_drift": feature_columns(schema),
        "prediction_drift": (PREDICTION,),
        "target_drift": (schema.target.name,),
        "performance": (performance_column(schema),),
    }


class Incident(Struct, frozen=True):
    """An open incident. `started_at` is the start (ms) of the first window that differs."""

    id: str
    started_at: int


OpenIncidents = dict[AlertKind, Incident]


@dataclass(frozen=True)
class ComparedWindow:
    """A window that was compared with the reference set of a version of `model`."""

    summary: WindowSummary
    model: str
    results: Mapping[str, ColumnResult]


def update_incidents(
    incidents: OpenIncidents, window: ComparedWindow, schema: Schema
) -> tuple[OpenIncidents, list[Alert]]:
    """Opens and resolves incidents after a window.

    A kind none of whose columns was compared stays as it is.

    Returns:
        The open incidents, and an alert for each that began or ended.
    """
    updated = dict(incidents)
    alerts = []
    for kind, columns in columns_by_kind(schema).items():
        results = [window.results[name] for name in columns if name in window.results]
        drifting = [result for result in results if result.alarm]
        if drifting and kind not in incidents:
            started_at = min(result.started_at or window.summary.start for result in drifting)
            updated[kind] = Incident(f"{kind}-{started_at}", started_at)
            alerts.append(_alert(kind, "firing", updated[kind], window, drifting))
        elif results and not drifting and kind in incidents:
            incident = updated.pop(kind)
            alerts.append(_alert(kind, "resolved", incident, window, results))
    return updated, alerts


def alert_outbox(settings: Settings) -> Outbox[Alert]:
    """Sends alerts, each once: incident and status identify one. Raises `BrokerUnreachable`."""
    return Outbox(
        settings,
        EventRoute(
            topic=settings.topic_alerts,
            decode=codec.decode_alert,
            event_id=lambda alert: (alert.incident, alert.status),
            message_key=lambda alert: alert.kind,
            on_delivered=_log_sent,
        ),
    )


def _alert(
    kind: AlertKind,
    status: Literal["firing", "resolved"],
    incident: Incident,
    window: ComparedWindow,
    results: Iterable[ColumnResult],
) -> Alert:
    results = list(results)
    summary = window.summary
    of_records = kind in ("data_drift", "prediction_drift")
    report = summary.report if of_records else summary.outcome_report
    return Alert(
        incident=incident.id,
        kind=kind,
        status=status,
        started_at=incident.started_at,
        window_start=summary.start,
        model=window.model,
        model_version=summary.model_version,
        message=" ".join([*(result.message for result in results), *_missing(summary)]),
        columns=[
            ColumnDrift(
                column=result.column,
                effect_size=result.effect_size,
                difference=result.difference,
                z_score=result.z_score,
                z_threshold=result.z_threshold,
                description=result.message,
            )
            for result in results
        ],
        report_path=f"/reports/{report}" if report else None,
    )


def _missing(summary: WindowSummary) -> list[str]:
    if not summary.missing_partitions:
        return []
    partitions = ", ".join(summary.missing_partitions)
    return [f"Records of {partitions} are missing: an open transaction holds them back."]


def _log_sent(alert: Alert) -> None:
    log.warning("sent alert incident=%s status=%s: %s", alert.incident, alert.status, alert.message)
