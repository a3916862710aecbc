"""The kinds of panel that the dashboards are made of: one look for all, one line for each."""

import re
from collections.abc import Mapping
from typing import Final, TypeVar

from grafana_foundation_sdk.builders import common as options
from grafana_foundation_sdk.builders.dashboard import (
    AnnotationQuery,
    Dashboard,
    DashboardLink,
    DatasourceVariable,
    QueryVariable,
    Row,
    ThresholdsConfig,
)
from grafana_foundation_sdk.builders.heatmap import HeatmapColorOptions, YAxisConfig
from grafana_foundation_sdk.builders.heatmap import Panel as Heatmap
from grafana_foundation_sdk.builders.prometheus import Dataquery
from grafana_foundation_sdk.builders.stat import Panel as Stat
from grafana_foundation_sdk.builders.statetimeline import Panel as StateTimeline
from grafana_foundation_sdk.builders.timeseries import Panel as Lines
from grafana_foundation_sdk.models.common import (
    BigValueGraphMode,
    LegendDisplayMode,
    LegendPlacement,
    TooltipDisplayMode,
    VisibilityMode,
)
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync,
    DashboardLinkType,
    DataSourceRef,
    Threshold,
    ValueMap,
    ValueMappingResult,
    VariableRefresh,
)
from grafana_foundation_sdk.models.heatmap import HeatmapColorMode, HeatmapColorScale
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

Queries = Mapping[str, str]
"""Legend to PromQL. Grafana puts labels in a legend's {{braces}}, and its step in
$__rate_interval."""

P = TypeVar("P", Lines, Stat, StateTimeline, Heatmap)

PROMETHEUS: Final = DataSourceRef(type_val="prometheus", uid="${datasource}")
"""The one that is chosen above the panels."""

INSTALLATION: Final = 'namespace="$namespace", release="$release"'
"""Labels that the chart gives to all series. Without it both are absent, and so are the choices."""

_METRIC: Final = re.compile(r"\b(intent_\w+|up|ALERTS)\b(\{?)")

RED: Final = "red"
GREEN: Final = "green"
BLUE: Final = "blue"


def dashboard(uid: str, title: str, description: str) -> Dashboard:
    """An empty dashboard of one installation, to be looked at beside the others."""
    page = (
        Dashboard(title)
        .uid(uid)
        .description(description)
        .tags(["intent-stream"])
        .readonly()
        .refresh("10s")
        .time("now-30m", "now")
        .timezone("browser")
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .link(
            DashboardLink("Dashboards")
            .type(DashboardLinkType.DASHBOARDS)
            .tags(["intent-stream"])
            .keep_time(True)
            .include_vars(True)
        )
        .with_variable(DatasourceVariable("datasource").label("Data source").type("prometheus"))
        .with_variable(_choice("namespace", "Namespace", "label_values(INFO, namespace)"))
        .with_variable(
            _choice("model", "Model", 'label_values(INFO{namespace="$namespace"}, model)')
        )
        .with_variable(
            _choice(
                "release",
                "Release",
                'label_values(INFO{namespace="$namespace", model="$model"}, release)',
            )
        )
    )
    for name, color, query in (
        ("Promotions", BLUE, f"{_VERSIONS} unless {_VERSIONS} offset 1m"),
        ("Drift", RED, "max by (kind) (intent_alert_firing) > 0"),
    ):
        page.annotation(
            AnnotationQuery()
            .name(name)
            .datasource(PROMETHEUS)
            .enable(True)
            .icon_color(color)
            .expr(selected(query))
        )
    return page


_VERSIONS: Final = "group by (model, version) (intent_scorer_model_info)"


def _choice(name: str, label: str, query: str) -> QueryVariable:
    """One value, asked for again as time goes on; empty where the series have no such label."""
    return (
        QueryVariable(name)
        .label(label)
        .datasource(PROMETHEUS)
        .query(query.replace("INFO", "intent_scorer_model_info"))
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
    )


def selected(query: str) -> str:
    """The same of the chosen installation alone."""
    return _METRIC.sub(
        lambda found: f"{found[1]}{{{INSTALLATION}" + (", " if found[2] else "}"), query
    )


