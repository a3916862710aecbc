"""`intent promote` and `intent rollback`: an operator changes which version is champion."""

from contract.errors import BadSetting
from contract.process import current_user
from contract.registry import CHAMPION_ALIAS
from training import promotion
from training.registry_client import champion_version, registry_client
from training.settings import TrainingSettings


def promote(settings: TrainingSettings, version: str, reason: str) -> str:
    """Makes a version champion, whatever the gate decided; returns a sentence on the result.

    Raises:
        BadSetting: the registry has no such version.
        ModelUnavailable: the registry does not answer, or workers would reject the version.
    """
    with registry_client(settings) as client:
        versions = {
            str(version.version)
            for version in client.search_model_versions(f"name = '{settings.model_name}'")
        }
    if version not in versions:
        existing = ", ".join(sorted(versions, key=_version_order)) or "none"
        raise BadSetting(
            f"{settings.model_name} has no version {version} in the registry "
            f"{settings.registry_uri}; existing versions: {existing}"
        )
    current = champion_version(settings)
    if current == version:
        return f"version {version} is the champion already"
    if not promotion.promote(settings, version, current, _by_user(reason), allow_rolled_back=True):
        return f"another version became {CHAMPION_ALIAS} meanwhile: check which, and promote again"
    return f"version {version} is the champion; previous champion: {current or 'none'}"


def roll_back(settings: TrainingSettings, reason: str, version: str | None) -> str:
    """Rolls back to the previous champion; returns a sentence on the result.

    Raises:
        ModelUnavailable: the registry does not answer, or there is no version to return to.
    """
    before = champion_version(settings)
    current = promotion.roll_back(settings, _by_user(reason), version)
    if current != before:
        return f"version {current} is the champion again; version {before} was rolled back"
    if version is not None and version != current:
        return f"nothing changed: version {version} is not the champion, version {current} is"
    return (
        f"nothing changed: version {current} was itself restored by a rollback; "
        f"to go back further, name it: rollback {current}"
    )


def _version_order(version: str) -> tuple[int, str]:
    return len(version), version


def _by_user(reason: str) -> str:
    return f"{current_user()}: {reason}"
