"""What a restarted monitoring continues from: index, archive, samples."""

from pathlib import Path

import numpy as np
import pytest

from contract.errors import StorageFailed
from contract.schema import CARS
from monitoring.alerts import Incident
from monitoring.drift.state import ColumnState, DriftState, WindowMeans
from monitoring.reporting.samples import ID_COLUMN, PendingSamples, sample_table
from monitoring.reporting.window_archive import ArchivedWindow, WindowArchive
from monitoring.reporting.window_index import MAX_LINES_PER_WINDOW, NAME, Checkpoint, WindowIndex
from monitoring.windows.decode import hash_ids
from monitoring.windows.labelled_window import LabelledWindow
from monitoring.windows.window import SampleRow
from tests.monitoring.builders import a_prediction, a_summary, outcomes
from tests.support.builders import a_customer


def archived(start: int, names: list[str]) -> ArchivedWindow:
    ids = hash_ids(names)
    rows = [
        SampleRow(
            int(each), a_customer(id=name), a_prediction(name) if name != "unscored" else None
        )
        for each, name in zip(ids, names, strict=True)
    ]
    ordered = np.sort(ids)
    return ArchivedWindow(
        LabelledWindow(start, start + 10, ordered, np.ones(len(ids), np.uint8)),
        sample_table(rows, CARS),
    )


def test_the_last_line_of_a_window_counts_after_a_restart(tmp_path: Path) -> None:
    index = WindowIndex(tmp_path, max_windows=3)
    index.save(a_summary(0))
    index.save(a_summary(10))
    index.save(a_summary(0, labelled_rows=7))
    again = WindowIndex(tmp_path, max_windows=3)
    assert again.newest_first() == [a_summary(10), a_summary(0, labelled_rows=7)]


def test_checkpoint_comes_back_with_its_window(tmp_path: Path) -> None:
    state = ColumnState((WindowMeans(0, 5, (1.0, 2.0)),), started_at=0)
    checkpoint = Checkpoint(
        DriftState("abc", {"Age": state}), {"data_drift": Incident("data_drift-0", 0)}
    )
    index = WindowIndex(tmp_path, max_windows=3)
    index.save(a_summary(0), checkpoint)
    index.save(a_summary(0, labelled_rows=7))
    assert WindowIndex(tmp_path, max_windows=3).checkpoint == checkpoint
    assert (
        WindowIndex(tmp_path, max_windows=3).checkpoint == checkpoint
    )  # the first reading rewrote the file


def test_a_line_that_a_crash_truncated_is_left_out(tmp_path: Path) -> None:
    index = WindowIndex(tmp_path, max_windows=3)
    index.save(a_summary(0))
    with (tmp_path / NAME).open("ab") as file:
        file.write(b'{"summary":{"start":10')
    assert WindowIndex(tmp_path, max_windows=3).newest_first() == [a_summary(0)]
    WindowIndex(tmp_path, max_windows=3).save(a_summary(10))
    assert len(WindowIndex(tmp_path, max_windows=3).newest_first()) == 2


def test_a_file_of_something_else_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("{}\n")
    with pytest.raises(StorageFailed, match=NAME):
        WindowIndex(tmp_path, max_windows=3)


def test_the_oldest_windows_are_removed_with_their_reports(tmp_path: Path) -> None:
    index = WindowIndex(tmp_path, max_windows=2)
    for start in (0, 10, 20):
        (tmp_path / f"{start}.html").touch()
        index.save(a_summary(start, report=f"{start}.html"))
    assert [each.start for each in index.newest_first()] == [20, 10]
    assert sorted(path.name for path in tmp_path.glob("*.html")) == ["10.html", "20.html"]


def test_the_file_stays_small_however_often_a_window_changes(tmp_path: Path) -> None:
    index = WindowIndex(tmp_path, max_windows=2)
    for labelled_rows in range(500):
        index.save(a_summary(0, labelled_rows=labelled_rows))
    assert len((tmp_path / NAME).read_bytes().splitlines()) <= 2 * MAX_LINES_PER_WINDOW
    assert WindowIndex(tmp_path, max_windows=2).newest_first() == [a_summary(0, labelled_rows=499)]