def row(title: str) -> Row:
    """A heading."""
    return Row(title)


def lines(title: str, description: str, unit: str, queries: Queries) -> Lines:
    """Lines over time, half as wide as the page."""
    panel = (
        Lines()
        .unit(unit)
        .span(12)
        .height(8)
        .fill_opacity(10)
        .show_points(VisibilityMode.NEVER)
        .legend(_legend())
        .tooltip(options.VizTooltipOptions().mode(TooltipDisplayMode.MULTI))
    )
    return _asking(panel, title, description, queries)


def stat(
    title: str,
    description: str,
    unit: str,
    query: str,
    red: Threshold | None = None,
) -> Stat:
    """One figure, a sixth as wide as the page; red `at_least` a value or `below` one.

    Else it is blue, since no value of it is good or bad.
    """
    panel = (
        Stat()
        .unit(unit)
        .span(4)
        .height(4)
        .graph_mode(BigValueGraphMode.AREA)
        .reduce_options(options.ReduceDataOptions().calcs(["lastNotNull"]))
        .thresholds(_thresholds(red))
    )
    return _asking(panel, title, description, {"": query})


def switches(title: str, description: str, queries: Queries) -> StateTimeline:
    """When something was on, for values of 0 and 1."""
    words = {
        "0": ValueMappingResult(text="no", color=GREEN, index=0),
        "1": ValueMappingResult(text="yes", color=RED, index=1),
    }
    panel = (
        StateTimeline()
        .span(12)
        .height(8)
        .mappings([ValueMap(words)])
        .show_value(VisibilityMode.NEVER)
        .legend(_legend())
    )
    return _asking(panel, title, description, queries)


def heatmap(title: str, description: str, unit: str, buckets: str) -> Heatmap:
    """How a histogram's buckets fill over time; `buckets` keeps the label `le`."""
    panel = (
        Heatmap()
        .span(24)
        .height(9)
        .calculate(False)
        .y_axis(YAxisConfig().unit(unit))
        .color(
            HeatmapColorOptions()
            .mode(HeatmapColorMode.SCHEME)
            .scheme("Turbo")
            .scale(HeatmapColorScale.EXPONENTIAL)
            .exponent(0.5)
            .steps(64)
        )
        .mode(TooltipDisplayMode.SINGLE)
        .show_y_histogram()
        .datasource(PROMETHEUS)
        .title(title)
        .description(description)
    )
    query = Dataquery().expr(selected(buckets)).legend_format("{{le}}").ref_id("A")
    return panel.with_target(query.range().format(PromQueryFormat.HEATMAP))


def page_of_instance(title: str) -> DashboardLink:
    """A link from a series to the pages of the process that told it."""
    return DashboardLink(title).url("http://${__field.labels.instance}/").target_blank(True)


def report_of_window() -> DashboardLink:
    """A link from a point to the report of the window whose figure it is."""
    return (
        DashboardLink("Report of this window")
        .url("http://${__field.labels.instance}/windows/${__value.time}")
        .target_blank(True)
    )


def _asking(panel: P, title: str, description: str, queries: Queries) -> P:
    panel.title(title).description(description).datasource(PROMETHEUS)
    for number, (legend, query) in enumerate(queries.items()):
        asked = (
            Dataquery().expr(selected(query)).legend_format(legend).ref_id(chr(ord("A") + number))
        )
        panel.with_target(asked.range())
    return panel


def _legend() -> options.VizLegendOptions:
    return (
        options.VizLegendOptions()
        .display_mode(LegendDisplayMode.LIST)
        .placement(LegendPlacement.BOTTOM)
        .show_legend(True)
        .calcs([])
    )


def at_least(value: float) -> Threshold:
    """Where a figure turns bad."""
    return Threshold(value=value, color=RED)


def below(value: float) -> Threshold:
    """From where on a figure is good."""
    return Threshold(value=value, color=GREEN)


def _thresholds(red: Threshold | None) -> ThresholdsConfig:
    if red is None:
        return ThresholdsConfig().steps([Threshold(value=None, color=BLUE)])
    before = GREEN if red.color == RED else RED
    return ThresholdsConfig().steps([Threshold(value=None, color=before), red])
