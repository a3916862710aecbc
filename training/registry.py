"""Trained models, and what is known of them, in and out of the MLflow registry."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import mlflow
import mlflow.sklearn
import msgspec
import pandas as pd
from mlflow.exceptions import MlflowException
from mlflow.models import ModelSignature
from mlflow.tracking import MlflowClient
from mlflow.types.schema import ColSpec, Schema

from contract.classes import TEXTS
from contract.features import FEATURES
from contract.registry import DIGEST, EXAMPLE, MODEL_FILE, REFERENCE, TRUSTED_TYPES
from contract.schema.default import SCHEMA
from contract.settings import Settings
from training.cause import PREFIX
from training.champion import MISSING, answering
from training.evaluate import Scores
from training.example import example
from training.provenance import file_sha256, versions
from training.train import Trained

CALIBRATION: Final = "evaluation/calibration.csv"
"""Artifact of a version's run: the calibration table of the held-out rows."""

SIGNATURE: Final = ModelSignature(
    inputs=Schema(
        [
            ColSpec("double" if each.numerical else "string", each.name, required=not each.nullable)
            for each in SCHEMA.columns
        ]
    ),
    outputs=Schema([ColSpec("string" if TEXTS else "long")]),
)


@dataclass(frozen=True)
class Record:
    """What a version's run tells of it.

    Attributes:
        scores: on the held-out rows.
        calibration: the table of `training.evaluate.calibration`, likewise.
        params: what the training was told.
        tags: what the model was made from, and why.
        metrics: beside the scores.
        texts: artifacts, by their path.
    """

    scores: Scores
    calibration: pd.DataFrame
    params: Mapping[str, object]
    tags: Mapping[str, str]
    metrics: Mapping[str, float] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Told:
    """What the run of a registered version tells of it."""

    params: Mapping[str, str]
    tags: Mapping[str, str]
    metrics: Mapping[str, float]


def register(settings: Settings, trained: Trained, record: Record) -> str:
    """Records the run and registers its model; returns the version. Raises `ModelUnavailable`."""
    with answering(settings) as client:
        experiment = _experiment(client, settings)
        with mlflow.start_run(experiment_id=experiment, tags=dict(record.tags)) as run:
            mlflow.log_params(dict(record.params))
            mlflow.log_metrics({**asdict(record.scores), **record.metrics})
            mlflow.log_text(trained.reference.to_csv(index=False), REFERENCE)
            mlflow.log_text(record.calibration.to_csv(index=False), CALIBRATION)
            for path, text in record.texts.items():
                mlflow.log_text(text, path)
            logged = mlflow.sklearn.log_model(
                trained.model,
                name="model",
                serialization_format="skops",
                skops_trusted_types=list(TRUSTED_TYPES),
                signature=SIGNATURE,
                input_example=trained.held_out[list(FEATURES)].head(5),
                pip_requirements=[  # named, or MLflow finds them by running the model elsewhere
                    f"{name}=={number}" for name, number in versions().items() if name != "python"
                ],
            )
        digest = _digest_and_example(client, str(logged.model_id), trained)
        _ensure_model(client, settings.model_name)
        version = client.create_model_version(
            settings.model_name,
            logged.model_uri,
            run.info.run_id,
            tags={
                DIGEST: digest,
                **{key: each for key, each in record.tags.items() if key.startswith(PREFIX)},
            },
            model_id=logged.model_id,
        )
        return str(version.version)


def told(settings: Settings, version: str) -> Told:
    """What the run of a version tells of it. Raises `ModelUnavailable`."""
    with answering(settings) as client:
        run = client.get_model_version(settings.model_name, version).run_id
        if not run:
            return Told({}, {}, {})
        data = client.get_run(run).data
        return Told(dict(data.params), dict(data.tags), dict(data.metrics))


def artifact(settings: Settings, version: str, path: str) -> bytes:
    """An artifact of a version's run. Raises `ModelUnavailable`."""
    with answering(settings) as client, TemporaryDirectory() as folder:
        run = client.get_model_version(settings.model_name, version).run_id
        found = mlflow.artifacts.download_artifacts(
            run_id=run, artifact_path=path, dst_path=folder, tracking_uri=settings.registry_uri
        )
        return Path(found).read_bytes()


def _digest_and_example(client: MlflowClient, model_id: str, trained: Trained) -> str:
    """Logs the model's example beside it; returns the digest of its file as the store has it."""
    with TemporaryDirectory() as folder:
        told = Path(folder, EXAMPLE)
        told.write_bytes(msgspec.json.encode(example(trained.model, trained.held_out)))
        client.log_model_artifact(model_id, str(told))
        uri = f"{client.get_logged_model(model_id).artifact_location}/{MODEL_FILE}"
        return file_sha256(Path(mlflow.artifacts.download_artifacts(uri, dst_path=folder)))


def _experiment(client: MlflowClient, settings: Settings) -> str:
    """The id of the experiment that holds the model's runs; made if need be."""
    found = client.get_experiment_by_name(settings.model_name)
    if found:
        return str(found.experiment_id)
    serves_artifacts = settings.registry_uri.startswith(("http://", "https://"))
    folder = settings.data_dir.resolve() / "mlflow" / "artifacts"
    return str(
        client.create_experiment(settings.model_name, None if serves_artifacts else folder.as_uri())
    )


def _ensure_model(client: MlflowClient, name: str) -> None:
    try:
        client.get_registered_model(name)
    except MlflowException as failure:
        if failure.error_code not in MISSING:
            raise
        client.create_registered_model(name)
