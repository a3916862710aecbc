"""Settings come from the environment, and all faults are reported at once."""

import pytest
from pydantic import ValidationError

from contract.errors import BadSetting
from contract.settings import Settings, load


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
