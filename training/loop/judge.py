"""Live outcomes judge the challenger and the champion on probation; the registry is told."""

import logging
from typing import Final

from contract.errors import ModelUnavailable
from contract.events import LifecycleEvent
from contract.model.version import ModelRejected
from training import succession
from training.gate.difference import Difference
from training.gate.live import agrees, fell
from training.loop import versions
from training.loop.ledger import Ledger
from training.loop.metrics import LoopMetrics
from training.loop.standing import Standing, standing
from training.settings import TrainingSettings

log = logging.getLogger(__name__)

NONE: Final = Difference.of_counts(0, 0, 0)


class Judge:
    """Decides from the registry and the ledger alone, so that who takes over decides the same."""

    def __init__(self, settings: TrainingSettings, ledger: Ledger, metrics: LoopMetrics) -> None:
        self._settings = settings
        self._ledger = ledger
        self._metrics = metrics
        self._said = ""

    def turn(self, now: int) -> list[LifecycleEvent]:
        """Promotes, refuses, confirms or rolls back where that is due; returns all steps known.

        `now` in ms. A registry that does not answer is asked again in the next turn.
        """
        try:
            found = standing(self._settings)
            if self._challenger(found) or self._probation(found, now):
                found = standing(self._settings)
        except ModelUnavailable as fault:
            self._metrics.registry_answers(isinstance(fault, ModelRejected))
            if str(fault) != self._said:
                log.warning("nothing is decided: %s", fault)
            self._said = str(fault)
            return []
        self._said = ""
        self._metrics.registry_answers(True)
        return versions.steps(self._settings.model_name, found)

    def _challenger(self, found: Standing) -> bool:
        """Whether something changed."""
        champion, challenger = found.champion, found.challenger
        wanted = self._settings.shadow_min_records
        if not wanted or not champion or not challenger or challenger == champion:
            self._metrics.judged("challenger", 0, 0.0)
            return False
        version = found.versions.get(challenger)
        since = version.at.get(succession.CHALLENGES, 0) if version else 0
        difference = self._ledger.of_challenger(champion, challenger, since)
        self._metrics.judged("challenger", labelled(difference), difference.mean)
        if version and version.over and version.over != champion:
            why = f"version {champion} became champion meanwhile"
            succession.refuse(self._settings, challenger, why)
            return True
        if labelled(difference) < wanted:
            return False
        answer = agrees(
            difference, self._settings.max_accuracy_loss, self._settings.gate_confidence
        )
        why = f"in the shadow of version {champion}: {answer.words}"
        try:
            if answer.yes:
                succession.promote(self._settings, challenger, champion, why)
                return True
        except ModelRejected as refused:
            why = f"{why}, but scorers would not serve it: {refused}"
        succession.refuse(self._settings, challenger, why)
        return True

    def _probation(self, found: Standing, now: int) -> bool:
        """Whether something changed."""
        champion, previous = found.champion, found.previous
        if not champion or not previous or champion == previous:
            self._metrics.judged("probation", 0, 0.0)
            return False
        version = found.versions.get(champion)
        since = version.at.get(succession.PROMOTED, version.created) if version else 0
        difference = self._ledger.of_probation(champion, previous, since)
        self._metrics.judged("probation", labelled(difference), difference.mean)
        rules = self._settings
        answer = fell(difference, rules.max_accuracy_loss, rules.rollback_confidence)
        words = f"beside version {previous}: {answer.words}"
        if answer.yes:
            succession.roll_back(rules, words, champion)
            return True
        enough = labelled(difference) >= rules.probation_records
        if enough or now - since >= rules.probation_timeout * 1000:
            succession.confirm(rules, words)
            return True
        return False


def labelled(difference: Difference) -> int:
    """The records with an outcome that it is of."""
    return difference.rows - NONE.rows
