"""Live outcomes promote, refuse, confirm and roll back, on a real registry; by nothing else."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from mlflow.tracking import MlflowClient

from contract.events import LifecycleEvent, ShadowComparison
from contract.registry import DIGEST
from contract.settings import load
from tests.support.models import copy_champion
from training import manual_promotion
from training.loop.judge import Judge
from training.loop.ledger import Ledger
from training.loop.metrics import LoopMetrics
from training.settings import TrainingSettings
from training.succession import challenge, promote, roll_back

SOON = 2_000_000_000_000
"""A window after every decision, ms."""


class Court:
    """A judge over versions 1 to 3, and what it is told of the stream."""

    def __init__(self, settings: TrainingSettings, client: MlflowClient) -> None:
        self.settings = settings
        self.client = client
        self.ledger = Ledger(settings.model_name)
        self.steps: list[LifecycleEvent] = []
        self._windows = SOON

    def hears(self, champion: str, shadow: str, champion_right: int, shadow_right: int) -> None:
        """Of a hundred records more."""
        self._windows += 10
        alike = 100 - champion_right - shadow_right
        self.ledger.add(
            ShadowComparison(
                self._windows, self._windows + 10, self.settings.model_name, champion, shadow,
                rows=100, disagreements=champion_right + shadow_right, both_correct=alike,
                champion_only_correct=champion_right, shadow_only_correct=shadow_right,
                neither_correct=0,
            )
        )  # fmt: skip

    def sits(self, after: float = 0) -> dict[str, str]:
        """A turn, so many seconds from now; returns the aliases after it."""
        own = Judge(self.settings, self.ledger, LoopMetrics())
        self.steps = own.turn(round((time.time() + after) * 1000))
        return self.aliases()

    def aliases(self) -> dict[str, str]:
        found = self.client.get_registered_model(self.settings.model_name).aliases
        return {name: str(version) for name, version in found.items()}

    def kinds(self, version: str) -> list[str]:
        """The steps of a version's life, as told in the last turn."""
        return [step.kind for step in self.steps if step.model_version == version]


@pytest.fixture
def court(champion: dict[str, str], tmp_path: Path) -> Iterator[Court]:
    settings = load(
        TrainingSettings,
        mlflow_uri=champion["mlflow_uri"],
        model_name=tmp_path.name,
        data_dir=tmp_path,
        shadow_min_records=500,
        probation_records=1_000,
        probation_timeout=3_600,
    )
    client = copy_champion(champion, settings, versions=3)
    promote(settings, "1", None, "the first")
    yield Court(settings, client)
    client.delete_registered_model(settings.model_name)


def test_challenger_that_live_outcomes_agree_with_is_promoted_when_they_are_enough(
    court: Court,
) -> None:
    challenge(court.settings, "2", "1", "the gate let it pass")
    for _ in range(4):
        court.hears("1", "2", champion_right=2, shadow_right=10)
        assert court.sits()["challenger"] == "2"
    court.hears("1", "2", champion_right=2, shadow_right=10)
    assert court.sits() == {"champion": "2", "previous": "1"}
    assert court.kinds("2") == ["version_registered", "challenger_set", "promoted"]
    assert "in the shadow of version 1" in court.steps[-1].message


def test_challenger_that_live_outcomes_do_not_agree_with_is_refused_and_stays_so(
    court: Court,
) -> None:
    challenge(court.settings, "2", "1", "the gate let it pass")
    for _ in range(5):
        court.hears("1", "2", champion_right=10, shadow_right=2)
    assert court.sits() == {"champion": "1"}
    assert court.sits() == {"champion": "1"}
    assert court.kinds("2") == ["version_registered", "challenger_set", "challenger_rejected"]


def test_challenger_that_scorers_would_not_serve_is_refused_whatever_outcomes_say(
    court: Court,
) -> None:
    challenge(court.settings, "2", "1", "the gate let it pass")
    court.client.delete_model_version_tag(court.settings.model_name, "2", DIGEST)
    for _ in range(5):
        court.hears("1", "2", champion_right=2, shadow_right=10)
    assert court.sits() == {"champion": "1"}
    assert court.kinds("2") == ["version_registered", "challenger_set", "challenger_rejected"]
    assert "version 2 has no tag" in court.steps[-1].message


