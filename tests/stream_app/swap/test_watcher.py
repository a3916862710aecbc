"""The watcher on a real registry: what scores after each move of an alias, and what does not."""

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from contract.model.version import ModelVersion
from contract.registry import MODEL_FILE
from stream_app.model.registries.local import LocalRegistry
from stream_app.settings import ScorerSettings
from stream_app.swap import last
from stream_app.swap.first import load_champion
from stream_app.swap.models import Serving
from tests.stream_app.swap.watched import Watched
from tests.support.builders import eventually
from tests.support.scorer import changed
from tests.support.versions import MODEL, OwnRegistry


@pytest.fixture
def watched(known: ScorerSettings) -> Watched:
    return Watched(known)


def test_champion_follows_its_alias_there_and_back(
    own_registry: OwnRegistry, watched: Watched, known: ScorerSettings
) -> None:
    assert watched.turn() == ("1", None)
    own_registry.point("champion", "2")
    assert watched.turn() == ("2", None)
    assert last.read(known) == watched.models.now.champion.source
    own_registry.point("champion", "1")
    assert watched.turn() == ("1", None)
    assert watched.figure("intent_scorer_model_reloads_total") == 2
    labels = {"model": MODEL, "version": "1"}
    assert watched.told.get_sample_value("intent_scorer_model_info", labels) == 1
    assert last.read(known) == watched.models.now.champion.source


def test_version_that_the_machine_does_not_know_is_compiled_while_the_old_one_scores(
    own_registry: OwnRegistry, registered: ScorerSettings
) -> None:
    watched = Watched(registered)
    own_registry.point("champion", "3")
    watched.watcher.look()
    watched.watcher.go_on()
    assert watched.models.now.champion.version == "1"
    assert watched.turn() == ("3", None)


def test_shadow_is_the_challenger_and_becomes_champion_without_being_loaded_again(
    own_registry: OwnRegistry, watched: Watched
) -> None:
    own_registry.point("challenger", "2")
    assert watched.turn() == ("1", "2")
    shadow = watched.models.now.shadow
    own_registry.point("champion", "2")
    own_registry.point("previous", "1")
    own_registry.drop("challenger")
    assert watched.turn() == ("2", "1")
    assert watched.models.now.champion is shadow
    own_registry.drop("previous")
    assert watched.turn() == ("2", None)


