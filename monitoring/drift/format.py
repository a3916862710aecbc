"""Results of the drift rule -> sentences for alerts, log and page. Pure."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from monitoring.drift.columns import COVERAGE
from monitoring.drift.results import AlarmChange, ColumnResult, ComparisonStatus
from monitoring.drift.statistics import Statistic

NOT_COMPARED: Final = {
    ComparisonStatus.EMPTY: "the window has no rows",
    ComparisonStatus.ALL_MISSING: "all values in the window are missing",
    ComparisonStatus.TOO_FEW_ROWS: "too few rows to compare so far",
    ComparisonStatus.NO_REFERENCE: "the reference has too few values to compare with",
    ComparisonStatus.CONSTANT_REFERENCE: "all values of the reference are the same",
}


def format_window(results: Iterable[ColumnResult]) -> str:
    """A sentence for each column in alarm, or that there are none."""
    results = list(results)
    alarms = [result.message for result in results if result.alarm]
    compared = any(result.effect_size is not None for result in results)
    return " ".join(alarms) or ("No drift." if compared else "Nothing to compare.")


def format_column(result: ColumnResult, unit: str = "") -> str:
    """Says what differs, by how much, and since when."""
    if result.statistic is None or result.difference is None:
        since = _since(result.started_at) if result.alarm else ""
        why = NOT_COMPARED.get(result.status, result.status.value)
        return f"{result.column}: {why}{'; the alarm is still open' if since else ''}{since}."
    difference = _difference(result, result.statistic, unit)
    if result.alarm:
        return f"{difference}{_since(result.started_at)}."
    if result.change is AlarmChange.RESOLVED:
        return f"{result.column} is back near the reference: {difference}."
    return f"No drift: {difference}."


def _difference(result: ColumnResult, statistic: Statistic, unit: str) -> str:
    difference, reference = result.difference or 0.0, result.reference_value or 0.0
    deviations = f"{abs(result.effect_size or 0.0):.2f} standard deviations"
    if statistic.kind == "mean":
        amount = f"{_number(abs(difference))} {unit}".rstrip()
        direction = "higher" if difference > 0 else "lower"
        return f"{result.column} is {amount} ({deviations}) {direction} than in the reference"
    if statistic.kind == "deviation":
        more = "more" if difference > 0 else "less"
        ratio = f"{abs(difference) / reference:.0%} " if reference else ""
        return f"{result.column} varies {ratio}{more} than in the reference"
    points = (
        f"{abs(difference) * 100:.1f} points ({deviations}) "
        f"{'more' if difference > 0 else 'less'} than in the reference"
    )
    if result.column == COVERAGE:
        share = reference + difference
        return f"{share:.1%} of the outcomes are inside their prediction interval, {points}"
    what = (
        f"is {statistic.category}"
        if statistic.category
        else "has a value that the reference does not have"
    )
    return f"{result.column} {what} in {reference + difference:.1%} of the rows, {points}"


def _number(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.1f}"


def _since(start: int | None) -> str:
    if start is None:
        return ""
    time = datetime.fromtimestamp(start // 1000, UTC)
    clock = "%H:%M:%S" if time.second else "%H:%M"
    return f", since window {time:%Y-%m-%d {clock}} UTC"