def test_a_window_comes_back_from_the_archive_as_it_was(tmp_path: Path) -> None:
    archive = WindowArchive(tmp_path, max_windows=2, schema=CARS)
    window = archived(10, ["a", "b", "unscored"])
    archive.save(window)
    (again,) = archive.load_all()
    assert (again.labels.start, again.labels.end) == (10, 20)
    assert np.array_equal(again.labels.ids, window.labels.ids)
    assert again.sample.equals(window.sample)
    assert list(again.sample.dtypes) == list(window.sample.dtypes)


def test_window_that_was_archived_with_codes_of_one_byte_is_read(tmp_path: Path) -> None:
    archive = WindowArchive(tmp_path, max_windows=2, schema=CARS)
    window = archived(10, ["a", "b"])
    archive.save(window)
    (file,) = tmp_path.iterdir()
    with np.load(file) as arrays:
        older = dict(arrays)
    older |= {
        "paired.versions": np.array(["6", "7"]),
        "paired.champion": np.array([1, 0], np.uint8),  # classes 1 and 0 of version 6
        "paired.shadow": np.array([3, 255], np.uint8),  # class 1 of version 7, and none
    }
    np.savez(file, **older)
    assert archive.last_offsets(10) is None, "it takes no late records"
    assert archive.load_state(10) is None
    (again,) = archive.load_all()
    assert again.labels.paired is not None
    (compared,) = again.labels.paired.comparisons(
        "car-purchase", (10, 20), np.array([1, 1], np.uint8)
    )
    assert (compared.champion_version, compared.shadow_version) == ("6", "7")
    assert (compared.rows, compared.disagreements, compared.both_correct) == (1, 0, 1)


@pytest.mark.parametrize("kept", [0, 20, 1_000])
def test_a_damaged_window_is_left_out_of_the_archive(tmp_path: Path, kept: int) -> None:
    archive = WindowArchive(tmp_path, 5, CARS)
    for start in (10, 20):
        archive.save(archived(start, ["a", "b"]))
    path = next(path for path in tmp_path.glob("*.npz") if "10" in path.name)
    path.write_bytes(path.read_bytes()[:kept])
    assert [each.labels.start for each in archive.load_all()] == [20]
    assert archive.load_state(10) is None
    assert archive.last_offsets(10) is None


def test_the_archive_keeps_the_latest_windows(tmp_path: Path) -> None:
    archive = WindowArchive(tmp_path, max_windows=2, schema=CARS)
    for start in (100, 20, 3_000):
        archive.save(archived(start, ["a"]))
    assert [each.labels.start for each in archive.load_all()] == [100, 3_000]
    assert len(list(tmp_path.iterdir())) == 2


def test_outcomes_are_reported_when_they_have_doubled_or_are_complete() -> None:
    names = [str(number) for number in range(100)]
    window = archived(0, names)
    samples = PendingSamples(max_windows=2, min_rows=20, schema=CARS)
    samples.add_sample(0, window.sample)
    due = []
    for name in names:
        window.labels.add_outcomes(outcomes([name], [1]))
        rows = samples.pop_due_rows(window.labels)
        due += [] if rows is None else [len(rows)]
    assert due == [20, 40, 80, 100]


def test_a_row_without_a_prediction_is_not_in_the_outcome_report() -> None:
    window = archived(0, ["a", "unscored"])
    samples = PendingSamples(max_windows=2, min_rows=1, schema=CARS)
    samples.add_sample(0, window.sample)
    window.labels.add_outcomes(outcomes(["a", "unscored"], [1, 0]))
    rows = samples.pop_due_rows(window.labels)
    assert rows is not None
    assert rows[ID_COLUMN].tolist() == hash_ids(["a"]).tolist()
    assert rows["correct"].tolist() == [1]
