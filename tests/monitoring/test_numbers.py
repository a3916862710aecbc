"""A numeric target in windows, drift rule, alerts, metrics and reports, without Kafka."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry
from scipy.stats import t as student
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

from contract.events import Alert
from contract.schema import CARS
from contract.schema.task import DecisionRule
from monitoring.alerts import ComparedWindow, OpenIncidents, update_incidents
from monitoring.drift.columns import COVERAGE, PREDICTION
from monitoring.drift.config import DriftConfig
from monitoring.drift.state import DriftState
from monitoring.metrics.metrics import MonitoringMetrics
from monitoring.metrics.performance import RegressionMetrics
from monitoring.performance_estimation.interval import mean_interval
from monitoring.reporting.baseline import Baseline
from monitoring.reporting.reference import ReferenceSet
from monitoring.reporting.samples import ID_COLUMN, labelled_rows, sample_table
from monitoring.reporting.window_archive import ArchivedWindow, WindowArchive
from monitoring.reporting.window_index import WindowIndex
from monitoring.windows.batch import EventBatch, MessageBatch, OutcomeBatch
from monitoring.windows.decode import decode_outcomes, hash_ids
from monitoring.windows.labelled_window import LabelledWindow
from monitoring.windows.pending_labels import PendingLabels
from monitoring.windows.regression_scores import RegressionScores
from monitoring.windows.window import OpenWindow, WindowLimits
from tests.examples.deliveries import SCHEMA
from tests.monitoring.builders import OUTCOMES, a_summary
from tests.monitoring.deliveries import (
    INTERVAL,
    LENGTH,
    LIMITS,
    a_prediction,
    batches,
    closed_window,
    deliveries,
    windows,
)

EVER = float("inf")


def test_scores_are_those_of_scikit_learn() -> None:
    rows = deliveries(400, 1, shift=3)
    actual, number = rows["minutes"].to_numpy(), rows[PREDICTION].to_numpy()
    scores = closed_window(rows, 0).labels.regression_scores()
    assert scores.mae is not None
    assert scores.bias is not None
    assert scores.coverage is not None
    assert scores.rows == 400
    assert scores.mae.value == pytest.approx(mean_absolute_error(actual, number))
    assert scores.rmse == pytest.approx(root_mean_squared_error(actual, number))
    assert scores.r2 == pytest.approx(r2_score(actual, number))
    assert scores.bias.value == pytest.approx(np.mean(number - actual))
    assert scores.bias.value < -2  # too low
    low, high = np.maximum(0, number - INTERVAL.margin), np.minimum(600, number + INTERVAL.margin)
    assert scores.coverage.value == np.mean((low <= actual) & (actual <= high))
    assert scores.interval_width == pytest.approx(np.mean(high - low))


def test_interval_of_a_mean_is_students() -> None:
    values = np.random.default_rng(1).exponential(3, 20)
    found = mean_interval(values)
    assert found is not None
    expected = student.interval(0.95, 19, values.mean(), values.std(ddof=1) / np.sqrt(20))
    assert (found.low, found.high) == pytest.approx(expected)
    assert mean_interval(values[:1]) is None
    cut = mean_interval(np.array([0.0, 0.0, 1.0]), lowest=0.0)
    assert cut is not None
    assert cut.low == 0.0


def test_interval_of_the_mean_error_covers_the_true_one() -> None:
    random = np.random.default_rng(2)
    found = [mean_interval(np.abs(random.normal(0, 1, 200))) for _ in range(2_000)]
    covered = sum(each is not None and each.contains(np.sqrt(2 / np.pi)) for each in found)
    assert 0.935 <= covered / 2_000 <= 0.965  # three standard errors around 95 %


def test_outcome_at_the_end_of_its_interval_is_inside() -> None:
    ends = np.array([[5.0, 0.0, 10.0], [5.0, 0.0, 10.0], [5.0, 0.0, 10.0]])
    scores = RegressionScores.measure(np.array([0.0, 10.0, 10.1]), ends)
    assert scores.coverage is not None
    assert scores.coverage.value == pytest.approx(2 / 3)


def test_scores_without_outcomes_intervals_or_variance_are_undefined() -> None:
    nan = float("nan")
    assert closed_labels([], {}).regression_scores() == RegressionScores(0)
    alone = RegressionScores.measure(np.array([1.0]), np.array([[2.0, nan, nan]]))
    assert (alone.rows, alone.mae, alone.rmse, alone.r2) == (1, None, 1.0, None)
    assert (alone.coverage, alone.interval_width) == (None, None)


@pytest.mark.parametrize(
    ("actual", "number"), [(1e308, -1e308), (1e200, 5.0), (5.0, 1e308), (-1e308, 1e308)]
)
def test_an_enormous_number_does_not_keep_the_next_process_from_reading_the_index(
    tmp_path: Path, actual: float, number: float
) -> None:
    predicted = np.array([[number, -number, number], [2.0, 1.0, 3.0], [4.0, 3.0, 5.0]])
    scores = RegressionScores.measure(np.array([actual, 2.5, 4.5]), predicted)
    index = WindowIndex(tmp_path, 5)
    index.save(a_summary(0, regression=scores))
    assert WindowIndex(tmp_path, 5).newest_first() == index.newest_first()
    assert scores.coverage is not None
    assert scores.rmse is None


def closed_labels(names: Sequence[str], outcomes: dict[str, float]) -> LabelledWindow:
    opened = OpenWindow(0, LENGTH, LIMITS, SCHEMA.task)
    opened.add_predictions(
        hash_ids(names), [a_prediction(name, 5.0, None) for name in names], np.arange(len(names))
    )
    labels = opened.close().labels
    values = np.array([*outcomes.values()], np.float64)
    labels.add_outcomes(
        OutcomeBatch(OUTCOMES, np.arange(len(values)), hash_ids([*outcomes]), values)
    )
    return labels


def test_first_number_of_an_id_stands_and_an_outcome_of_255_is_one() -> None:
    labels = closed_labels(["a", "b"], {"a": 255.0})
    again = OutcomeBatch(OUTCOMES, np.array([9]), hash_ids(["a"]), np.array([1.0]))
    matched, new = labels.add_outcomes(again)
    assert (matched.tolist(), new, labels.labelled_rows) == ([True], 0, 1)
    found = labels.outcomes_of(hash_ids(["a", "b", "stranger"])).tolist()
    assert found[0] == 255.0
    assert np.isnan(found[1:]).all()


def test_errors_are_measured_on_the_sample_and_outcomes_counted_of_all() -> None:
    rows = deliveries(500, 3)
    labels = closed_window(rows, 0, WindowLimits(100, 10_000, 10_000)).labels
    sampled = np.argsort(hash_ids([f"0-{number}" for number in range(500)]))[:100]
    scores = labels.regression_scores()
    assert (labels.labelled_rows, scores.rows) == (500, 100)
    errors = (rows[PREDICTION] - rows["minutes"]).to_numpy()[sampled]
    assert scores.mae is not None
    assert scores.mae.value == pytest.approx(np.abs(errors).mean())


def test_larger_sample_than_before_does_not_mix_up_predictions() -> None:
    rows = deliveries(60, 4)
    early, late = rows.iloc[:50], rows.iloc[50:]
    small = closed_window(early, 0, WindowLimits(10, 10_000, 10_000))
    assert small.records is not None
    window = OpenWindow.from_state(small.records.state(), LIMITS, SCHEMA.task)
    customers, predictions, _ = batches(late, "late", first=50)
    window.add_customers(customers.ids, customers.events, np.arange(10))
    window.add_predictions(predictions.ids, predictions.events, np.arange(10))
    labels = window.close().labels
    numbers = dict(zip(predictions.ids.tolist(), late[PREDICTION], strict=True))
    numbers |= dict(zip(batches(early, "0")[1].ids.tolist(), early[PREDICTION], strict=True))
    assert len(labels.predicted) >= 10
    for record, number in zip(labels.ids.tolist(), labels.predicted[:, 0].tolist(), strict=False):
        assert number == numbers[record]


@settings(max_examples=30)
@given(st.integers(0, 2**32))
def test_scores_are_the_same_in_whatever_order_records_and_outcomes_come(seed: int) -> None:
    random = Random(seed)
    rows, count = deliveries(40, 5), 20
    customers, predictions, outcomes = batches(rows, "0")
    expected = closed_window(rows, 0).labels.regression_scores()
    opened, labels = windows(WindowLimits(1_000, 10_000, 10_000)), PendingLabels(20, 10_000)
    late = np.array(random.sample(range(40), count))
    early = np.setdiff1d(np.arange(40), late)
    counted: Counter[str] = Counter()

    def read(what: EventBatch[Any], places: np.ndarray, add: Any) -> None:
        """Offsets ascend as in a topic: the late ones are above those of the closed window."""
        first = 40 if places is late else 0
        add(
            EventBatch(
                what.partition,
                np.arange(first, first + len(places)),
                what.ids[places],
                what.times[places],
                [what.events[place] for place in places.tolist()],
            )
        )

    shares = np.array_split(np.array(random.sample(range(40), 40)), 3)

    def know(number: int) -> None:
        counted.update(labels.add_outcomes(outcomes.select(np.isin(np.arange(40), shares[number]))))

    know(0)
    read(customers, early, opened.add_customers)
    read(predictions, early, opened.add_predictions)
    (closed,) = opened.close_until(LENGTH)
    counted.update(labels.add_window(closed.labels))
    know(1)
    read(customers, late, opened.add_customers)
    read(predictions, late, opened.add_predictions)
    part = opened.pop_late_records(EVER)
    assert part is not None
    assert closed.records is not None
    revised = opened.update(part, closed.records.state())
    counted.update(labels.add_window(revised.labels))
    know(2)
    assert counted["labelled"] >= 40
    assert revised.labels.labelled_rows == 40
    assert revised.labels.regression_scores() == expected


def test_restarted_process_has_the_same_numbers(tmp_path: Path) -> None:
    rows = deliveries(50, 6)
    closed = closed_window(rows, 0)
    assert closed.records is not None
    sample = sample_table(closed.sample, SCHEMA)
    archive = WindowArchive(tmp_path, 5, SCHEMA)
    archive.save(ArchivedWindow(closed.labels, sample, closed.records.state()))
    (loaded,) = archive.load_all()
    pd.testing.assert_frame_equal(loaded.sample, sample)
    loaded.labels.add_outcomes(batches(rows, "0")[2])
    assert loaded.labels.regression_scores() == closed.labels.regression_scores()
    state = archive.load_state(0)
    assert state is not None
    again = OpenWindow.from_state(state, LIMITS, SCHEMA.task).close().labels
    assert again.predicted.tolist() == closed.labels.predicted.tolist()


def test_windows_of_classes_are_left_out_after_the_target_became_a_number(tmp_path: Path) -> None:
    labels = LabelledWindow(0, 10, hash_ids(["a"]), np.ones(1, np.uint8))
    WindowArchive(tmp_path, 5, CARS).save(ArchivedWindow(labels, sample_table([], CARS)))
    assert WindowArchive(tmp_path, 5, SCHEMA).load_all() == []
    assert len(WindowArchive(tmp_path, 5, CARS).load_all()) == 1


def test_outcomes_are_decoded_as_numbers() -> None:
    values: list[bytes | None] = [b'{"id":"a","minutes":12.5}', b'{"id":"b","minutes":601}']
    batch, invalid = decode_outcomes(MessageBatch(OUTCOMES, values, [4, 5], [0, 0]), SCHEMA)
    assert batch.actual.tolist() == [12.5]
    assert batch.actual.dtype == np.float64
    assert [each.offset for each in invalid] == [5]


@pytest.fixture(scope="module")
def baseline() -> Baseline:
    """Of a reference whose predictions are as good as those of the calm windows."""
    rows = deliveries(2_000, 7).drop(columns="delivery", errors="ignore")
    reference = ReferenceSet("1", rows, SCHEMA, DecisionRule(interval=INTERVAL))
    return Baseline(reference, DriftConfig())


def alerts_of(baseline: Baseline, streams: Iterator[pd.DataFrame]) -> list[Alert]:
    """The alerts of windows of these rows, whose outcomes are all known."""
    state, incidents, alerts = DriftState(), OpenIncidents(), list[Alert]()
    for number, rows in enumerate(streams):
        closed = closed_window(rows, number * LENGTH)
        sample = sample_table(closed.sample, SCHEMA)
        actual = closed.labels.outcomes_of(sample[ID_COLUMN].to_numpy())
        judged = labelled_rows(sample, actual, SCHEMA)[[PREDICTION, "minutes", COVERAGE]]
        state, drift = baseline.check_drift(state, closed.start, judged)
        window = ComparedWindow(a_summary(closed.start), "delivery-minutes", drift.columns)
        incidents, new = update_incidents(incidents, window, SCHEMA)
        alerts += new
    return alerts


def test_calm_windows_raise_no_alert(baseline: Baseline) -> None:
    calm = (deliveries(400, 100 + number) for number in range(60))
    assert alerts_of(baseline, calm) == []


def test_outcomes_outside_their_intervals_are_a_performance_incident(baseline: Baseline) -> None:
    shifts = [0.0] * 5 + [5.0] * 5 + [0.0] * 15
    drifted = (deliveries(400, 200 + number, shift) for number, shift in enumerate(shifts))
    performance = [each for each in alerts_of(baseline, drifted) if each.kind == "performance"]
    firing, resolved = performance
    assert (firing.status, resolved.status) == ("firing", "resolved")
    assert firing.started_at == 50
    (column,) = firing.columns
    assert column.column == COVERAGE
    assert column.difference is not None
    assert -0.3 < column.difference < -0.05  # 90 % inside, and 79 % with errors of 5 more
    assert "% of the outcomes are inside their prediction interval" in firing.message
    assert "less than in the reference, since window" in firing.message


def test_version_without_an_interval_has_no_coverage() -> None:
    rows = deliveries(300, 8)
    nothing = Baseline(ReferenceSet("1", rows, SCHEMA, DecisionRule()), DriftConfig())
    alerts = alerts_of(nothing, (deliveries(400, 300 + n, 20.0) for n in range(3)))
    assert "performance" not in {each.kind for each in alerts}
    assert nothing.estimate_accuracy(rows, 300) is None


def test_drift_of_numbers_is_in_their_unit(baseline: Baseline) -> None:
    longer = (
        deliveries(400, 400 + n).assign(minutes=lambda rows: rows["minutes"] + 30) for n in range(3)
    )
    alerts = {each.kind: each.message for each in alerts_of(baseline, longer)}
    assert {*alerts} >= {"target_drift", "performance"}
    assert alerts["target_drift"].startswith("minutes is ")
    assert " min (" in alerts["target_drift"]
    assert "higher than in the reference" in alerts["target_drift"]


def test_metrics_of_a_number_are_those_of_the_window() -> None:
    registry = CollectorRegistry()
    labels = closed_window(deliveries(300, 9), 0).labels
    summary = a_summary(0).with_scores_of(labels, SCHEMA.task)
    RegressionMetrics(registry).set_measured(summary)
    scores = summary.regression
    assert scores is not None
    value = registry.get_sample_value
    assert value("intent_labelled_rows") == value("intent_regression_rows") == 300
    for name, score in (
        ("mean_absolute_error", scores.mae),
        ("mean_error", scores.bias),
        ("interval_coverage", scores.coverage),
    ):
        suffix = "_ratio" if name == "interval_coverage" else ""
        assert score is not None
        assert value(f"intent_{name}{suffix}") == score.value
        for bound in ("low", "high"):
            found = value(f"intent_{name}_bound{suffix}", {"bound": bound})
            assert found == getattr(score, bound)
    assert value("intent_root_mean_squared_error") == scores.rmse
    assert value("intent_r_squared") == scores.r2
    assert value("intent_interval_width") == scores.interval_width


def test_updated_window_keeps_its_scores_until_its_outcomes_are_counted_again() -> None:
    earlier = a_summary(0).with_scores_of(closed_window(deliveries(100, 9), 0).labels, SCHEMA.task)
    updated = a_summary(0, revision=1).with_outcomes_of(earlier)
    assert updated.regression == earlier.regression
    assert updated.labelled_rows == 100


def test_numeric_target_has_no_metrics_of_classes() -> None:
    registry = MonitoringMetrics(SCHEMA).registry
    assert registry.get_sample_value("intent_accuracy") is None
    assert registry.get_sample_value("intent_mean_absolute_error") == 0
