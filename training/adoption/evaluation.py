"""The rows of `intent register` -> scores, the gate's decision and the reference set."""

import io
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

import numpy as np
import pandas as pd

from contract.errors import BadDataset
from contract.model.predictor import ClassPredictor
from contract.registry import REFERENCE_FILE
from contract.schema import Schema
from contract.schema.classes import DEFAULT_THRESHOLD
from contract.settings import schema_of
from training import evaluation, registry
from training.evaluation import Floats
from training.gate import report
from training.gate.gate import decide
from training.gate.types import Candidate, Decision, Thresholds
from training.model_loading import input_arrays
from training.registry import CALIBRATION
from training.settings import TrainingSettings
from training.steps import HELD_OUT_ROWS, SKILL, gate_metrics, load_champion
from training.train import reference_positions


@dataclass(frozen=True)
class Evaluation:
    """What the rows say of a model.

    Attributes:
        reference: The rows of `contract.registry.REFERENCE_FILE`.
        decision: The gate's; None for rows without labels.
        metrics: Of the model's run.
        texts: Artifacts of the run, by path.
    """

    reference: pd.DataFrame
    decision: Decision | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)


def evaluate(
    settings: TrainingSettings,
    predictor: ClassPredictor,
    rows: pd.DataFrame,
    row_microseconds: float,
    champion: str | None,
) -> Evaluation:
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
        return Evaluation(_reference(rows, predict_rows(predictor, rows, schema), schema))
    probability = predict_rows(predictor, rows, schema)
    actual = schema.classes.encode(rows[schema.target.name])
    scores = evaluation.scores(actual, probability, schema.classes)
    candidate = Candidate(
        schema=schema,
        held_out=rows,
        probability=probability,
        newest=np.zeros(len(rows), dtype=bool),
        reference=rows,
        row_microseconds=row_microseconds,
        costs=settings.costs,
    )
    compared = load_champion(settings, champion, rows) if champion else None
    decision = decide(candidate, compared, Thresholds.from_settings(settings))
    confidence, hits = evaluation.reported_confidence(actual, probability, schema.classes)
    table = evaluation.calibration_table(hits, confidence)
    return Evaluation(
        _reference(rows, probability, schema),
        decision,
        {
            **asdict(scores),
            SKILL: evaluation.skill(actual, probability),
            HELD_OUT_ROWS: float(len(rows)),
            **gate_metrics(decision),
        },
        {
            CALIBRATION: table.to_csv(index=False),
            report.ARTIFACT: report.render_report(decision, (), 0, "intent register"),
        },
    )


def predict_rows(predictor: ClassPredictor, rows: pd.DataFrame, schema: Schema) -> Floats:
    """Probabilities of the rows, in the shape that `contract.schema.classes` defines."""
    return predictor.probabilities(input_arrays(rows, schema))


def _reference(rows: pd.DataFrame, probability: Floats, schema: Schema) -> pd.DataFrame:
    """The reference set of rows with these probabilities."""
    positions = reference_positions(len(rows))
    rows, probability = rows.iloc[positions], probability[positions]
    classes = schema.classes
    return rows[[*schema.features, schema.target.name]].assign(
        prediction=classes.decode(classes.predict(probability, DEFAULT_THRESHOLD)),
        probability=classes.reported_probability(probability),
    )


def _champion_rows(settings: TrainingSettings, champion: str) -> pd.DataFrame:
    """The labelled rows of the champion's reference set."""
    text = registry.read_artifact(settings, champion, REFERENCE_FILE).decode()
    rows: pd.DataFrame = pd.read_csv(io.StringIO(text), **schema_of(settings).csv_types)
    return rows
