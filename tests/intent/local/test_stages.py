"""What the stages of the local stack are told beyond the stack's own settings."""

import pytest

from contract.settings import load
from intent.local.settings import LocalSettings
from intent.local.stages import monitoring


@pytest.mark.parametrize(
    ("settings", "link"),
    [
        ({}, "http://127.0.0.1:4200"),
        ({"port_offset": 100}, "http://127.0.0.1:4300"),
        ({"retrain_enabled": False}, None),
        ({"records": 5}, None),
    ],
)
def test_the_page_links_to_the_prefect_that_the_stack_starts(
    settings: dict[str, int], link: str | None
) -> None:
    program = monitoring(load(LocalSettings, **settings)).program
    assert program.env is not None
    assert program.env.get("INTENT_PREFECT_UI_URL") == link
