"""The champion's file out of the MLflow registry. The only file of the stage that knows MLflow.

Its imports take seconds and 200 MB, so a worker leaves it to a process of its own (`compile`)
and reads a registry that is a table on its own disk without it (`local_registry`).
"""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from mlflow.artifacts import download_artifacts
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient

from contract.errors import ModelUnavailable
from contract.registry import CHAMPION, MODEL_FILE
from contract.settings import Settings
from stream_app.model.located import Located


def champion(settings: Settings, folder: Path) -> Located:
    """Fetches the version that the champion alias points at into a folder.

    Raises `ModelUnavailable` when the registry does not answer, has no champion, or its file
    is not there.
    """
    name, registry = settings.model_name, settings.registry_uri
    client = MlflowClient(registry, registry)
    try:
        version = str(client.get_model_version_by_alias(name, CHAMPION).version)
        uri = client.get_model_version_download_uri(name, version)
    except MlflowException as failure:
        raise ModelUnavailable(
            f"no champion of {name} in the registry {registry} "
            f"({_first_line(failure)}): train one with `python -m training`, "
            "or set INTENT_MLFLOW_URI"
        ) from None
    try:
        with TemporaryDirectory(dir=folder) as download:
            local = download_artifacts(uri, dst_path=download, tracking_uri=registry)
            file = shutil.move(Path(local, MODEL_FILE), folder / f"{name}-{version}.skops")
    except Exception as failure:  # whatever an artifact store raises
        raise ModelUnavailable(
            f"version {version} of {name} cannot be fetched ({_first_line(failure)}): "
            f"give another version the alias {CHAMPION}"
        ) from failure
    return Located(version, Path(file))


def _first_line(failure: Exception) -> str:
    return next(iter(str(failure).splitlines()), type(failure).__name__)
