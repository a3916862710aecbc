"""A registry with several versions, which is copied for each test."""

import shutil
from pathlib import Path

import pytest

from contract.settings import load
from stream_app.settings import ScorerSettings
from tests.support.versions import RegistryCopy, copy_registry, register_version
from training.settings import TrainingSettings


@pytest.fixture(scope="session")
def versions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The SQLite file of a registry. Version 1 is logistic and champion, 2 and 3 are forests."""
    settings = load(TrainingSettings, data_dir=tmp_path_factory.mktemp("versions"))
    register_version(settings, "logistic")
    register_version(settings, "random_forest")
    register_version(settings, "random_forest", random_state=21)
    made = RegistryCopy(Path(settings.registry_uri.removeprefix("sqlite:///")))
    made.point("champion", "1")
    return made.tables


@pytest.fixture
def own_registry(versions: Path, tmp_path: Path) -> RegistryCopy:
    return copy_registry(versions, tmp_path)


@pytest.fixture(scope="session")
def compiled_home(tmp_path_factory: pytest.TempPathFactory, versions: Path) -> Path:
    """A data directory with all versions compiled."""
    from stream_app.models.compile import compile_version  # noqa: PLC0415  scikit-learn

    home = tmp_path_factory.mktemp("compiled")
    settings = load(ScorerSettings, data_dir=home, mlflow_uri=f"sqlite:///{versions}")
    for version in ("1", "2", "3"):
        compile_version(settings, version)
    return home


@pytest.fixture
def uncached_settings(own_registry: RegistryCopy, tmp_path: Path) -> ScorerSettings:
    """Settings of a worker without compiled models."""
    return load(ScorerSettings, data_dir=tmp_path / "home", mlflow_uri=own_registry.uri)


@pytest.fixture
def cached_settings(uncached_settings: ScorerSettings, compiled_home: Path) -> ScorerSettings:
    """Settings of a worker with all versions compiled."""
    shutil.copytree(compiled_home / "compiled", uncached_settings.data_dir / "compiled")
    return uncached_settings
