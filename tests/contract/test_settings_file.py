"""Settings also come from a file, where a slip of the pen is a fault."""

import logging
from pathlib import Path

import pytest

from contract.errors import BadSetting
from contract.settings import Settings, load, setting_origins


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "own.toml"
    monkeypatch.setenv("INTENT_CONFIG", str(path))
    return path


def test_the_first_that_has_it_counts_what_is_given_a_variable_the_file_the_default(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text('partitions = 2\nretention_hours = 2\nmodel_name = "in file"\n')
    monkeypatch.setenv("INTENT_RETENTION_HOURS", "3")
    monkeypatch.setenv("INTENT_MODEL_NAME", "in variable")
    settings = load(Settings, model_name="given")
    assert settings.partitions == 2
    assert settings.retention_hours == 3
    assert settings.model_name == "given"
    assert settings.kafka_timeout == 10
    assert setting_origins(Settings) == {
        "partitions": str(file),
        "retention_hours": "environment",
        "model_name": "environment",
    }


def test_a_file_in_the_working_folder_need_not_be_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("INTENT_CONFIG")
    assert load(Settings).partitions == 4
    Path("intent.toml").write_text("partitions = 2\n")
    assert load(Settings).partitions == 2


def test_all_faults_of_variables_and_file_are_reported_at_once(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text('partitions = "many"\nkafka_bootstrp = "kafka:9092"\n[data_dir]\nis = "here"\n')
    monkeypatch.setenv("INTENT_KAFKA_TIMEOUT", "-1")
    with pytest.raises(BadSetting) as caught:
        load(Settings)
    message = str(caught.value)
    assert f"INTENT_PARTITIONS=many in {file}: " in message
    assert f"unknown setting kafka_bootstrp in {file}: did you mean kafka_bootstrap?" in message
    assert "INTENT_DATA_DIR=" in message
    assert "INTENT_KAFKA_TIMEOUT=-1: " in message
    assert "\n" not in message


def test_byte_order_mark_is_skipped(file: Path) -> None:
    file.write_text("partitions = 5\n", encoding="utf-8-sig")
    assert load(Settings).partitions == 5


def test_settings_of_another_stage_may_be_in_the_file(file: Path) -> None:
    file.write_text("window_seconds = 5\n")
    assert load(Settings).partitions == 4


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot read the settings file"),
        (b"partitions = ", "is not TOML: Invalid value (at end of document)"),
        (b"\xff", "is not UTF-8"),
        (b"partitions = " + 5_000 * b"9", "is not TOML: Exceeds the limit (4300 digits)"),
        (b"partitions = " + 5_000 * b"[", "is not TOML: its values are nested too deep"),
        (b'data_dir = "a\\u0000"', "must not have a NUL character"),
    ],
)
def test_unreadable_settings_file_is_an_error(
    file: Path, content: bytes | None, message: str
) -> None:
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(BadSetting) as caught:
        load(Settings)
    assert message in str(caught.value)
    assert str(file) in str(caught.value)


def test_unknown_variable_is_warned_of_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("INTENT_KAFKA_BOOTSTRP", "kafka:9092")
    monkeypatch.setenv("INTENT_WINDOW_SECONDS", "5")
    with caplog.at_level(logging.WARNING):
        load(Settings)
        load(Settings)
    (warning,) = caplog.messages
    assert warning == (
        "unknown variable INTENT_KAFKA_BOOTSTRP: did you mean INTENT_KAFKA_BOOTSTRAP?"
    )
