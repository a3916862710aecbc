"""Live outcomes promote, reject, confirm and roll back, on a real registry; nothing else does."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from mlflow.tracking import MlflowClient

from contract.events import LifecycleEvent, ShadowComparison
from contract.registry import DIGEST_TAG
from contract.settings import load
from tests.examples.deliveries import DELIVERIES
from tests.support.models import copy_champion
from training import commands
from training.controller.comparison_store import ComparisonStore
from training.controller.live_evaluator import LiveEvaluator
from training.controller.metrics import ControllerMetrics
from training.promotion import promote, roll_back, set_challenger
from training.settings import TrainingSettings

SOON = 2_000_000_000_000
"""A window after every decision, ms."""


class Evaluation:
    """An evaluator over versions 1 to 3, and the shadow comparisons it gets."""

    def __init__(self, settings: TrainingSettings, client: MlflowClient) -> None:
        self.settings = settings
        self.client = client
        self.comparisons = ComparisonStore(settings.model_name)
        self.steps: list[LifecycleEvent] = []
        self._windows = SOON

    def add_records(
        self, champion: str, shadow: str, champion_right: int, shadow_right: int, positive: int = 0
    ) -> None:
        """Adds a window of 100; `positive` of those that only the champion got are positive."""
        self._windows += 10
        alike = 100 - champion_right - shadow_right
        self.comparisons.add_comparison(
            ShadowComparison(
                self._windows, self._windows + 10, self.settings.model_name, champion, shadow,
                rows=100, disagreements=champion_right + shadow_right, both_correct=alike,
                champion_only_correct=champion_right, shadow_only_correct=shadow_right,
                neither_correct=0, champion_only_correct_positive=positive,
            )
        )  # fmt: skip

    def run(self, after: float = 0) -> dict[str, str]:
        """Evaluates, `after` seconds from now; returns the aliases."""
        evaluator = LiveEvaluator(self.settings, self.comparisons, ControllerMetrics())
        self.steps = evaluator.evaluate(round((time.time() + after) * 1000))
        return self.aliases()

    def aliases(self) -> dict[str, str]:
        aliases = self.client.get_registered_model(self.settings.model_name).aliases
        return {name: str(version) for name, version in aliases.items()}

    def kinds(self, version: str) -> list[str]:
        """Kinds of a version's lifecycle events, from the last evaluation."""
        return [step.kind for step in self.steps if step.model_version == version]


@pytest.fixture
def evaluation(champion: dict[str, str], tmp_path: Path) -> Iterator[Evaluation]:
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
    yield Evaluation(settings, client)
    client.delete_registered_model(settings.model_name)


def test_challenger_is_promoted_when_enough_live_outcomes_agree(
    evaluation: Evaluation,
) -> None:
    set_challenger(evaluation.settings, "2", "1", "passed the gate")
    for _ in range(4):
        evaluation.add_records("1", "2", champion_right=2, shadow_right=10)
        assert evaluation.run()["challenger"] == "2"
    evaluation.add_records("1", "2", champion_right=2, shadow_right=10)
    assert evaluation.run() == {"champion": "2", "previous": "1"}
    assert evaluation.kinds("2") == ["version_registered", "challenger_set", "promoted"]
    assert "in the shadow of version 1" in evaluation.steps[-1].message


def test_challenger_is_rejected_for_good_when_live_outcomes_disagree(
    evaluation: Evaluation,
) -> None:
    set_challenger(evaluation.settings, "2", "1", "passed the gate")
    for _ in range(5):
        evaluation.add_records("1", "2", champion_right=10, shadow_right=2)
    assert evaluation.run() == {"champion": "1"}
    assert evaluation.run() == {"champion": "1"}
    assert evaluation.kinds("2") == ["version_registered", "challenger_set", "challenger_rejected"]


def test_challenger_that_scorers_would_reject_is_rejected_whatever_outcomes_say(
    evaluation: Evaluation,
) -> None:
    set_challenger(evaluation.settings, "2", "1", "passed the gate")
    evaluation.client.delete_model_version_tag(evaluation.settings.model_name, "2", DIGEST_TAG)
    for _ in range(5):
        evaluation.add_records("1", "2", champion_right=2, shadow_right=10)
    assert evaluation.run() == {"champion": "1"}
    assert evaluation.kinds("2") == ["version_registered", "challenger_set", "challenger_rejected"]
    assert "version 2 was registered without" in evaluation.steps[-1].message


def test_outcomes_before_a_version_became_challenger_again_do_not_count(
    evaluation: Evaluation,
) -> None:
    set_challenger(evaluation.settings, "2", "1", "passed the gate")
    for _ in range(5):
        evaluation.add_records("1", "2", champion_right=10, shadow_right=2)
    assert "challenger" not in evaluation.run()
    set_challenger(evaluation.settings, "2", "1", "fixed")
    later = str(SOON + 5_000)
    name = evaluation.settings.model_name
    evaluation.client.set_model_version_tag(name, "2", "promotion.decided_at.challenger", later)
    assert evaluation.run()["challenger"] == "2"


def test_challenger_of_a_former_champion_is_rejected(evaluation: Evaluation) -> None:
    set_challenger(evaluation.settings, "2", "1", "")
    promote(evaluation.settings, "3", "1", "")
    assert "challenger" not in evaluation.run()
    assert evaluation.kinds("2")[-1] == "challenger_rejected"


