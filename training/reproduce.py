"""Trains a version again from its logged rows: `intent reproduce`."""

# ruff: noqa: PLC0415  MLflow reads its environment variables at import

from dataclasses import dataclass
from typing import TYPE_CHECKING

from contract.errors import ModelUnavailable
from contract.schema import Schema
from contract.settings import schema_of
from training.settings import DEFAULT_INTERVAL_LEVEL, TrainingSettings

if TYPE_CHECKING:
    from training.registry import RunData
    from training.train import TrainingParams


@dataclass(frozen=True)
class Reproduction:
    """Result of training a version again.

    Attributes:
        rows: of the training.
        max_difference: the largest between the two models' outputs of these rows; 0 if the
            models are equal, bit by bit.
        changed_libraries: old and new version of each library that differs.
    """

    rows: int
    max_difference: float
    changed_libraries: dict[str, tuple[str, str]]


def reproduce(settings: TrainingSettings, version: str) -> Reproduction:
    """Trains the version again from its own rows with its own parameters.

    Raises:
        ModelUnavailable: the registry does not answer, or the rows were changed or not logged.
    """
    from training import model_loading, provenance, registry, train
    from training.lookback import rows as training_rows
    from training.threads import limit_threads

    data = registry.read_run(settings, version)
    digest = data.tags.get("data.artifact_sha256")
    if digest is None:
        raise ModelUnavailable(
            f"cannot reproduce version {version} of {settings.model_name}: it has no logged rows; "
            "name a version that `intent train` made"
        )
    text = registry.read_artifact(settings, version, training_rows.ARTIFACT).decode()
    if provenance.text_sha256(text) != digest:
        raise ModelUnavailable(
            f"cannot reproduce version {version} of {settings.model_name}: its artifact "
            f"{training_rows.ARTIFACT} was changed after the training; restore it"
        )
    schema = schema_of(settings)
    rows = training_rows.from_csv(text, schema)
    with limit_threads():
        reproduced = train.train(rows, _training_params(data, schema)).model
    original = model_loading.load_model(settings, version)
    difference = train.outputs(reproduced, rows, schema)
    difference = difference - train.outputs(original, rows, schema)
    current = provenance.library_versions()
    changed = {
        name: (data.tags[f"version.{name}"], current[name])
        for name in current
        if data.tags[f"version.{name}"] != current[name]
    }
    return Reproduction(len(rows), float(abs(difference).max()), changed)


def _training_params(data: "RunData", schema: Schema) -> "TrainingParams":
    from training.threshold import Costs
    from training.train import TrainingParams

    params = data.params
    return TrainingParams(
        schema,
        params["estimator"],
        int(params["random_state"]),
        float(params["held_out_ratio"]),
        int(params["evaluation_rows"]),
        params.get("class_weight", "none"),  # an older version has none
        Costs(
            float(params.get("cost_false_positive", 1)), float(params.get("cost_false_negative", 1))
        ),
        float(params.get("interval_level", DEFAULT_INTERVAL_LEVEL)),
    )
