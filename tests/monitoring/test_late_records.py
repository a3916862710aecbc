"""Records that come after their window has closed update it, each once, whatever is killed."""

from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.errors import DeadLetterReason
from contract.schema import CARS
from monitoring.reporting.samples import sample_table
from monitoring.reporting.window_archive import ArchivedWindow, WindowArchive
from monitoring.windows.batch import InvalidMessage, TopicPartition
from monitoring.windows.late_records import UPDATE_INTERVAL, ClosedSpan
from monitoring.windows.pending_labels import PendingLabels
from monitoring.windows.shadow_windows import ShadowWindows
from monitoring.windows.tumbling import TumblingWindows, WindowExtension
from monitoring.windows.window import ClosedWindow, OpenWindow, WindowLimits
from tests.monitoring.builders import (
    CUSTOMERS,
    PREDICTIONS,
    customers,
    outcomes,
    predictions,
)

LENGTH = 10
LIMITS = WindowLimits(sample_rows=4, open_ids=10_000, closed_ids=10_000)
EVER = float("inf")
OTHER: TopicPartition = ("customers", 1)


def tumbling(max_late_windows: int = 1_000, **changes: Any) -> TumblingWindows:
    return TumblingWindows(
        LENGTH, LIMITS, CARS.classes, max_late_windows=max_late_windows, **changes
    )


def updated(windows: TumblingWindows, closed: ClosedWindow) -> ClosedWindow:
    """The window with the late records that have come for it, as if read from the disk."""
    late = windows.pop_late_records(EVER)
    assert late is not None
    assert late.start == closed.start
    assert closed.records is not None
    return windows.update(late, closed.records.state())


def test_late_records_update_their_window_after_an_interval() -> None:
    windows = tumbling()
    windows.add_customers(customers(["a"], [5]))
    (closed,) = windows.close_until(10)
    late = customers(["b", "a"], [9, 5], first=5)
    assert windows.add_customers(late) == Counter(late_windowed=2)
    assert windows.close_until(10) == []
    assert windows.pop_late_records(now=100) is None
    assert windows.pop_late_records(now=100 + UPDATE_INTERVAL - 1) is None
    again = updated(windows, closed)
    assert (again.start, again.end, again.revision) == (0, 10, 1)
    assert (again.counts.rows, again.counts.duplicate_customers) == (2, 1)
    assert windows.pop_late_records(EVER) is None


def test_a_record_that_is_in_its_window_changes_nothing_when_it_is_read_again() -> None:
    windows = tumbling()
    batch = customers(["a", "b"], [5, 6], first=7)
    windows.add_customers(batch)
    windows.close_until(10)
    assert windows.add_customers(batch) == Counter(already_closed=2)
    assert windows.pop_late_records(EVER) is None


def test_a_record_that_is_too_late_is_counted_and_changes_nothing() -> None:
    windows = tumbling(max_late_windows=2)
    windows.add_customers(customers(["a"], [5]))
    windows.close_until(29)
    assert windows.add_customers(customers(["b"], [9], first=1)) == Counter(late_windowed=1)
    windows.close_until(30)
    assert windows.add_customers(customers(["c", "d"], [9, 19], first=2)) == Counter(
        late=1, late_windowed=1
    )


def test_late_records_that_came_in_time_still_update_a_window_that_takes_no_more() -> None:
    windows = tumbling(max_late_windows=2)
    windows.add_customers(customers(["a", "x", "y"], [5, 75, 85]))
    (closed,) = windows.close_until(10)
    windows.add_customers(customers(["b"], [9], first=3))
    windows.close_until(80)
    windows.close_until(90)
    assert windows.add_customers(customers(["c"], [9], first=4)) == Counter(late=1)
    assert windows.is_closed(0)
    assert updated(windows, closed).counts.rows == 2
    assert not windows.is_closed(0)


def test_late_records_of_a_time_without_a_window_make_one() -> None:
    windows = tumbling()
    windows.add_customers(customers(["a"], [45]))
    windows.close_until(50)
    assert windows.add_customers(customers(["b", "c"], [12, 13], first=1)) == Counter(
        late_windowed=2
    )
    late = windows.pop_late_records(EVER)
    assert late is not None
    assert not windows.is_closed(late.start)
    closed = windows.close(late)
    assert (closed.start, closed.end, closed.counts.rows, closed.revision) == (10, 20, 2, 0)
    assert windows.is_closed(10)


def test_late_prediction_is_joined_with_its_customer_and_its_outcome() -> None:
    windows, labels = tumbling(), PendingLabels(5, 100)
    windows.add_customers(customers(["a", "b"], [5, 6]))
    windows.add_predictions(predictions(["a"], [5]))
    (closed,) = windows.close_until(10)
    labels.add_window(closed.labels)
    assert labels.add_outcomes(outcomes(["a", "b"], [1, 1])) == Counter(labelled=1)
    windows.add_predictions(predictions(["b"], [6], first=1))
    again = updated(windows, closed)
    assert (again.counts.joined, len(again.sample)) == (2, 2)
    assert all(row.prediction for row in again.sample)
    assert labels.add_window(again.labels) == Counter(labelled=1)
    assert again.labels.labelled_rows == 2
    assert labels.pending_outcomes == 0
    (changed,) = labels.pop_changed_windows()
    assert changed is again.labels
    assert list(labels.required_offsets()) == [{("outcomes", 0): 0}]