def test_what_was_told_before_a_version_challenged_again_does_not_count(court: Court) -> None:
    challenge(court.settings, "2", "1", "the gate let it pass")
    for _ in range(5):
        court.hears("1", "2", champion_right=10, shadow_right=2)
    assert "challenger" not in court.sits()
    challenge(court.settings, "2", "1", "mended")
    later = str(SOON + 5_000)
    name = court.settings.model_name
    court.client.set_model_version_tag(name, "2", "promotion.at.challenger", later)
    assert court.sits()["challenger"] == "2"


def test_challenger_of_a_champion_that_is_none_any_more_is_refused(court: Court) -> None:
    challenge(court.settings, "2", "1", "")
    promote(court.settings, "3", "1", "")
    assert "challenger" not in court.sits()
    assert court.kinds("2")[-1] == "challenger_rejected"


def test_champion_that_does_worse_than_the_one_before_gives_way(court: Court) -> None:
    promote(court.settings, "2", "1", "")
    court.hears("2", "1", champion_right=2, shadow_right=3)
    assert court.sits() == {"champion": "2", "previous": "1"}
    for _ in range(4):
        court.hears("2", "1", champion_right=2, shadow_right=20)
    assert court.sits() == {"champion": "1"}
    assert court.kinds("2") == ["version_registered", "promoted", "rolled_back"]
    assert "beside version 1: accuracy differs by -0.1" in court.steps[-1].message
    assert court.sits() == {"champion": "1"}


def test_champion_that_does_no_worse_is_confirmed_after_enough_records(court: Court) -> None:
    promote(court.settings, "2", "1", "")
    for _ in range(9):
        court.hears("2", "1", champion_right=5, shadow_right=5)
        assert court.sits()["previous"] == "1"
    court.hears("2", "1", champion_right=5, shadow_right=5)
    assert court.sits() == {"champion": "2"}
    assert court.kinds("2") == ["version_registered", "promoted", "confirmed"]


def test_probation_ends_in_time_where_outcomes_do_not_come(court: Court) -> None:
    promote(court.settings, "2", "1", "")
    assert court.sits(after=3_500)["previous"] == "1"
    assert court.sits(after=3_700) == {"champion": "2"}


def test_what_was_told_before_a_version_was_promoted_again_does_not_count(court: Court) -> None:
    promote(court.settings, "2", "1", "")
    for _ in range(5):
        court.hears("2", "1", champion_right=0, shadow_right=30)
    court.sits()
    made = court.client.get_model_version(court.settings.model_name, "2")
    assert made.tags["promotion.decision"] == "rolled back"
    assert manual_promotion.promote(court.settings, "2", "mended").startswith(
        "version 2 is the champion"
    )
    later = str(SOON + 5_000)
    name = court.settings.model_name
    court.client.set_model_version_tag(name, "2", "promotion.at.promoted", later)
    assert court.sits()["champion"] == "2"


def test_each_step_is_told_once_however_often_the_registry_is_looked_at(court: Court) -> None:
    promote(court.settings, "2", "1", "")
    promote(court.settings, "2", "1", "again")
    court.sits()
    first = {step.id for step in court.steps}
    court.sits()
    assert {step.id for step in court.steps} == first
    assert len(first) == len(court.steps) == 5  # three trained, two promoted


def test_registry_that_is_away_decides_nothing_and_ends_nothing(court: Court) -> None:
    promote(court.settings, "2", "1", "")
    court.settings = court.settings.model_copy(update={"mlflow_uri": "http://127.0.0.1:1"})
    own = Judge(court.settings, court.ledger, LoopMetrics())
    assert own.turn(0) == []
    assert court.aliases()["champion"] == "2"


def test_one_command_rolls_back_and_says_by_whom_and_why(court: Court) -> None:
    promote(court.settings, "2", "1", "")
    said = manual_promotion.roll_back(court.settings, "it is odd", None)
    assert said == "version 1 is the champion again; version 2 was rolled back"
    assert court.sits() == {"champion": "1"}
    told = court.client.get_model_version(court.settings.model_name, "2").tags
    assert told["promotion.why.rolled back"].endswith(": it is odd")
    assert "@" in told["promotion.why.rolled back"]
    again = manual_promotion.roll_back(court.settings, "it is odd", None)
    assert "version 1 was itself restored by a rollback" in again
    assert court.aliases() == {"champion": "1"}


def test_rolled_back_version_is_promoted_again_by_a_person_alone(court: Court) -> None:
    promote(court.settings, "2", "1", "")
    roll_back(court.settings, "odd")
    assert not promote(court.settings, "2", "1", "the flow's second attempt")
    manual_promotion.promote(court.settings, "2", "it was the outcomes that were odd")
    assert court.aliases() == {"champion": "2", "previous": "1"}
