"""Types of the fixtures that are functions, for annotations."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar

from click.testing import Result

from contract.settings import Settings

S = TypeVar("S", bound=Settings)


class SettingsFor(Protocol):
    """`settings_for(StageSettings, some_setting=...)`."""

    def __call__(self, cls: type[S], **changes: Any) -> S: ...


class InstallChampion(Protocol):
    """`install_champion(data_dir)`."""

    def __call__(self, home: Path) -> Path: ...


class PrefectHome(Protocol):
    """`prefect_home(folder)`."""

    def __call__(self, folder: Path) -> Path: ...


Intent = Callable[..., Result]