def test_refused_champion_leaves_the_old_one_scoring_and_is_not_tried_until_the_alias_moves(
    own_registry: OwnRegistry, watched: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    file = own_registry.folder("2") / MODEL_FILE
    sound = file.read_bytes()
    file.write_bytes(sound + b"\0")
    own_registry.point("champion", "2")
    assert watched.turn() == ("1", None)
    assert watched.refused() == [("champion", "2", "digest")]
    file.write_bytes(sound)
    assert watched.turn() == ("1", None)
    assert sum("is refused" in line for line in caplog.messages) == 1

    own_registry.point("champion", "1")
    assert watched.turn() == ("1", None)
    assert watched.refused() == []
    own_registry.point("champion", "2")
    assert watched.turn() == ("2", None)


def test_refused_shadow_leaves_the_champion_alone(
    own_registry: OwnRegistry, watched: Watched
) -> None:
    own_registry.record("2", None)
    own_registry.point("challenger", "2")
    own_registry.point("champion", "3")
    assert watched.turn() == ("3", None)
    assert watched.refused() == [("shadow", "2", "unrecorded")]


def test_version_whose_files_are_gone_is_told_as_unavailable(
    own_registry: OwnRegistry, watched: Watched
) -> None:
    (own_registry.folder("2") / MODEL_FILE).unlink()
    own_registry.point("champion", "2")
    assert watched.turn() == ("1", None)
    assert watched.refused() == [("champion", "2", "unavailable")]


def test_champion_that_was_not_compiled_is_no_shadow_of_one_that_is(
    own_registry: OwnRegistry, watched: Watched
) -> None:
    slow = replace(watched.models.now.champion, is_compiled=False)
    watched.models.switch(Serving(slow))
    watched.watcher._ready["1"] = slow
    own_registry.point("previous", "1")
    own_registry.point("champion", "2")
    assert watched.turn() == ("2", None)
    assert watched.refused() == [("shadow", "1", "slow")]
    own_registry.point("champion", "1")
    own_registry.point("previous", "2")
    assert watched.turn() == ("1", "2")


def test_registry_that_is_away_changes_nothing_and_is_followed_when_it_is_back(
    own_registry: OwnRegistry, watched: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    own_registry.point("challenger", "3")
    assert watched.turn() == ("1", "3")
    own_registry.point("champion", "2")
    away = own_registry.tables.rename(own_registry.tables.with_name("away"))
    before = watched.figure("intent_scorer_registry_sync_age_seconds")
    assert before is not None
    for _ in range(3):
        assert watched.turn() == ("1", "3")
    silent = watched.figure("intent_scorer_registry_sync_age_seconds")
    assert silent is not None
    assert silent > before
    assert sum("does not answer" in line for line in caplog.messages) == 1
    away.rename(own_registry.tables)
    assert watched.turn() == ("2", "3")


def test_champion_whose_alias_is_deleted_goes_on(
    own_registry: OwnRegistry, watched: Watched
) -> None:
    own_registry.drop("champion")
    assert watched.turn() == ("1", None)


def test_shadow_that_fails_is_left_out_until_the_alias_moves(
    own_registry: OwnRegistry, watched: Watched
) -> None:
    own_registry.point("challenger", "2")
    assert watched.turn() == ("1", "2")
    watched.models.shadow_failed("2", "it cannot score")
    assert watched.models.now.shadow is None
    assert watched.turn() == ("1", None)
    assert watched.refused() == [("shadow", "2", "failed")]
    own_registry.point("challenger", "3")
    assert watched.turn() == ("1", "3")
    own_registry.point("challenger", "2")
    assert watched.turn() == ("1", "2")


def test_thread_follows_within_the_poll_interval_and_ends_when_told(
    own_registry: OwnRegistry, known: ScorerSettings
) -> None:
    watched = Watched(changed(known, model_poll_interval=0.1))
    watched.watcher.start()
    own_registry.point("champion", "2")
    eventually(lambda: watched.models.now.champion.version == "2", deadline=30)
    watched.watcher.end()
    watched.watcher.join(60)
    assert not watched.watcher.is_alive()


def test_thread_survives_what_nobody_foresaw(
    own_registry: OwnRegistry, known: ScorerSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = Watched(changed(known, model_poll_interval=0.05))
    fails = [True]

    def look(self: LocalRegistry) -> dict[str, str]:
        if fails:
            raise RuntimeError("a bug")
        return real(self)

    real: Callable[[LocalRegistry], dict[str, str]] = LocalRegistry.aliases
    monkeypatch.setattr(LocalRegistry, "aliases", look)
    watched.watcher.start()
    own_registry.point("champion", "2")
    watched.watcher.join(0.3)
    fails.clear()
    eventually(lambda: watched.models.now.champion.version == "2", deadline=30)
    watched.watcher.end()


def test_start_goes_on_with_what_scored_last_where_the_champion_is_refused(
    own_registry: OwnRegistry, known: ScorerSettings, caplog: pytest.LogCaptureFixture
) -> None:
    load_champion(known)
    own_registry.record("2", None)
    own_registry.point("champion", "2")
    assert load_champion(known).version == "1"
    assert any("version 1" in line and "goes on" in line for line in caplog.messages)


def test_start_goes_on_with_what_scored_last_where_the_registry_is_away(
    known: ScorerSettings,
) -> None:
    load_champion(known)
    away = changed(known, mlflow_uri="http://127.0.0.1:1")
    assert load_champion(away).version == "1"


def test_what_scored_last_is_kept_whole(known: ScorerSettings, tmp_path: Path) -> None:
    version = ModelVersion("7", "ab" * 32, tmp_path / "files")
    last.write(known, version)
    assert last.read(known) == version
    (path,) = known.data_dir.glob("models/*.last.json")
    path.write_bytes(b"{")
    assert last.read(known) is None


@pytest.fixture(autouse=True)
def _logs(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
