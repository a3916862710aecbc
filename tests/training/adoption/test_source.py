"""A folder that MLflow saved may be damaged."""

from pathlib import Path

import pytest

from contract.errors import ModelUnavailable
from contract.settings import Settings, load
from training.adoption.source import open_source


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is damaged: MLflow cannot read"),
        ("flavors: [\n", "is damaged: MLflow cannot read"),
        ("flavors: 5\n", "is damaged: MLflow cannot read"),
        ("flavors: {onnx: data}\n", "is damaged: MLflow cannot read"),
        ("flavors: {onnx: {data: a.onnx}}\nsignature: {inputs: 5}\n", "is damaged"),
        ("flavors: {onnx: {data: a.onnx}}\n", "a.onnx is missing"),
    ],
)
def test_a_damaged_folder_of_mlflow_is_said_to_be_one(
    tmp_path: Path, text: str, message: str
) -> None:
    (tmp_path / "MLmodel").write_text(text)
    with (
        pytest.raises(ModelUnavailable, match=message),
        open_source(load(Settings), str(tmp_path)) as source,
    ):
        pytest.fail(f"{source} was opened")
