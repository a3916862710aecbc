"""Alerts."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from msgspec import Struct

from contract import codec
from contract.events import Alert, AlertKind, ColumnDrift
from contract.features import TARGET
from contract.outbox import Outbox, Route
from contract.settings import Settings
from monitoring.drift.columns import CORRECT, OF_RECORDS, PREDICTION
from monitoring.drift.results import Finding
from monitoring.windows.summary import Summary

COLUMNS: Final[Mapping[AlertKind, tuple[str, ...]]] = {
    "data_drift": OF_RECORDS,
    "prediction_drift": (PREDICTION,),
    "target_drift": (TARGET,),
    "performance": (CORRECT,),
}
"""Which columns make an episode of each kind: one goes on for as long as any of them differs."""


class Episode(Struct, frozen=True):
    """An open episode; `since` in ms."""

    name: str
    since: int


Episodes = dict[AlertKind, Episode]


@dataclass(frozen=True)
class Judged:
    """A window that was judged: its summary, and the model whose reference it was held against."""

    summary: Summary
    model: str
    findings: Mapping[str, Finding]


def follow(episodes: Episodes, judged: Judged) -> tuple[Episodes, list[Alert]]:
    """The episodes that are open after a window, and the alerts for those that began or ended.

    A kind none of whose columns was judged stays as it is.
    """
    after = dict(episodes)
    alerts = []
    for kind, columns in COLUMNS.items():
        findings = [judged.findings[name] for name in columns if name in judged.findings]
        drifting = [finding for finding in findings if finding.alarm]
        if drifting and kind not in episodes:
            since = min(finding.since or judged.summary.start for finding in drifting)
            after[kind] = Episode(f"{kind}-{since}", since)
            alerts.append(_alert(kind, "firing", after[kind], judged, drifting))
        elif findings and not drifting and kind in episodes:
            episode = after.pop(kind)
            alerts.append(_alert(kind, "resolved", episode, judged, findings))
    return after, alerts


def _alert(
    kind: AlertKind,
    status: Literal["firing", "resolved"],
    episode: Episode,
    judged: Judged,
    findings: Iterable[Finding],
) -> Alert:
    findings = list(findings)
    summary = judged.summary
    report = summary.report if kind in ("data_drift", "prediction_drift") else summary.target_report
    return Alert(
        incident=episode.name,
        kind=kind,
        status=status,
        started_at=episode.since,
        window_start=summary.start,
        model=judged.model,
        model_version=summary.model_version,
        message=" ".join(finding.words for finding in findings),
        columns=[
            ColumnDrift(
                finding.column,
                finding.effect,
                finding.difference,
                finding.evidence,
                finding.threshold,
                finding.words,
            )
            for finding in findings
        ],
        report_path=f"/reports/{report}" if report else None,
    )


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
