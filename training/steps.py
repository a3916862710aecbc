"""The steps from labelled customers to a registered version; the flow runs each as a task."""

import logging
import math
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, Protocol, TypeVar

import numpy as np
import pandas as pd

from contract.model.version import ModelRejected
from contract.settings import schema_of
from data import dataset
from training import (
    custom_estimator,
    model_loading,
    promotion,
    provenance,
    registry,
    train,
)
from training.gate import report
from training.gate.checks import CHAMPION_COVERAGE
from training.gate.gate import decide
from training.gate.latency import row_microseconds
from training.gate.types import Candidate, Champion, GateDecision, Thresholds
from training.lookback import rows as training_rows
from training.lookback.stream_reader import read_labelled_customers
from training.registry import RunRecord
from training.registry_client import champion_version
from training.settings import TrainingSettings
from training.task import task_of
from training.threads import limit_threads
from training.train import TrainingParams, TrainingResult
from training.trigger import Trigger

P = ParamSpec("P")
T = TypeVar("T")

SKILL = "skill"
"""Metric of a version's run: `training.task.TrainingTask.skill` on its held-out rows."""

HELD_OUT_ROWS = "held_out_rows"
"""Metric of a version's run: the labelled rows on which it was evaluated."""

log = logging.getLogger(__name__)


class StepWrapper(Protocol):
    """Wraps a step, for example as a Prefect task."""

    def __call__(self, step: Callable[P, T], /) -> Callable[P, T]:
        """Returns what to call in the step's place."""


def call_directly(step: Callable[P, T], /) -> Callable[P, T]:
    """Wraps a step in nothing."""
    return step


def train_and_promote(
    settings: TrainingSettings,
    wrap: StepWrapper = call_directly,
    trigger: Trigger = Trigger("person"),  # noqa: B008  frozen
) -> str:
    """Trains and registers a version, and promotes it if the gate passes it.

    Args:
        settings: of training.
        wrap: applied to each step.
        trigger: why the training runs.

    Returns:
        The new version, promoted or not.

    Raises:
        BadDataset: the data set cannot be used.
        BrokerUnreachable: the stream cannot be read.
        ModelUnavailable: the registry does not answer.
        StorageFailed: the data directory cannot be written.
    """
    with limit_threads():
        data_set = wrap(load_dataset)(settings)
        rows = wrap(add_stream_rows)(settings, data_set)
        result = wrap(train_model)(settings, rows)
        decision = wrap(run_gate)(settings, result)
        version = wrap(register_model)(settings, rows, result, decision, trigger)
        wrap(promote_model)(settings, version, decision)
    return version


def load_dataset(settings: TrainingSettings) -> pd.DataFrame:
    """Loads the labelled customers of the data set."""
    schema = schema_of(settings)
    return training_rows.from_dataset(dataset.load_dataset(settings.dataset, schema), schema)


