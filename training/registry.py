"""Registers trained models with their runs in MLflow, and reads the runs back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import mlflow
import mlflow.sklearn
import msgspec
import pandas as pd
from mlflow.exceptions import MlflowException
from mlflow.models import ModelSignature
from mlflow.tracking import MlflowClient
from mlflow.types import schema as mlflow_schema

from contract.model.predictor import predict
from contract.registry import (
    DIGEST_TAG,
    EXAMPLE_FILE,
    INTERVAL_TAG,
    MODEL_FILE,
    REFERENCE_FILE,
    THRESHOLD_TAG,
    TRUSTED_TYPES,
    Example,
)
from contract.schema import Schema
from contract.schema.task import DecisionRule
from contract.settings import Settings, schema_of
from training.provenance import file_sha256, library_versions
from training.registry_client import NOT_FOUND_CODES, registry_client
from training.train import TrainingResult
from training.trigger import TAG_PREFIX

CALIBRATION: Final = "evaluation/calibration.csv"
"""Artifact of a version's run: the calibration table of the held-out rows."""

EXAMPLE_ROWS: Final = 50
"""Enough that a different model differs in some of them."""


@dataclass(frozen=True)
class RunRecord:
    """What is logged to a version's run.

    Attributes:
        scores: on the held-out rows.
        calibration: the calibration table of the same rows; None of numbers.
        params: of the training.
        tags: provenance, trigger, and the gate's decision.
        metrics: in addition to the scores.
        texts: artifacts, by their path.
    """

    scores: Mapping[str, float]
    calibration: pd.DataFrame | None
    params: Mapping[str, object]
    tags: Mapping[str, str]
    metrics: Mapping[str, float] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RunData:
    """Params, tags and metrics of a registered version's run."""

    params: Mapping[str, str]
    tags: Mapping[str, str]
    metrics: Mapping[str, float]


def register_model(settings: Settings, result: TrainingResult, record: RunRecord) -> str:
    """Logs the run and registers its model; returns the version. Raises `ModelUnavailable`."""
    schema = schema_of(settings)
    with registry_client(settings) as client:
        experiment = experiment_id(client, settings)
        with mlflow.start_run(experiment_id=experiment, tags=dict(record.tags)) as run:
            mlflow.log_params(dict(record.params))
            mlflow.log_metrics({**record.scores, **record.metrics})
            mlflow.log_text(result.reference.to_csv(index=False), REFERENCE_FILE)
            if record.calibration is not None:
                mlflow.log_text(record.calibration.to_csv(index=False), CALIBRATION)
            for path, text in record.texts.items():
                mlflow.log_text(text, path)
            logged = mlflow.sklearn.log_model(
                result.model,
                name="model",
                serialization_format="skops",
                skops_trusted_types=[*TRUSTED_TYPES, *settings.trusted_types],
                signature=_signature(schema),
                input_example=result.held_out[list(schema.features)].head(5),
                pip_requirements=[  # without them MLflow runs the model in a process to infer them
                    f"{name}=={version}"
                    for name, version in library_versions().items()
                    if name != "python"
                ],
            )
        digest = _log_example(client, str(logged.model_id), result, schema)
        ensure_registered_model(client, settings.model_name)
        version = client.create_model_version(
            settings.model_name,
            logged.model_uri,
            run.info.run_id,
            tags={
                DIGEST_TAG: digest,
                **rule_tags(schema, result.rule),
                **{
                    name: value
                    for name, value in record.tags.items()
                    if name.startswith(TAG_PREFIX)
                },
            },
            model_id=logged.model_id,
        )
        return str(version.version)


def read_run(settings: Settings, version: str) -> RunData:
    """Reads the run of a version; empty if it has none. Raises `ModelUnavailable`."""
    with registry_client(settings) as client:
        run_id = client.get_model_version(settings.model_name, version).run_id
        if not run_id:
            return RunData({}, {}, {})
        data = client.get_run(run_id).data
        return RunData(dict(data.params), dict(data.tags), dict(data.metrics))


def read_artifact(settings: Settings, version: str, path: str) -> bytes:
    """Reads an artifact of a version's run. Raises `ModelUnavailable`."""
    with registry_client(settings) as client, TemporaryDirectory() as folder:
        run_id = client.get_model_version(settings.model_name, version).run_id
        file = mlflow.artifacts.download_artifacts(
            run_id=run_id, artifact_path=path, dst_path=folder, tracking_uri=settings.registry_uri
        )
        return Path(file).read_bytes()


def make_example(model: Any, rows: pd.DataFrame, schema: Schema) -> Example:
    """The model's outputs of the first rows, which it must repeat wherever it is loaded."""
    inputs = schema.encoder.to_records(rows.head(EXAMPLE_ROWS))
    return Example(inputs, predict(model, schema.encoder.to_frame(inputs), schema).tolist())


def rule_tags(schema: Schema, rule: DecisionRule) -> Mapping[str, str]:
    """The tags from which `ModelVersion.from_tags` reads a rule."""
    if rule.interval is not None:
        return {INTERVAL_TAG: msgspec.json.encode(rule.interval).decode()}
    if schema.task.numeric or schema.classes.multiclass:
        return {}
    return {THRESHOLD_TAG: repr(rule.threshold)}


def _signature(schema: Schema) -> ModelSignature:
    inputs: list[Any] = [
        mlflow_schema.ColSpec(
            "double" if each.numerical else "string", each.name, required=not each.nullable
        )
        for each in schema.inputs
    ]
    task = schema.task
    output = mlflow_schema.ColSpec(
        "double" if task.numeric else "string" if task.textual else "long"
    )
    return ModelSignature(
        inputs=mlflow_schema.Schema(inputs), outputs=mlflow_schema.Schema([output])
    )


def _log_example(
    client: MlflowClient, model_id: str, result: TrainingResult, schema: Schema
) -> str:
    """Logs the model's example; returns the digest of the model's file in the artifact store."""
    with TemporaryDirectory() as folder:
        file = Path(folder, EXAMPLE_FILE)
        example = make_example(result.model, result.held_out, schema)
        file.write_bytes(msgspec.json.encode(example))
        client.log_model_artifact(model_id, str(file))
        uri = f"{client.get_logged_model(model_id).artifact_location}/{MODEL_FILE}"
        return file_sha256(Path(mlflow.artifacts.download_artifacts(uri, dst_path=folder)))


def experiment_id(client: MlflowClient, settings: Settings) -> str:
    """The experiment that holds the model's runs; created if it does not exist."""
    experiment = client.get_experiment_by_name(settings.model_name)
    if experiment:
        return str(experiment.experiment_id)
    serves_artifacts = settings.registry_uri.startswith(("http://", "https://"))
    folder = settings.data_dir.resolve() / "mlflow" / "artifacts"
    return str(
        client.create_experiment(settings.model_name, None if serves_artifacts else folder.as_uri())
    )


def ensure_registered_model(client: MlflowClient, name: str) -> None:
    """Creates the registered model if it does not exist."""
    try:
        client.get_registered_model(name)
    except MlflowException as failure:
        if failure.error_code not in NOT_FOUND_CODES:
            raise
        client.create_registered_model(name)
