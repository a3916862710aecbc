"""Dashboards as data: the YAML files beside this module, with the columns of a schema."""

from pathlib import Path
from typing import Final, Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from contract.schema import Schema
from monitoring.drift.columns import PREDICTION, feature_columns

FOLDER: Final = Path(__file__).parent

UNIT: Final = "$UNIT"
"""Stands for the unit of a numeric target. Grafana shows a unit that it does not know as it is."""


class Panel(Struct, forbid_unknown_fields=True):
    """A panel.

    Attributes:
        title: Title.
        description: Help text.
        kind: Grafana's visualization. A state timeline is of values that are 0 or 1.
        unit: Grafana's unit.
        query: PromQL without a legend: of a figure, or of a heatmap's buckets, with the label `le`.
        queries: PromQL by legend, of the other panels. Grafana replaces {{label}} in legends.
        red_from: A figure is red from this value on, green below. Without a threshold it is blue.
        red_below: A figure is red below this value, green from it on.
        of: The kind of target that has the panel; both without one.
        links: Links of a point: to its window's report, to the page of the process that exports it.
    """

    title: str
    description: str
    kind: Literal["timeseries", "state_timeline", "heatmap"] = "timeseries"
    unit: str = "short"
    query: str = ""
    queries: dict[str, str] = {}
    red_from: float | int | None = None
    red_below: float | int | None = None
    of: Literal["classes", "numbers"] | None = None
    links: list[Literal["report", "page"]] = []


class PanelRow(Struct, forbid_unknown_fields=True):
    """Panels under a common title."""

    title: str
    panels: list[Panel]


class DashboardSpec(Struct, forbid_unknown_fields=True):
    """A dashboard: figures on top, then rows."""

    uid: str
    title: str
    description: str
    figures: list[Panel]
    rows: list[PanelRow]


def read_specifications(schema: Schema) -> dict[str, DashboardSpec]:
    """Reads the dashboards by name, with the panels of the schema's kind of target.

    `$FEATURES` and `$TARGET` stand for columns, as in `a|b`.
    """
    columns = {
        "$FEATURES": "|".join(feature_columns(schema)),
        "$TARGET": f"{PREDICTION}|{schema.target.name}",
    }
    specifications = {}
    for file in sorted(FOLDER.glob("*.yaml")):
        text = file.read_text(encoding="utf-8")
        for variable, names in columns.items():
            text = text.replace(variable, names)
        specifications[file.stem] = _of_target(
            msgspec.yaml.decode(text, type=DashboardSpec), schema
        )
    return specifications


def _of_target(spec: DashboardSpec, schema: Schema) -> DashboardSpec:
    """The dashboard without the panels of the other kind of target."""
    kinds = None, "numbers" if schema.task.numeric else "classes"

    def kept(panels: list[Panel]) -> list[Panel]:
        return [
            replace(panel, unit=schema.target.unit or "short") if panel.unit == UNIT else panel
            for panel in panels
            if panel.of in kinds
        ]

    rows = [replace(row, panels=kept(row.panels)) for row in spec.rows]
    return replace(spec, figures=kept(spec.figures), rows=rows)