def add_stream_rows(settings: TrainingSettings, data_set: pd.DataFrame) -> pd.DataFrame:
    """Adds the stream's newest labelled customers to the data set.

    The initial model is trained on the data set alone, so that it needs no broker.
    """
    if not settings.lookback_hours or champion_version(settings) is None:
        return data_set
    stream = read_labelled_customers(settings, time.time_ns() // 1_000_000)
    if len(stream) < settings.lookback_min_rows:
        log.warning(
            "too few labelled customers in the stream, training on the data set alone "
            "rows=%d min_rows=%d lookback_hours=%g",
            len(stream),
            settings.lookback_min_rows,
            settings.lookback_hours,
        )
        return data_set
    return training_rows.concat(data_set, stream)


def train_model(settings: TrainingSettings, rows: pd.DataFrame) -> TrainingResult:
    """Trains a model with the parameters of the settings.

    Raises:
        BadDataset: too few rows of a class.
        BadSetting: the estimator, its class weights or the costs are not valid.
    """
    check_estimator(settings, rows)
    return train.train(rows, _training_params(settings))


def check_estimator(settings: TrainingSettings, rows: pd.DataFrame) -> None:
    """Tries an estimator of the user on a few rows. Raises `BadSetting`."""
    if settings.custom_estimator:
        params = _training_params(settings)
        custom_estimator.check_estimator(
            settings.estimator,
            lambda: train.build_model(params),
            rows,
            params.schema,
            settings.trusted_types,
        )


def run_gate(settings: TrainingSettings, result: TrainingResult) -> GateDecision:
    """Decides whether the model may replace the champion."""
    count, schema = len(result.held_out), schema_of(settings)
    candidate = Candidate(
        schema=schema,
        held_out=result.held_out,
        outputs=train.outputs(result.model, result.held_out, schema),
        newest=np.arange(count) >= count - result.newest,
        reference=result.reference,
        rule=result.rule,
        costs=settings.costs,
        row_microseconds=row_microseconds(result.model, result.held_out, schema),
    )
    version = champion_version(settings)
    champion = None
    if version is not None:
        champion = load_champion(settings, version, result.held_out)
    decision = decide(candidate, champion, Thresholds.from_settings(settings))
    for check in decision.checks:
        if check.name == CHAMPION_COVERAGE and check.figure < check.bound:
            log.warning("%s model=%s version=%s", check.message, settings.model_name, version)
    return decision


def load_champion(settings: TrainingSettings, version: str, rows: pd.DataFrame) -> Champion:
    """The champion's outputs of the rows, which are None if it does not load."""
    try:
        model, rule = model_loading.load_model_with_rule(settings, version)
    except ModelRejected as refused:
        log.warning(
            "champion does not load, checking the new version without it model=%s: %s",
            settings.model_name,
            refused,
        )
        return Champion(version, None, None)
    champion_skill = registry.read_run(settings, version).metrics.get(SKILL)
    outputs = train.outputs(model, rows, schema_of(settings))
    return Champion(version, outputs, champion_skill, rule)


def register_model(
    settings: TrainingSettings,
    rows: pd.DataFrame,
    result: TrainingResult,
    decision: GateDecision,
    trigger: Trigger,
) -> str:
    """Logs the run and registers the model; returns its version."""
    schema = schema_of(settings)
    task = task_of(schema)
    actual = task.encode(result.held_out[schema.target.name])
    outputs = train.outputs(result.model, result.held_out, schema)
    text = training_rows.to_csv(rows)
    params = {
        "estimator": settings.estimator,
        "random_state": settings.random_state,
        "held_out_ratio": settings.held_out_ratio,
        "evaluation_rows": settings.evaluation_rows,
        "rows": len(rows),
        "stream_rows": training_rows.count_stream_rows(rows),
        "lookback_rows": result.rows,
        "logistic_degree": result.logistic.degree,
        "logistic_c": result.logistic.c,
        "class_weight": settings.class_weight,
        "cost_false_positive": settings.cost_false_positive,
        "cost_false_negative": settings.cost_false_negative,
        "interval_level": settings.interval_level,
    }
    tags = {
        "data.file": settings.dataset.name,
        "data.file_sha256": provenance.file_sha256(settings.dataset),
        "data.rows_sha256": provenance.rows_sha256(rows, schema),
        "data.artifact_sha256": provenance.text_sha256(text),
        "code.revision": provenance.code_revision(Path(__file__).parent),
        **{f"version.{name}": number for name, number in provenance.library_versions().items()},
        **trigger.tags(),
        **gate_tags(decision),
    }
    metrics = {
        SKILL: task.skill(actual, outputs),
        HELD_OUT_ROWS: float(len(actual)),
        **gate_metrics(decision),
    }
    texts = {
        training_rows.ARTIFACT: text,
        report.ARTIFACT: report.render_report(
            decision, result.lookbacks, result.rows, trigger.message or trigger.kind
        ),
    }
    record = RunRecord(
        scores=task.metrics(actual, outputs, result.rule, settings.costs),
        calibration=task.calibration(actual, outputs),
        params=params,
        tags=tags,
        metrics=metrics,
        texts=texts,
    )
    return registry.register_model(settings, result, record)


def promote_model(settings: TrainingSettings, version: str, decision: GateDecision) -> None:
    """Applies the decision: promotes the version, makes it challenger, or rejects it."""
    reason = decision.reason
    if not decision.promote:
        promotion.reject(settings, version, reason)
        role = "rejected"
    elif decision.champion and decision.compared and _is_compared_live(settings):
        promotion.set_challenger(settings, version, decision.champion, reason)
        role = "challenger"
    elif promotion.promote(settings, version, decision.champion, reason):
        role = "champion"
    else:
        role, reason = "rejected", "another version became champion meanwhile"
    log.info(
        "trained version model=%s version=%s role=%s: %s",
        settings.model_name,
        version,
        role,
        reason,
    )


def _is_compared_live(settings: TrainingSettings) -> bool:
    """Whether shadow scoring follows the gate. Monitoring compares classes only."""
    return bool(settings.shadow_min_records) and not schema_of(settings).task.numeric


def gate_tags(decision: GateDecision) -> dict[str, str]:
    """The gate's decision, as tags of a version's run."""
    return {"gate": "passed" if decision.promote else "failed", "gate.reason": decision.reason}


def gate_metrics(decision: GateDecision) -> dict[str, float]:
    """The figures of the gate's checks, as metrics of a version's run."""
    return {
        _metric_name(check.name): check.figure
        for check in decision.checks
        if not math.isnan(check.figure)
    }


def _metric_name(check: str) -> str:
    """A metric name that MLflow accepts."""
    return f"gate/{re.sub(r'[^A-Za-z0-9_. /-]', '_', check)}"


def _training_params(settings: TrainingSettings) -> TrainingParams:
    return TrainingParams(
        schema=schema_of(settings),
        estimator=settings.estimator,
        random_state=settings.random_state,
        held_out_ratio=settings.held_out_ratio,
        evaluation_rows=settings.evaluation_rows,
        class_weight=settings.class_weight,
        costs=settings.costs,
        interval_level=settings.interval_level,
    )
