"""Models of every kind, trained once for all tests."""

from collections.abc import Iterator

import pandas as pd
import pytest
from threadpoolctl import threadpool_limits  # ships no types

from contract.schema import CARS
from data import dataset
from tests.support.models import ESTIMATORS
from training.lookback.rows import from_dataset
from training.settings import Estimator
from training.train import TrainingParams, TrainingResult, train


@pytest.fixture(scope="package", autouse=True)
def _one_thread_a_model() -> Iterator[None]:
    # OpenMP threads that spin while they wait take minutes on a busy machine.
    with threadpool_limits(limits=1):
        yield


@pytest.fixture(scope="package")
def rows() -> pd.DataFrame:
    """The data set that we ship."""
    return dataset.load_dataset(CARS.dataset, CARS)


@pytest.fixture(scope="package")
def rows_of_data_set(rows: pd.DataFrame) -> pd.DataFrame:
    """The same as training rows."""
    return from_dataset(rows, CARS)


@pytest.fixture(scope="package")
def fitted(rows_of_data_set: pd.DataFrame) -> dict[Estimator, TrainingResult]:
    """A model of each kind, with the settings' defaults."""
    return {
        kind: train(rows_of_data_set, TrainingParams(CARS, kind, 20, 0.25, 4_000))
        for kind in ESTIMATORS
    }
