"""docs/alerts.md tells of the alerts that there are, and of what the topic's event has."""

import re
from typing import Any

import msgspec
import pytest

from contract.events import Alert
from tests.deploy.programs import ROOT
from tests.support.rules import alerting_rules

PAGE = (ROOT / "docs" / "alerts.md").read_text(encoding="utf-8")


def sections() -> dict[str, str]:
    """Text of each heading of the third level: an alert each."""
    parts = re.split(r"^#{2,3} (.+)$", PAGE, flags=re.MULTILINE)
    documented = dict(zip(parts[1::2], parts[2::2], strict=True))
    return {name: text for name, text in documented.items() if f"\n### {name}\n" in PAGE}


def test_the_page_has_every_alert_and_no_other() -> None:
    assert set(sections()) == {alert["alert"] for alert in alerting_rules()}


@pytest.mark.parametrize("alert", alerting_rules(), ids=lambda alert: str(alert["alert"]))
def test_section_of_an_alert_has_severity_delay_cause_and_fix(alert: dict[str, Any]) -> None:
    text = sections()[alert["alert"]]
    severity = alert["labels"]["severity"]
    waits = f"for {alert['for']}" if "for" in alert else "at once"
    assert re.search(rf"\b{severity}\b[^.;]*\b{waits}\b", text), f"{severity}, {waits}"
    assert "**Why:**" in text
    assert "**Do:**" in text


def test_links_within_the_page_have_a_target() -> None:
    anchors = {
        heading.lower().replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", PAGE, flags=re.MULTILINE)
    }
    assert set(re.findall(r"\(#([^)]+)\)", PAGE)) <= anchors


def test_the_page_has_every_field_of_the_event() -> None:
    table = PAGE.split("## The topic alerts")[1].split("\n## ")[0]
    documented = re.findall(
        r"`(\w+)`", " ".join(re.findall(r"^\| ([^|]+) \|", table, re.MULTILINE))
    )
    assert documented == [field.name for field in msgspec.structs.fields(Alert)]
