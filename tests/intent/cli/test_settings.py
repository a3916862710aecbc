"""`intent settings` prints what is in force and whence; it and `intent up` check every stage."""

import shlex
from pathlib import Path

import msgspec
import pytest
from pydantic import ValidationError

from contract.settings import environment, load
from intent.local.settings import LocalSettings
from intent.stage_settings import STAGES
from stream_app.settings import ScorerSettings
from tests.support.fixtures import Intent


def test_prints_every_changed_setting_with_its_source(command: Intent, tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text("window_seconds = 30\n")
    env = {"INTENT_CONFIG": str(file), "INTENT_TRAINING_CRON": "0 4 * * *"}
    printed = command("settings", "--changed", env=env).stdout.splitlines()
    assert printed == [
        "# monitoring",
        f"INTENT_WINDOW_SECONDS=30.0  # {file}",
        "# training",
        "INTENT_TRAINING_CRON='0 4 * * *'  # environment",
        "# intent.local (`make demo`)",
        f"INTENT_WINDOW_SECONDS=30.0  # {file}",
    ]


def test_json_has_every_setting_of_every_stage(command: Intent) -> None:
    rows = msgspec.json.decode(command("settings", "--json").stdout)
    found = {(row["stage"], row["name"]): row for row in rows}
    assert len(found) == len(rows)
    assert found["every stage", "kafka_bootstrap"] == {
        "stage": "every stage",
        "name": "kafka_bootstrap",
        "value": "127.0.0.1:9092",
        "source": "default",
    }
    assert ("stream_app", "batch_max_records") in found


@pytest.mark.parametrize("arguments", [("settings",), ("up",)])
def test_invalid_settings_of_all_stages_are_reported_together_and_nothing_starts(
    command: Intent, arguments: tuple[str, ...]
) -> None:
    env = {"INTENT_SESSION_TIMEOUT": "0", "INTENT_WINDOW_SECONDS": "x", "INTENT_ESTIMATOR": "tree"}
    ended = command(*arguments, env=env)
    assert ended.exit_code == 2
    assert not ended.stdout
    assert ended.stderr.count("\n") == 1
    assert ended.stderr.count("INTENT_WINDOW_SECONDS=x") == 1  # two stages have it
    assert "INTENT_SESSION_TIMEOUT=0" in ended.stderr
    assert "INTENT_ESTIMATOR=tree" in ended.stderr


def test_one_offset_moves_every_port_that_is_not_set_itself(command: Intent) -> None:
    env = {"INTENT_SCORER_PORT": "8301"}
    rows = msgspec.json.decode(
        command("settings", "--port-offset", "100", "--json", env=env).stdout
    )
    found = {(row["name"], row["value"]) for row in rows}
    assert {
        ("kafka_bootstrap", "127.0.0.1:9192"),
        ("broker_port", "9192"),
        ("monitoring_port", "8102"),
        ("simulator_port", "8103"),
        ("training_port", "8104"),
        ("scorer_port", "8301"),
        ("data_dir", ".intent-100"),
    } <= found
    assert not {name for name, value in found if value in {"9092", "8002", "8003", "8004"}}


def test_a_stack_with_an_offset_starts_its_own_broker_and_its_stages_are_not_moved_twice() -> None:
    moved = load(LocalSettings, port_offset=100)
    assert moved.starts_broker
    reported = {
        name.removeprefix("INTENT_").lower(): text for name, text in environment(moved).items()
    }
    stage = load(
        ScorerSettings,
        **{name: reported[name] for name in ScorerSettings.model_fields if name in reported},
    )
    assert (stage.scorer_port, stage.kafka_bootstrap) == (8101, "127.0.0.1:9192")
    assert stage.data_dir == moved.data_dir


WRONG = [
    ("KAFKA_BOOTSTRAP", "kafka", "must be host:port, comma separated, such as kafka-1:9092"),
    ("TOPIC_CUSTOMERS", "my topic", "must be 1 to 249 of the characters a-z A-Z 0-9 . _ -"),
    ("LOG_LEVEL", "LOUD", "Input should be 'DEBUG', 'INFO', 'WARNING' or 'ERROR'"),
    ("WORKER_ID", "a b", "must be 1 to 200 of the characters a-z A-Z 0-9 . _ -"),
    ("MLFLOW_UI_URL", "mlflow:5000", "must be an address that begins with http:// or https://"),
    ("TRAINING_CRON", "daily", "must be five fields separated by blanks"),
    ("PREFECT_DEPLOYMENT", "a/b", "must be a name without the characters / % & < >"),
    ("RETRAIN_ALERT_KINDS", "drift", "must be empty, or of data_drift, "),
    ("SCHEMA_REGISTRY_URL", "ftp://x", "must be an http:// or https:// address without a login"),
]


@pytest.mark.parametrize(("name", "value", "printed"), WRONG)
def test_error_says_what_the_setting_must_be(
    command: Intent, name: str, value: str, printed: str
) -> None:
    ended = command("settings", env={f"INTENT_{name}": value})
    assert ended.exit_code == 2
    assert f"INTENT_{name}={shlex.quote(value)}: {printed}" in ended.stderr


def test_no_setting_shows_a_regular_expression() -> None:
    for cls in STAGES.values():
        with pytest.raises(ValidationError) as caught:
            cls.model_validate(dict.fromkeys(cls.model_fields, "\x00"))
        found = [fault["type"] for fault in caught.value.errors()]
        assert "string_pattern_mismatch" not in found


def test_no_secret_is_shown(command: Intent) -> None:
    env = {
        "INTENT_MLFLOW_URI": "http://somebody:hush@mlflow:5000",
        "INTENT_LISTEN_TOKEN": "hush-hush-hush-hush-hush-hush-hush",
    }
    for arguments in (("settings",), ("settings", "--json")):
        printed = command(*arguments, env=env)
        assert printed.exit_code == 0, printed.stderr
        assert "hush" not in printed.output
        assert "***@mlflow:5000" in printed.stdout
