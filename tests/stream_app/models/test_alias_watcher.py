"""The alias watcher on a real registry: which versions serve after each change of an alias."""

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from contract.model.version import ModelVersion
from contract.registry import MODEL_FILE
from stream_app.models.initial_model import load_initial_model
from stream_app.models.last_serving_version import (
    load_last_serving_version,
    save_last_serving_version,
)
from stream_app.models.registries.sqlite_registry import SqliteRegistry
from stream_app.models.serving import ServingModels
from stream_app.settings import ScorerSettings
from tests.stream_app.models.manual_watcher import ManualWatcher
from tests.support.builders import eventually
from tests.support.scorer import with_changes
from tests.support.versions import MODEL_NAME, RegistryCopy


@pytest.fixture
def watcher(cached_settings: ScorerSettings) -> ManualWatcher:
    return ManualWatcher(cached_settings)


def test_champion_follows_its_alias_there_and_back(
    own_registry: RegistryCopy, watcher: ManualWatcher, cached_settings: ScorerSettings
) -> None:
    assert watcher.poll() == ("1", None)
    own_registry.point("champion", "2")
    assert watcher.poll() == ("2", None)
    assert load_last_serving_version(cached_settings) == watcher.serving.models.champion.source
    own_registry.point("champion", "1")
    assert watcher.poll() == ("1", None)
    assert watcher.metric("intent_scorer_model_reloads_total") == 2
    labels = {"model": MODEL_NAME, "version": "1"}
    assert watcher.metrics.get_sample_value("intent_scorer_model_info", labels) == 1
    assert load_last_serving_version(cached_settings) == watcher.serving.models.champion.source


def test_uncached_version_is_compiled_while_the_current_one_serves(
    own_registry: RegistryCopy, uncached_settings: ScorerSettings
) -> None:
    watcher = ManualWatcher(uncached_settings)
    own_registry.point("champion", "3")
    watcher.thread.poll_aliases()
    watcher.thread.advance()
    assert watcher.serving.models.champion.version == "1"
    assert watcher.poll() == ("3", None)


def test_challenger_is_the_shadow_and_becomes_champion_without_another_load(
    own_registry: RegistryCopy, watcher: ManualWatcher
) -> None:
    own_registry.point("challenger", "2")
    assert watcher.poll() == ("1", "2")
    shadow = watcher.serving.models.shadow
    own_registry.point("champion", "2")
    own_registry.point("previous", "1")
    own_registry.drop("challenger")
    assert watcher.poll() == ("2", "1")
    assert watcher.serving.models.champion is shadow
    own_registry.drop("previous")
    assert watcher.poll() == ("2", None)


def test_rejected_champion_keeps_the_current_one_and_is_not_retried_until_the_alias_moves(
    own_registry: RegistryCopy, watcher: ManualWatcher, caplog: pytest.LogCaptureFixture
) -> None:
    file = own_registry.folder("2") / MODEL_FILE
    sound = file.read_bytes()
    file.write_bytes(sound + b"\0")
    own_registry.point("champion", "2")
    assert watcher.poll() == ("1", None)
    assert watcher.rejected() == [("champion", "2", "digest")]
    file.write_bytes(sound)
    assert watcher.poll() == ("1", None)
    assert sum("rejected champion model" in line for line in caplog.messages) == 1

    own_registry.point("champion", "1")
    assert watcher.poll() == ("1", None)
    assert watcher.rejected() == []
    own_registry.point("champion", "2")
    assert watcher.poll() == ("2", None)


def test_rejected_shadow_does_not_affect_the_champion(
    own_registry: RegistryCopy, watcher: ManualWatcher
) -> None:
    own_registry.record("2", None)
    own_registry.point("challenger", "2")
    own_registry.point("champion", "3")
    assert watcher.poll() == ("3", None)
    assert watcher.rejected() == [("shadow", "2", "unrecorded")]


def test_version_whose_files_are_gone_is_reported_as_unavailable(
    own_registry: RegistryCopy, watcher: ManualWatcher
) -> None:
    (own_registry.folder("2") / MODEL_FILE).unlink()
    own_registry.point("champion", "2")
    assert watcher.poll() == ("1", None)
    assert watcher.rejected() == [("champion", "2", "unavailable")]


def test_previous_champion_that_is_too_slow_does_not_shadow_a_faster_one(
    own_registry: RegistryCopy, watcher: ManualWatcher
) -> None:
    slow = replace(watcher.serving.models.champion, is_compiled=False, row_microseconds=51)
    watcher.serving.switch(ServingModels(slow))
    watcher.thread._loaded["1"] = slow
    own_registry.point("previous", "1")
    own_registry.point("champion", "2")
    assert watcher.poll() == ("2", None)
    assert watcher.rejected() == [("shadow", "1", "slow")]
    own_registry.point("champion", "1")
    own_registry.point("previous", "2")
    assert watcher.poll() == ("1", "2")


