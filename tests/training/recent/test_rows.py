"""The file of rows gives back the rows, whatever is in them."""

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from contract.schema import CARS
from data import dataset
from training.recent import rows
from training.train import Told, learn, probabilities


def test_data_set_is_given_back(rows_of_data_set: pd.DataFrame) -> None:
    again = rows.from_text(rows.to_text(rows_of_data_set))
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
def test_any_id_and_any_number_are_given_back(
    found: list[tuple[str, float, float, int]],
) -> None:
    names, ages, salaries, bought = zip(*found, strict=True)
    frame = pd.DataFrame(
        {
            "source": "stream", "id": names, "event_time": 5, "Gender": "Male",
            "Age": ages, "AnnualSalary": salaries, "Purchased": bought,
        }
    )  # fmt: skip
    pd.testing.assert_frame_equal(rows.from_text(rows.to_text(frame)), frame, check_exact=True)


def test_model_of_the_file_is_the_model_of_the_rows(rows_of_data_set: pd.DataFrame) -> None:
    told = Told("logistic", 20, 0.25, 100)
    again = rows.from_text(rows.to_text(rows_of_data_set))
    one, other = learn(rows_of_data_set, told), learn(again, told)
    found = (probabilities(each.model, rows_of_data_set) for each in (one, other))
    assert (next(found) == next(found)).all()
    assert len(dataset.load(CARS.dataset, CARS)) == len(again)
