"""Models of every kind, fitted once for all tests."""

from collections.abc import Iterator, Mapping
from typing import get_args

import pandas as pd
import pytest
from mlflow.tracking import MlflowClient
from threadpoolctl import threadpool_limits  # ships no types

from contract.registry import CHAMPION, DIGEST
from data import dataset
from training.recent.rows import of_data_set
from training.settings import Estimator, TrainingSettings
from training.train import Told, Trained, learn

KINDS: tuple[Estimator, ...] = get_args(Estimator)


def copy_champion(champion: Mapping[str, str], to: TrainingSettings, versions: int) -> MlflowClient:
    """Registers a model whose versions all hold the champion's files; none has an alias."""
    client = MlflowClient(to.registry_uri, to.registry_uri)
    name = champion["model_name"]
    one = client.get_model_version_by_alias(name, CHAMPION)
    files = client.get_model_version_download_uri(name, one.version)
    client.create_registered_model(to.model_name)
    for _ in range(versions):
        client.create_model_version(to.model_name, files, tags={DIGEST: one.tags[DIGEST]})
    return client


@pytest.fixture(scope="package", autouse=True)
def _one_thread_a_model() -> Iterator[None]:
    # Threads of OpenMP that spin while they wait take minutes where other work has the cores.
    with threadpool_limits(limits=1):
        yield


@pytest.fixture(scope="package")
def rows() -> pd.DataFrame:
    """The data set that we ship."""
    return dataset.load(dataset.DEFAULT)


@pytest.fixture(scope="package")
def rows_of_data_set(rows: pd.DataFrame) -> pd.DataFrame:
    """The same, as a training takes it."""
    return of_data_set(rows)


@pytest.fixture(scope="package")
def fitted(rows_of_data_set: pd.DataFrame) -> dict[Estimator, Trained]:
    """A model of each kind, with the settings' defaults."""
    return {kind: learn(rows_of_data_set, Told(kind, 20, 0.25, 4_000)) for kind in KINDS}
