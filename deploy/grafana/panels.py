"""Builds the dashboards with Grafana's Foundation SDK; panels of a kind look the same."""

import re
from collections.abc import Callable
from string import ascii_uppercase
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

from deploy.grafana.specification import DashboardSpec, Panel

P = TypeVar("P", TimeSeries, Stat, StateTimeline)

PROMETHEUS: Final = DataSourceRef(type_val="prometheus", uid="${datasource}")
"""Data source that the user selects on the dashboard."""

INSTALLATION: Final = 'namespace="$namespace", release="$release"'
"""Labels that the Helm chart adds to all series. Without the chart they are absent and empty."""

_METRIC: Final = re.compile(r"\b(intent_\w+|up|ALERTS)\b(\{?)")

RED: Final = "red"
GREEN: Final = "green"
BLUE: Final = "blue"


def build_dashboard(spec: DashboardSpec) -> Dashboard:
    """Builds a dashboard."""
    dashboard = _empty_dashboard(spec)
    for figure in spec.figures:
        dashboard.with_panel(_stat(figure))
    for row in spec.rows:
        dashboard.with_row(Row(row.title))
        for panel in row.panels:
            dashboard.with_panel(_BUILDERS[panel.kind](panel))
    return dashboard


def _empty_dashboard(spec: DashboardSpec) -> Dashboard:
    """A dashboard of one installation, with links to the other dashboards."""
    dashboard = (
        Dashboard(spec.title)
        .uid(spec.uid)
        .description(spec.description)
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
            .expr(_select_installation(query))
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


def _select_installation(query: str) -> str:
    """Restricts a query to the selected installation."""
    return _METRIC.sub(
        lambda match: f"{match[1]}{{{INSTALLATION}" + (", " if match[2] else "}"), query
    )


def _time_series(spec: Panel) -> TimeSeries:
    """Half of the dashboard's width."""
    panel = (
        TimeSeries()
        .unit(spec.unit)
        .span(12)
        .height(8)
        .fill_opacity(10)
        .show_points(VisibilityMode.NEVER)
        .legend(_legend())
        .tooltip(options.VizTooltipOptions().mode(TooltipDisplayMode.MULTI))
    )
    return _with_queries(panel, spec)


def _stat(spec: Panel) -> Stat:
    """A figure; a sixth of the dashboard's width."""
    if spec.red_from is not None:
        steps = [(None, GREEN), (spec.red_from, RED)]
    elif spec.red_below is not None:
        steps = [(None, RED), (spec.red_below, GREEN)]
    else:
        steps = [(None, BLUE)]
    panel = (
        Stat()
        .unit(spec.unit)
        .span(4)
        .height(4)
        .graph_mode(BigValueGraphMode.AREA)
        .reduce_options(options.ReduceDataOptions().calcs(["lastNotNull"]))
        .thresholds(
            ThresholdsConfig().steps(
                [Threshold(value=value, color=color) for value, color in steps]
            )
        )
    )
    return _with_queries(panel, spec)


def _state_timeline(spec: Panel) -> StateTimeline:
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
    return _with_queries(panel, spec)


def _heatmap(spec: Panel) -> Heatmap:
    """The whole width."""
    panel = (
        Heatmap()
        .span(24)
        .height(9)
        .calculate(False)
        .y_axis(YAxisConfig().unit(spec.unit))
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
        .title(spec.title)
        .description(spec.description)
    )
    query = _query("{{le}}", spec.query).ref_id("A").format(PromQueryFormat.HEATMAP)
    return panel.with_target(query)


_BUILDERS: Final[dict[str, Callable[[Panel], TimeSeries | StateTimeline | Heatmap]]] = {
    "timeseries": _time_series,
    "state_timeline": _state_timeline,
    "heatmap": _heatmap,
}

_LINKS: Final = {
    "report": ("Report of this window", "/windows/${__value.time}"),
    "page": ("Windows and reports", "/"),
}


def _with_queries(panel: P, spec: Panel) -> P:
    panel.title(spec.title).description(spec.description).datasource(PROMETHEUS)
    for number, (legend, query) in enumerate((spec.queries or {"": spec.query}).items()):
        panel.with_target(_query(legend, query).ref_id(ascii_uppercase[number]))
    if spec.links:
        panel.data_links([_link(*_LINKS[link]) for link in spec.links])
    return panel


def _query(legend: str, query: str) -> Dataquery:
    return Dataquery().expr(_select_installation(query)).legend_format(legend).range()


def _link(title: str, path: str) -> DashboardLink:
    """From a point of a series to the process that exports it."""
    url = f"http://${{__field.labels.instance}}{path}"
    return DashboardLink(title).url(url).target_blank(True)


def _legend() -> options.VizLegendOptions:
    return (
        options.VizLegendOptions()
        .display_mode(LegendDisplayMode.LIST)
        .placement(LegendPlacement.BOTTOM)
        .show_legend(True)
        .calcs([])
    )
