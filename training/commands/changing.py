"""`intent promote` and `intent rollback`: a person changes who scores."""

from contract.errors import BadSetting
from contract.registry import CHAMPION
from training import succession
from training.champion import answering, champion
from training.commands.person import who
from training.settings import TrainingSettings


def promote(settings: TrainingSettings, version: str, why: str) -> str:
    """Makes a version champion, whatever was decided on it; returns what is so now, in words.

    Raises `BadSetting` for a version that there is not, `ModelUnavailable`.
    """
    with answering(settings) as client:
        known = {
            str(each.version)
            for each in client.search_model_versions(f"name = '{settings.model_name}'")
        }
    if version not in known:
        found = f"it has {', '.join(sorted(known, key=_in_order))}" if known else "it has none yet"
        raise BadSetting(
            f"{settings.model_name} has no version {version} in the registry "
            f"{settings.registry_uri}: {found}"
        )
    before = champion(settings)
    if before == version:
        return f"version {version} is the champion already"
    if not succession.promote(settings, version, before, _said(why), again=True):
        return f"another version became {CHAMPION} just now: look, and promote again"
    return f"version {version} is the champion; it was {before or 'nobody'}"


def roll_back(settings: TrainingSettings, why: str, version: str | None) -> str:
    """Puts the champion before back; returns what is so now, in words.

    Raises `ModelUnavailable`, also where there is none.
    """
    before = champion(settings)
    now = succession.roll_back(settings, _said(why), version)
    if now != before:
        return f"version {now} is the champion again; version {before} gave way"
    if version is not None and version != now:
        return f"version {version} is not the champion: version {now} is, and stays"
    return f"version {now} was itself put back; to go back further, name it: rollback {now}"


def _in_order(version: str) -> tuple[int, str]:
    return len(version), version


def _said(why: str) -> str:
    return f"{who()}: {why}"
