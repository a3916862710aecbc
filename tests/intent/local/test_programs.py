"""Environment of the stages of the local stack."""

import pytest

from contract.settings import load
from intent.local.programs import monitoring_server
from intent.local.settings import LocalSettings


@pytest.mark.parametrize(
    ("settings", "link"),
    [
        ({}, "http://127.0.0.1:4200"),
        ({"port_offset": 100}, "http://127.0.0.1:4300"),
        ({"retrain_enabled": False}, None),
        ({"records": 5}, None),
    ],
)
def test_monitoring_page_links_to_the_prefect_server_of_the_stack(
    settings: dict[str, int], link: str | None
) -> None:
    program = monitoring_server(load(LocalSettings, **settings)).program
    assert program.env is not None
    assert program.env.get("INTENT_PREFECT_UI_URL") == link
