"""Evaluates challenger and new champion (probation) by live outcomes; promotes or rolls back."""

import logging
from typing import Final

from contract.errors import ModelUnavailable
from contract.events import LifecycleEvent
from contract.model.version import ModelRejected
from contract.settings import schema_of
from training import promotion
from training.controller.comparison_store import ComparisonStore
from training.controller.lifecycle_log import version_events
from training.controller.metrics import ControllerMetrics
from training.controller.registry_state import RegistryState, read_registry_state
from training.gate.live_evaluation import agreement, is_worse
from training.gate.paired_difference import PairedDifference
from training.settings import TrainingSettings

log = logging.getLogger(__name__)

NO_RECORDS: Final = PairedDifference.of_counts(0, 0, 0)


class LiveEvaluator:
    """Decides from the registry and the comparisons alone, so a successor decides the same."""

    def __init__(
        self,
        settings: TrainingSettings,
        comparisons: ComparisonStore,
        metrics: ControllerMetrics,
    ) -> None:
        self._settings = settings
        self._comparisons = comparisons
        self._metrics = metrics
        self._last_warning = ""

    def evaluate(self, now: int) -> list[LifecycleEvent]:
        """Takes the decisions that are due; returns the events of all versions.

        If the registry does not answer, it takes no decision, and the next tick tries again.

        Args:
            now: ms since the epoch.
        """
        try:
            state = read_registry_state(self._settings)
            if self._evaluate_challenger(state) or self._evaluate_probation(state, now):
                state = read_registry_state(self._settings)
        except ModelUnavailable as fault:
            self._metrics.set_registry_up(isinstance(fault, ModelRejected))
            if str(fault) != self._last_warning:
                log.warning("no evaluation: %s", fault)
            self._last_warning = str(fault)
            return []
        self._last_warning = ""
        self._metrics.set_registry_up(True)
        return version_events(self._settings.model_name, state)

    def _evaluate_challenger(self, state: RegistryState) -> bool:
        """Returns whether an alias changed."""
        champion, challenger = state.champion, state.challenger
        min_records = self._settings.shadow_min_records
        if not min_records or not champion or not challenger or challenger == champion:
            self._metrics.set_evaluation("challenger", 0, 0.0)
            return False
        version = state.versions.get(challenger)
        since = version.decided_at.get(promotion.CHALLENGER_SET, 0) if version else 0
        costs = self._settings.costs
        difference = self._comparisons.challenger_difference(champion, challenger, since, costs)
        self._metrics.set_evaluation("challenger", labelled_records(difference), difference.mean)
        if version and version.previous_champion and version.previous_champion != champion:
            reason = f"version {champion} became champion meanwhile"
            promotion.reject(self._settings, challenger, reason)
            return True
        if labelled_records(difference) < min_records:
            return False
        test = agreement(
            difference, self._settings.max_accuracy_loss, self._settings.gate_confidence
        )
        reason = f"in the shadow of version {champion}: {test.message}"
        try:
            if test.significant:
                promotion.promote(self._settings, challenger, champion, reason)
                return True
        except ModelRejected as refused:
            reason = f"{reason}, but workers would reject it: {refused}"
        promotion.reject(self._settings, challenger, reason)
        return True

    def _evaluate_probation(self, state: RegistryState, now: int) -> bool:
        """Returns whether an alias changed."""
        champion, previous = state.champion, state.previous
        if not champion or not previous or champion == previous:
            self._metrics.set_evaluation("probation", 0, 0.0)
            return False
        if schema_of(self._settings).task.numeric:
            promotion.confirm(self._settings, "versions of a number are not compared live")
            return True
        version = state.versions.get(champion)
        since = version.decided_at.get(promotion.PROMOTED, version.created) if version else 0
        costs = self._settings.costs
        difference = self._comparisons.probation_difference(champion, previous, since, costs)
        self._metrics.set_evaluation("probation", labelled_records(difference), difference.mean)
        settings = self._settings
        test = is_worse(difference, settings.max_accuracy_loss, settings.rollback_confidence)
        reason = f"compared with version {previous}: {test.message}"
        if test.significant:
            promotion.roll_back(settings, reason, champion)
            return True
        enough = labelled_records(difference) >= settings.probation_records
        if enough or now - since >= settings.probation_timeout * 1000:
            promotion.confirm(settings, reason)
            return True
        return False


def labelled_records(difference: PairedDifference) -> int:
    """The records with an outcome behind a difference."""
    return difference.rows - NO_RECORDS.rows
