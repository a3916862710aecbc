"""The producers in a process of their own."""

import pytest

from producers.settings import ProducerSettings
from tests.support.fixtures import SettingsFor
from tests.support.ports import free_ports


@pytest.fixture
def own(settings_for: SettingsFor) -> ProducerSettings:
    """Settings of a run on topics that nobody else has: good records, as fast as can be."""
    return settings_for(
        ProducerSettings,
        simulator_port=free_ports("127.0.0.1", 1)[0],
        rate=0,
        records=300,
        invalid_ratio=0,
        outcome_delay=0.1,
    )
