"""Models of every kind, fitted once for all tests."""

from collections.abc import Iterator

import pandas as pd
import pytest
from threadpoolctl import threadpool_limits  # ships no types

from contract.schema import CARS
from data import dataset
from tests.support.models import KINDS
from training.recent.rows import of_data_set
from training.settings import Estimator
from training.train import Told, Trained, learn


@pytest.fixture(scope="package", autouse=True)
def _one_thread_a_model() -> Iterator[None]:
    # Threads of OpenMP that spin while they wait take minutes where other work has the cores.
    with threadpool_limits(limits=1):
        yield


@pytest.fixture(scope="package")
def rows() -> pd.DataFrame:
    """The data set that we ship."""
    return dataset.load(CARS.dataset, CARS)


@pytest.fixture(scope="package")
def rows_of_data_set(rows: pd.DataFrame) -> pd.DataFrame:
    """The same, as a training takes it."""
    return of_data_set(rows)


@pytest.fixture(scope="package")
def fitted(rows_of_data_set: pd.DataFrame) -> dict[Estimator, Trained]:
    """A model of each kind, with the settings' defaults."""
    return {kind: learn(rows_of_data_set, Told(kind, 20, 0.25, 4_000)) for kind in KINDS}
