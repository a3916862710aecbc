"""A registry that only MLflow reads, and every version's files from wherever they are stored.

The only file of the stage that knows MLflow. Its imports take seconds and 200 MB, so a worker
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
from contract.registry import CHAMPION, DIGEST, is_access_denied, registry_denied
from contract.settings import Settings


def version(settings: Settings, number: str | None = None) -> ModelVersion:
    """What the registry has of a version, or of the champion.

    Raises `ModelUnavailable` when the registry does not answer or has no such version.
    """
    name, registry = settings.model_name, settings.registry_uri
    client = MlflowClient(registry, registry)
    try:
        found = (
            client.get_model_version(name, number)
            if number
            else client.get_model_version_by_alias(name, CHAMPION)
        )
    except Exception as failure:  # noqa: BLE001  whatever a server answers
        wanted = f"version {number}" if number else CHAMPION
        raise ModelUnavailable(
            f"no {wanted} of {name} in the registry {registry} "
            f"({first_line(failure)}{proxy_hint(registry)}): train one with `intent train`, "
            "or set INTENT_MLFLOW_URI"
        ) from None
    return ModelVersion(str(found.version), found.tags.get(DIGEST))


def fetch(settings: Settings, version: ModelVersion) -> None:
    """Brings the version's files into its folder on this machine, all of them or none.

    Raises `ModelUnavailable` when they cannot be had, `Refused` when they are not those that were
    registered.
    """
    name, registry = settings.model_name, settings.registry_uri
    to = version_folder(settings, version)
    to.parent.mkdir(parents=True, exist_ok=True)
    try:
        with TemporaryDirectory(dir=to.parent, ignore_cleanup_errors=True) as download:
            uri = MlflowClient(registry, registry).get_model_version_download_uri(
                name, version.number
            )
            into = Path(download, "files")
            into.mkdir()
            files = Path(download_artifacts(uri, dst_path=str(into), tracking_uri=registry))
            check_digest(version, files)
            with suppress(OSError):  # another worker was faster
                files.rename(to)
    except ModelUnavailable:
        raise
    except Exception as failure:  # whatever an artifact store raises
        if is_access_denied(failure):
            raise registry_denied(settings, first_line(failure)) from failure
        raise ModelUnavailable(
            f"version {version.number} of {name} cannot be fetched ({first_line(failure)}"
            f"{proxy_hint(registry)}): "
            "check that the artifact store answers, or promote another version"
        ) from failure
