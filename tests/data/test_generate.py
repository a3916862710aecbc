"""The shipped data set is reproducible, and has the documented shape and relations."""

import csv
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from contract.schema import CARS
from data import dataset, generate
from data.population import MAX_AGE, MAX_SALARY, MIN_AGE, MIN_SALARY, SALARY_STEP

SHIPPED = Path(CARS.dataset).read_bytes()


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return dataset.load_dataset(CARS.dataset, CARS)


def test_generator_writes_the_very_bytes_that_we_ship(tmp_path: Path) -> None:
    path = tmp_path / "made.csv"
    subprocess.run([sys.executable, "-m", "data.generate", str(path)], check=True, timeout=60)
    assert path.read_bytes() == SHIPPED


def test_another_seed_gives_other_customers() -> None:
    assert (
        generate.dataset_csv(seed=1) == generate.dataset_csv(seed=1) != generate.dataset_csv(seed=2)
    )


def test_header_is_that_of_the_kaggle_file() -> None:
    header = next(csv.reader(SHIPPED.decode().splitlines()))
    assert header == ["User ID", "Gender", "Age", "AnnualSalary", "Purchased"]


def test_there_are_a_thousand_customers_each_with_an_id_of_their_own(frame: pd.DataFrame) -> None:
    assert len(frame) == 1_000
    assert set(frame["User ID"]) == {str(number) for number in range(1, 1_001)}


def test_values_keep_to_the_ranges_and_steps_of_the_kaggle_file(frame: pd.DataFrame) -> None:
    assert set(frame["Gender"]) == {"Female", "Male"}
    assert frame["Age"].between(MIN_AGE, MAX_AGE).all()
    assert (frame["Age"] % 1 == 0).all()
    assert frame["AnnualSalary"].between(MIN_SALARY, MAX_SALARY).all()
    assert (frame["AnnualSalary"] % SALARY_STEP == 0).all()
    assert set(frame["Purchased"]) == {0, 1}


def test_who_buys_is_plausible(frame: pd.DataFrame) -> None:
    assert 0.35 < frame["Purchased"].mean() < 0.45
    bought = frame.groupby("Purchased")
    assert np.diff(bought["Age"].mean())[0] > 10
    assert np.diff(bought["AnnualSalary"].mean())[0] > 10_000


def test_salary_rises_with_age_and_levels_off(frame: pd.DataFrame) -> None:
    by_age = frame.groupby(pd.cut(frame["Age"], [17, 32, 48, 63]), observed=True)
    young, middle, old = by_age["AnnualSalary"].mean()
    assert young + 5_000 < middle
    assert abs(old - middle) < middle - young
