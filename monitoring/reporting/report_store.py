"""Evidently's reports on disk: an HTML page each, and snapshots in the workspace of its UI.

Only this file and `evidently_report` know Evidently. They import it with the first report, in the
worker's thread: it takes seconds, in which the page is served already.
"""

# ruff: noqa: PLC0415

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Literal
from uuid import NAMESPACE_URL, UUID, uuid5

from contract.schema import Schema
from monitoring.drift.columns import PREDICTION

WORKSPACE: Final = "evidently"
"""Folder of Evidently's workspace, below the folder of the pages."""

UNFINISHED: Final = ".unfinished"
"""Folder beside it. An open UI notices files moved into the workspace, and not within it."""

KINDS: Final = ("features", "outcomes")


@dataclass(frozen=True, slots=True)
class ReportId:
    """Identifies a report: the start (ms) of its window, and what it is about.

    Attributes:
        revision: How often late records have updated the window. A later report takes the place
            of an earlier one.
    """

    window_start: int
    kind: Literal["features", "outcomes"]
    revision: int = 0

    @property
    def file_name(self) -> str:
        """File name of its HTML page."""
        time = datetime.fromtimestamp(self.window_start / 1000, UTC)
        suffix = "" if self.kind == "features" else f"-{self.kind}"
        return f"{f'{time:%Y%m%dT%H%M%S%f}'[:-3]}{suffix}.html"


class ReportStore:
    """Stores reports. Readers never see a partial one."""

    def __init__(self, folder: Path, model: str, max_windows: int, schema: Schema) -> None:
        """Uses a folder that exists.

        The workspace has a project for each model, and keeps the reports of the latest
        `max_windows` windows. `WindowIndex` removes the pages with their windows.
        """
        self._folder = folder
        self._max_windows = max_windows
        self._model = model
        self._schema = schema
        self._project = uuid5(NAMESPACE_URL, model)  # the same in every process

    def open(self) -> None:
        """Creates the workspace if there is none, so that a UI started now shows later reports."""
        _ = self._workspace

    def save(self, snapshot: Any, report_id: ReportId, rows: int) -> None:
        """Stores Evidently's snapshot on `rows` rows, in place of an earlier one of the same id."""
        from evidently.ui.storage.local.base import SNAPSHOTS_DIR_NAME

        page = self._folder / report_id.file_name
        part = page.with_suffix(".part")
        snapshot.save_html(str(part))
        part.replace(page)
        new = _snapshot_id(report_id, rows)
        self._unfinished.write_snapshot(self._project, new, snapshot.to_snapshot_model())
        path = Path(str(self._project), SNAPSHOTS_DIR_NAME, f"{new}.json")
        target = Path(self._workspace.path, path)
        target.parent.mkdir(exist_ok=True)
        Path(self._unfinished.path, path).replace(target)
        for old in self._outdated(new):
            self._workspace.delete_run(self._project, old)

    @cached_property
    def _workspace(self) -> Any:
        """Evidently's workspace, with the model's project in it."""
        from evidently.sdk.models import ProjectModel
        from evidently.ui.workspace import Workspace

        workspace = Workspace(str(self._folder / WORKSPACE))
        project = workspace.add_project(ProjectModel(id=self._project, name=self._model))
        if not project.dashboard.model().panels:  # keeps panels that users have made
            project.dashboard.add_panel(_drift_panel(self._schema))
        return workspace

    @cached_property
    def _unfinished(self) -> Any:
        """Where a snapshot is written before it is moved into the workspace."""
        from evidently.ui.storage.local.base import LocalState

        return LocalState(str(self._folder / UNFINISHED))

    def _outdated(self, new: UUID) -> Iterator[UUID]:
        runs = {UUID(str(run)) for run in self._workspace.list_runs(self._project)}
        starts = sorted({_window_start(run) for run in runs})[-self._max_windows :]
        for run in runs - {new}:
            if _window_start(run) not in starts or run.int >> 64 == new.int >> 64:
                yield run


def _drift_panel(schema: Schema) -> Any:
    """Panel of the project's dashboard: Evidently's distance of each column, by window."""
    from evidently.sdk.models import PanelMetric
    from evidently.sdk.panels import line_plot_panel

    values = [
        PanelMetric(legend=name, metric="ValueDrift", metric_labels={"column": name})
        for name in (*schema.features, PREDICTION)
    ]
    return line_plot_panel("Drift by column", values)


def _snapshot_id(report_id: ReportId, rows: int) -> UUID:
    """Window, kind, revision and rows in the layout of a UUID of version 7 (RFC 9562).

    Evidently's UI does not read a known id again, so a later report with more or other rows
    needs another id.
    """
    kind = KINDS.index(report_id.kind)
    rest = report_id.revision % 2**30 << 32 | rows
    return UUID(int=report_id.window_start << 80 | 0x7 << 76 | kind << 64 | 0b10 << 62 | rest)


def _window_start(run: UUID) -> int:
    return run.int >> 80
