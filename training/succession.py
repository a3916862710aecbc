"""Who scores: a version becomes champion, challenges it, or gives the place back.

MLflow changes one alias at a time, so a process may be killed between two changes. The order is
such that there is a champion at every moment, and that the same call again does what is left.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from filelock import FileLock, Timeout
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient

from contract.errors import ModelUnavailable
from contract.folders import writable_folder
from contract.model.version import ModelRejected
from contract.registry import CHALLENGER, CHAMPION, PREVIOUS
from contract.settings import Settings
from training import checked
from training.champion import MISSING, answering

PATIENCE: Final = 30.0
"""Seconds to wait for another process that changes who scores."""

DECISION: Final = "promotion.decision"
REJECTED: Final = "rejected"
CHALLENGES: Final = "challenger"
PROMOTED: Final = "promoted"
CONFIRMED: Final = "confirmed"
ROLLED_BACK: Final = "rolled back"
REASON: Final = "promotion.reason"
AT: Final = "promotion.at."
"""Tags: followed by a decision, when it was last taken, in ms."""
WHY: Final = "promotion.why."
"""Tags: followed by a decision, its reason."""
OVER: Final = "promotion.over"
"""Tag: the champion that the version took over from."""
RESTORED: Final = "promotion.restored"
"""Tag: the version that was rolled back in favour of this one."""


def promote(
    settings: Settings, version: str, over: str | None, why: str, again: bool = False
) -> bool:
    """Makes the version champion, and the champion that it was compared with, `over`, previous.

    False, and nothing changed, if another one is champion by now, or the version was rolled back
    and need not be promoted `again`.
    Again for the version that is champion it does nothing more. Raises `Refused` for a version
    that scorers would not serve, `ModelUnavailable`.
    """
    with _alone(settings) as client:
        now = alias(client, settings, CHAMPION)
        told = client.get_model_version(settings.model_name, version).tags
        if told.get(DECISION) == ROLLED_BACK and now != version and not again:
            return False
        if now not in (over, version):
            _decide(client, settings, version, REJECTED, f"version {now} became champion meanwhile")
            return False
        if now != version:
            checked.load_with(client, settings, version)
            _tell(client, settings, version, OVER, over or "")
            _tell(client, settings, version, RESTORED, "")
            if over and _loads(client, settings, over):
                client.set_registered_model_alias(settings.model_name, PREVIOUS, over)
            elif before := alias(client, settings, PREVIOUS):
                _drop_if(client, settings, PREVIOUS, before)
            client.set_registered_model_alias(settings.model_name, CHAMPION, version)
        if alias(client, settings, CHALLENGER) == version:
            client.delete_registered_model_alias(settings.model_name, CHALLENGER)
        if now != version or told.get(DECISION) != PROMOTED:
            _decide(client, settings, version, PROMOTED, why)
    return True


def challenge(settings: Settings, version: str, over: str, why: str) -> None:
    """Has workers score with the version in the champion's shadow.

    Raises `Refused` for a version that scorers would not serve, `ModelUnavailable`.
    """
    with _alone(settings) as client:
        checked.load_with(client, settings, version)
        client.set_registered_model_alias(settings.model_name, CHALLENGER, version)
        _tell(client, settings, version, OVER, over)
        _decide(client, settings, version, CHALLENGES, why)


def refuse(settings: Settings, version: str, why: str) -> None:
    """Keeps the version, and has nobody score with it. Raises `ModelUnavailable`."""
    with _alone(settings) as client:
        if alias(client, settings, CHALLENGER) == version:
            client.delete_registered_model_alias(settings.model_name, CHALLENGER)
        _decide(client, settings, version, REJECTED, why)


def confirm(settings: Settings, why: str) -> None:
    """Ends the champion's probation: nobody scores in its shadow. Raises `ModelUnavailable`.

    Which version was champion before stays known, for `roll_back`.
    """
    with _alone(settings) as client:
        now = alias(client, settings, CHAMPION)
        if alias(client, settings, PREVIOUS) and now:
            client.delete_registered_model_alias(settings.model_name, PREVIOUS)
            _decide(client, settings, now, CONFIRMED, why)


def roll_back(settings: Settings, why: str, version: str | None = None) -> str:
    """Puts back the champion before; returns the version that scores then.

    `version` is the one that must go, by default the champion; if it is not champion any more,
    nothing is changed. A champion that was itself put back stays, unless it is named. Raises
    `Refused` where scorers would not serve the version that was champion before,
    `ModelUnavailable`, also where no version was.
    """
    with _alone(settings) as client:
        now = alias(client, settings, CHAMPION)
        if now is None:
            raise ModelUnavailable(
                f"{settings.model_name} has no champion in the registry {settings.registry_uri}: "
                "train one with `intent train`"
            )
        told = client.get_model_version(settings.model_name, now).tags
        if version not in (None, now) or (version is None and told.get(RESTORED)):
            _drop_if(client, settings, PREVIOUS, now)  # what a call that was killed left
            return now
        before = told.get(OVER)
        if not before:
            raise ModelUnavailable(
                f"no version of {settings.model_name} was champion before version {now}: "
                "promote another one with `intent promote VERSION`"
            )
        checked.load_with(client, settings, before)
        if told.get(DECISION) != ROLLED_BACK:
            _decide(client, settings, now, ROLLED_BACK, why)
        _tell(client, settings, before, RESTORED, now)
        client.set_registered_model_alias(settings.model_name, CHAMPION, before)
        _drop_if(client, settings, PREVIOUS, before)
        return before


def alias(client: MlflowClient, settings: Settings, name: str) -> str | None:
    """The version that has an alias; None if none has."""
    try:
        return str(client.get_model_version_by_alias(settings.model_name, name).version)
    except MlflowException as failure:
        if failure.error_code in MISSING:
            return None
        raise


def _loads(client: MlflowClient, settings: Settings, version: str) -> bool:
    """Whether scorers would serve the version."""
    try:
        checked.load_with(client, settings, version)
    except ModelRejected:
        return False
    return True


def _drop_if(client: MlflowClient, settings: Settings, name: str, version: str) -> None:
    if alias(client, settings, name) == version:
        client.delete_registered_model_alias(settings.model_name, name)


def _decide(
    client: MlflowClient, settings: Settings, version: str, decision: str, why: str
) -> None:
    _tell(client, settings, version, WHY + decision, why)
    _tell(client, settings, version, AT + decision, str(round(time.time() * 1000)))
    if decision != CONFIRMED:  # the promotion stands
        _tell(client, settings, version, DECISION, decision)
        _tell(client, settings, version, REASON, why)


def _tell(client: MlflowClient, settings: Settings, version: str, tag: str, words: str) -> None:
    """Tags the version, for us, and its run, for people."""
    client.set_model_version_tag(settings.model_name, version, tag, words)
    run = client.get_model_version(settings.model_name, version).run_id
    if run:
        client.set_tag(run, tag, words)


@contextmanager
def _alone(settings: Settings) -> Iterator[MlflowClient]:
    """A client, while no other process of this home changes who scores.

    MLflow cannot change an alias only if it is still as it was. Processes with another home are
    not kept out: there, who looks and changes within the same few milliseconds overwrites.
    """
    lock = FileLock(writable_folder(settings.data_dir / "mlflow") / ".succession.lock")
    try:
        with lock.acquire(timeout=PATIENCE), answering(settings) as client:
            yield client
    except Timeout:
        raise ModelUnavailable(
            f"another process has been changing who scores for {PATIENCE:g} s: "
            f"see what holds {lock.lock_file}"
        ) from None
