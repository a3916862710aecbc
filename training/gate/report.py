"""The gate's decision as a page that a person can read. Pure."""

from html import escape
from typing import Final

from training.gate.decision import Check, Decision
from training.recent.span import Span

ARTIFACT: Final = "gate/report.html"
"""Artifact of a version's run."""

_STYLE: Final = (
    "body{font:15px sans-serif;max-width:60em;margin:2em auto;padding:0 1em}"
    "table{border-collapse:collapse;width:100%}"
    "td,th{border-bottom:1px solid #ccc;padding:.3em .6em;text-align:left}"
    ".no{color:#b00020;font-weight:bold}.yes{color:#1b6e1b}"
)
CHECKS: Final = ("check", "", "figure", "bound", "in words")
SPANS: Final = ("newest rows", "", "log loss on newest rows", "standard error of the distance")
_ANSWERS: Final = {
    True: ("yes", "passed"),
    False: ("no", "failed"),
    None: ("", "not judged"),
}


def report(decision: Decision, spans: tuple[Span, ...], chosen: int, cause: str) -> str:
    """HTML: the decision, each check with its figures, and which rows were learnt from.

    `chosen` is how many rows those are; `cause` says why there was a training.
    """
    against = f"version {decision.over}" if decision.compared else "no champion"
    return "\n".join(
        [
            "<!doctype html>",
            f'<html lang="en"><meta charset="utf-8"><title>Gate</title><style>{_STYLE}</style>',
            f"<h1>{'Passed' if decision.promote else 'Refused'}</h1>",
            f"<p>Held against {escape(against)}: {escape(decision.reason)}.</p>",
            f"<p>Why it was trained: {escape(cause)}.</p>",
            "<h2>Checks</h2>",
            _table(CHECKS, [_row(each) for each in decision.checks]),
            "<h2>Rows that could be learnt from</h2>",
            _table(SPANS, [_span(each, chosen) for each in spans]),
            "</html>",
            "",
        ]
    )


def _row(check: Check) -> str:
    kind, answer = _ANSWERS[check.passed]
    cells = (check.name, answer, f"{check.figure:.4f}", f"{check.bound:.4g}", check.words)
    return _cells(cells, kind)


def _span(span: Span, chosen: int) -> str:
    taken = span.rows == chosen
    figures = [f"{each:.4f}" for each in (span.log_loss, span.error) if each is not None]
    cells = (f"{span.rows}", "learnt from" if taken else "", *figures)
    return _cells(cells, "yes" if taken else "")


def _cells(cells: tuple[str, ...], kind: str) -> str:
    marked = (
        f'<td class="{kind}">{escape(cell)}</td>' if place == 1 else f"<td>{escape(cell)}</td>"
        for place, cell in enumerate(cells)
    )
    return f"<tr>{''.join(marked)}</tr>"


def _table(head: tuple[str, ...], rows: list[str]) -> str:
    names = "".join(f"<th>{escape(name)}</th>" for name in head)
    return f"<table><tr>{names}</tr>{''.join(rows)}</table>"
