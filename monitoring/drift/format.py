"""Findings -> sentences that people read in an alert. Pure."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from monitoring.drift.results import Change, Finding, Reason
from monitoring.drift.statistics import Trait

NOTHING: Final = {
    Reason.EMPTY: "the window has no rows",
    Reason.ALL_MISSING: "no row of the window has a value",
    Reason.TOO_FEW_ROWS: "there are too few rows yet to compare",
    Reason.NO_REFERENCE: "the reference has too few values to compare with",
    Reason.CONSTANT_REFERENCE: "all values of the reference are the same",
}


def format_window(findings: Iterable[Finding]) -> str:
    """The columns in alarm, a sentence each."""
    findings = list(findings)
    alarms = [finding.words for finding in findings if finding.alarm]
    compared = any(finding.effect is not None for finding in findings)
    return " ".join(alarms) or ("No drift." if compared else "Nothing to compare.")


def format_column(finding: Finding, unit: str = "") -> str:
    """What differs, by how much, and since when."""
    if finding.trait is None or finding.difference is None:
        since = _since(finding.since) if finding.alarm else ""
        told = NOTHING.get(finding.reason, finding.reason.value)
        return f"{finding.column}: {told}{', and drift is open' if since else ''}{since}."
    difference = _difference(finding, finding.trait, unit)
    if finding.alarm and finding.since is not None:
        return f"{difference}{_since(finding.since)}."
    if finding.change is Change.RESOLVED:
        return f"{finding.column} is back near the reference: {difference}."
    return f"No drift: {difference}."


def _difference(finding: Finding, trait: Trait, unit: str) -> str:
    difference, reference = finding.difference or 0.0, finding.reference or 0.0
    deviations = f"{abs(finding.effect or 0.0):.2f} standard deviations"
    if trait.kind == "level":
        amount = f"{_number(abs(difference))} {unit}".rstrip()
        way = "higher" if difference > 0 else "lower"
        return f"{finding.column} is {amount} ({deviations}) {way} than in the reference"
    if trait.kind == "spread":
        more = "more" if difference > 0 else "less"
        part = f"{abs(difference) / reference:.0%} " if reference else ""
        return f"{finding.column} varies {part}{more} than in the reference"
    what = f"is {trait.category}" if trait.category else "has a value unknown to the reference"
    return (
        f"{finding.column} {what} in {reference + difference:.1%} of the rows, "
        f"{abs(difference) * 100:.1f} points ({deviations}) "
        f"{'more' if difference > 0 else 'less'} than in the reference"
    )


def _number(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.1f}"


def _since(start: int | None) -> str:
    if start is None:
        return ""
    time = datetime.fromtimestamp(start // 1000, UTC)
    clock = "%H:%M:%S" if time.second else "%H:%M"
    return f", since window {time:%Y-%m-%d {clock}} UTC"
