"""Kinds of estimators, and copies of the champion."""

from collections.abc import Mapping

from mlflow.tracking import MlflowClient

from contract.registry import CHAMPION_ALIAS, DIGEST_TAG
from training.settings import TrainingSettings
from training.task import Classification

ESTIMATORS = Classification.estimators


def copy_champion(champion: Mapping[str, str], to: TrainingSettings, versions: int) -> MlflowClient:
    """Registers a model whose versions all hold the champion's files; none has an alias."""
    client = MlflowClient(to.registry_uri, to.registry_uri)
    name = champion["model_name"]
    one = client.get_model_version_by_alias(name, CHAMPION_ALIAS)
    files = client.get_model_version_download_uri(name, one.version)
    client.create_registered_model(to.model_name)
    for _ in range(versions):
        client.create_model_version(to.model_name, files, tags={DIGEST_TAG: one.tags[DIGEST_TAG]})
    return client
