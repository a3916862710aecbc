"""Models of every kind, fitted once for all tests."""

from collections.abc import Iterator
from typing import get_args

import pandas as pd
import pytest
from threadpoolctl import threadpool_limits  # ships no types

from data import dataset
from training.settings import Estimator
from training.train import Trained, fit

KINDS: tuple[Estimator, ...] = get_args(Estimator)


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
def fitted(rows: pd.DataFrame) -> dict[Estimator, Trained]:
    """A model of each kind, with the settings' defaults."""
    return {kind: fit(rows, kind, random_state=20, held_out_share=0.25) for kind in KINDS}
