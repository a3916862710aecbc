"""`python -m training` in a process of its own, on a registry of its own: what it leaves, and what
it says is wrong.
"""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from mlflow.tracking import MlflowClient

from contract.errors import BadSetting, ModelUnavailable
from contract.settings import load
from tests.support.trainings import failure, run
from training import commands, manual_promotion
from training.registry_client import champion_version
from training.settings import TrainingSettings


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> TrainingSettings:
    return load(TrainingSettings, data_dir=tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def first_run(settings: TrainingSettings) -> tuple[int, list[str]]:
    """What a run with `--if-missing` says where there is no registry yet."""
    return run(settings, "--if-missing")


def versions(settings: TrainingSettings) -> list[str]:
    client = MlflowClient(settings.registry_uri, settings.registry_uri)
    found = client.search_model_versions(f"name = '{settings.model_name}'")
    return sorted(str(each.version) for each in found)


def prefect_runs(settings: TrainingSettings, kind: str) -> list[tuple[str, str]]:
    """Name and state of the runs that the Prefect server has on disk."""
    with closing(sqlite3.connect(settings.data_dir / "prefect" / "prefect.db")) as database:
        rows = database.execute(f"SELECT name, state_type FROM {kind}_run ORDER BY start_time")  # noqa: S608 our own word
        return [(name.rpartition("-")[0], state) for name, state in rows]


def test_first_run_registers_a_champion_and_says_so(
    settings: TrainingSettings, first_run: tuple[int, list[str]]
) -> None:
    code, said = first_run
    assert code == 0
    assert len(said) == 1
    assert "model=car-purchase version=1 role=champion" in said[0]
    assert champion_version(settings) == "1"


@pytest.mark.usefixtures("first_run")
def test_first_training_needs_no_prefect_server(settings: TrainingSettings) -> None:
    assert not (settings.data_dir / "prefect").exists()


@pytest.mark.usefixtures("first_run")
def test_all_that_is_kept_is_below_the_home_folder(settings: TrainingSettings) -> None:
    assert {path.name for path in settings.data_dir.iterdir()} == {"mlflow", "training"}


@pytest.mark.usefixtures("first_run")
def test_no_second_model_is_trained_if_only_a_missing_one_is_asked_for(
    settings: TrainingSettings,
) -> None:
    code, said = run(settings, "--if-missing")
    assert (code, len(said)) == (0, 1)
    assert "champion exists already model=car-purchase version=1" in said[0]
    assert versions(settings) == ["1"]


@pytest.mark.usefixtures("first_run")
def test_later_run_is_a_prefect_flow_whose_steps_are_tasks(settings: TrainingSettings) -> None:
    own = changed(settings, lookback_hours=0)
    code, said = run(own)
    assert code == 0, said
    assert "model=car-purchase version=2 role=rejected" in said[-1]
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
    code, said = failure(changed(settings, dataset=path, data_dir=tmp_path / "home"))
    assert code == 3
    assert f"{path}, line 2, column Age: 'old' must be a number from 0 to 150" in said


def test_registry_that_does_not_answer_is_one_line_that_names_it(
    settings: TrainingSettings, tmp_path: Path
) -> None:
    code, said = failure(changed(settings, mlflow_uri="http://127.0.0.1:1", data_dir=tmp_path))
    assert code == 6
    assert "http://127.0.0.1:1" in said
    assert "INTENT_MLFLOW_URI" in said


def test_home_that_cannot_be_written_is_one_line_that_names_it(
    settings: TrainingSettings, tmp_path: Path
) -> None:
    file = tmp_path / "file"
    file.touch()
    code, said = failure(changed(settings, data_dir=file / "home"))
    assert code == 8
    assert str(file) in said


def test_setting_out_of_range_is_one_line_that_names_it(settings: TrainingSettings) -> None:
    code, said = failure(changed(settings, held_out_ratio=1.5))
    assert code == 2
    assert "INTENT_HELD_OUT_RATIO=1.5" in said


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
    own = changed(settings, data_dir=tmp_path / "home")
    with pytest.raises(
        ModelUnavailable, match=f"no registry at sqlite:///{tmp_path}.*INTENT_DATA_DIR"
    ):
        command(own)
    assert not own.data_dir.exists()


def test_first_version_that_the_gate_rejects_is_told_with_how_to_go_on(
    settings: TrainingSettings, tmp_path: Path
) -> None:
    random = np.random.default_rng(1)
    rows = [
        f"{number},Male,{random.integers(18, 70)},{random.integers(15_000, 150_000)},{number % 2}"
        for number in range(400)
    ]
    noise = tmp_path / "noise.csv"
    noise.write_text("\n".join(["User ID,Gender,Age,AnnualSalary,Purchased", *rows]), "utf-8")
    own = changed(settings, data_dir=tmp_path / "home", dataset=noise)
    with pytest.raises(ModelUnavailable) as told:
        commands.train_initial_model(own)
    said = str(told.value)
    assert "car-purchase has no champion: the gate rejected version 1 (it saves -" in said
    assert "INTENT_ESTIMATOR=random_forest or hist_gradient_boosting" in said
    assert "`intent promote 1 --reason" in said
    assert champion_version(own) is None
    result = manual_promotion.promote(own, "1", "initial model")
    assert result == "version 1 is the champion; previous champion: none"


def test_version_that_there_is_not_is_told_with_those_that_there_are(
    settings: TrainingSettings, first_run: tuple[int, list[str]], tmp_path: Path
) -> None:
    assert first_run[0] == 0
    with pytest.raises(
        BadSetting, match=r"no version 7 in the registry sqlite:.*; existing versions: 1\b"
    ):
        manual_promotion.promote(settings, "7", "odd")
    empty = changed(settings, data_dir=tmp_path)
    with pytest.raises(
        BadSetting, match=r"no version 7 in the registry sqlite:.*; existing versions: none"
    ):
        manual_promotion.promote(empty, "7", "odd")
