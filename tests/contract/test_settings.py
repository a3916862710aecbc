"""Settings come from the environment, and all faults are reported at once."""

import pytest
from pydantic import ValidationError

from contract.errors import BadSetting
from contract.settings import Settings, env_variable, load
from intent.local.settings import LocalSettings
from monitoring.settings import MonitoringSettings
from producers.settings import ProducerSettings
from stream_app.settings import ScorerSettings
from training.settings import TrainingSettings


def test_setting_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTENT_TOPIC_CUSTOMERS", "crm.customers")
    assert load(Settings).topic_customers == "crm.customers"


def test_every_bad_setting_is_named_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTENT_PARTITIONS", "none")
    monkeypatch.setenv("INTENT_KAFKA_BOOTSTRAP", "no port")
    with pytest.raises(BadSetting) as caught:
        load(Settings)
    assert "INTENT_PARTITIONS=none" in str(caught.value)
    assert "INTENT_KAFKA_BOOTSTRAP='no port'" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_settings_do_not_change() -> None:
    settings = load(Settings)
    with pytest.raises(ValidationError, match="frozen"):
        settings.partitions = 8  # type: ignore[misc]


def test_registry_is_below_the_home_folder_unless_named() -> None:
    assert load(Settings, data_dir="here").registry_uri.endswith("/here/mlflow/mlflow.db")
    assert (
        load(Settings, mlflow_uri="http://127.0.0.1:5000").registry_uri == "http://127.0.0.1:5000"
    )


@pytest.mark.parametrize(
    "stage",
    [ScorerSettings, MonitoringSettings, TrainingSettings, ProducerSettings, LocalSettings],
)
@pytest.mark.parametrize("text", ["1e400", "-1e400", "nan", "1e300", str(10**30)])
def test_no_number_is_too_large_for_the_clients(
    stage: type[Settings], text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [
        env_variable(name)
        for name, field in stage.model_fields.items()
        if field.annotation in (int, float)
    ]
    for variable in numbers:
        monkeypatch.setenv(variable, text)
    with pytest.raises(BadSetting) as caught:
        load(stage)
    assert [name for name in numbers if f"{name}={text}: " not in str(caught.value)] == []


def test_each_topic_has_a_name_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """A scorer that reads what it writes would never end."""
    monkeypatch.setenv("INTENT_TOPIC_CUSTOMERS", "predictions.shadow")
    monkeypatch.setenv("INTENT_TOPIC_ALERTS", "outcomes")
    with pytest.raises(BadSetting) as caught:
        load(Settings)
    assert (
        "INTENT_TOPIC_CUSTOMERS and INTENT_TOPIC_PREDICTIONS name the same topic "
        "predictions.shadow: each needs its own"
    ) in str(caught.value)
    assert "INTENT_TOPIC_OUTCOMES and INTENT_TOPIC_ALERTS" in str(caught.value)


@pytest.mark.parametrize("name", [".", "..", "a b", "", "p" * 250, "p" * 240])
def test_kafka_would_reject_the_name(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTENT_TOPIC_PREDICTIONS", name)
    with pytest.raises(BadSetting, match="INTENT_TOPIC_PREDICTIONS"):
        load(Settings)


@pytest.mark.parametrize("address", ["[::1]:9092", "kafka-1:9092,[2001:db8::2]:9092"])
def test_a_broker_may_have_an_ipv6_address(address: str) -> None:
    assert load(Settings, kafka_bootstrap=address).kafka_bootstrap == address


@pytest.mark.parametrize("address", ["::1:9092", "[::1]", "kafka", "http://kafka:9092", "a:1,"])
def test_an_address_has_a_port(address: str) -> None:
    with pytest.raises(BadSetting, match="must be host:port"):
        load(Settings, kafka_bootstrap=address)


@pytest.mark.parametrize("name", ["a/b", "a:b", ""])
def test_mlflow_would_reject_the_models_name(name: str) -> None:
    with pytest.raises(BadSetting, match="INTENT_MODEL_NAME"):
        load(Settings, model_name=name)


def test_a_secret_file_without_an_end_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTENT_LISTEN_TOKEN_FILE", "/dev/zero")
    with pytest.raises(BadSetting, match="longer than"):
        load(Settings)