def test_champion_that_is_worse_than_the_previous_one_is_rolled_back(
    evaluation: Evaluation,
) -> None:
    promote(evaluation.settings, "2", "1", "")
    evaluation.add_records("2", "1", champion_right=2, shadow_right=3)
    assert evaluation.run() == {"champion": "2", "previous": "1"}
    for _ in range(4):
        evaluation.add_records("2", "1", champion_right=2, shadow_right=20)
    assert evaluation.run() == {"champion": "1"}
    assert evaluation.kinds("2") == ["version_registered", "promoted", "rolled_back"]
    assert "compared with version 1: accuracy differs by -0.1" in evaluation.steps[-1].message
    assert evaluation.run() == {"champion": "1"}


def test_champion_that_is_not_worse_is_confirmed_after_enough_records(
    evaluation: Evaluation,
) -> None:
    promote(evaluation.settings, "2", "1", "")
    for _ in range(9):
        evaluation.add_records("2", "1", champion_right=5, shadow_right=5)
        assert evaluation.run()["previous"] == "1"
    evaluation.add_records("2", "1", champion_right=5, shadow_right=5)
    assert evaluation.run() == {"champion": "2"}
    assert evaluation.kinds("2") == ["version_registered", "promoted", "confirmed"]


def test_probation_ends_after_its_timeout_without_outcomes(evaluation: Evaluation) -> None:
    promote(evaluation.settings, "2", "1", "")
    assert evaluation.run(after=3_500)["previous"] == "1"
    assert evaluation.run(after=3_700) == {"champion": "2"}


def test_outcomes_before_a_version_was_promoted_again_do_not_count(evaluation: Evaluation) -> None:
    promote(evaluation.settings, "2", "1", "")
    for _ in range(5):
        evaluation.add_records("2", "1", champion_right=0, shadow_right=30)
    evaluation.run()
    made = evaluation.client.get_model_version(evaluation.settings.model_name, "2")
    assert made.tags["promotion.decision"] == "rolled back"
    assert commands.promote(evaluation.settings, "2", "fixed").startswith(
        "version 2 is the champion"
    )
    later = str(SOON + 5_000)
    name = evaluation.settings.model_name
    evaluation.client.set_model_version_tag(name, "2", "promotion.decided_at.promoted", later)
    assert evaluation.run()["champion"] == "2"


def test_events_have_the_same_ids_however_often_the_registry_is_read(
    evaluation: Evaluation,
) -> None:
    promote(evaluation.settings, "2", "1", "")
    promote(evaluation.settings, "2", "1", "again")
    evaluation.run()
    first = {step.id for step in evaluation.steps}
    evaluation.run()
    assert {step.id for step in evaluation.steps} == first
    assert len(first) == len(evaluation.steps) == 5  # three trained, two promoted


def test_registry_that_does_not_answer_leads_to_no_decision(evaluation: Evaluation) -> None:
    promote(evaluation.settings, "2", "1", "")
    evaluation.settings = evaluation.settings.model_copy(
        update={"mlflow_uri": "http://127.0.0.1:1"}
    )
    evaluator = LiveEvaluator(evaluation.settings, evaluation.comparisons, ControllerMetrics())
    assert evaluator.evaluate(0) == []
    assert evaluation.aliases()["champion"] == "2"


def test_probation_of_a_number_ends_at_once(evaluation: Evaluation) -> None:
    settings = evaluation.settings
    promote(settings, "2", "1", "")
    evaluation.settings = load(
        TrainingSettings,
        mlflow_uri=settings.mlflow_uri,
        model_name=settings.model_name,
        data_dir=settings.data_dir,
        schema_file=str(DELIVERIES),
    )
    assert evaluation.run() == {"champion": "2"}
    assert evaluation.kinds("2")[-1] == "confirmed"
    assert "versions of a number are not compared live" in evaluation.steps[-1].message


def test_one_command_rolls_back_and_records_user_and_reason(evaluation: Evaluation) -> None:
    promote(evaluation.settings, "2", "1", "")
    result = commands.roll_back(evaluation.settings, "it is suspicious", None)
    assert result == "version 1 is the champion again; version 2 was rolled back"
    assert evaluation.run() == {"champion": "1"}
    tags = evaluation.client.get_model_version(evaluation.settings.model_name, "2").tags
    assert tags["promotion.reason_of.rolled back"].endswith(": it is suspicious")
    assert "@" in tags["promotion.reason_of.rolled back"]
    again = commands.roll_back(evaluation.settings, "it is suspicious", None)
    assert "version 1 was itself restored by a rollback" in again
    assert evaluation.aliases() == {"champion": "1"}


def test_rolled_back_version_is_promoted_again_by_a_person_only(evaluation: Evaluation) -> None:
    promote(evaluation.settings, "2", "1", "")
    roll_back(evaluation.settings, "suspicious")
    assert not promote(evaluation.settings, "2", "1", "the flow's second attempt")
    commands.promote(evaluation.settings, "2", "it was the outcomes that were wrong")
    assert evaluation.aliases() == {"champion": "2", "previous": "1"}


def test_new_champion_with_a_lower_threshold_is_kept_where_misses_cost_more(
    evaluation: Evaluation,
) -> None:
    promote(evaluation.settings, "2", "1", "finds more")
    for _ in range(10):  # it finds 2 more of the positive ones, at 8 false positives
        evaluation.add_records("2", "1", champion_right=2, shadow_right=8, positive=2)
    costs = evaluation.settings
    evaluation.settings = costs.model_copy(update={"cost_false_negative": 20.0})
    assert evaluation.run() == {"champion": "2"}
    assert "confirmed" in evaluation.kinds("2")
    promote(costs, "3", "2", "as if both cost the same")
    for _ in range(10):
        evaluation.add_records("3", "2", champion_right=2, shadow_right=8, positive=2)
    evaluation.settings = costs
    assert evaluation.run() == {"champion": "2"}
    assert "rolled_back" in evaluation.kinds("3")