def test_unavailable_registry_changes_nothing_and_is_followed_when_it_returns(
    own_registry: RegistryCopy, watcher: ManualWatcher, caplog: pytest.LogCaptureFixture
) -> None:
    own_registry.point("challenger", "3")
    assert watcher.poll() == ("1", "3")
    own_registry.point("champion", "2")
    away = own_registry.tables.rename(own_registry.tables.with_name("away"))
    before = watcher.metric("intent_scorer_registry_sync_age_seconds")
    assert before is not None
    for _ in range(3):
        assert watcher.poll() == ("1", "3")
    silent = watcher.metric("intent_scorer_registry_sync_age_seconds")
    assert silent is not None
    assert silent > before
    assert sum("registry unavailable" in line for line in caplog.messages) == 1
    away.rename(own_registry.tables)
    assert watcher.poll() == ("2", "3")


def test_champion_whose_alias_is_deleted_keeps_serving(
    own_registry: RegistryCopy, watcher: ManualWatcher
) -> None:
    own_registry.drop("champion")
    assert watcher.poll() == ("1", None)


def test_shadow_that_fails_is_disabled_until_the_alias_moves(
    own_registry: RegistryCopy, watcher: ManualWatcher
) -> None:
    own_registry.point("challenger", "2")
    assert watcher.poll() == ("1", "2")
    watcher.serving.disable_shadow("2", "it cannot score")
    assert watcher.serving.models.shadow is None
    assert watcher.poll() == ("1", None)
    assert watcher.rejected() == [("shadow", "2", "failed")]
    own_registry.point("challenger", "3")
    assert watcher.poll() == ("1", "3")
    own_registry.point("challenger", "2")
    assert watcher.poll() == ("1", "2")


def test_thread_follows_within_the_poll_interval_and_ends_when_stopped(
    own_registry: RegistryCopy, cached_settings: ScorerSettings
) -> None:
    watcher = ManualWatcher(with_changes(cached_settings, model_poll_interval=0.1))
    watcher.thread.start()
    own_registry.point("champion", "2")
    eventually(lambda: watcher.serving.models.champion.version == "2", deadline=30)
    watcher.thread.stop()
    watcher.thread.join(60)
    assert not watcher.thread.is_alive()


def test_thread_survives_an_unexpected_exception(
    own_registry: RegistryCopy, cached_settings: ScorerSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    watcher = ManualWatcher(with_changes(cached_settings, model_poll_interval=0.05))
    fails = [True]

    def fail_at_first(self: SqliteRegistry) -> dict[str, str]:
        if fails:
            raise RuntimeError("a bug")
        return real(self)

    real: Callable[[SqliteRegistry], dict[str, str]] = SqliteRegistry.aliases
    monkeypatch.setattr(SqliteRegistry, "aliases", fail_at_first)
    watcher.thread.start()
    own_registry.point("champion", "2")
    watcher.thread.join(0.3)
    fails.clear()
    eventually(lambda: watcher.serving.models.champion.version == "2", deadline=30)
    watcher.thread.stop()


def test_start_serves_the_last_version_if_the_champion_is_rejected(
    own_registry: RegistryCopy, cached_settings: ScorerSettings, caplog: pytest.LogCaptureFixture
) -> None:
    load_initial_model(cached_settings)
    own_registry.record("2", None)
    own_registry.point("champion", "2")
    assert load_initial_model(cached_settings).version == "1"
    assert any("version=1" in line and "last version" in line for line in caplog.messages)


def test_start_serves_the_last_version_if_the_registry_is_unavailable(
    cached_settings: ScorerSettings,
) -> None:
    load_initial_model(cached_settings)
    away = with_changes(cached_settings, mlflow_uri="http://127.0.0.1:1")
    assert load_initial_model(away).version == "1"


def test_last_serving_version_is_saved_and_loaded(
    cached_settings: ScorerSettings, tmp_path: Path
) -> None:
    version = ModelVersion("7", "ab" * 32, tmp_path / "files")
    save_last_serving_version(cached_settings, version)
    assert load_last_serving_version(cached_settings) == version
    (path,) = cached_settings.data_dir.glob("models/*.last.json")
    path.write_bytes(b"{")
    assert load_last_serving_version(cached_settings) is None


@pytest.fixture(autouse=True)
def _logs(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
