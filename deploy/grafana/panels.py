"""Panels, links and thresholds that all dashboards use, with the same settings."""

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
from grafana_foundation_sdk.builders.timeseries import Panel as TimeSeries
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
"""PromQL by legend. Grafana replaces {{label}} in legends and $__rate_interval in queries."""

P = TypeVar("P", TimeSeries, Stat, StateTimeline, Heatmap)

PROMETHEUS: Final = DataSourceRef(type_val="prometheus", uid="${datasource}")
"""Data source that the user selects on the dashboard."""

INSTALLATION: Final = 'namespace="$namespace", release="$release"'
"""Labels that the Helm chart adds to all series. Without the chart they are absent and empty."""

_METRIC: Final = re.compile(r"\b(intent_\w+|up|ALERTS)\b(\{?)")

RED: Final = "red"
GREEN: Final = "green"
BLUE: Final = "blue"


def new_dashboard(uid: str, title: str, description: str) -> Dashboard:
    """Creates an empty dashboard of one installation, with links to the other dashboards."""
    dashboard = (
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
        .with_variable(_variable("namespace", "Namespace", "label_values(INFO, namespace)"))
        .with_variable(
            _variable("model", "Model", 'label_values(INFO{namespace="$namespace"}, model)')
        )
        .with_variable(
            _variable(
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
        dashboard.annotation(
            AnnotationQuery()
            .name(name)
            .datasource(PROMETHEUS)
            .enable(True)
            .icon_color(color)
            .expr(select_installation(query))
        )
    return dashboard


_VERSIONS: Final = "group by (model, version) (intent_scorer_model_info)"


def _variable(name: str, label: str, query: str) -> QueryVariable:
    """Creates a variable that is queried again when the time range changes."""
    return (
        QueryVariable(name)
        .label(label)
        .datasource(PROMETHEUS)
        .query(query.replace("INFO", "intent_scorer_model_info"))
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
    )


def select_installation(query: str) -> str:
    """Restricts a query to the selected installation."""
    return _METRIC.sub(
        lambda match: f"{match[1]}{{{INSTALLATION}" + (", " if match[2] else "}"), query
    )


def row(title: str) -> Row:
    """Creates a row with a title."""
    return Row(title)


def time_series_panel(title: str, description: str, unit: str, queries: Queries) -> TimeSeries:
    """Creates a time series of half the dashboard's width."""
    panel = (
        TimeSeries()
        .unit(unit)
        .span(12)
        .height(8)
        .fill_opacity(10)
        .show_points(VisibilityMode.NEVER)
        .legend(_legend())
        .tooltip(options.VizTooltipOptions().mode(TooltipDisplayMode.MULTI))
    )
    return _with_queries(panel, title, description, queries)


def stat_panel(
    title: str,
    description: str,
    unit: str,
    query: str,
    red: Threshold | None = None,
) -> Stat:
    """Creates a single figure of a sixth of the dashboard's width.

    Args:
        title: Title.
        description: Help text.
        unit: Grafana's unit.
        query: PromQL.
        red: Threshold from `at_least` or `below`. Without one, the figure is always blue.
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
    return _with_queries(panel, title, description, {"": query})


def state_timeline_panel(title: str, description: str, queries: Queries) -> StateTimeline:
    """Creates a state timeline of values that are 0 or 1."""
    states = {
        "0": ValueMappingResult(text="no", color=GREEN, index=0),
        "1": ValueMappingResult(text="yes", color=RED, index=1),
    }
    panel = (
        StateTimeline()
        .span(12)
        .height(8)
        .mappings([ValueMap(states)])
        .show_value(VisibilityMode.NEVER)
        .legend(_legend())
    )
    return _with_queries(panel, title, description, queries)


def heatmap_panel(title: str, description: str, unit: str, buckets: str) -> Heatmap:
    """Creates a heatmap of a histogram over time; the query `buckets` must keep the label `le`."""
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
    query = Dataquery().expr(select_installation(buckets)).legend_format("{{le}}").ref_id("A")
    return panel.with_target(query.range().format(PromQueryFormat.HEATMAP))


def instance_link(title: str) -> DashboardLink:
    """Creates a link from a series to the pages of the process that exports it."""
    return DashboardLink(title).url("http://${__field.labels.instance}/").target_blank(True)


def report_link() -> DashboardLink:
    """Creates a link from a point to the report of its window."""
    return (
        DashboardLink("Report of this window")
        .url("http://${__field.labels.instance}/windows/${__value.time}")
        .target_blank(True)
    )


def _with_queries(panel: P, title: str, description: str, queries: Queries) -> P:
    panel.title(title).description(description).datasource(PROMETHEUS)
    for number, (legend, query) in enumerate(queries.items()):
        target = Dataquery().expr(select_installation(query)).legend_format(legend)
        panel.with_target(target.ref_id(chr(ord("A") + number)).range())
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
    """Red from this value on, green below it."""
    return Threshold(value=value, color=RED)


def below(value: float) -> Threshold:
    """Red below this value, green from it on."""
    return Threshold(value=value, color=GREEN)


def _thresholds(red: Threshold | None) -> ThresholdsConfig:
    if red is None:
        return ThresholdsConfig().steps([Threshold(value=None, color=BLUE)])
    before = GREEN if red.color == RED else RED
    return ThresholdsConfig().steps([Threshold(value=None, color=before), red])
