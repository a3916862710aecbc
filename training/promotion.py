"""Moves the aliases champion, challenger and previous: promote, reject, confirm, roll back.

MLflow changes one alias at a time, so a process may be killed between two changes. The order of the
changes guarantees that there is a champion at every moment, and that a repeated call completes
what is missing.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from filelock import FileLock, Timeout
from mlflow.tracking import MlflowClient

from contract.errors import ModelUnavailable
from contract.folders import writable_folder
from contract.model.version import ModelRejected
from contract.registry import CHALLENGER_ALIAS, CHAMPION_ALIAS, PREVIOUS_CHAMPION_ALIAS
from contract.settings import Settings
from training.model_loading import load_model_with
from training.registry_client import registry_client, version_with_alias

LOCK_TIMEOUT: Final = 30.0
"""Seconds to wait for another process that changes aliases."""

DECISION: Final = "promotion.decision"
"""Tag: the last decision on the version."""
REASON: Final = "promotion.reason"
"""Tag: the reason of the last decision."""
REJECTED: Final = "rejected"
CHALLENGER_SET: Final = "challenger"
PROMOTED: Final = "promoted"
CONFIRMED: Final = "confirmed"
ROLLED_BACK: Final = "rolled back"
DECIDED_AT: Final = "promotion.decided_at."
"""Prefix of a tag: followed by a decision, its last time in ms since the epoch."""
REASON_OF: Final = "promotion.reason_of."
"""Prefix of a tag: followed by a decision, its last reason."""
PREVIOUS_CHAMPION: Final = "promotion.previous_champion"
"""Tag: the champion that the version replaced, or was compared with."""
RESTORED_FROM: Final = "promotion.restored_from"
"""Tag: the version whose rollback restored this one."""


def promote(
    settings: Settings,
    version: str,
    replaces: str | None,
    reason: str,
    allow_rolled_back: bool = False,
) -> bool:
    """Makes a version champion, and the champion it was compared with `previous`.

    For the current champion it only completes an interrupted promotion.

    Args:
        settings: of the registry.
        version: the version to promote.
        replaces: the champion that it was compared with; None if there was none.
        reason: stored as a tag of the version.
        allow_rolled_back: promote it even if it was rolled back before.

    Returns:
        False, with no alias changed, if another version is champion meanwhile, or the version was
        rolled back before.

    Raises:
        ModelRejected: workers would reject the version.
        ModelUnavailable: the registry does not answer.
    """
    with _locked_client(settings) as client:
        champion = version_with_alias(client, settings, CHAMPION_ALIAS)
        tags = client.get_model_version(settings.model_name, version).tags
        was_rolled_back = tags.get(DECISION) == ROLLED_BACK
        if was_rolled_back and champion != version and not allow_rolled_back:
            return False
        if champion not in (replaces, version):
            reason = f"version {champion} became champion meanwhile"
            _record_decision(client, settings, version, REJECTED, reason)
            return False
        if champion != version:
            load_model_with(client, settings, version)
            _set_tag(client, settings, version, PREVIOUS_CHAMPION, replaces or "")
            _set_tag(client, settings, version, RESTORED_FROM, "")
            if replaces and _can_be_served(client, settings, replaces):
                client.set_registered_model_alias(
                    settings.model_name, PREVIOUS_CHAMPION_ALIAS, replaces
                )
            elif previous := version_with_alias(client, settings, PREVIOUS_CHAMPION_ALIAS):
                _delete_alias_of(client, settings, PREVIOUS_CHAMPION_ALIAS, previous)
            client.set_registered_model_alias(settings.model_name, CHAMPION_ALIAS, version)
        _delete_alias_of(client, settings, CHALLENGER_ALIAS, version)
        if champion != version or tags.get(DECISION) != PROMOTED:
            _record_decision(client, settings, version, PROMOTED, reason)
    return True


def set_challenger(settings: Settings, version: str, champion: str, reason: str) -> None:
    """Makes a version challenger: workers score with it in the champion's shadow.

    Args:
        settings: of the registry.
        version: the challenger.
        champion: the version that it was compared with.
        reason: stored as a tag of the version.

    Raises:
        ModelRejected: workers would reject the version.
        ModelUnavailable: the registry does not answer.
    """
    with _locked_client(settings) as client:
        load_model_with(client, settings, version)
        client.set_registered_model_alias(settings.model_name, CHALLENGER_ALIAS, version)
        _set_tag(client, settings, version, PREVIOUS_CHAMPION, champion)
        _record_decision(client, settings, version, CHALLENGER_SET, reason)


def reject(settings: Settings, version: str, reason: str) -> None:
    """Keeps a version in the registry, without an alias. Raises `ModelUnavailable`."""
    with _locked_client(settings) as client:
        _delete_alias_of(client, settings, CHALLENGER_ALIAS, version)
        _record_decision(client, settings, version, REJECTED, reason)


def confirm(settings: Settings, reason: str) -> None:
    """Ends the champion's probation: deletes the alias `previous`. Raises `ModelUnavailable`.

    The champion's tag keeps the previous version for `roll_back`.
    """
    with _locked_client(settings) as client:
        champion = version_with_alias(client, settings, CHAMPION_ALIAS)
        if version_with_alias(client, settings, PREVIOUS_CHAMPION_ALIAS) and champion:
            client.delete_registered_model_alias(settings.model_name, PREVIOUS_CHAMPION_ALIAS)
            _record_decision(client, settings, champion, CONFIRMED, reason)


def roll_back(settings: Settings, reason: str, version: str | None = None) -> str:
    """Restores the previous champion.

    A champion that was itself restored by a rollback stays, unless `version` names it.

    Args:
        settings: of the registry.
        reason: stored as a tag of the version.
        version: roll back only if this version is champion; None rolls back any champion.

    Returns:
        The version that is champion afterwards.

    Raises:
        ModelRejected: workers would reject the previous champion.
        ModelUnavailable: the registry does not answer, or has no previous champion.
    """
    with _locked_client(settings) as client:
        champion = version_with_alias(client, settings, CHAMPION_ALIAS)
        if champion is None:
            raise ModelUnavailable(
                f"{settings.model_name} has no champion in the registry {settings.registry_uri}: "
                "train one with `intent train`"
            )
        tags = client.get_model_version(settings.model_name, champion).tags
        if version not in (None, champion) or (version is None and tags.get(RESTORED_FROM)):
            # completes a rollback that was interrupted
            _delete_alias_of(client, settings, PREVIOUS_CHAMPION_ALIAS, champion)
            return champion
        previous = tags.get(PREVIOUS_CHAMPION)
        if not previous:
            raise ModelUnavailable(
                f"version {champion} of {settings.model_name} has no previous champion: "
                "promote another version with `intent promote VERSION`"
            )
        load_model_with(client, settings, previous)
        if tags.get(DECISION) != ROLLED_BACK:
            _record_decision(client, settings, champion, ROLLED_BACK, reason)
        _set_tag(client, settings, previous, RESTORED_FROM, champion)
        client.set_registered_model_alias(settings.model_name, CHAMPION_ALIAS, previous)
        _delete_alias_of(client, settings, PREVIOUS_CHAMPION_ALIAS, previous)
        return previous


def _can_be_served(client: MlflowClient, settings: Settings, version: str) -> bool:
    try:
        load_model_with(client, settings, version)
    except ModelRejected:
        return False
    return True


def _delete_alias_of(client: MlflowClient, settings: Settings, alias: str, version: str) -> None:
    """Deletes an alias if the version has it."""
    if version_with_alias(client, settings, alias) == version:
        client.delete_registered_model_alias(settings.model_name, alias)


def _record_decision(
    client: MlflowClient, settings: Settings, version: str, decision: str, reason: str
) -> None:
    _set_tag(client, settings, version, REASON_OF + decision, reason)
    _set_tag(client, settings, version, DECIDED_AT + decision, str(round(time.time() * 1000)))
    if decision != CONFIRMED:  # the last decision remains the promotion
        _set_tag(client, settings, version, DECISION, decision)
        _set_tag(client, settings, version, REASON, reason)


def _set_tag(client: MlflowClient, settings: Settings, version: str, tag: str, value: str) -> None:
    """Tags the version, which programs read, and its run, which people see."""
    client.set_model_version_tag(settings.model_name, version, tag, value)
    run_id = client.get_model_version(settings.model_name, version).run_id
    if run_id:
        client.set_tag(run_id, tag, value)


@contextmanager
def _locked_client(settings: Settings) -> Iterator[MlflowClient]:
    """Yields a client while no other process with this data directory changes aliases.

    MLflow has no compare-and-set for aliases. Processes with another data directory are not locked
    out: one that reads and writes within the same few milliseconds overwrites.
    """
    lock = FileLock(writable_folder(settings.data_dir / "mlflow") / ".promotion.lock")
    try:
        with lock.acquire(timeout=LOCK_TIMEOUT), registry_client(settings) as client:
            yield client
    except Timeout:
        raise ModelUnavailable(
            f"another process has held the lock on the aliases for {LOCK_TIMEOUT:g} s: "
            f"find and end the process that holds {lock.lock_file}"
        ) from None
