"""Rows survive the round trip through CSV, whatever is in them."""

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from contract.schema import CARS
from data import dataset
from training.lookback import rows
from training.train import TrainingParams, outputs, train


def test_data_set_survives_the_round_trip(rows_of_data_set: pd.DataFrame) -> None:
    again = rows.from_csv(rows.to_csv(rows_of_data_set), CARS)
    pd.testing.assert_frame_equal(again, rows_of_data_set, check_exact=True)


@given(
    st.lists(
        st.tuples(
            st.text(st.characters(), min_size=1),
            st.floats(0, 150),
            st.floats(0, 1e9),
            st.integers(0, 1),
        ),
        min_size=1,
    )
)
def test_any_id_and_any_number_survive_the_round_trip(
    values: list[tuple[str, float, float, int]],
) -> None:
    names, ages, salaries, bought = zip(*values, strict=True)
    frame = pd.DataFrame(
        {
            "source": "stream", "id": names, "event_time": 5, "Gender": "Male",
            "Age": ages, "AnnualSalary": salaries, "Purchased": bought,
        }
    )  # fmt: skip
    pd.testing.assert_frame_equal(rows.from_csv(rows.to_csv(frame), CARS), frame, check_exact=True)


def test_model_of_rows_read_back_is_the_same(rows_of_data_set: pd.DataFrame) -> None:
    params = TrainingParams(CARS, "logistic", 20, 0.25, 100)
    again = rows.from_csv(rows.to_csv(rows_of_data_set), CARS)
    one, other = train(rows_of_data_set, params), train(again, params)
    predictions = (outputs(result.model, rows_of_data_set, CARS) for result in (one, other))
    assert (next(predictions) == next(predictions)).all()
    assert len(dataset.load_dataset(CARS.dataset, CARS)) == len(again)
