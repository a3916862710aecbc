"""What a restarted monitoring goes on from: index, archive, samples."""

from pathlib import Path

import numpy as np
import pytest

from contract.errors import StorageFailed
from monitoring.alerts import Episode
from monitoring.drift.state import ColumnState, Seen, State
from monitoring.reporting.samples import ID, Samples, table
from monitoring.reporting.window_archive import Archive, Kept
from monitoring.reporting.window_index import LINES_PER_WINDOW, NAME, Index, Progress
from monitoring.windows.decode import hashes
from monitoring.windows.labelled_window import Labels
from monitoring.windows.window import Row
from tests.monitoring.builders import a_prediction, a_summary, outcomes
from tests.support.builders import a_customer


def kept(start: int, names: list[str]) -> Kept:
    ids = hashes(names)
    rows = [
        Row(int(each), a_customer(id=name), a_prediction(name) if name != "unscored" else None)
        for each, name in zip(ids, names, strict=True)
    ]
    ordered = np.sort(ids)
    return Kept(Labels(start, start + 10, ordered, np.ones(len(ids), np.uint8)), table(rows))


def test_the_last_line_of_a_window_counts_after_a_restart(tmp_path: Path) -> None:
    index = Index(tmp_path, kept=3)
    index.add(a_summary(0))
    index.add(a_summary(10))
    index.add(a_summary(0, labelled=7))
    again = Index(tmp_path, kept=3)
    assert again.newest_first() == [a_summary(10), a_summary(0, labelled=7)]


def test_progress_comes_back_with_its_window(tmp_path: Path) -> None:
    seen = ColumnState((Seen(0, 5, (1.0, 2.0)),), since=0)
    progress = Progress(State("abc", {"Age": seen}), {"data_drift": Episode("data_drift-0", 0)})
    index = Index(tmp_path, kept=3)
    index.add(a_summary(0), progress)
    index.add(a_summary(0, labelled=7))
    assert Index(tmp_path, kept=3).progress == progress
    assert Index(tmp_path, kept=3).progress == progress  # the first reading rewrote the file


def test_a_line_that_a_crash_cut_short_is_left_out(tmp_path: Path) -> None:
    index = Index(tmp_path, kept=3)
    index.add(a_summary(0))
    with (tmp_path / NAME).open("ab") as file:
        file.write(b'{"summary":{"start":10')
    assert Index(tmp_path, kept=3).newest_first() == [a_summary(0)]
    Index(tmp_path, kept=3).add(a_summary(10))
    assert len(Index(tmp_path, kept=3).newest_first()) == 2


def test_a_file_of_something_else_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("{}\n")
    with pytest.raises(StorageFailed, match=NAME):
        Index(tmp_path, kept=3)


def test_old_windows_go_and_their_reports_with_them(tmp_path: Path) -> None:
    index = Index(tmp_path, kept=2)
    for start in (0, 10, 20):
        (tmp_path / f"{start}.html").touch()
        index.add(a_summary(start, report=f"{start}.html"))
    assert [each.start for each in index.newest_first()] == [20, 10]
    assert sorted(path.name for path in tmp_path.glob("*.html")) == ["10.html", "20.html"]


def test_the_file_stays_small_however_often_a_window_changes(tmp_path: Path) -> None:
    index = Index(tmp_path, kept=2)
    for labelled in range(500):
        index.add(a_summary(0, labelled=labelled))
    assert len((tmp_path / NAME).read_bytes().splitlines()) <= 2 * LINES_PER_WINDOW
    assert Index(tmp_path, kept=2).newest_first() == [a_summary(0, labelled=499)]


def test_a_window_comes_back_from_the_archive_as_it_was(tmp_path: Path) -> None:
    archive = Archive(tmp_path, kept=2)
    window = kept(10, ["a", "b", "unscored"])
    archive.add(window)
    (again,) = archive.load()
    assert (again.labels.start, again.labels.end) == (10, 20)
    assert np.array_equal(again.labels.ids, window.labels.ids)
    assert again.sample.equals(window.sample)
    assert list(again.sample.dtypes) == list(window.sample.dtypes)


def test_the_archive_keeps_the_latest_windows(tmp_path: Path) -> None:
    archive = Archive(tmp_path, kept=2)
    for start in (100, 20, 3_000):
        archive.add(kept(start, ["a"]))
    assert [each.labels.start for each in archive.load()] == [100, 3_000]
    assert len(list(tmp_path.iterdir())) == 2


def test_outcomes_are_reported_when_they_have_doubled_or_are_complete() -> None:
    names = [str(number) for number in range(100)]
    window = kept(0, names)
    samples = Samples(kept=2, min_rows=20)
    samples.add(0, window.sample)
    due = []
    for name in names:
        window.labels.take(outcomes([name], [1]))
        rows = samples.due(window.labels)
        due += [] if rows is None else [len(rows)]
    assert due == [20, 40, 80, 100]


def test_a_row_without_a_prediction_says_nothing_of_the_performance() -> None:
    window = kept(0, ["a", "unscored"])
    samples = Samples(kept=2, min_rows=1)
    samples.add(0, window.sample)
    window.labels.take(outcomes(["a", "unscored"], [1, 0]))
    rows = samples.due(window.labels)
    assert rows is not None
    assert rows[ID].tolist() == hashes(["a"]).tolist()
    assert rows["correct"].tolist() == [1]
