"""There is a champion at every moment, also if a process is killed between two changes."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from mlflow.tracking import MlflowClient

from contract.errors import ModelUnavailable
from contract.model.version import ModelRejected
from contract.registry import DIGEST_TAG
from contract.settings import load
from tests.support.models import copy_champion
from training import commands, promotion
from training.promotion import confirm, promote, reject, roll_back, set_challenger
from training.settings import TrainingSettings

WRITES = (
    "set_registered_model_alias",
    "delete_registered_model_alias",
    "set_model_version_tag",
    "set_tag",
)


class Killed(BaseException):
    """Not caught by any code, as SIGKILL."""


@pytest.fixture
def settings(champion: dict[str, str], tmp_path: Path) -> Iterator[TrainingSettings]:
    """A registry with a model of four versions, none of which is champion."""
    settings = load(TrainingSettings, mlflow_uri=champion["mlflow_uri"], model_name=tmp_path.name,
               data_dir=tmp_path)  # fmt: skip
    registry = copy_champion(champion, settings, versions=4)
    yield settings
    registry.delete_registered_model(settings.model_name)


def aliases(settings: TrainingSettings) -> dict[str, str]:
    registry = MlflowClient(settings.registry_uri, settings.registry_uri)
    versions = registry.get_registered_model(settings.model_name).aliases
    return {name: str(version) for name, version in versions.items()}


def tags(settings: TrainingSettings, version: str) -> dict[str, str]:
    registry = MlflowClient(settings.registry_uri, settings.registry_uri)
    return dict(registry.get_model_version(settings.model_name, version).tags)


def test_first_champion_has_no_previous(settings: TrainingSettings) -> None:
    assert promote(settings, "1", None, "the first")
    assert aliases(settings) == {"champion": "1"}
    assert tags(settings, "1")["promotion.decision"] == "promoted"
    assert tags(settings, "1")["promotion.reason"] == "the first"


def test_former_champion_is_previous_until_the_new_one_is_confirmed(
    settings: TrainingSettings,
) -> None:
    promote(settings, "1", None, "")
    assert promote(settings, "2", "1", "better")
    assert aliases(settings) == {"champion": "2", "previous": "1"}
    confirm(settings, "as good")
    confirm(settings, "as good")
    assert aliases(settings) == {"champion": "2"}


def test_version_that_was_compared_with_another_champion_is_rejected(
    settings: TrainingSettings,
) -> None:
    promote(settings, "1", None, "")
    promote(settings, "2", "1", "")
    assert not promote(settings, "3", "1", "better than version 1")
    assert aliases(settings) == {"champion": "2", "previous": "1"}
    assert tags(settings, "3")["promotion.decision"] == "rejected"
    assert "version 2 became champion" in tags(settings, "3")["promotion.reason"]
    assert not promote(settings, "4", None, "better than nothing")


def test_challenger_is_rejected_or_promoted(
    settings: TrainingSettings,
) -> None:
    promote(settings, "1", None, "")
    set_challenger(settings, "2", "1", "passed")
    assert aliases(settings) == {"champion": "1", "challenger": "2"}
    reject(settings, "2", "outcomes say otherwise")
    assert aliases(settings) == {"champion": "1"}
    assert tags(settings, "2")["promotion.reason"] == "outcomes say otherwise"
    set_challenger(settings, "3", "1", "passed")
    reject(settings, "2", "again")
    assert promote(settings, "3", "1", "outcomes agree")
    assert aliases(settings) == {"champion": "3", "previous": "1"}


def test_roll_back_restores_the_previous_champion_during_probation_and_after(
    settings: TrainingSettings,
) -> None:
    promote(settings, "1", None, "")
    promote(settings, "2", "1", "")
    promote(settings, "3", "2", "")
    confirm(settings, "as good")
    assert roll_back(settings, "accuracy fell") == "2"
    assert aliases(settings) == {"champion": "2"}
    assert tags(settings, "3")["promotion.decision"] == "rolled back"
    assert tags(settings, "3")["promotion.reason"] == "accuracy fell"


def test_roll_back_a_second_time_changes_nothing_unless_the_version_is_named(
    settings: TrainingSettings,
) -> None:
    promote(settings, "1", None, "")
    promote(settings, "2", "1", "")
    promote(settings, "3", "2", "")
    assert roll_back(settings, "", "3") == "2"
    assert [roll_back(settings, ""), roll_back(settings, "", "3")] == ["2", "2"]
    assert roll_back(settings, "that one too", "2") == "1"
    with pytest.raises(ModelUnavailable, match=r"version 1 of .* has no previous champion"):
        roll_back(settings, "", "1")


def test_rolled_back_version_is_not_promoted_by_a_late_run(
    settings: TrainingSettings,
) -> None:
    promote(settings, "1", None, "")
    promote(settings, "2", "1", "")
    roll_back(settings, "accuracy fell")
    assert not promote(settings, "2", "1", "passed")
    assert aliases(settings) == {"champion": "1"}
    assert promote(settings, "3", "1", "passed")
    assert roll_back(settings, "accuracy fell too") == "1"


def invalidate(settings: TrainingSettings, version: str) -> None:
    """Workers reject the version: the digest of its file is missing."""
    registry = MlflowClient(settings.registry_uri, settings.registry_uri)
    registry.delete_model_version_tag(settings.model_name, version, DIGEST_TAG)


def test_version_that_scorers_would_reject_gets_no_alias(settings: TrainingSettings) -> None:
    promote(settings, "1", None, "")
    promote(settings, "2", "1", "")
    confirm(settings, "")
    for version in ("1", "3"):
        invalidate(settings, version)
    with pytest.raises(ModelRejected, match=r"version 3 was .*no tag model\.sha256"):
        promote(settings, "3", "2", "", allow_rolled_back=True)
    with pytest.raises(ModelRejected, match=r"version 3 was .*no tag model\.sha256"):
        set_challenger(settings, "3", "2", "")
    with pytest.raises(ModelRejected, match=r"version 1 was .*no tag model\.sha256"):
        roll_back(settings, "")
    with pytest.raises(ModelRejected, match=r"version 3 was .*no tag model\.sha256"):
        commands.promote(settings, "3", "a person wants it")
    assert aliases(settings) == {"champion": "2"}
    assert "promotion.decision" not in tags(settings, "3")
    assert tags(settings, "2")["promotion.decision"] == "promoted"


def test_champion_that_does_not_load_is_replaced_and_is_not_previous(
    settings: TrainingSettings,
) -> None:
    promote(settings, "1", None, "")
    promote(settings, "2", "1", "")
    invalidate(settings, "2")
    assert promote(settings, "3", "2", "the champion does not load")
    assert aliases(settings) == {"champion": "3"}


def test_roll_back_without_a_previous_champion_is_an_error(settings: TrainingSettings) -> None:
    with pytest.raises(ModelUnavailable, match="has no champion in the registry sqlite:"):
        roll_back(settings, "")
    promote(settings, "1", None, "")
    with pytest.raises(ModelUnavailable, match=r"version 1 of .* has no previous champion"):
        roll_back(settings, "")


def kill_at(patch: pytest.MonkeyPatch, write: int) -> None:
    """Kills at that write to the registry, before it is done."""
    done = 0

    def guarded(original: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **options: object) -> object:
            nonlocal done
            done += 1
            if done > write:
                raise Killed
            return original(*arguments, **options)

        return call

    for name in WRITES:
        patch.setattr(MlflowClient, name, guarded(getattr(MlflowClient, name)))


def killed_everywhere(
    settings: TrainingSettings, act: Callable[[], object], champions: set[str]
) -> int:
    """Repeats the act, killed one write later each time, until it completes; returns the kills."""
    for write in range(30):
        with pytest.MonkeyPatch.context() as patch:
            kill_at(patch, write)
            try:
                act()
            except Killed:
                assert aliases(settings)["champion"] in champions
            else:
                return write
    raise AssertionError("it never completes")


def test_promotion_killed_at_any_write_leaves_a_champion_and_the_next_one_finishes_it(
    settings: TrainingSettings,
) -> None:
    promote(settings, "1", None, "")
    set_challenger(settings, "2", "1", "")
    kills = killed_everywhere(settings, lambda: promote(settings, "2", "1", "better"), {"1", "2"})
    assert kills >= 3
    assert aliases(settings) == {"champion": "2", "previous": "1"}
    assert tags(settings, "2")["promotion.decision"] == "promoted"
    assert roll_back(settings, "") == "1"


def test_previous_is_set_before_the_champion_changes(settings: TrainingSettings) -> None:
    promote(settings, "1", None, "")
    with pytest.MonkeyPatch.context() as patch:
        for write in range(30):
            kill_at(patch, write)
            with pytest.raises(Killed):
                promote(settings, "2", "1", "")
            patch.undo()
            if aliases(settings)["champion"] == "2":
                break
    assert aliases(settings)["previous"] == "1"


@pytest.mark.parametrize("named", ["2", None])
def test_roll_back_killed_at_any_write_leaves_a_champion_and_the_next_one_finishes_it(
    settings: TrainingSettings, named: str | None
) -> None:
    promote(settings, "3", None, "")
    promote(settings, "1", "3", "")
    promote(settings, "2", "1", "")
    kills = killed_everywhere(
        settings, lambda: roll_back(settings, "accuracy fell", named), {"1", "2"}
    )
    assert kills >= 3
    assert aliases(settings) == {"champion": "1"}
    assert tags(settings, "2")["promotion.decision"] == "rolled back"


def test_processes_of_one_data_directory_change_aliases_one_after_the_other(
    settings: TrainingSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(promotion, "LOCK_TIMEOUT", 0.1)
    with (
        promotion._locked_client(settings),
        pytest.raises(ModelUnavailable, match="another process has held the lock"),
    ):
        promote(settings, "1", None, "")
