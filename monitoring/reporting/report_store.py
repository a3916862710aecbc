"""Evidently's reports on disk: an HTML page each, and its own workspace, which its UI shows.

This file and `report` are the only ones that know Evidently. They import it when the first of it is
needed, in the reports' thread: it takes seconds, in which the page is served already.
"""

# ruff: noqa: PLC0415

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Literal
from uuid import NAMESPACE_URL, UUID, uuid5

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
        self._model = model
        self._project = uuid5(NAMESPACE_URL, model)  # the same again for the next process

    def open(self) -> None:
        """Makes the workspace if there is none, so that a UI that is started now sees reports."""
        _ = self._workspace

    def put(self, snapshot: Any, title: Title, rows: int) -> None:
        """Keeps a snapshot on so many rows, in place of an earlier one of the same title."""
        from evidently.ui.storage.local.base import SNAPSHOTS_DIR_NAME

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

    @cached_property
    def _workspace(self) -> Any:
        """Evidently's, with the model's project in it."""
        from evidently.sdk.models import ProjectModel
        from evidently.ui.workspace import Workspace

        workspace = Workspace(str(self._folder / WORKSPACE))
        project = workspace.add_project(ProjectModel(id=self._project, name=self._model))
        if not project.dashboard.model().panels:  # people may have made their own
            project.dashboard.add_panel(_drift_over_time())
        return workspace

    @cached_property
    def _unfinished(self) -> Any:
        """Where a snapshot is written before it is moved into the workspace."""
        from evidently.ui.storage.local.base import LocalState

        return LocalState(str(self._folder / UNFINISHED))

    def _outdated(self, new: UUID) -> Iterator[UUID]:
        runs = {UUID(str(run)) for run in self._workspace.list_runs(self._project)}
        starts = sorted({_start(run) for run in runs})[-self._kept :]
        for run in runs - {new}:
            if _start(run) not in starts or run.int >> 64 == new.int >> 64:
                yield run


def _drift_over_time() -> Any:
    """The panel of the project's dashboard: Evidently's distance of each column, by window."""
    from evidently.sdk.models import PanelMetric
    from evidently.sdk.panels import line_plot_panel

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
