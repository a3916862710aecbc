"""The reference set is that of the version that scores, and changes when the champion does."""

from pathlib import Path

import pytest
from mlflow.tracking import MlflowClient

from contract.errors import ModelUnavailable
from contract.registry import THRESHOLD_TAG
from contract.settings import load
from data.generate import dataset_csv
from monitoring.reporting.reference import ReferenceSets
from monitoring.settings import MonitoringSettings
from training.settings import TrainingSettings
from training.steps import train_and_promote


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Two versions, each of a data set of its sets."""
    home: Path = tmp_path_factory.mktemp("two-versions")
    for version, rows in (("1", 400), ("2", 700)):
        data = home / f"{version}.csv"
        data.write_text(dataset_csv(rows, seed=rows), encoding="utf-8")
        settings = load(TrainingSettings, data_dir=home, dataset=data, lookback_hours=0)
        assert train_and_promote(settings) == version
    return {"mlflow_uri": settings.registry_uri}


def references(registry: dict[str, str], retry_interval: float = 0.0) -> ReferenceSets:
    return ReferenceSets(load(MonitoringSettings, **registry), retry_interval)


def test_a_window_is_compared_with_the_reference_of_the_version_that_scored_it(
    registry: dict[str, str],
) -> None:
    sets = references(registry)
    assert [len(sets.for_version(version).rows) for version in ("1", "2", "1")] == [400, 700, 400]
    assert sets.for_version("2").version == "2"


def test_reference_set_has_the_decision_threshold_of_its_version(registry: dict[str, str]) -> None:
    settings = load(MonitoringSettings, **registry)
    client = MlflowClient(settings.registry_uri, settings.registry_uri)
    client.set_model_version_tag(settings.model_name, "1", THRESHOLD_TAG, "0.25")
    sets = references(registry)
    assert [sets.for_version(version).rule.threshold for version in ("1", "2")] == [0.25, 0.5]


def test_an_unknown_version_keeps_the_reference_as_it_is(
    registry: dict[str, str],
) -> None:
    sets = references(registry)
    current = sets.for_version("2")
    assert sets.for_version("99") is current
    assert sets.for_version(None) is current


def test_a_version_that_failed_is_requested_again_later(
    registry: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sets = references(registry, retry_interval=0.0)
    champion = sets.current.version
    (other,) = {"1", "2"} - {champion}
    with monkeypatch.context() as away:
        away.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
        away.setattr(sets, "_settings", load(MonitoringSettings, mlflow_uri="http://127.0.0.1:1"))
        assert sets.for_version(other).version == champion
    assert sets.for_version(other).version == other


def test_without_a_champion_there_is_no_reference(
    registry: dict[str, str],
) -> None:
    with pytest.raises(ModelUnavailable, match="intent train"):
        ReferenceSets(load(MonitoringSettings, **registry, model_name="nobody"), 1)
