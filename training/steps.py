"""The steps from a data file to a champion, in order; the flow runs each as a task."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, Protocol, TypeVar

import pandas as pd
from sklearn.pipeline import Pipeline

from contract.features import TARGET
from data import dataset
from training import evaluate, provenance, registry, succession, train
from training.cause import Cause
from training.champion import champion
from training.evaluate import Decision, Scores
from training.registry import Record
from training.settings import TrainingSettings
from training.train import Trained

P = ParamSpec("P")
T = TypeVar("T")

log = logging.getLogger(__name__)


class Wrapper(Protocol):
    """Makes of a step what runs it."""

    def __call__(self, step: Callable[P, T], /) -> Callable[P, T]:
        """Something to call in the step's place."""


def as_it_is(step: Callable[P, T], /) -> Callable[P, T]:
    """Runs a step as the function that it is."""
    return step


def train_and_promote(
    settings: TrainingSettings,
    wrapped: Wrapper = as_it_is,
    cause: Cause = Cause("person"),  # noqa: B008  frozen
) -> str:
    """Trains, registers, and promotes if the model is no worse than the champion.

    Returns the new version, promoted or not. Raises `BadDataset`, `ModelUnavailable` or
    `StorageFailed`.
    """
    frame = wrapped(load_data)(settings)
    trained = wrapped(train_model)(settings, frame)
    scores, decision = wrapped(evaluate_model)(settings, trained)
    version = wrapped(register_model)(settings, frame, trained, scores, cause)
    wrapped(promote_model)(settings, version, decision)
    return version


def load_data(settings: TrainingSettings) -> pd.DataFrame:
    """The labelled customers."""
    return dataset.load(settings.dataset)


def train_model(settings: TrainingSettings, frame: pd.DataFrame) -> Trained:
    """A model of the kind that the settings name."""
    return train.fit(frame, settings.estimator, settings.random_state, settings.held_out_share)


def evaluate_model(settings: TrainingSettings, trained: Trained) -> tuple[Scores, Decision]:
    """The model's scores on the held-out rows, and whether it may take over there."""
    scores = _scores(trained.model, trained.held_out)
    version = champion(settings)
    if version is None:
        return scores, evaluate.decide(scores, None)
    best = registry.load(settings, version)
    return scores, evaluate.decide(scores, _scores(best, trained.held_out))


def register_model(
    settings: TrainingSettings,
    frame: pd.DataFrame,
    trained: Trained,
    scores: Scores,
    cause: Cause,
) -> str:
    """The version under which the registry has the model from now on."""
    params = {
        "estimator": settings.estimator,
        "random_state": settings.random_state,
        "held_out_share": settings.held_out_share,
        "rows": len(frame),
    }
    tags = {
        "data.file": settings.dataset.name,
        "data.file_sha256": provenance.file_sha256(settings.dataset),
        "data.rows_sha256": provenance.rows_sha256(frame),
        **cause.tags(),
        "code.revision": provenance.revision(Path(__file__).parent),
        **{f"version.{name}": number for name, number in provenance.versions().items()},
    }
    actual = trained.held_out[TARGET].to_numpy()
    table = evaluate.calibration(actual, train.probabilities(trained.model, trained.held_out))
    return registry.register(settings, trained, Record(scores, table, params, tags))


def promote_model(settings: TrainingSettings, version: str, decision: Decision) -> None:
    """Makes the version champion, if so decided."""
    if decision.promote:
        succession.promote(settings, version, champion(settings), decision.reason)
    else:
        succession.refuse(settings, version, decision.reason)
    log.info(
        "version %s of %s %s: %s",
        version,
        settings.model_name,
        "is the champion" if decision.promote else "does not replace the champion",
        decision.reason,
    )


def _scores(model: Pipeline, rows: pd.DataFrame) -> Scores:
    return evaluate.scores(rows[TARGET].to_numpy(), train.probabilities(model, rows))
