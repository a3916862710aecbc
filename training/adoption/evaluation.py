"""The rows of `intent register` -> scores, the gate's decision and the reference set."""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from contract.errors import BadDataset
from contract.model.predictor import LibraryPredictor
from contract.registry import REFERENCE_FILE
from contract.schema import Schema
from contract.schema.task import DEFAULT_RULE, DecisionRule, Floats
from contract.settings import schema_of
from training import registry
from training.gate import report
from training.gate.gate import decide
from training.gate.types import Candidate, GateDecision, Thresholds
from training.model_loading import input_arrays
from training.registry import CALIBRATION
from training.settings import TrainingSettings
from training.steps import HELD_OUT_ROWS, SKILL, gate_metrics, load_champion
from training.task import task_of
from training.train import reference_positions


@dataclass(frozen=True)
class AdoptionEvaluation:
    """What the rows say of a model.

    Attributes:
        reference: The rows of `contract.registry.REFERENCE_FILE`.
        decision: The gate's; None for rows without labels.
        metrics: Of the model's run.
        texts: Artifacts of the run, by path.
        rule: The prediction interval of a numeric target; None of classes.
    """

    reference: pd.DataFrame
    decision: GateDecision | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    rule: DecisionRule | None = None


def evaluate(
    settings: TrainingSettings,
    predictor: LibraryPredictor,
    rows: pd.DataFrame,
    row_microseconds: float,
    champion: str | None,
) -> AdoptionEvaluation:
    """Evaluates a model on labelled rows as the gate does; on others it only predicts.

    Args:
        settings: Of training.
        predictor: The model.
        rows: Inputs of rows that it was not fitted on; the target may be missing.
        row_microseconds: What a row takes.
        champion: Version of the current champion; None if there is none.

    Raises:
        BadDataset: There are neither labels nor a champion whose reference set has some, or a class
            is missing.
        ModelUnavailable: The registry does not answer.
    """
    schema = schema_of(settings)
    if schema.target.name not in rows.columns:
        if champion is None:
            raise BadDataset(
                f"the rows have no column {schema.target.name}, and there is no champion whose "
                "labelled rows could be the reference set: give rows with labels"
            )
        rows = _champion_rows(settings, champion)
        return AdoptionEvaluation(_reference(rows, predict_rows(predictor, rows, schema), schema))
    outputs, task = predict_rows(predictor, rows, schema), task_of(schema)
    actual = task.encode(rows[schema.target.name])
    rule = None
    if schema.task.numeric:
        rule = task.choose_decision_rule(actual, outputs, settings.costs, settings.interval_level)
    scores = task.metrics(actual, outputs, rule or DEFAULT_RULE, settings.costs)
    candidate = Candidate(
        schema=schema,
        held_out=rows,
        outputs=outputs,
        newest=np.zeros(len(rows), dtype=bool),
        reference=rows,
        row_microseconds=row_microseconds,
        costs=settings.costs,
    )
    compared = load_champion(settings, champion, rows) if champion else None
    decision = decide(candidate, compared, Thresholds.from_settings(settings))
    table = task.calibration(actual, outputs)
    return AdoptionEvaluation(
        _reference(rows, outputs, schema),
        decision,
        {
            **scores,
            SKILL: task.skill(actual, outputs),
            HELD_OUT_ROWS: float(len(rows)),
            **gate_metrics(decision),
        },
        {
            **({} if table is None else {CALIBRATION: table.to_csv(index=False)}),
            report.ARTIFACT: report.render_report(decision, (), 0, "intent register"),
        },
        rule,
    )


def predict_rows(predictor: LibraryPredictor, rows: pd.DataFrame, schema: Schema) -> Floats:
    """Outputs of the rows, as `contract.schema.task` defines them."""
    return predictor.outputs(input_arrays(rows, schema))


def _reference(rows: pd.DataFrame, outputs: Floats, schema: Schema) -> pd.DataFrame:
    """The reference set of rows with these outputs."""
    positions = reference_positions(len(rows))
    columns = task_of(schema).reference_columns(outputs[positions], DEFAULT_RULE)
    return rows.iloc[positions][[*schema.features, schema.target.name]].assign(**columns)


def _champion_rows(settings: TrainingSettings, champion: str) -> pd.DataFrame:
    """The labelled rows of the champion's reference set."""
    text = registry.read_artifact(settings, champion, REFERENCE_FILE).decode()
    rows: pd.DataFrame = pd.read_csv(io.StringIO(text), **schema_of(settings).csv_types)
    return rows
