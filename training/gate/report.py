"""The gate's decision as an HTML page, an artifact of the version's MLflow run. Pure."""

from html import escape
from typing import Final

from training.gate.types import Check, GateDecision
from training.lookback.selection import LookbackCandidate

ARTIFACT: Final = "gate/report.html"
"""Artifact of a version's run."""

_STYLE: Final = (
    "body{font:15px sans-serif;max-width:60em;margin:2em auto;padding:0 1em}"
    "table{border-collapse:collapse;width:100%}"
    "td,th{border-bottom:1px solid #ccc;padding:.3em .6em;text-align:left}"
    ".no{color:#b00020;font-weight:bold}.yes{color:#1b6e1b}"
)
CHECK_COLUMNS: Final = ("check", "result", "figure", "bound", "message")
LOOKBACK_COLUMNS: Final = (
    "newest rows", "used", "loss on newest rows", "standard error of the difference to the best"
)  # fmt: skip
_RESULTS: Final = {
    True: ("yes", "passed"),
    False: ("no", "failed"),
    None: ("", "not checked"),
}
"""CSS class and text of a check's result."""


def render_report(
    decision: GateDecision, candidates: tuple[LookbackCandidate, ...], used_rows: int, trigger: str
) -> str:
    """Renders the decision, each check with its figures, and the rows that were trained on.

    Args:
        decision: of the gate.
        candidates: the lookbacks to choose from.
        used_rows: rows of the chosen lookback.
        trigger: why the training ran.
    """
    baseline = f"version {decision.champion}" if decision.compared else "no champion"
    return "\n".join(
        [
            "<!doctype html>",
            f'<html lang="en"><meta charset="utf-8"><title>Gate</title><style>{_STYLE}</style>',
            f"<h1>{'Passed' if decision.promote else 'Rejected'}</h1>",
            f"<p>Compared with {escape(baseline)}: {escape(decision.reason)}.</p>",
            f"<p>Trigger: {escape(trigger)}.</p>",
            "<h2>Checks</h2>",
            _table(CHECK_COLUMNS, [_check_row(check) for check in decision.checks]),
            "<h2>Look-back selection</h2>",
            _table(LOOKBACK_COLUMNS, [_lookback_row(each, used_rows) for each in candidates]),
            "</html>",
            "",
        ]
    )


def _check_row(check: Check) -> str:
    css_class, result = _RESULTS[check.passed]
    cells = (check.name, result, f"{check.figure:.4f}", f"{check.bound:.4g}", check.message)
    return _row(cells, css_class)


def _lookback_row(candidate: LookbackCandidate, used_rows: int) -> str:
    used = candidate.rows == used_rows
    numbers = (candidate.loss, candidate.standard_error)
    figures = [f"{number:.4f}" for number in numbers if number is not None]
    return _row((f"{candidate.rows}", "used" if used else "", *figures), "yes" if used else "")


def _row(cells: tuple[str, ...], css_class: str) -> str:
    marked = (
        f'<td class="{css_class}">{escape(cell)}</td>' if place == 1 else f"<td>{escape(cell)}</td>"
        for place, cell in enumerate(cells)
    )
    return f"<tr>{''.join(marked)}</tr>"


def _table(head: tuple[str, ...], rows: list[str]) -> str:
    names = "".join(f"<th>{escape(name)}</th>" for name in head)
    return f"<table><tr>{names}</tr>{''.join(rows)}</table>"
