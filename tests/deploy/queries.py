"""Runs the dashboards' queries on a Prometheus."""

import json
import math
import urllib.parse
import urllib.request
from collections.abc import Iterable
from typing import Any, Final

from deploy.grafana.__main__ import FOLDER

STEP: Final = "10s"
"""Value of $__rate_interval for a scrape interval of one second."""


def read(name: str) -> dict[str, Any]:
    """Reads a dashboard's JSON."""
    return dict(json.loads((FOLDER / name).read_text(encoding="utf-8")))


def panels(name: str) -> list[dict[str, Any]]:
    """Returns the panels of a dashboard that have queries."""
    return [panel for panel in read(name)["panels"] if panel["type"] != "row"]


def queries() -> dict[str, str]:
    """Returns all queries by dashboard, panel and query id."""
    return {
        f"{file.name}: {panel['title']}, {target['refId']}": target["expr"]
        for file in sorted(FOLDER.iterdir())
        for panel in panels(file.name)
        for target in panel["targets"]
    }


def annotations(name: str) -> dict[str, str]:
    """Returns the queries of a dashboard's annotations by name."""
    return {each["name"]: each["expr"] for each in read(name)["annotations"]["list"]}


def links(prometheus: str, name: str) -> list[str]:
    """Returns the targets of the links at the latest points of a dashboard's panels."""
    return [
        link["url"]
        .replace("${__field.labels.instance}", series["metric"]["instance"])
        .replace("${__value.time}", str(round(series["value"][0] * 1000)))
        for panel in panels(name)
        for link in panel["fieldConfig"]["defaults"].get("links", [])
        for target in panel["targets"]
        for series in _run_query(prometheus, target["expr"])
    ]


def empty(prometheus: str, without: Iterable[str] = ()) -> list[str]:
    """Returns the queries without a number as result, except those with a metric of `without`."""
    expected = {
        name: query
        for name, query in queries().items()
        if not any(metric in query for metric in without)
    }
    return [
        name
        for name, query in expected.items()
        if all(
            math.isnan(float(value))
            for value in instant(prometheus, query.replace("$__rate_interval", STEP))
        )
    ]


def instant(prometheus: str, query: str) -> list[str]:
    """Returns the current values of a query; Prometheus is host:port. Fails on a query error."""
    return [series["value"][1] for series in _run_query(prometheus, query)]


def _run_query(prometheus: str, query: str) -> list[dict[str, Any]]:
    for variable in ("$namespace", "$release"):  # a single installation has neither label
        query = query.replace(variable, "")
    parameters = urllib.parse.urlencode({"query": query})
    with urllib.request.urlopen(
        f"http://{prometheus}/api/v1/query?{parameters}", timeout=10
    ) as response:
        series: list[dict[str, Any]] = json.load(response)["data"]["result"]
    return series
