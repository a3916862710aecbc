"""Settings for a monitoring process, with a champion."""

import pytest

from monitoring.settings import MonitoringSettings
from tests.support.fixtures import SettingsFor
from tests.support.ports import free_ports


@pytest.fixture
def monitoring_settings(settings_for: SettingsFor, champion: dict[str, str]) -> MonitoringSettings:
    """Settings of a monitoring process with topics of its own."""
    return settings_for(
        MonitoringSettings,
        **champion,
        monitoring_port=free_ports("127.0.0.1", 1)[0],
        window_seconds=5,
        window_min_rows=100,
        window_max_seconds=5,
        allowed_lateness=1,
        idle_timeout=1,
    )
