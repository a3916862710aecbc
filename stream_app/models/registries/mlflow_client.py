"""Reads registry entries and downloads a version's files with MLflow.

The only module of this stage that imports MLflow. The import takes seconds and 200 MB, so a worker
leaves it to a process of its own (`compile`).
"""

from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from mlflow.artifacts import download_artifacts
from mlflow.tracking import MlflowClient

from contract.errors import ModelUnavailable, first_line
from contract.model.checks import check_digest
from contract.model.version import ModelVersion, version_folder
from contract.proxies import proxy_hint
from contract.registry import CHAMPION_ALIAS, is_access_denied, registry_denied
from contract.settings import Settings


def get_version(settings: Settings, number: str | None = None) -> ModelVersion:
    """The registry's entry of a version, by default of the champion.

    Raises:
        ModelUnavailable: The registry does not answer, or has no such version.
        ModelRejected: The version's decision threshold is not a probability, or its interval
            none.
    """
    name, registry_uri = settings.model_name, settings.registry_uri
    try:
        client = MlflowClient(registry_uri, registry_uri)  # it opens the database
        entry = (
            client.get_model_version(name, number)
            if number
            else client.get_model_version_by_alias(name, CHAMPION_ALIAS)
        )
    except Exception as failure:  # noqa: BLE001  whatever a server answers
        requested = f"version {number}" if number else CHAMPION_ALIAS
        raise ModelUnavailable(
            f"no {requested} of {name} in the registry {registry_uri} "
            f"({first_line(failure)}{proxy_hint(registry_uri)}): train one with `intent train`, "
            "or set INTENT_MLFLOW_URI"
        ) from None
    return ModelVersion.from_tags(str(entry.version), entry.tags)


def download_version(settings: Settings, version: ModelVersion) -> None:
    """Downloads the version's files into its folder on this machine, all of them or none.

    Raises:
        ModelUnavailable: The files cannot be downloaded.
        ModelRejected: They are not the files that were registered.
    """
    name, registry_uri = settings.model_name, settings.registry_uri
    target = version_folder(settings, version)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with TemporaryDirectory(dir=target.parent, ignore_cleanup_errors=True) as temporary:
            uri = MlflowClient(registry_uri, registry_uri).get_model_version_download_uri(
                name, version.number
            )
            download = Path(temporary, "files")
            download.mkdir()
            files = Path(download_artifacts(uri, dst_path=str(download), tracking_uri=registry_uri))
            check_digest(version, files)
            with suppress(OSError):  # another worker was faster
                files.rename(target)
    except ModelUnavailable:
        raise
    except Exception as failure:  # whatever an artifact store raises
        if is_access_denied(failure):
            raise registry_denied(settings, first_line(failure)) from failure
        raise ModelUnavailable(
            f"cannot download version {version.number} of {name} ({first_line(failure)}"
            f"{proxy_hint(registry_uri)}): "
            "check that the artifact store answers, or promote another version"
        ) from failure
