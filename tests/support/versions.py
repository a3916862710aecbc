"""A registry with versions of a model."""

import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from mlflow.tracking import MlflowClient

from contract.registry import DIGEST_TAG
from contract.schema import CARS
from contract.schema.task import DEFAULT_RULE
from contract.settings import schema_of
from data import dataset
from training import estimators, registry, train
from training.registry import RunRecord
from training.settings import Estimator, TrainingSettings
from training.task import task_of
from training.train import TrainingResult

MODEL_NAME = CARS.name


def register_version(
    settings: TrainingSettings, estimator: Estimator, random_state: int = 20
) -> str:
    """Fits and registers a model as training does, in a tenth of the time; it has no alias."""
    schema = schema_of(settings)
    rows = dataset.load_dataset(settings.dataset, schema)[[*schema.features, schema.target.name]]
    kept, held_out = rows[::2], rows[1::2]
    model = estimators.build_pipeline(estimator, random_state, schema)
    model.fit(kept[list(schema.features)], kept[schema.target.name])
    task = task_of(schema)
    actual = task.encode(held_out[schema.target.name])
    found = train.outputs(model, held_out, schema)
    metrics = task.metrics(actual, found, DEFAULT_RULE, settings.costs)
    record = RunRecord(metrics, task.calibration(actual, found), {}, {})
    return registry.register_model(settings, TrainingResult(model, held_out, held_out), record)


@dataclass(frozen=True)
class RegistryCopy:
    """A registry of SQLite that no other test has, and whose files may be spoilt."""

    tables: Path

    @property
    def uri(self) -> str:
        return f"sqlite:///{self.tables}"

    @property
    def client(self) -> MlflowClient:
        return MlflowClient(self.uri, self.uri)

    def point(self, alias: str, version: str) -> None:
        """Moves an alias, as training does."""
        self.client.set_registered_model_alias(MODEL_NAME, alias, version)

    def drop(self, alias: str) -> None:
        self.client.delete_registered_model_alias(MODEL_NAME, alias)

    def folder(self, version: str) -> Path:
        """The artifacts of a version: a copy that this registry alone has."""
        uri = self.client.get_model_version_download_uri(MODEL_NAME, version)
        theirs = Path(uri.removeprefix("file://"))
        own = self.tables.parent / f"artifacts-{version}"
        if theirs == own:
            return own
        shutil.copytree(theirs, own)
        with closing(sqlite3.connect(self.tables)) as tables, tables:
            tables.execute(
                "UPDATE model_versions SET storage_location = ? WHERE version = ?",
                (own.as_uri(), version),
            )
        return own

    def record(self, version: str, digest: str | None) -> None:
        """Changes what is recorded of a version's file."""
        if digest is None:
            self.client.delete_model_version_tag(MODEL_NAME, version, DIGEST_TAG)
        else:
            self.client.set_model_version_tag(MODEL_NAME, version, DIGEST_TAG, digest)


def copy_registry(versions: Path, folder: Path) -> RegistryCopy:
    """A registry with the same versions, and aliases of its own."""
    folder.mkdir(exist_ok=True)
    own = RegistryCopy(folder / "mlflow.db")
    with closing(sqlite3.connect(versions)) as one, closing(sqlite3.connect(own.tables)) as other:
        one.backup(other)
    return own
