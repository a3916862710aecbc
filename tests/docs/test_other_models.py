"""docs/how-to/other-models.md, executed: from MLflow's call in a notebook to predictions."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mlflow
import pytest

from contract.errors import ModelUnavailable
from contract.model.checks import recorded_digest
from contract.model.version import ModelRejected
from contract.schema import CARS
from contract.settings import Settings, load
from stream_app.models.compile import compile_version
from stream_app.models.loader import ModelLoader
from stream_app.models.registries.sqlite_registry import SqliteRegistry
from stream_app.scoring.score import score_batch
from tests.docs.blocks import ROOT
from tests.support.scoring import LIMITS, NOW, a_message
from training.adoption.register import register
from training.adoption.request import Adoption
from training.settings import TrainingSettings

PAGE = ROOT / "docs" / "how-to" / "other-models.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
FORMATS = ("lightgbm", "xgboost", "catboost", "sklearn", "onnx")


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder in which the page's Python code was executed: versions 1 to 5 of `notebook`."""
    folder = tmp_path_factory.mktemp("notebook")
    shutil.copytree(ROOT / "data", folder / "data", ignore=shutil.ignore_patterns("*.py", "__*"))
    (folder / ".intent" / "mlflow").mkdir(parents=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        # MLflow would run each model in a process of its own to list what it imports
        patch.setattr(mlflow.models, "infer_pip_requirements", lambda *_, fallback, **__: fallback)
        names: dict[str, Any] = {}
        for block in BLOCKS:
            exec(block, names)  # noqa: S102  the page's code
        yield folder


@pytest.fixture
def settings(notebook: Path) -> TrainingSettings:
    return load(TrainingSettings, data_dir=notebook / ".intent")


def test_page_has_a_block_for_each_format() -> None:
    assert [re.search(r"mlflow\.(\w+)\.log_model", block) is not None for block in BLOCKS] == [
        False,
        *([True] * len(FORMATS)),
    ]


@pytest.mark.parametrize("version", range(1, 6), ids=FORMATS)
def test_model_of_the_notebook_is_registered_and_predicts(
    notebook: Path, settings: TrainingSettings, version: int
) -> None:
    adoption = Adoption(f"models:/notebook/{version}", notebook / "holdout.csv", "a@b")
    result = register(settings, adoption)
    number = re.findall(r"registered version (\d+) of car-purchase: ", result)[0]
    assert " us a row, accuracy 0." in result
    scorer = load(Settings, data_dir=settings.data_dir)
    entry = SqliteRegistry(settings.registry_uri, settings.model_name).version(number)
    compiled = compile_version(scorer, number)
    assert compiled.compiled_file or 0 < compiled.row_microseconds < 1_000
    model = ModelLoader(scorer, entry)._load_result(compiled)
    records = [
        a_message(b'{"Gender":"Male","Age":58,"AnnualSalary":140000}', offset=1),
        a_message(b'{"Gender":"Female","Age":20,"AnnualSalary":20000}', offset=2),
    ]
    scored = score_batch(records, model, NOW, LIMITS)
    found = [CARS.codec.decode_prediction(sent["value"]) for sent in scored.predictions]
    assert [(each.prediction, each.model_version) for each in found] == [(1, number), (0, number)]


def test_commands_of_the_page_set_the_alias(notebook: Path, settings: TrainingSettings) -> None:
    """Runs last: the gate needs the champion of the first command."""
    text = PAGE.read_text("utf-8")
    rows = notebook / "holdout.csv"
    assert "models:/notebook/1 --rows holdout.csv --alias champion --reason 'the first mo" in text
    first = Adoption("models:/notebook/1", rows, "a@b", "champion", "the first model")
    assert "it is the champion; previous champion: none" in register(settings, first)
    assert "models:/notebook/2 --rows holdout.csv --alias challenger" in text
    second = Adoption("models:/notebook/2", rows, "a@b", "challenger")
    try:
        assert "it is the challenger" in register(settings, second)
    except ModelUnavailable as rejected:
        assert str(rejected).startswith("the gate rejected version")  # noqa: PT017  either may be


def test_version_of_mlflow_alone_is_rejected_with_the_command_that_adopts_it(
    settings: TrainingSettings,
) -> None:
    entry = SqliteRegistry(settings.registry_uri, "notebook").version("3")
    with pytest.raises(ModelRejected) as rejected:
        recorded_digest(entry, "notebook")
    command = re.findall(r"`(intent register [^`]*)`", str(rejected.value))[0]
    assert command == "intent register models:/notebook/3 --rows ROWS.csv --alias challenger"
