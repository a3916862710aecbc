"""Counts -> the tables of docs/drift.md. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from statistics import median

from benchmarks.drift.rates import run_length, upper
from benchmarks.drift.scenarios import SLOW
from benchmarks.drift.simulation import WITHIN, Counts

TITLES = {"Age": "age +5", "AnnualSalary": "salary +15 %", "Gender": "gender 65/35"}


def comparison(counts: Mapping[str, Counts]) -> str:
    """A row for each detector: its false alarms, and how often it detects each shift."""
    shifts = list(TITLES.items())
    head = ["detector", "false alarms, 1,000 rows", "200 rows"]
    head += [f"{title}, within {WITHIN}" for _, title in shifts]
    head += [f"slow {title}, before complete" for _, title in shifts]
    rows = [
        [
            name,
            *(_per_thousand(count, size) for size in (1_000, 200)),
            *(_share(count.sudden[column], WITHIN) for column, _ in shifts),
            *(_share(count.slow[column], SLOW - 1) for column, _ in shifts),
        ]
        for name, count in counts.items()
    ]
    return table(head, rows)


def clean_streams(count: Counts, references: int) -> str:
    """False alarms of the drift rule on clean streams, with bounds."""
    head = [
        "rows of a window",
        "references",
        "clean windows",
        "in alarm",
        "incidents",
        "upper bound of the rate",
        "references with an alarm",
        "windows for each false incident",
    ]
    rows = []
    for size, windows in count.windows.items():
        mean, least, most = run_length(count.incidents[size], windows)
        rows.append(
            [
                f"{size:,}",
                f"{references:,}",
                f"{windows:,}",
                f"{count.alarms[size]:,}",
                f"{count.incidents[size]:,}",
                f"{1000 * upper(count.alarms[size], windows):.2f} in 1,000",
                f"{count.streams[size]} (at most {upper(count.streams[size], references):.1%})",
                f"{_windows(mean)} ({_windows(least)} to {_windows(most)})",
            ]
        )
    return table(head, rows)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _per_thousand(count: Counts, rows: int) -> str:
    rate = 1000 * count.alarms[rows] / count.windows[rows]
    return f"{rate:.0f}" if rate >= 10 or rate == 0 else f"{rate:.1f}"


def _share(runs: Sequence[int], within: int) -> str:
    hits = [run for run in runs if 1 <= run <= within]
    return f"{len(hits) / len(runs):.0%}{f' ({median(hits):.0f})' if hits else ''}"


def _windows(number: float) -> str:
    return "no end" if number == float("inf") else f"{number:,.0f}"
