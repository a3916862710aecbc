"""The steps from labelled customers to a version that may score; the flow runs each as a task."""

import logging
import math
import re
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import ParamSpec, Protocol, TypeVar

import numpy as np
import pandas as pd

from contract.classes import codes
from contract.features import TARGET
from contract.model.version import ModelRejected
from contract.settings import schema_of
from data import dataset
from training import checked, evaluate, provenance, registry, succession, train
from training.cause import Cause
from training.champion import champion
from training.gate import report
from training.gate.bounds import Bounds
from training.gate.decision import Decision
from training.gate.evidence import Champion, Evidence
from training.gate.gate import judge
from training.gate.speed import microseconds
from training.losses import skill
from training.recent import rows as row_file
from training.recent.reading import recent
from training.registry import Record
from training.settings import TrainingSettings
from training.threads import limited_to_cpus
from training.train import Told, Trained

P = ParamSpec("P")
T = TypeVar("T")

SKILL = "skill"
"""Metric of a version's run: `training.losses.skill` on its held-out rows."""

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
    """Trains, registers, and has the version score if the gate lets it.

    Returns the new version, promoted or not. Raises `BadDataset`, `BrokerUnreachable`,
    `ModelUnavailable` or `StorageFailed`.
    """
    with limited_to_cpus():
        data_set = wrapped(load_data)(settings)
        rows = wrapped(load_recent)(settings, data_set)
        trained = wrapped(train_model)(settings, rows)
        decision = wrapped(judge_model)(settings, trained)
        version = wrapped(register_model)(settings, rows, trained, decision, cause)
        wrapped(promote_model)(settings, version, decision)
    return version


def load_data(settings: TrainingSettings) -> pd.DataFrame:
    """The labelled customers of the data set."""
    return row_file.of_data_set(dataset.load(settings.dataset, schema_of(settings)))


def load_recent(settings: TrainingSettings, data_set: pd.DataFrame) -> pd.DataFrame:
    """The data set and the stream's newest labelled customers.

    The first model of all is of the data set alone: there is no stream that needs another one, and
    no broker needs to be there.
    """
    if not settings.lookback_hours or champion(settings) is None:
        return data_set
    stream = recent(settings, time.time_ns() // 1_000_000)
    if len(stream) < settings.lookback_min_rows:
        log.warning(
            "%d labelled customers in the last %g hours of the stream, fewer than %d: "
            "the data set alone is learnt from",
            len(stream),
            settings.lookback_hours,
            settings.lookback_min_rows,
        )
        return data_set
    return row_file.together(data_set, stream)


def train_model(settings: TrainingSettings, rows: pd.DataFrame) -> Trained:
    """A model of the kind that the settings name."""
    return train.learn(rows, _told(settings))


def judge_model(settings: TrainingSettings, trained: Trained) -> Decision:
    """Whether the model may take over from the champion."""
    count = len(trained.held_out)
    evidence = Evidence(
        trained.held_out,
        train.probabilities(trained.model, trained.held_out),
        np.arange(count) >= count - trained.newest,
        trained.reference,
        microseconds(trained.model, trained.held_out),
    )
    version = champion(settings)
    best = None
    if version is not None:
        best = _as_champion(settings, version, trained.held_out)
    return judge(evidence, best, Bounds.of(settings))


def _as_champion(settings: TrainingSettings, version: str, rows: pd.DataFrame) -> Champion:
    try:
        model = checked.load(settings, version)
    except ModelRejected as refused:
        log.warning(
            "the champion of %s cannot be compared with, so the new version is judged by itself: "
            "%s",
            settings.model_name,
            refused,
        )
        return Champion(version, None, None)
    known = registry.told(settings, version).metrics.get(SKILL)
    return Champion(version, train.probabilities(model, rows), known)


def register_model(
    settings: TrainingSettings,
    rows: pd.DataFrame,
    trained: Trained,
    decision: Decision,
    cause: Cause,
) -> str:
    """The version under which the registry has the model from now on."""
    told = _told(settings)
    actual = codes(trained.held_out[TARGET])
    probability = train.probabilities(trained.model, trained.held_out)
    claim, happened = evaluate.claims(actual, probability)
    text = row_file.to_text(rows)
    params = {
        **asdict(told),
        "rows": len(rows),
        "rows_of_stream": row_file.from_stream(rows),
        "rows_learnt_from": trained.rows,
        "logistic_degree": trained.shape.degree,
        "logistic_c": trained.shape.c,
    }
    tags = {
        "data.file": settings.dataset.name,
        "data.file_sha256": provenance.file_sha256(settings.dataset),
        "data.rows_sha256": provenance.rows_sha256(rows),
        "data.artifact_sha256": provenance.text_sha256(text),
        "code.revision": provenance.revision(Path(__file__).parent),
        **{f"version.{name}": number for name, number in provenance.versions().items()},
        **cause.tags(),
        "gate": "passed" if decision.promote else "refused",
        "gate.reason": decision.reason,
    }
    metrics = {SKILL: skill(actual, probability), "held_out_rows": float(len(actual))}
    for check in decision.checks:
        if not math.isnan(check.figure):
            metrics[_metric(check.name)] = check.figure
    texts = {
        row_file.ARTIFACT: text,
        report.ARTIFACT: report.report(
            decision, trained.spans, trained.rows, cause.words or cause.kind
        ),
    }
    record = Record(
        evaluate.scores(actual, probability),
        evaluate.calibration(happened, claim),
        params,
        tags,
        metrics,
        texts,
    )
    return registry.register(settings, trained, record)


def promote_model(settings: TrainingSettings, version: str, decision: Decision) -> None:
    """Does with the version what was decided: it scores, challenges the champion, or is kept."""
    if not decision.promote:
        succession.refuse(settings, version, decision.reason)
        rejected = "does not replace the champion"
        outcome = rejected if decision.over else "is rejected by the gate, and there is no champion"
    elif decision.over and decision.compared and settings.shadow_min_records:
        succession.challenge(settings, version, decision.over, decision.reason)
        outcome = "scores in the champion's shadow"
    elif succession.promote(settings, version, decision.over, decision.reason):
        outcome = "is the champion"
    else:
        outcome = "is kept, for another one became champion meanwhile"
    log.info("version %s of %s %s: %s", version, settings.model_name, outcome, decision.reason)


def _metric(check: str) -> str:
    """A name that MLflow takes."""
    return f"gate/{re.sub(r'[^A-Za-z0-9_. /-]', '_', check)}"


def _told(settings: TrainingSettings) -> Told:
    return Told(
        settings.estimator, settings.random_state, settings.held_out_ratio, settings.evaluation_rows
    )