def test_shadow_predictions_of_an_updated_window_stay_and_late_ones_find_their_champion() -> None:
    windows, shadows = tumbling(), ShadowWindows("m", max_windows=5)
    windows.add_predictions(predictions(["a", "b"], [5, 6]))
    (closed,) = windows.close_until(10)
    shadows.add_window(closed.labels)
    late = predictions(["b", "c"], [6, 7], first=4, model_version="2", prediction=0)
    results, rest = shadows.add_late_predictions(late)
    assert results == Counter(joined=1, late=0)
    assert windows.add_shadow_predictions(rest) == Counter(late_windowed=1)
    assert windows.pop_late_records(EVER) is None, "nothing to compare without the champion's"
    windows.add_predictions(predictions(["c"], [7], first=6))
    again = updated(windows, closed)
    PendingLabels(5, 100, [closed.labels]).add_window(again.labels)
    shadows.add_window(again.labels)
    (comparison,) = shadows.pop_updated_comparisons()
    assert (comparison.rows, comparison.disagreements) == (2, 2)


def test_late_invalid_records_are_counted_in_their_window_once() -> None:
    windows = tumbling()
    windows.add_customers(customers(["a"], [5], first=3))
    (closed,) = windows.close_until(10)
    known = InvalidMessage(2, 4, DeadLetterReason.MISSING_FIELD)
    late = InvalidMessage(4, 4, DeadLetterReason.MISSING_FIELD)
    windows.add_invalid(CUSTOMERS, [known, late])
    assert updated(windows, closed).invalid == {"missing_field": 1}


def test_a_window_no_longer_names_a_partition_whose_records_have_come() -> None:
    windows = tumbling()
    windows.add_customers(customers(["a"], [5]))
    (closed,) = windows.close_until(10, {CUSTOMERS: 0.0, OTHER: 0.0})
    assert closed.missing_partitions == [CUSTOMERS, OTHER]
    windows.add_customers(customers(["b"], [6], partition=1))
    late = windows.pop_late_records(EVER)
    assert late is not None
    assert closed.records is not None
    again = windows.update(late, closed.records.state(), held=[CUSTOMERS])
    assert again.missing_partitions == [CUSTOMERS]


def test_a_window_of_another_length_takes_what_surely_belongs_to_it() -> None:
    windows = tumbling(closed_before=30, closed=[ClosedSpan(5, 25, {})])
    results = windows.add_customers(customers(["a", "b", "c"], [6, 12, 26]))
    assert results == Counter(already_closed=2, late_windowed=1)
    late = windows.pop_late_records(EVER)
    assert late is not None
    assert (late.start, late.end, late.last_offsets) == (5, 25, {CUSTOMERS: 1})


def test_a_window_comes_back_from_the_archive_with_all_that_it_was_made_of(tmp_path: Path) -> None:
    windows = tumbling()
    windows.add_customers(customers(list("abcdef"), [1, 2, 3, 4, 5, 5], first=3))
    windows.add_predictions(predictions(["a", "x"], [1, 2], first=9, probability=0.1 + 0.2))
    windows.add_shadow_predictions(predictions(["a"], [1], first=11, model_version="2"))
    windows.add_invalid(CUSTOMERS, [InvalidMessage(90, 4, DeadLetterReason.MISSING_FIELD)])
    (closed,) = windows.close_until(10, {OTHER: 0.0})
    archive = WindowArchive(tmp_path, max_windows=2, schema=CARS)
    save(archive, closed)
    assert closed.records is not None
    state, again = closed.records.state(), archive.load_state(0)
    assert again is not None
    assert again.header == state.header
    assert (again.customers, again.predictions) == (state.customers, state.predictions)
    for (ids, codes), (same_ids, same_codes) in zip(state.ids, again.ids, strict=True):
        assert np.array_equal(ids, same_ids)
        assert np.array_equal(codes, same_codes)
    assert archive.last_offsets(0) == {CUSTOMERS: 90, PREDICTIONS: 11}
    assert archive.last_offsets(10) is None
    assert archive.load_state(10) is None


def save(archive: WindowArchive, window: ClosedWindow) -> None:
    assert window.records is not None
    rows = sample_table(window.sample, CARS)
    archive.save(ArchivedWindow(window.labels, rows, window.records.state()))


class Killed(Exception):
    """The process was killed."""


@dataclass
class Disk:
    """What outlives a process: archive, index and committed offsets."""

    archive: WindowArchive
    index: dict[int, ClosedWindow] = field(default_factory=dict)
    committed: dict[TopicPartition, int] = field(default_factory=dict)


Topics = dict[TopicPartition, list[tuple[str, int]]]
"""Id and event time (ms) of the records of each partition."""


