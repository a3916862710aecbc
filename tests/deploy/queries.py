"""The dashboards' queries, asked of a Prometheus."""

import json
import math
import urllib.parse
import urllib.request
from collections.abc import Iterable
from typing import Any, Final

from deploy.grafana.__main__ import FOLDER

STEP: Final = "10s"
"""What Grafana would put in place of $__rate_interval, for a scrape each second."""


def read(name: str) -> dict[str, Any]:
    """A dashboard."""
    return dict(json.loads((FOLDER / name).read_text(encoding="utf-8")))


def panels(name: str) -> list[dict[str, Any]]:
    """Those of the dashboard that ask for something."""
    return [panel for panel in read(name)["panels"] if panel["type"] != "row"]


def queries() -> dict[str, str]:
    """Dashboard, panel and letter to query, of all dashboards."""
    return {
        f"{file.name}: {panel['title']}, {target['refId']}": target["expr"]
        for file in sorted(FOLDER.iterdir())
        for panel in panels(file.name)
        for target in panel["targets"]
    }


def annotations(name: str) -> dict[str, str]:
    """Name to query."""
    return {each["name"]: each["expr"] for each in read(name)["annotations"]["list"]}


def links(prometheus: str, name: str) -> list[str]:
    """Where the links of the newest points of a dashboard's panels lead to."""
    return [
        link["url"]
        .replace("${__field.labels.instance}", series["metric"]["instance"])
        .replace("${__value.time}", str(round(series["value"][0] * 1000)))
        for panel in panels(name)
        for link in panel["fieldConfig"]["defaults"].get("links", [])
        for target in panel["targets"]
        for series in _asked(prometheus, target["expr"])
    ]


def empty(prometheus: str, without: Iterable[str] = ()) -> list[str]:
    """Those that it answers with no number; those that ask for a metric of `without` are spared."""
    asked = {
        name: query
        for name, query in queries().items()
        if not any(metric in query for metric in without)
    }
    return [
        name
        for name, query in asked.items()
        if all(
            math.isnan(float(value))
            for value in instant(prometheus, query.replace("$__rate_interval", STEP))
        )
    ]


def instant(prometheus: str, query: str) -> list[str]:
    """The values of its series now; Prometheus is host:port. Fails where it refuses the query."""
    return [series["value"][1] for series in _asked(prometheus, query)]


def _asked(prometheus: str, query: str) -> list[dict[str, Any]]:
    for choice in ("$namespace", "$release"):  # an installation alone has neither label
        query = query.replace(choice, "")
    asked = urllib.parse.urlencode({"query": query})
    with urllib.request.urlopen(f"http://{prometheus}/api/v1/query?{asked}", timeout=10) as answer:
        found: list[dict[str, Any]] = json.load(answer)["data"]["result"]
    return found
