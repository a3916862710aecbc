"""`intent dead-letters` says so where there is none of what is asked for."""

import pytest

from contract.kafka import ensure_topics
from contract.topics import topics
from stream_app.dead_letters.filter import DeadLetterFilter
from stream_app.dead_letters.reader import read_dead_letters
from stream_app.settings import ScorerSettings
from tests.support.dead_letters import a_dead_letter, write_dead_letters
from tests.support.fixtures import Intent, SettingsFor


@pytest.fixture
def settings(settings_for: SettingsFor) -> ScorerSettings:
    made = settings_for(ScorerSettings)
    made = made.model_copy(update={"scorer_group": made.topic_customers})
    ensure_topics(made, topics(made))
    write_dead_letters(made, [a_dead_letter(made, 1)])
    return made


@pytest.mark.parametrize("action", ["list", "show", "redrive"])
def test_position_without_a_dead_letter_is_an_error_and_nothing_is_redriven(
    command: Intent, settings: ScorerSettings, action: str
) -> None:
    ended = command("dead-letters", action, "--at", "1:1", "--at", "0:99", settings=settings)
    assert ended.exit_code == 2
    assert "no dead letter of the record at 0:99: `intent dead-letters show`" in ended.stderr
    found = read_dead_letters(settings, DeadLetterFilter(frozenset(), frozenset({(1, 1)})))
    assert [each.redriven for each in found] == [False]


def test_filters_are_combined(command: Intent, settings: ScorerSettings) -> None:
    chosen = ("--at", "1:1", "--reason", "null_value")
    ended = command("dead-letters", "show", *chosen, settings=settings)
    assert ended.exit_code == 2
    assert "no dead letter with reason null_value of the record at 1:1: " in ended.stderr
