"""Dashboards as data: the YAML files beside this module, with the columns of a schema."""

from pathlib import Path
from typing import Final, Literal

import msgspec
from msgspec import Struct

from contract.schema import Schema
from monitoring.drift.columns import PREDICTION, feature_columns

FOLDER: Final = Path(__file__).parent


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
    """Reads the dashboards by name. `$FEATURES` and `$TARGET` stand for columns, as in `a|b`."""
    columns = {
        "$FEATURES": "|".join(feature_columns(schema)),
        "$TARGET": f"{PREDICTION}|{schema.target.name}",
    }
    specifications = {}
    for file in sorted(FOLDER.glob("*.yaml")):
        text = file.read_text(encoding="utf-8")
        for variable, names in columns.items():
            text = text.replace(variable, names)
        specifications[file.stem] = msgspec.yaml.decode(text, type=DashboardSpec)
    return specifications