class Process:
    """A process, without Kafka and reports: it reads, closes windows, updates them, commits."""

    def __init__(self, disk: Disk, topics: Topics) -> None:
        self._disk, self._topics = disk, topics
        self._positions = {partition: disk.committed.get(partition, 0) for partition in topics}
        spans = [
            ClosedSpan(start, window.end, disk.archive.last_offsets(start))
            for start, window in disk.index.items()
        ]
        self._windows = tumbling(
            closed_before=max((window.end for window in disk.index.values()), default=0),
            extension=WindowExtension(min_rows=3, max_length=30),
            closed=spans,
        )

    def read(self, partition: TopicPartition, count: int) -> None:
        first = self._positions[partition]
        records = self._topics[partition][first : first + count]
        names, times = [name for name, _ in records], [time for _, time in records]
        if partition == PREDICTIONS:
            self._windows.add_predictions(predictions(names, times, first))
        else:
            self._windows.add_customers(customers(names, times, first, partition[1]))
        self._positions[partition] += len(records)

    def close(self, watermark: float) -> None:
        for window in self._windows.close_until(watermark):
            save(self._disk.archive, window)
            self._disk.index[window.start] = window

    def update(self, killed: bool = False) -> bool:
        """Updates a window; `killed` before its records are on disk. Says if there was one."""
        late = self._windows.pop_late_records(EVER)
        if late is None:
            return False
        if self._windows.is_closed(late.start):
            state = self._disk.archive.load_state(late.start)
            assert state is not None
            closed = self._windows.update(late, state)
            self._disk.index[closed.start] = closed
        else:
            closed = self._windows.close(late)
        if killed:
            raise Killed
        save(self._disk.archive, closed)
        self._disk.index[closed.start] = closed
        return True

    def commit(self) -> None:
        """As the main loop does between two updates."""
        required = [*self._windows.required_offsets()]
        for partition, position in self._positions.items():
            offsets = [each[partition] for each in required if partition in each]
            self._disk.committed[partition] = min([position, *offsets])

    def finish(self) -> None:
        for partition, records in self._topics.items():
            self.read(partition, len(records))
        self.close(EVER)
        while self.update():
            pass


def figures(window: ClosedWindow) -> tuple[int, int, int, int, list[int], list[int]]:
    counts = window.counts
    return (
        counts.rows, counts.duplicate_customers, counts.predictions, counts.joined,
        [row.id for row in window.sample], window.labels.ids.tolist(),
    )  # fmt: skip


def in_one_go(topics: Topics, start: int, end: int) -> ClosedWindow:
    """The window from start to end, of all its records."""
    window = OpenWindow(start, end, LIMITS, CARS.classes)
    for partition, records in topics.items():
        inside = [(name, time) for name, time in records if start <= time < end]
        names, times = [name for name, _ in inside], [time for _, time in inside]
        every = np.arange(len(inside))
        if partition == PREDICTIONS:
            batch = predictions(names, times)
            window.add_predictions(batch.ids, batch.events, every)
        else:
            records_ = customers(names, times)
            window.add_customers(records_.ids, records_.events, every)
    return window.close()


def step(process: Process, random: Random, disk: Disk, topics: Topics) -> Process:
    """Does one thing, or kills the process and starts another one."""
    what = random.choice(("read", "read", "read", "close", "update", "commit", "kill", "kill late"))
    if what == "read":
        process.read(random.choice([*topics]), random.randrange(1, 12))
    elif what == "close":
        process.close(random.randrange(120))
    elif what == "update":
        process.update()
    elif what == "commit":
        process.commit()
    elif what == "kill":
        return Process(disk, topics)
    else:
        try:
            process.update(killed=True)
        except Killed:
            return Process(disk, topics)
    return process


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("windows")


@settings(max_examples=40)
@given(st.integers(0, 2**32))
def test_every_record_is_in_its_window_once_whenever_it_comes_and_whatever_is_killed(
    folder: Path, seed: int
) -> None:
    random = Random(seed)
    for file in folder.iterdir():
        file.unlink()
    names = [(f"{number % 45}", random.randrange(100)) for number in range(60)]
    topics: Topics = {CUSTOMERS: [], OTHER: [], PREDICTIONS: []}
    for name, time in names:
        topics[random.choice((CUSTOMERS, OTHER))].append((name, time))
        topics[PREDICTIONS].append((name, time))
    for records in topics.values():
        random.shuffle(records)
    disk = Disk(WindowArchive(folder, max_windows=1_000, schema=CARS))
    process = Process(disk, topics)
    for _ in range(40):
        process = step(process, random, disk, topics)
    process.finish()
    windows = [window for _, window in sorted(disk.index.items())]
    assert all(before.end <= after.start for before, after in pairwise(windows))
    for _, time in names:
        assert sum(window.start <= time < window.end for window in windows) == 1
    for window in windows:
        assert figures(window) == figures(in_one_go(topics, window.start, window.end))
    # and what a process with an empty memory would say
    for window in windows:
        state = disk.archive.load_state(window.start)
        assert state is not None
        assert figures(OpenWindow.from_state(state, LIMITS, CARS.classes).close()) == figures(
            window
        )
