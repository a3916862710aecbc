"""Settings with a new dead-letter topic."""

import pytest

from contract.kafka import ensure_topics
from contract.topics import topics
from stream_app.settings import ScorerSettings
from tests.support.fixtures import SettingsFor


@pytest.fixture
def settings(settings_for: SettingsFor) -> ScorerSettings:
    made = settings_for(ScorerSettings)
    made = made.model_copy(update={"scorer_group": made.topic_customers})
    ensure_topics(made, topics(made))
    return made
