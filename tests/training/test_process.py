"""`python -m training` as a process with its other registry: its files, logs and errors."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from mlflow.tracking import MlflowClient

from contract.errors import BadSetting, ModelUnavailable
from contract.settings import load
from tests.support.trainings import run_failing_training, run_training
from training import commands
from training.registry_client import champion_version
from training.settings import TrainingSettings


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> TrainingSettings:
    return load(TrainingSettings, data_dir=tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def first_run(settings: TrainingSettings) -> tuple[int, list[str]]:
    """Exit code and log lines of a run with `--if-missing` without a registry."""
    return run_training(settings, "--if-missing")


def versions(settings: TrainingSettings) -> list[str]:
    client = MlflowClient(settings.registry_uri, settings.registry_uri)
    versions = client.search_model_versions(f"name = '{settings.model_name}'")
    return sorted(str(version.version) for version in versions)


def prefect_runs(settings: TrainingSettings, kind: str) -> list[tuple[str, str]]:
    """Names and states of the flow or task runs in Prefect's database."""
    with closing(sqlite3.connect(settings.data_dir / "prefect" / "prefect.db")) as database:
        rows = database.execute(f"SELECT name, state_type FROM {kind}_run ORDER BY start_time")  # noqa: S608 our other word
        return [(name.rpartition("-")[0], state) for name, state in rows]


def test_first_run_registers_a_champion_and_logs_it(
    settings: TrainingSettings, first_run: tuple[int, list[str]]
) -> None:
    code, lines = first_run
    assert code == 0
    assert len(lines) == 1
    assert "model=car-purchase version=1 role=champion" in lines[0]
    assert champion_version(settings) == "1"


@pytest.mark.usefixtures("first_run")
def test_first_training_needs_no_prefect_server(settings: TrainingSettings) -> None:
    assert not (settings.data_dir / "prefect").exists()


@pytest.mark.usefixtures("first_run")
def test_all_files_are_in_the_data_directory(settings: TrainingSettings) -> None:
    assert {path.name for path in settings.data_dir.iterdir()} == {"mlflow", "training"}


@pytest.mark.usefixtures("first_run")
def test_with_if_missing_no_second_model_is_trained(
    settings: TrainingSettings,
) -> None:
    code, lines = run_training(settings, "--if-missing")
    assert (code, len(lines)) == (0, 1)
    assert "champion exists already model=car-purchase version=1" in lines[0]
    assert versions(settings) == ["1"]


@pytest.mark.usefixtures("first_run")
def test_later_run_is_a_prefect_flow_whose_steps_are_tasks(settings: TrainingSettings) -> None:
    other = changed(settings, lookback_hours=0)
    code, lines = run_training(other)
    assert code == 0, lines
    assert "model=car-purchase version=2 role=rejected" in lines[-1]
    assert [state for _, state in prefect_runs(settings, "flow")] == ["COMPLETED"]
    assert prefect_runs(settings, "task") == [
        ("load_dataset", "COMPLETED"),
        ("add_stream_rows", "COMPLETED"),
        ("train_model", "COMPLETED"),
        ("run_gate", "COMPLETED"),
        ("register_model", "COMPLETED"),
        ("promote_model", "COMPLETED"),
    ]


def changed(settings: TrainingSettings, **changes: object) -> TrainingSettings:
    return settings.model_copy(update=changes)


def test_bad_data_file_is_one_line_that_says_where(
    settings: TrainingSettings, tmp_path: Path
) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("User ID,Gender,Age,AnnualSalary,Purchased\n1,Male,old,4,0\n")
    code, line = run_failing_training(changed(settings, dataset=path, data_dir=tmp_path / "data"))
    assert code == 3
    assert f"{path}, line 2, column Age: 'old' must be a number from 0 to 150" in line


def test_registry_that_does_not_answer_is_one_line_that_names_it(
    settings: TrainingSettings, tmp_path: Path
) -> None:
    code, line = run_failing_training(
        changed(settings, mlflow_uri="http://127.0.0.1:1", data_dir=tmp_path)
    )
    assert code == 6
    assert "http://127.0.0.1:1" in line
    assert "INTENT_MLFLOW_URI" in line


def test_data_directory_that_cannot_be_written_is_one_line_that_names_it(
    settings: TrainingSettings, tmp_path: Path
) -> None:
    file = tmp_path / "file"
    file.touch()
    code, line = run_failing_training(changed(settings, data_dir=file / "data"))
    assert code == 8
    assert str(file) in line


def test_setting_out_of_range_is_one_line_that_names_it(settings: TrainingSettings) -> None:
    code, line = run_failing_training(changed(settings, held_out_ratio=1.5))
    assert code == 2
    assert "INTENT_HELD_OUT_RATIO=1.5" in line


@pytest.mark.parametrize(
    "command",
    [
        lambda settings: commands.promote(settings, "2", "x"),
        lambda settings: commands.roll_back(settings, "x", "2"),
        lambda settings: commands.trace(settings, "x"),
    ],
    ids=["promote", "rollback", "trace"],
)
def test_command_on_a_registry_that_does_not_exist_creates_none_and_names_it(
    command: Callable[[TrainingSettings], object], settings: TrainingSettings, tmp_path: Path
) -> None:
    other = changed(settings, data_dir=tmp_path / "data")
    with pytest.raises(
        ModelUnavailable, match=f"no registry at sqlite:///{tmp_path}.*INTENT_DATA_DIR"
    ):
        command(other)
    assert not other.data_dir.exists()


def test_initial_version_that_the_gate_rejects_is_an_error_with_a_remedy(
    settings: TrainingSettings, tmp_path: Path
) -> None:
    random = np.random.default_rng(1)
    rows = [
        f"{number},Male,{random.integers(18, 70)},{random.integers(15_000, 150_000)},{number % 2}"
        for number in range(400)
    ]
    noise = tmp_path / "noise.csv"
    noise.write_text("\n".join(["User ID,Gender,Age,AnnualSalary,Purchased", *rows]), "utf-8")
    other = changed(settings, data_dir=tmp_path / "data", dataset=noise)
    with pytest.raises(ModelUnavailable) as error:
        commands.train_initial_model(other)
    line = str(error.value)
    assert "car-purchase has no champion: the gate rejected version 1 (it saves -" in line
    assert "INTENT_ESTIMATOR=random_forest or hist_gradient_boosting" in line
    assert "`intent promote 1 --reason" in line
    assert champion_version(other) is None
    result = commands.promote(other, "1", "initial model")
    assert result == "version 1 is the champion; previous champion: none"


def test_unknown_version_is_an_error_with_the_existing_ones(
    settings: TrainingSettings, first_run: tuple[int, list[str]]
) -> None:
    assert first_run[0] == 0
    with pytest.raises(
        BadSetting, match=r"no version 7 in the registry sqlite:.*; existing versions: 1\b"
    ):
        commands.promote(settings, "7", "a test")
    other = changed(settings, model_name="other")
    with pytest.raises(
        BadSetting, match=r"no version 7 in the registry sqlite:.*; existing versions: none"
    ):
        commands.promote(other, "7", "a test")
