"""Evidently's reports on disk: an HTML page each, and its own workspace, which its UI shows.

This file and `report` are the only ones that know Evidently.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal
from uuid import NAMESPACE_URL, UUID, uuid5

from evidently.sdk.models import PanelMetric, ProjectModel
from evidently.sdk.panels import line_plot_panel
from evidently.ui.storage.local.base import SNAPSHOTS_DIR_NAME, LocalState
from evidently.ui.workspace import Workspace

from contract.features import FEATURES
from monitoring.drift.columns import PREDICTION

WORKSPACE: Final = "evidently"
"""Folder of the workspace, below that of the pages."""

UNFINISHED: Final = ".unfinished"
"""Beside it: an open UI sees a file that is moved into the workspace, not one moved within it."""

KINDS: Final = ("features", "outcomes")


@dataclass(frozen=True, slots=True)
class Title:
    """A report: on the window that starts then (ms); again with more rows once they are known."""

    start: int
    kind: Literal["features", "outcomes"]

    @property
    def page(self) -> str:
        """File name of its page."""
        time = datetime.fromtimestamp(self.start / 1000, UTC)
        suffix = "" if self.kind == "features" else f"-{self.kind}"
        return f"{f'{time:%Y%m%dT%H%M%S%f}'[:-3]}{suffix}.html"


class Shelf:
    """Keeps reports. Whoever reads beside it never finds half of one."""

    def __init__(self, folder: Path, model: str, kept: int) -> None:
        """The folder is there. The workspace, with a project for each model, holds the reports of
        the latest `kept` windows; the pages are removed with their windows, by the index.
        """
        self._folder = folder
        self._kept = kept
        self._workspace = Workspace(str(folder / WORKSPACE))
        self._project = uuid5(NAMESPACE_URL, model)  # the same again for the next process
        project = self._workspace.add_project(ProjectModel(id=self._project, name=model))
        if not project.dashboard.model().panels:  # people may have made their own
            project.dashboard.add_panel(_drift_over_time())
        self._unfinished = LocalState(str(folder / UNFINISHED))

    def put(self, snapshot: Any, title: Title, rows: int) -> None:
        """Keeps a snapshot on so many rows, in place of an earlier one of the same title."""
        page = self._folder / title.page
        part = page.with_suffix(".part")
        snapshot.save_html(str(part))
        part.replace(page)
        new = _id(title, rows)
        self._unfinished.write_snapshot(self._project, new, snapshot.to_snapshot_model())
        place = Path(str(self._project), SNAPSHOTS_DIR_NAME, f"{new}.json")
        target = Path(self._workspace.path, place)
        target.parent.mkdir(exist_ok=True)
        Path(self._unfinished.path, place).replace(target)
        for old in self._outdated(new):
            self._workspace.delete_run(self._project, old)

    def _outdated(self, new: UUID) -> Iterator[UUID]:
        runs = {UUID(str(run)) for run in self._workspace.list_runs(self._project)}
        starts = sorted({_start(run) for run in runs})[-self._kept :]
        for run in runs - {new}:
            if _start(run) not in starts or run.int >> 64 == new.int >> 64:
                yield run


def _drift_over_time() -> Any:
    """The panel of the project's dashboard: Evidently's distance of each column, by window."""
    values = [
        PanelMetric(legend=name, metric="ValueDrift", metric_labels={"column": name})
        for name in (*FEATURES, PREDICTION)
    ]
    return line_plot_panel("Drift by column", values)


def _id(title: Title, rows: int) -> UUID:
    """The snapshot's id: window, kind and rows, in the shape of a UUID of version 7 (RFC 9562).

    The UI takes what has a known id for known: a report that is made again needs another.
    """
    return UUID(
        int=title.start << 80 | 0x7 << 76 | KINDS.index(title.kind) << 64 | 0b10 << 62 | rows
    )


def _start(run: UUID) -> int:
    return run.int >> 80
